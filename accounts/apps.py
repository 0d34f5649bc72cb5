"""Django app configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "用户与组织"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401, PLC0415 (registers the checks; needs the models)
