"""A year that is over, with everything a report needs to be handed in, reviewed and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.duties import Duty
from accounts.models import User
from performance.models import ExpenseLine, FiscalYear, GoalTable, ProgramYear, Report
from performance.narrative.fields import editable
from performance.narrative.figures import report_facts
from performance.services.actuals import Survey, actual_set
from performance.services.reports import report_create, section_save
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    approve_year,
    make_goals,
    make_line,
    make_program,
    make_unit,
    make_year,
    named,
    receive,
    spend,
    told,
)
from tests.workflow.people import make_staff
from workflow.services import move

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
YEAR = 2025
DATED = date(2026, 2, 20)
WAYS: dict[str, tuple[str, ...]] = {
    "drafting": (), "submitted": ("submit",), "reviewed": ("submit", "review"), "frozen": ("submit", "review", "freeze")
}  # fmt: skip


@dataclass
class World:
    """A year with a program that spent ``spent`` of its 200,000.00, and who works on its report."""

    fiscal: FiscalYear
    program: ProgramYear
    table: GoalTable
    cast: Cast
    writer: User
    director: User
    lines: dict[str, ExpenseLine]


def make_world(*, spent: tuple[str, str] = ("120000.00", "76000.00"), survey: bool = True, home: bool = True) -> World:
    """Goals, values and spending of 2025; the accounts are not confirmed yet.

    Args:
        spent: of the two expense lines, of 120,000.00 and 80,000.00.
        survey: whether satisfaction has its numbers.
    """
    cast, fiscal = Cast(), make_year(YEAR, unit=make_unit(home=home))
    program = make_program(fiscal)
    ProgramYear.objects.filter(pk=program.pk).update(applied_amount=Decimal("200000.00"))
    program.refresh_from_db()
    lines = {
        name: ExpenseLine.objects.create(
            program_year=program, name=name, initial_amount=Decimal(amount), position=place
        )
        for place, (name, amount) in enumerate((("设备维护", "120000.00"), ("宣传培训", "80000.00")))
    }
    line = make_line(fiscal, "200000.00", program=program)
    receive(fiscal, "200000.00", "200000.00")
    approve_program(program)
    for one, amount in zip(lines.values(), spent, strict=True):
        if Decimal(amount):
            spend(line, amount, expense=one)
    table = make_goals("approved", cast=cast, program=program)
    for name, value in (("采购招标率", "100%"), ("公共服务水平", "达成预期指标")):
        actual_set(indicator=named(table, name), value=value, evidence="台账", by=cast.maker, now=NOW)
    numbers = Survey(sent=60, returned=55, valid=50, satisfied=50) if survey else Survey()
    actual_set(indicator=named(table, "使用人员满意度"), value="100%", evidence="问卷", survey=numbers, by=cast.maker,
               now=NOW)  # fmt: skip
    approve_year(fiscal)
    writer = make_staff(Duty.PERFORMANCE, department="finance")
    return World(fiscal, program, table, cast, writer, make_staff(Duty.DIRECTOR, department="directors"), lines)


def confirm_accounts(world: World, *, spending: str = "", income: str = "200000.00") -> None:
    """决算 as registered, or another sum."""
    fiscal = world.fiscal
    with transaction.atomic():
        fiscal.final_income = Decimal(income)
        fiscal.final_spending = Decimal(spending or "196000.00")
        fiscal.final_on = date(2026, 2, 10)
        fiscal.save()
        told(fiscal, "closed", by=fiscal.created_by)


def draft_report(world: World, *, whole: bool = True, program: bool = True, **more: Any) -> Report:
    """The report of the program (or the department); ``whole``: its empty sections are written."""
    report = report_create(
        year=world.fiscal, program=world.program if program else None, dated_on=DATED, by=world.writer, now=NOW, **more
    )
    if whole:
        _, figures = report_facts(report)
        for section in report.sections.all():
            if not editable(section.text, figures).strip():
                section_save(
                    report=report, key=section.key, text="已经逐项核对，没有其他需要说明的。", seen=section.number,
                    by=world.writer, now=NOW,
                )  # fmt: skip
    return report


def report_to(report: Report, state: str, world: World) -> Report:
    """Take a whole draft to ``state`` by the real moves."""
    if state == "frozen" and world.fiscal.state != "closed":
        confirm_accounts(world)
    people = {"submit": world.writer, "review": world.director, "freeze": world.director}
    for name in WAYS[state]:
        move(report, name, by=people[name], now=NOW)
    report.refresh_from_db()
    return report
