"""A monitoring form as it is printed."""

from __future__ import annotations

from collections.abc import Iterator

from core.moments import SHANGHAI
from performance.amounts import percent, percent_words, wan_words
from performance.document.monitoring import GoalRow, MoneyRow, MonitoringForm
from performance.models import Monitoring, MonitoringLine
from performance.narrative.project import target_shown
from performance.selectors.monitoring import FUNDS, cause_words, money_words, rate_of, subject_of

_OF_WHICH = "其中："


def form_of(monitoring: Monitoring) -> MonitoringForm:
    """Everything the form prints; two queries.

    Args:
        monitoring: with its year, unit, program and goal table.
    """
    lines = list(monitoring.lines.all())
    unit, program = monitoring.fiscal_year.unit, monitoring.program_year
    return MonitoringForm(
        heading="项目支出绩效运行监控表" if program else "部门整体支出绩效运行监控表",
        year=monitoring.fiscal_year.year,
        months=monitoring.months,
        name_label="项目名称" if program else "单位名称",
        name=subject_of(monitoring),
        competent_department=unit.competent_department,
        unit=unit.name,
        goal=monitoring.goal_table.overall_goal.strip(),
        money=tuple(_money([one for one in lines if one.is_money])),
        rows=tuple(_row(one) for one in lines if not one.is_money),
        notes=tuple(_notes(lines)),
        filled_by=monitoring.filled_by,
        phone=monitoring.phone,
        head=monitoring.head,
        dated_on=f"{monitoring.taken_at.astimezone(SHANGHAI):%Y-%m-%d}",
    )


def _money(lines: list[MonitoringLine]) -> Iterator[MoneyRow]:
    """The total and its parts; the national form has a row for every source, also for one that gave nothing."""
    first = True
    for one in lines:
        name = one.name
        if one.line != FUNDS and first:
            name, first = f"{_OF_WHICH}{name}", False
        yield MoneyRow(
            name, money_words(one.initial_amount), money_words(one.spent_amount), percent_words(rate_of(one)),
            money_words(one.expected_amount), str(one.get_likelihood_display()), cause_words(one), one.explanation,
        )  # fmt: skip


def _row(one: MonitoringLine) -> GoalRow:
    causes = tuple(str(cause.label) for cause in MonitoringLine.Cause if cause in one.causes)
    return GoalRow(
        one.level1, one.level2, one.name, target_shown(one.target), one.so_far or "—", one.expected, causes,
        one.explanation, str(one.get_likelihood_display()), one.remark,
    )  # fmt: skip


def _notes(lines: list[MonitoringLine]) -> Iterator[str]:
    """Both denominators where the budget was adjusted."""
    total = next((one for one in lines if one.line == FUNDS), None)
    if total is None:
        return
    yield "执行率＝执行数÷年初预算数。"
    if total.initial_amount == total.adjusted_amount or total.adjusted_amount is None or total.spent_amount is None:
        return
    rate = percent_words(percent(total.spent_amount, total.adjusted_amount))
    yield f"年中预算调整后，全年预算数为{wan_words(total.adjusted_amount)}，按调整后的预算计算执行率为{rate}。"
