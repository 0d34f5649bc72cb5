"""A year's spending against its plan, month by month: the whole, categories, programs, offices; seven queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import ExtractMonth

from accounts.models import Department
from core.moments import SHANGHAI
from performance.flows import NOTHING, ZERO, Flow, Year, budgets, flows_sum
from performance.models import (
    BudgetAdjustment,
    FiscalYear,
    Milestone,
    MonthPlan,
    ProgramYear,
    SpendingEntry,
    SpendingLine,
)
from performance.models.monthly import BASIC

BY_LINES, BY_STEPS, BY_PART, BY_NOTHING = "月度用款计划", "实施节点", "只有部分科目有月度计划", "没有计划"


@dataclass(frozen=True)
class LineFlow:
    """A line of the budget; ``planned`` of its flow is what was entered for it month by month."""

    line: SpendingLine
    flow: Flow


@dataclass(frozen=True)
class ProgramFlow:
    """A program's year: its lines together, its steps, where its plan comes from."""

    program_year: ProgramYear
    flow: Flow
    basis: str
    steps: list[Milestone]
    lines: list[LineFlow]


@dataclass(frozen=True)
class Part:
    """A named sum: a category or an office."""

    label: str
    flow: Flow
    key: str = ""


@dataclass(frozen=True)
class YearFlow:
    """A budget year, month by month."""

    year: FiscalYear
    whole: Flow
    categories: list[Part]
    programs: list[ProgramFlow]
    offices: list[Part]
    lines: list[LineFlow] = field(default_factory=list)

    @property
    def unplanned(self) -> list[str]:
        """What has a budget or spending but no plan, in words."""
        basic = [
            f"{one.line.get_category_display()} {one.line.economic.name}"
            for one in self.lines
            if one.line.program_year_id is None and one.flow.planned is None and any(one.flow.budget + one.flow.spent)
        ]
        return basic + [str(one.program_year.program) for one in self.programs if one.flow.planned is None]


def month_offset(day: date, year: int) -> int:
    """The month of a day as one of a year: 0 and less before it, 13 and more after it."""
    return day.month + 12 * (day.year - year)


def plans_of(lines: Iterable[int]) -> dict[int, dict[int, MonthPlan]]:
    """The plan rows that hold, by line and month; one query."""
    rows = MonthPlan.objects.filter(spending_line__in=list(lines)).select_related("by")
    found: dict[int, dict[int, MonthPlan]] = defaultdict(dict)
    for one in rows.order_by("spending_line_id", "month", "-id").distinct("spending_line_id", "month"):
        found[one.spending_line_id][one.month] = one
    return dict(found)


def _spent(lines: Iterable[int]) -> dict[int, Year]:
    rows = SpendingEntry.objects.filter(line__in=list(lines)).order_by()
    sums = rows.annotate(month=ExtractMonth("spent_on")).values_list("line", "month").annotate(all=Sum("amount"))
    found: dict[int, list[Decimal]] = defaultdict(lambda: list(NOTHING))
    for line, month, amount in sums:
        found[line][month - 1] = amount
    return {line: tuple(months) for line, months in found.items()}


def _changes(year: FiscalYear) -> dict[int, list[tuple[int, Decimal]]]:
    rows = BudgetAdjustment.objects.filter(fiscal_year=year, spending_line__isnull=False)
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for line, day, amount in rows.values_list("spending_line", "adjusted_on", "amount"):
        found[line].append((month_offset(day, year.year), amount))
    return found


def _line_flows(year: FiscalYear) -> list[LineFlow]:
    lines = list(
        SpendingLine.objects.filter(fiscal_year=year)
        .select_related("economic", "functional", "program_year__program", "fiscal_year")
        .order_by("category", "program_year__program__code", "economic__code", "id")
    )
    numbers = [one.pk for one in lines]
    spent, changes, plans = _spent(numbers), _changes(year), plans_of(numbers)
    return [
        LineFlow(one, Flow(_plan_year(plans.get(one.pk)), spent.get(one.pk, NOTHING),
                           budgets(one.initial_amount, changes.get(one.pk, ()))))
        for one in lines
    ]  # fmt: skip


def _plan_year(months: dict[int, MonthPlan] | None) -> Year | None:
    if not months:
        return None
    return tuple(months[month].amount if month in months else ZERO for month in range(1, 13))


def steps_plan(steps: Iterable[Milestone], year: int) -> Year | None:
    """The payments of the steps by the month they are due; None where no step has one."""
    found = list(NOTHING)
    for one in steps:
        found[max(1, min(month_offset(one.due_on, year), 12)) - 1] += one.planned_amount
    return tuple(found) if any(found) else None


def _program_flow(program: ProgramYear, lines: list[LineFlow], steps: list[Milestone], year: int) -> ProgramFlow:
    """The plan of a program: its lines' where every line has one, else its steps', else none."""
    flow = flows_sum(one.flow for one in lines)
    if flow.planned is not None and flow.whole:
        return ProgramFlow(program, flow, BY_LINES, steps, lines)
    partly = flow.planned is not None
    planned = steps_plan(steps, year)
    basis = BY_STEPS if planned is not None else BY_PART if partly else BY_NOTHING
    return ProgramFlow(program, Flow(planned, flow.spent, flow.budget), basis, steps, lines)


def _programs(year: FiscalYear, lines: list[LineFlow]) -> list[ProgramFlow]:
    rows = ProgramYear.objects.filter(fiscal_year=year).select_related(
        "program", "fiscal_year__unit", "department", "leader"
    )
    by_program: dict[int, list[LineFlow]] = defaultdict(list)
    for one in lines:
        if one.line.program_year_id is not None:
            by_program[one.line.program_year_id].append(one)
    steps: dict[int, list[Milestone]] = defaultdict(list)
    for step in Milestone.objects.filter(program_year__fiscal_year=year).order_by("due_on", "id"):
        steps[step.program_year_id].append(step)
    return [
        _program_flow(one, by_program[one.pk], steps[one.pk], year.year)
        for one in rows.order_by("program__code")
        if by_program[one.pk]
    ]


def _categories(lines: list[LineFlow], programs: list[ProgramFlow]) -> list[Part]:
    found = [
        Part(str(SpendingLine.Category(name).label), flows_sum(o.flow for o in lines if o.line.category == name), name)
        for name in BASIC
        if any(o.line.category == name for o in lines)
    ]
    if programs:
        project = SpendingLine.Category.PROJECT
        found.append(Part(str(project.label), flows_sum(one.flow for one in programs), project))
    return found


def _offices(programs: list[ProgramFlow]) -> list[Part]:
    """The programs' sums by the office that answers for them, those without one last."""
    groups: dict[Department | None, list[Flow]] = defaultdict(list)
    for one in programs:
        groups[one.program_year.department].append(one.flow)
    named = sorted((office for office in groups if office is not None), key=lambda office: office.pk)
    found = [Part(str(office), flows_sum(groups[office]), str(office.pk)) for office in named]
    return [*found, *([Part("未定承办科室", flows_sum(groups[None]))] if None in groups else [])]


def year_flow(year: FiscalYear) -> YearFlow:
    """Everything of a year, month by month; six queries whatever the number of lines and programs."""
    lines = _line_flows(year)
    programs = _programs(year, lines)
    basic = [one.flow for one in lines if one.line.program_year_id is None]
    whole = flows_sum([*basic, *(one.flow for one in programs)])
    return YearFlow(year, whole, _categories(lines, programs), programs, _offices(programs), lines)


def last_month(year: int, *, now: datetime) -> int:
    """The last month of a budget year that may be looked at: the running one, 12 of a past year, 0 of one to come."""
    today = now.astimezone(SHANGHAI).date()
    return max(0, min(12, month_offset(today, year)))


def month_over(year: int, *, now: datetime) -> int:
    """The last month of a budget year that is over, 0 for none."""
    return max(0, min(12, month_offset(now.astimezone(SHANGHAI).date(), year) - 1))


def usual_month(year: int, *, now: datetime) -> int:
    """The month that a page begins with: the last whole one, January at least."""
    return max(1, month_over(year, now=now))


def year_to_show(years: Sequence[FiscalYear], wanted: int, *, now: datetime) -> FiscalYear | None:
    """The year of that number, else the first of those that have begun, else any."""
    begun = [one for one in years if last_month(one.year, now=now)]
    chosen = [one for one in years if one.pk == wanted]
    return next(iter([*chosen, *begun, *years]), None)
