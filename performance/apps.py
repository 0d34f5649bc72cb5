"""Django app configuration."""

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "performance"
    verbose_name = "绩效"

    def ready(self) -> None:
        """Entries of the navigation, and how the action log tells of this app's deeds."""
        from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (models are not ready before)
        from audit.words import NAMES, teller_add  # noqa: PLC0415 (see above)
        from performance import audit_words, words  # noqa: PLC0415 (see above)
        from performance.selectors.budget_desk import READERS  # noqa: PLC0415 (see above)

        readers = frozenset(READERS)
        entry_add(Entry("预算与支出", "staff_budget_years", readers, 40, "预算绩效"))
        entry_add(Entry("职责、活动、项目", "staff_programs", readers, 41, "预算绩效"))
        entry_add(Entry("自评报告", "staff_reports", readers, 48, "预算绩效"))
        NAMES.update(audit_words.NAMES)
        teller_add(audit_words.record_words)
        teller_add(words.record_words)
