"""Django app configuration."""

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "performance"
    verbose_name = "绩效"

    def ready(self) -> None:
        """Entries of the navigation, and how the action log tells of this app's deeds."""
        from accounts.duties import Duty  # noqa: PLC0415 (models are not ready before)
        from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (see above)
        from audit.words import teller_add  # noqa: PLC0415 (see above)
        from performance.words import record_words  # noqa: PLC0415 (see above)

        readers = frozenset({Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR})
        entry_add(Entry("自评报告", "staff_reports", readers, 48, "预算绩效"))
        teller_add(record_words)
