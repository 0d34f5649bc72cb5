"""部门职责 – 工作活动 – 项目 as a tree; a program's year with its plan, money and inspections."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from performance.models import (
    Activity,
    BudgetUnit,
    ExpenseLine,
    Milestone,
    Program,
    ProgramYear,
    Responsibility,
    SpecialApproval,
    SpendingEntry,
    SpendingLine,
)
from performance.selectors.money import Totals, expense_lines, spending_lines, sum_of, totals
from performance.selectors.overview import Month, months_of, rate_of


@dataclass
class Branch:
    """A unit with its tree: responsibilities, each with activities, each with programs and their years."""

    unit: BudgetUnit
    responsibilities: list[tuple[Responsibility, list[tuple[Activity, list[tuple[Program, list[ProgramYear]]]]]]] = (
        field(default_factory=list)
    )
    loose: list[tuple[Program, list[ProgramYear]]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing hangs on it."""
        return not self.responsibilities and not self.loose


def program_tree() -> list[Branch]:
    """Every unit's tree; five queries."""
    years: dict[int, list[ProgramYear]] = defaultdict(list)
    for one in ProgramYear.objects.select_related("fiscal_year").order_by("-fiscal_year__year"):
        years[one.program_id].append(one)
    programs: dict[int | None, list[tuple[Program, list[ProgramYear]]]] = defaultdict(list)
    loose: dict[int, list[tuple[Program, list[ProgramYear]]]] = defaultdict(list)
    for program in Program.objects.all():
        at = programs[program.activity_id] if program.activity_id else loose[program.unit_id]
        at.append((program, years[program.pk]))
    activities: dict[int, list[tuple[Activity, Any]]] = defaultdict(list)
    for activity in Activity.objects.all():
        activities[activity.responsibility_id].append((activity, programs[activity.pk]))
    branches = {unit.pk: Branch(unit, loose=loose[unit.pk]) for unit in BudgetUnit.objects.all()}
    for duty in Responsibility.objects.all():
        branches[duty.unit_id].responsibilities.append((duty, activities[duty.pk]))
    return list(branches.values())


@dataclass(frozen=True)
class PlanStep:
    """A step of the plan against what was done.

    Args:
        words: its state in words; late: whether it is, or was, after its day.
    """

    milestone: Milestone
    words: str
    late: bool


@dataclass(frozen=True)
class ProgramView:
    """What the page of a program's year shows; amounts in yuan."""

    lines: list[SpendingLine]
    sums: Totals
    rate: Decimal | None
    expenses: list[ExpenseLine]
    expense_sum: Decimal
    steps: list[PlanStep]
    approvals: list[SpecialApproval]
    months: list[Month]
    planned_sum: Decimal


def _step(one: Milestone, today: date) -> PlanStep:
    if one.done_on:
        days = (one.done_on - one.due_on).days
        return PlanStep(one, f"比计划晚 {days} 天" if days > 0 else "按计划完成", days > 0)
    days = (today - one.due_on).days
    return PlanStep(one, f"逾期 {days} 天" if days > 0 else "还没有到期", days > 0)


def program_view(program_year: ProgramYear, *, today: date) -> ProgramView:
    """Everything of a program's year; five queries."""
    lines = list(spending_lines(program=program_year))
    sums = totals(lines)
    expenses = list(expense_lines(program_year))
    steps = [_step(one, today) for one in program_year.milestones.all()]
    approvals = program_year.approvals.annotate(used=sum_of(SpendingEntry.objects.all(), "approval")).select_related(
        "requested_by"
    )
    return ProgramView(
        lines, sums, rate_of(sums), expenses, sum((one.initial_amount or Decimal(0) for one in expenses), Decimal(0)),
        steps, list(approvals), months_of(program=program_year),
        sum((one.milestone.planned_amount for one in steps), Decimal(0)),
    )  # fmt: skip
