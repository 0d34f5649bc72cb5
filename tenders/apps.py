"""Django app configuration."""

from django.apps import AppConfig


class TendersConfig(AppConfig):
    name = "tenders"
    verbose_name = "交易受理"

    def ready(self) -> None:
        """Models exist now: the log learns how its leaves of announcements are checked."""
        from tenders.log import register_subject  # noqa: PLC0415 (needs the models)

        register_subject()
