"""Reads of 自评工作方案: a year's plan, its programs, and where the department and each program stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse

from core.moments import SHANGHAI, day_words
from performance.amounts import percent, wan_words
from performance.models import (
    ActualValue,
    EvaluationPlan,
    FiscalYear,
    GoalState,
    GoalTable,
    Indicator,
    Monitoring,
    MonitoringState,
    PlanProgram,
    PlanState,
    PlanStep,
    ProgramState,
    ProgramYear,
    Report,
    ReportState,
    SpendingLine,
    YearState,
)
from performance.selectors.actuals import is_satisfaction
from performance.selectors.reports import reports_visible
from workflow.actors import Actor

# From which share of all project money on a program is proposed for 重点评价 (the center's decision; a proposal only).
FOCUS_SHARE = Decimal(30)
_KEPT_YEARS = (YearState.APPROVED, YearState.CLOSED)
HEADS = (
    "评价对象", "列入自评", "重点评价", "理由", "预算（元）", "绩效目标", "运行监控", "指标完成值", "满意度调查",
    "自评报告",
)  # fmt: skip


def plan_rows(*, now: datetime) -> QuerySet[EvaluationPlan]:
    """Plans with what title, page and desk read."""
    return EvaluationPlan.objects.select_related("fiscal_year__unit", "created_by")


def plans_visible(rows: QuerySet[EvaluationPlan], *, actor: Actor) -> QuerySet[EvaluationPlan]:
    """As the reports they are for."""
    return reports_visible(rows, actor=actor)


def plan_title(plan: EvaluationPlan) -> str:
    """One line."""
    return str(plan)


def plan_url(plan: EvaluationPlan) -> str:
    """The plan's page."""
    return reverse("staff_plan", args=[plan.pk])


def plan_facts(plan: EvaluationPlan) -> list[tuple[str, str]]:
    """What one decides on."""
    programs = list(plan.programs.select_related("program_year__program"))
    focus = "、".join(f"{one.program_year.program}（{one.reason}）" for one in programs if one.focus)
    left = "、".join(f"{one.program_year.program}（{one.reason}）" for one in programs if not one.chosen)
    return [
        ("领导小组", "；".join(f"{one.role} {one.name}" for one in plan.members.all()) or "没有写"),
        ("评价方法", plan.method or "没有写"),
        ("进度安排", "；".join(f"{day_words(one.due_on)} {one.name}" for one in plan.steps.all()) or "没有写"),
        ("列入自评", f"部门整体和 {sum(one.chosen for one in programs)} 个项目"), ("重点评价", focus or "没有"),
        ("不列入自评", left or "没有"),
    ]  # fmt: skip


def programs_of_year(fiscal_year: FiscalYear) -> list[ProgramYear]:
    """The programs of a year whose money was approved: what there is to evaluate."""
    rows = ProgramYear.objects.filter(
        fiscal_year=fiscal_year, state__in=(ProgramState.APPROVED, ProgramState.CLOSED)
    )  # fmt: skip
    return list(rows.select_related("program__unit", "fiscal_year__unit", "department").order_by("program__code"))


def programs_unlisted(plan: EvaluationPlan) -> list[ProgramYear]:
    """Approved programs that the plan does not list yet."""
    listed = set(plan.programs.values_list("program_year", flat=True))
    return [one for one in programs_of_year(plan.fiscal_year) if one.pk not in listed]


def proposals(fiscal_year: FiscalYear) -> dict[int, str]:
    """Why a program is proposed for 重点评价, by its number: its share of the project money."""
    rows = SpendingLine.objects.filter(fiscal_year=fiscal_year, program_year__isnull=False).order_by()
    sums = dict(rows.values_list("program_year").annotate(all=Sum("initial_amount")))
    whole = sum(sums.values(), Decimal(0))
    shares = {pk: percent(amount, whole) for pk, amount in sums.items()}
    return {
        pk: f"资金量大：{wan_words(sums[pk])}，占项目支出预算的 {share}%"
        for pk, share in shares.items()
        if pk is not None and share is not None and share >= FOCUS_SHARE
    }


@dataclass(frozen=True)
class Stand:
    """Where one object of the self-evaluation stands.

    Args:
        program: None for the department; row: of the plan, None where there is no plan or it does not list it.
        goals: the state of its goal table in words, empty where there is none.
        monitored: whether an approved 绩效运行监控 is there.
        filled, indicators: of how many indicators a value is there.
        surveyed: whether every satisfaction indicator has its numbers; None: there is none.
        report: its report, or None. budget: yuan.
    """

    program: ProgramYear | None
    row: PlanProgram | None
    goals: str
    goals_approved: bool
    monitored: bool
    filled: int
    indicators: int
    surveyed: bool | None
    report: Report | None
    budget: Decimal | None

    @property
    def name(self) -> str:
        """In words."""
        return str(self.program.program) if self.program else "部门整体支出"

    @property
    def chosen(self) -> bool:
        """Whether it is evaluated: the department always is."""
        return self.row is None or self.row.chosen

    @property
    def complete(self) -> bool:
        """Whether every indicator has a value."""
        return bool(self.indicators) and self.filled == self.indicators

    @property
    def report_words(self) -> str:
        """The state of the report."""
        return str(self.report.get_state_display()) if self.report else "还没有开始"

    @property
    def done(self) -> bool:
        """Whether the report is frozen."""
        return self.report is not None and self.report.state == ReportState.FROZEN


def _monitored(fiscal_year: FiscalYear) -> set[int | None]:
    rows = Monitoring.objects.filter(fiscal_year=fiscal_year, state=MonitoringState.APPROVED)
    return set(rows.values_list("program_year", flat=True))


def stands_of(fiscal_year: FiscalYear, plan: EvaluationPlan | None = None) -> list[Stand]:
    """The department, then every program of a year; a fixed number of queries."""
    tables: dict[int | None, GoalTable] = {}
    for table in GoalTable.objects.filter(fiscal_year=fiscal_year).exclude(state=GoalState.DISCARDED).order_by("id"):
        if table.state == GoalState.APPROVED or table.program_year_id not in tables:
            tables[table.program_year_id] = table
    indicators: dict[int, list[Indicator]] = defaultdict(list)
    for one in Indicator.objects.filter(table__in=[one.pk for one in tables.values()]):
        indicators[one.table_id].append(one)
    values = ActualValue.objects.filter(fiscal_year=fiscal_year).order_by("indicator_key", "-id")
    actuals = {one.indicator_key: one for one in values.distinct("indicator_key").defer("rows")}
    reports = {one.program_year_id: one for one in Report.objects.filter(fiscal_year=fiscal_year)}
    rows = {one.program_year_id: one for one in plan.programs.all()} if plan else {}
    lines = SpendingLine.objects.filter(fiscal_year=fiscal_year).order_by()
    budgets = dict(lines.values_list("program_year").annotate(all=Sum("initial_amount")))
    whole = sum(budgets.values(), Decimal(0)) or None
    monitored = _monitored(fiscal_year)
    objects: list[tuple[int | None, ProgramYear | None]] = [(None, None)]
    objects += [(one.pk, one) for one in programs_of_year(fiscal_year)]
    return [
        Stand(
            program=one, row=None if pk is None else rows.get(pk), report=reports.get(pk),
            monitored=pk in monitored, budget=budgets.get(pk) if one else whole,
            **_progress(tables.get(pk), indicators, actuals),
        )
        for pk, one in objects
    ]  # fmt: skip


def _progress(
    table: GoalTable | None, indicators: dict[int, list[Indicator]], actuals: dict[Any, ActualValue]
) -> dict[str, Any]:
    """What a Stand says of goals and values."""
    found = indicators.get(table.pk, []) if table else []
    satisfaction = [actuals.get(one.key) for one in found if is_satisfaction(one)]
    told = all(one is not None and None not in (one.sent, one.returned, one.valid) for one in satisfaction)
    return {
        "goals": str(table.get_state_display()) if table else "",
        "goals_approved": table is not None and table.state == GoalState.APPROVED,
        "filled": sum(one.key in actuals for one in found), "indicators": len(found),
        "surveyed": told if satisfaction else None,
    }  # fmt: skip


def stand_cells(stands: Iterable[Stand]) -> Iterable[tuple[str | int | None, ...]]:
    """Cells under HEADS."""
    for one in stands:
        row, yes = one.row, {True: "是", False: "否", None: "—"}
        yield (
            one.name, "是" if one.chosen else "否", "是" if row and row.focus else "", row.reason if row else "",
            "" if one.budget is None else f"{one.budget:.2f}", one.goals or "没有", yes[one.monitored],
            f"{one.filled}/{one.indicators}", yes[one.surveyed], one.report_words,
        )  # fmt: skip


@dataclass(frozen=True)
class Timed:
    """A step of the timetable: over, next or to come on the day of asking."""

    step: PlanStep
    state: str


def steps_of(plan: EvaluationPlan, *, now: datetime) -> list[Timed]:
    """The timetable with where the day stands in it; one query."""
    today: date = now.astimezone(SHANGHAI).date()
    found, ahead = [], False
    for one in plan.steps.select_related("office"):
        if one.due_on < today:
            found.append(Timed(one, "over"))
        else:
            found.append(Timed(one, "later" if ahead else "next"))
            ahead = True
    return found


def years_for_plans() -> list[tuple[FiscalYear, EvaluationPlan | None]]:
    """Approved years with their plans, the center's own and the newest first; two queries."""
    plans = {one.fiscal_year_id: one for one in EvaluationPlan.objects.all()}
    years = FiscalYear.objects.filter(state__in=_KEPT_YEARS).select_related("unit")
    return [(one, plans.get(one.pk)) for one in years.order_by("-unit__is_home", "-year")]


def years_over(today: date) -> list[FiscalYear]:
    """Approved years of the center that are over and have no report of the whole department; one query."""
    rows = FiscalYear.objects.filter(year__lt=today.year, state__in=_KEPT_YEARS, unit__is_home=True)
    begun = Report.objects.filter(kind=Report.Kind.DEPARTMENT).values("fiscal_year")
    return list(rows.exclude(pk__in=begun).select_related("unit").order_by("year"))


def programs_over(today: date) -> list[ProgramYear]:
    """Approved programs of approved years that are over, without a report; those that an approved plan leaves out are
    left out. One query."""
    left_out = PlanProgram.objects.filter(plan__state=PlanState.APPROVED, chosen=False).values("program_year")
    rows = ProgramYear.objects.filter(
        fiscal_year__year__lt=today.year, fiscal_year__state__in=_KEPT_YEARS, reports__isnull=True,
        state__in=(ProgramState.APPROVED, ProgramState.CLOSED),
    )  # fmt: skip
    rows = rows.exclude(pk__in=left_out).select_related("program__unit", "fiscal_year__unit")
    return list(rows.order_by("fiscal_year__year", "program__code"))
