"""Years, programs, goal tables and values for tests; states are told by StateChange rows, as the database wants."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.duties import Duty
from accounts.models import Department, User
from performance.models import (
    BudgetUnit,
    ExpenseLine,
    FiscalYear,
    GoalTable,
    IncomeEntry,
    IncomeLine,
    Indicator,
    Program,
    ProgramYear,
    SpendingEntry,
    SpendingLine,
    Subject,
)
from performance.services.goals import goals_create, goals_save
from performance.services.indicators import indicator_add
from tests.workflow.people import make_staff
from workflow.models import StateChange
from workflow.services import move

NOW = datetime(2022, 3, 2, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)
GOAL = "保障交易平台正常运转，完成全年进场交易的服务。"
WAYS: dict[str, tuple[str, ...]] = {
    "drafting": (),
    "submitted": ("submit",),
    "approved": ("submit", "approve"),
    "discarded": ("discard",),
}
INDICATORS: tuple[dict[str, Any], ...] = (
    {"level1": "产出指标", "level2": "数量指标", "name": "采购招标率", "target": "≥100%", "weight": Decimal(50)},
    {"level1": "效益指标", "level2": "社会效益指标", "name": "公共服务水平", "target": "定性:提升",
     "weight": Decimal(30)},
    {"level1": "满意度指标", "level2": "服务对象满意度", "name": "使用人员满意度", "target": "≥100%",
     "weight": Decimal(10)},
)  # fmt: skip


def told(obj: Any, target: str, *, by: User, now: datetime = NOW) -> None:
    """A StateChange as a move would write it, for tables whose moves these tests do not need."""
    rows = StateChange.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    number = rows.count() + 1
    StateChange.objects.create(
        subject_type=obj._meta.label_lower, subject_id=obj.pk, number=number, move="create" if number == 1 else target,
        source="" if number == 1 else obj.state, target=target, by=by, at=now,
    )  # fmt: skip
    if number > 1:
        obj.state = target
        obj.save()


def make_unit(*, home: bool = False, name: str = "") -> BudgetUnit:
    """A budget unit; the home one is made once."""
    if home and (known := BudgetUnit.objects.filter(is_home=True).first()):
        return known
    number = next(_numbers)
    return BudgetUnit.objects.create(code=f"{number:06}", name=name or f"云泽县试验单位{number}", is_home=home)


def make_year(year: int = 2022, *, unit: BudgetUnit | None = None, by: User | None = None) -> FiscalYear:
    """A budget year that is being made."""
    maker = by or make_staff(Duty.FINANCE)
    with transaction.atomic():
        found = FiscalYear.objects.create(
            unit=unit or make_unit(home=True), year=year, created_by=maker, created_at=NOW, state="drafting"
        )
        told(found, "drafting", by=maker)
    return found


def approve_year(fiscal: FiscalYear) -> FiscalYear:
    """The budget is approved."""
    with transaction.atomic():
        fiscal.approved_on = date(fiscal.year, 2, 1)
        fiscal.save()
        told(fiscal, "approved", by=fiscal.created_by)
    return fiscal


def close_year(fiscal: FiscalYear) -> FiscalYear:
    """The final accounts are confirmed."""
    with transaction.atomic():
        approve_year(fiscal)
        told(fiscal, "closed", by=fiscal.created_by)
    return fiscal


def make_program(fiscal: FiscalYear, *, name: str = "公共资源交易中心运转经费", code: str = "") -> ProgramYear:
    """A program of a year, applied for."""
    number = next(_numbers)
    program = Program.objects.create(unit=fiscal.unit, code=code or f"P{number}", name=name)
    with transaction.atomic():
        found = ProgramYear.objects.create(
            program=program, fiscal_year=fiscal, purpose="交易中心日常运转", applied_amount=Decimal("329000.00"),
            created_by=fiscal.created_by, created_at=NOW, state="drafting",
        )  # fmt: skip
        told(found, "drafting", by=fiscal.created_by)
    return found


def approve_program(found: ProgramYear) -> None:
    """The program's money is approved since the year's first day, once."""
    if found.state != "drafting":
        return
    with transaction.atomic():
        found.approved_amount, found.approved_on = found.applied_amount, date(found.fiscal_year.year, 1, 1)
        found.save()
        told(found, "approved", by=found.created_by)


def subject(kind: str, code: str) -> Subject:
    """A subject of the budget."""
    return Subject.objects.get_or_create(kind=kind, code=code, first_year=2007, defaults={"name": f"科目{code}"})[0]


def make_line(
    fiscal: FiscalYear, amount: str, *, program: ProgramYear | None = None, category: str = "", economic: str = "30201"
) -> SpendingLine:
    """A line of the expenditure budget."""
    return SpendingLine.objects.create(
        fiscal_year=fiscal, category=category or ("project" if program else "routine"), program_year=program,
        functional=subject("functional", "2010301"), economic=subject("economic", economic),
        initial_amount=Decimal(amount),
    )  # fmt: skip


def spend(line: SpendingLine, amount: str, *, expense: ExpenseLine | None = None) -> SpendingEntry:
    """Money spent from a line; a program's is approved first."""
    if line.program_year_id is not None:
        approve_program(ProgramYear.objects.get(pk=line.program_year_id))
    return SpendingEntry.objects.create(
        fiscal_year=line.fiscal_year, line=line, expense_line=expense, spent_on=date(line.fiscal_year.year, 6, 1),
        amount=Decimal(amount), purpose="办公费", payee="某公司", voucher_number=f"记-{next(_numbers)}",
        by=line.fiscal_year.created_by, at=NOW,
    )  # fmt: skip


def receive(
    fiscal: FiscalYear, budget: str, received: str, *, program: ProgramYear | None = None, source: str = "appropriation"
) -> IncomeLine:
    """Income of a source, and what of it came."""
    line = IncomeLine.objects.create(
        fiscal_year=fiscal, source=source, program_year=program, initial_amount=Decimal(budget)
    )
    if Decimal(received):
        IncomeEntry.objects.create(
            fiscal_year=fiscal, line=line, received_on=date(fiscal.year, 5, 1), amount=Decimal(received),
            summary="拨款", by=fiscal.created_by, at=NOW,
        )  # fmt: skip
    return line


@dataclass
class Cast:
    """Who writes goals and who approves them."""

    maker: User = field(default_factory=lambda: make_staff(Duty.PERFORMANCE, department="finance"))
    director: User = field(default_factory=lambda: make_staff(Duty.DIRECTOR, department="directors"))


def office(code: str = "intake") -> Department:
    """An office by its code."""
    return Department.objects.get(code=code)


def make_goals(
    state: str = "drafting", *, cast: Cast | None = None, fiscal: FiscalYear | None = None,
    program: ProgramYear | None = None, indicators: tuple[dict[str, Any], ...] = INDICATORS, **fields: Any,
) -> GoalTable:  # fmt: skip
    """A goal table in ``state`` through the real moves; of the department unless ``program`` is given."""
    cast = cast or Cast()
    year = fiscal or (program.fiscal_year if program else make_year())
    table = goals_create(fiscal_year=year, program_year=program, by=cast.maker, now=NOW, **fields)
    goals_save(table=table, overall_goal=GOAL, reason=fields.get("reason", ""), by=cast.maker, now=NOW)
    for values in indicators:
        indicator_add(table=table, values=values, by=cast.maker, now=NOW)
    for name in WAYS[state if state != "superseded" else "approved"]:
        move(table, name, by=cast.director if name == "approve" else cast.maker, now=NOW)
    if state == "superseded":
        make_goals("approved", cast=cast, fiscal=year, program=program, reason="年中任务调整")
        table.refresh_from_db()
    return table


def named(table: GoalTable, name: str) -> Indicator:
    """An indicator of a table by its name."""
    return Indicator.objects.select_related("office", "table__fiscal_year__unit").get(table=table, name=name)
