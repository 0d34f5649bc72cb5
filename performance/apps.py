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
    every, heads = frozenset(STAFF), money | {Duty.OFFICE_HEAD}
    groups = (
        ("预算执行", (("预算与支出", "staff_budget_years", money), ("职责、活动、项目", "staff_programs", money),
                      ("执行进度", "staff_progress", money))),
        ("目标与监控", (("绩效目标", "staff_goals", every), ("目标分解与进度", "staff_shares", every),
                        ("指标完成情况", "staff_indicators", every), ("交易业务量", "staff_deals", heads),
                        ("运行监控", "staff_monitorings", heads), ("满意度调查", "staff_surveys", every))),
        ("自评与结果", (("自评工作方案", "staff_plans", money), ("自评报告", "staff_reports", money),
                        ("财政表格", "staff_workbooks", money), ("问题整改台账", "staff_rectifications", every),
                        ("绩效管理评分", "staff_appraisals", money), ("年度对比", "staff_compare", money),
                        ("评分方案", "staff_schemes", every))),
    )  # fmt: skip
    position = 54
    for group, entries in groups:
        for label, name, duties in entries:
            entry_add(Entry(label, name, duties, position, group))
            position += 1
