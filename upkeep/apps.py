"""The upkeep app."""

from django.apps import AppConfig

from accounts import navigation


class UpkeepConfig(AppConfig):
    name = "upkeep"
    verbose_name = "运行维护"

    def ready(self) -> None:
        """Let /metrics ask, and the staff side know our page."""
        from upkeep import gauges  # noqa: PLC0415 (models exist only now)

        gauges.register()
        navigation.entry_add(navigation.Entry("运行维护", "upkeep:home", position=84, group="系统管理"))
