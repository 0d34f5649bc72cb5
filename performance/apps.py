"""Django app configuration."""

from django.apps import AppConfig
from django.core.checks import register


class PerformanceConfig(AppConfig):
    name = "performance"
    verbose_name = "绩效"

    def ready(self) -> None:
        """Models exist now: measures of every app are found, the navigation and the action log learn their words."""
        from accounts.duties import Duty  # noqa: PLC0415 (see above)
        from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (see above)
        from audit.words import teller_add  # noqa: PLC0415 (see above)
        from core.measures import measures_check, measures_discover  # noqa: PLC0415 (see above)
        from performance.goal_words import record_words  # noqa: PLC0415 (needs the models)
        from workflow.moves import STAFF  # noqa: PLC0415 (see above)

        measures_discover()
        register(measures_check)
        teller_add(record_words)
        readers = {
            Duty.PERFORMANCE,
            Duty.FINANCE,
            Duty.DIRECTOR,
            Duty.DEPUTY_DIRECTOR,
            Duty.OFFICE_HEAD,
        }
        entry_add(Entry("绩效目标", "staff_goals", frozenset(STAFF), 44, "预算绩效"))
        entry_add(Entry("指标完成情况", "staff_indicators", frozenset(STAFF), 45, "预算绩效"))
        entry_add(Entry("交易业务量", "staff_deals", frozenset(readers), 46, "预算绩效"))
        entry_add(Entry("评分方案", "staff_schemes", frozenset(STAFF), 47, "预算绩效"))
