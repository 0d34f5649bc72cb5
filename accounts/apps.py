"""Django app configuration."""

from django.apps import AppConfig

from audit.words import teller_add


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "用户与组织"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401, PLC0415 (registers the checks; needs the models)
        from accounts.audit_words import record_words  # noqa: PLC0415 (see above)

        teller_add(record_words)
