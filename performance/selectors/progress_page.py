"""What the page of a year's progress shows: months, programs with money and work side by side, offices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from performance.amounts import percent_words
from performance.flows import ZERO, Flow
from performance.models import LagAnswer, LagNotice, LagState
from performance.models.monthly import BASIC
from performance.progress_rulebook import BEHIND, LagRule, rule_of
from performance.selectors.goal_progress import IndicatorWork, WorkProgress, work_progress, works_of
from performance.selectors.progress import Part, ProgramFlow, YearFlow

LONGEST = Decimal(100)
MONTH_HEADS = (
    "月份", "计划（元）", "支出（元）", "累计计划（元）", "累计支出（元）", "全年预算（元）", "执行率", "比计划（元）",
)  # fmt: skip
PROGRAM_HEADS = (
    "项目（类别）", "承办科室", "全年预算（元）", "累计计划（元）", "累计支出（元）", "执行率", "进度", "工作进度",
    "全年预计（均速）", "全年预计（按计划）", "计划来源",
)  # fmt: skip


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _length(rate: Decimal | None) -> int:
    """The length of a bar of 100."""
    return 0 if rate is None else int(max(Decimal(0), min(LONGEST, rate)))


@dataclass(frozen=True)
class MonthRow:
    """A line of the table of months; what is to come has a plan and nothing else."""

    month: int
    planned: Decimal | None
    spent: Decimal | None
    planned_to: Decimal | None
    spent_to: Decimal | None
    budget: Decimal
    rate: Decimal | None
    gap: Decimal | None


@dataclass(frozen=True)
class MoneyRow:
    """A line of the tables of programs, categories and offices: one flow at the end of the month.

    Args:
        bar: its length of 100; plan_bar: where the plan's mark stands.
        work: None where the work is not counted (categories, offices).
    """

    label: str
    budget: Decimal
    planned: Decimal | None
    spent: Decimal
    rate: Decimal | None
    pace: str
    even: Decimal
    by_plan: Decimal | None
    bar: int
    plan_bar: int
    plan_rate: Decimal | None
    key: str = ""
    program: ProgramFlow | None = None
    work: WorkProgress | None = None
    notice: LagNotice | None = None

    @property
    def lags(self) -> bool:
        """Whether it lags behind its plan."""
        return self.pace == BEHIND

    @property
    def over(self) -> bool:
        """Whether more than the budget will be spent at this pace."""
        return self.even > self.budget

    @property
    def work_bar(self) -> int:
        """The length of the bar of the work, of 100."""
        return _length(self.work.done) if self.work else 0


@dataclass(frozen=True)
class ProgressView:
    """The page of a year at the end of a month.

    Args:
        owed: what programs and basic spending are behind their plans (yuan); promised: of it, what is to be paid within
            the year by an accepted explanation (the newest one of each).
    """

    flow: YearFlow
    month: int
    rule: LagRule
    whole: MoneyRow
    months: list[MonthRow]
    categories: list[MoneyRow]
    programs: list[MoneyRow]
    offices: list[MoneyRow]
    owed: Decimal = ZERO
    promised: Decimal = ZERO

    @property
    def by_promise(self) -> Decimal | None:
        """全年 when the rest goes as planned and the offices pay what they are behind with when they said."""
        return self.whole.by_plan + self.promised if self.whole.by_plan is not None and self.promised else None

    @property
    def unpromised(self) -> Decimal:
        """What is behind the plan and nobody said when it will be paid: no forecast counts it."""
        return self.owed - self.promised

    @property
    def lagging(self) -> int:
        """How many programs lag."""
        return sum(one.lags for one in self.programs)


def _money_row(label: str, flow: Flow, month: int, rule: LagRule, **more: Any) -> MoneyRow:
    rate, plan_rate = flow.rate_at(month), flow.plan_rate_at(month)
    return MoneyRow(
        label, flow.budget_at(month), flow.planned_to(month), flow.spent_to(month), rate, flow.pace_at(month, rule),
        flow.forecast_even(month), flow.forecast_plan(month), _length(rate), min(_length(plan_rate), 98), plan_rate,
        **more,
    )  # fmt: skip


def _month_rows(flow: Flow, last: int, over: int) -> list[MonthRow]:
    """All twelve months; ``last``: the last that has begun, ``over``: the last that is over, so that it compares."""
    return [
        MonthRow(
            month, flow.planned[month - 1] if flow.planned else None, flow.spent[month - 1] if month <= last else None,
            flow.planned_to(month), flow.spent_to(month) if month <= last else None, flow.budget_at(month),
            flow.rate_at(month) if month <= last else None, flow.gap_at(month) if month <= over else None,
        )
        for month in range(1, 13)
    ]  # fmt: skip


def _notices(view: YearFlow, month: int) -> dict[tuple[int | None, str], LagNotice]:
    rows = LagNotice.objects.filter(fiscal_year=view.year, month=month)
    return {(one.program_year_id, one.category): one for one in rows}


def _owed(flow: YearFlow, month: int, end: date) -> tuple[Decimal, Decimal]:
    """(behind the plan, of it promised for a later day of the year), yuan; one query."""
    rows = LagAnswer.objects.filter(
        notice__fiscal_year=flow.year, notice__state=LagState.ACCEPTED, notice__month__lte=month
    ).select_related("notice")
    days = {
        (one.notice.program_year_id, one.notice.category): one.pay_on for one in rows.order_by("notice__month", "id")
    }
    behind: dict[tuple[int | None, str], Decimal] = {
        (one.program_year.pk, ""): -(one.flow.gap_at(month) or ZERO) for one in flow.programs
    } | {(None, one.key): -(one.flow.gap_at(month) or ZERO) for one in flow.categories if one.key in BASIC}
    late = {key: amount for key, amount in behind.items() if amount > 0}
    told = (amount for key, amount in late.items() if key in days and end < days[key] <= date(end.year, 12, 31))
    return sum(late.values(), ZERO), sum(told, ZERO)


def _parts(parts: Iterable[Part], month: int, rule: LagRule, asked: dict[Any, LagNotice]) -> list[MoneyRow]:
    return [
        _money_row(one.label, one.flow, month, rule, key=one.key if one.key in BASIC else "",
                   notice=asked.get((None, one.key)))
        for one in parts
    ]  # fmt: skip


def progress_view(flow: YearFlow, *, month: int, last: int, over: int) -> ProgressView:
    """Everything of the page; five queries besides those of the flow.

    Args:
        month: the month whose end is looked at, 1 to 12; last: the last month that has begun; over: that is over.
    """
    rule, asked = rule_of(flow.year.year), _notices(flow, month)
    works: dict[int | None, list[IndicatorWork]] = defaultdict(list)
    for work in works_of(flow.year):
        works[work.indicator.table.program_year_id].append(work)
    end = month_end(flow.year.year, month)
    programs = [
        _money_row(
            str(one.program_year.program), one.flow, month, rule, program=one,
            notice=asked.get((one.program_year.pk, "")),
            work=work_progress(works[one.program_year.pk], one.steps, month=month, last=end),
        )
        for one in flow.programs
    ]  # fmt: skip
    return ProgressView(
        flow, month, rule, _money_row("全年", flow.whole, month, rule), _month_rows(flow.whole, last, over),
        _parts(flow.categories, month, rule, asked), programs, _parts(flow.offices, month, rule, {}),
        *_owed(flow, month, end),
    )  # fmt: skip


def _number(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def month_cells(rows: Iterable[MonthRow]) -> list[tuple[str, ...]]:
    """Rows of the workbook."""
    return [
        (f"{one.month}月", _number(one.planned), _number(one.spent), _number(one.planned_to), _number(one.spent_to),
         _number(one.budget), percent_words(one.rate), _number(one.gap))
        for one in rows
    ]  # fmt: skip


def money_cells(rows: Iterable[MoneyRow]) -> list[tuple[str, ...]]:
    """Rows of the workbook."""
    return [
        (one.label, str(one.program.program_year.department or "") if one.program else "", _number(one.budget),
         _number(one.planned), _number(one.spent), percent_words(one.rate), one.pace,
         percent_words(one.work.done) if one.work else "", _number(one.even), _number(one.by_plan),
         one.program.basis if one.program else "")
        for one in rows
    ]  # fmt: skip
