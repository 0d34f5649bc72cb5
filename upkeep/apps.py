"""The upkeep app."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "upkeep"
    verbose_name = "运行维护"

    def ready(self) -> None:
        """Let /metrics ask."""
        from upkeep import gauges  # noqa: PLC0415 (models exist only now)

        gauges.register()
