"""Django app configuration."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "公众服务"

    def ready(self) -> None:
        """Put the editors' pages into the staff navigation."""
        from portal import staff_navigation  # noqa: F401, PLC0415 (needs the models)
