"""Django app configuration."""

from django.apps import AppConfig
from django.core.checks import register


class PerformanceConfig(AppConfig):
    name = "performance"
    verbose_name = "绩效"

    def ready(self) -> None:
        """Models exist now: measures of every app are found, the navigation and the action log learn their words."""
        from audit.words import NAMES, teller_add  # noqa: PLC0415 (models are not ready before)
        from core.measures import measures_check, measures_discover  # noqa: PLC0415 (see above)
        from performance import audit_words, goal_words, words  # noqa: PLC0415 (see above)

        measures_discover()
        register(measures_check)
        NAMES.update(audit_words.NAMES)
        for teller in (audit_words.record_words, goal_words.record_words, words.record_words):
            teller_add(teller)
        _navigation()


def _navigation() -> None:
    from accounts.duties import Duty  # noqa: PLC0415 (models are not ready before)
    from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (see above)
    from workflow.moves import STAFF  # noqa: PLC0415 (see above)

    money = frozenset({Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR})
    for label, name, duties, position in (
        ("预算与支出", "staff_budget_years", money, 60),
        ("职责、活动、项目", "staff_programs", money, 61),
        ("执行进度", "staff_progress", money, 62),
        ("目标分解与进度", "staff_shares", frozenset(STAFF), 63),
        ("绩效目标", "staff_goals", frozenset(STAFF), 64),
        ("指标完成情况", "staff_indicators", frozenset(STAFF), 65),
        ("交易业务量", "staff_deals", money | {Duty.OFFICE_HEAD}, 66),
        ("评分方案", "staff_schemes", frozenset(STAFF), 67),
        ("自评报告", "staff_reports", money, 68),
        ("自评工作方案", "staff_plans", money, 71),
        ("满意度调查", "staff_surveys", frozenset(STAFF), 70),
        ("问题整改台账", "staff_rectifications", frozenset(STAFF), 73),
        ("运行监控", "staff_monitorings", money | {Duty.OFFICE_HEAD}, 69),
        ("财政表格", "staff_workbooks", money, 72),
        ("绩效管理评分", "staff_appraisals", money, 74),
        ("年度对比", "staff_compare", money, 75),
    ):
        entry_add(Entry(label, name, duties, position, "预算绩效"))
