"""Budgets for tests: a unit, a year with lines, a program with money, all through the real services and moves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.duties import Duty
from accounts.models import User
from performance.models import (
    BudgetUnit,
    FiscalYear,
    IncomeLine,
    Program,
    ProgramYear,
    SpecialApproval,
    SpendingEntry,
    SpendingLine,
    Subject,
)
from performance.services import entries, programs, years
from tests.workflow.people import make_staff
from workflow.services import move

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
YEAR = 2025
APPROVED_ON = date(2025, 1, 20)
DAY = date(2025, 6, 10)
_numbers = itertools.count(1)


def subject(code: str) -> Subject:
    """A subject that the migration put there."""
    return Subject.objects.get(code=code)


@dataclass(frozen=True)
class Cast:
    """Who enters, who manages, who approves."""

    finance: User
    performance: User
    director: User

    @classmethod
    def make(cls) -> Cast:
        """New people."""
        return cls(make_staff(Duty.FINANCE), make_staff(Duty.PERFORMANCE), make_staff(Duty.DIRECTOR))


@dataclass
class Budget:
    """A year with one line of each kind; amounts in yuan."""

    cast: Cast
    year: FiscalYear
    income: IncomeLine
    personnel: SpendingLine
    routine: SpendingLine
    project: SpendingLine
    program: ProgramYear

    def spend(self, amount: str = "100.00", **more: Any) -> SpendingEntry:
        """An entry, on the routine line unless told otherwise."""
        given: dict[str, Any] = {
            "line": self.routine,
            "spent_on": DAY,
            "amount": Decimal(amount),
            "purpose": "购办公用纸",
            "payee": "云泽县文汇文具店",
            "voucher_number": f"记-{next(_numbers):04}",
            "by": self.cast.finance,
            "now": NOW,
        }
        given |= more
        if given["line"] == self.project and given.get("used_for", "own") == "own":
            # The line without a budget of its own, unless told otherwise: project money names one.
            given.setdefault("expense_line", self.program.expense_lines.get(name="其他"))
        return entries.spending_enter(**given)


def make_unit(**values: str) -> BudgetUnit:
    """A unit of its own."""
    number = next(_numbers)
    given = {"code": f"1380{number:03}", "name": f"云泽县公共资源交易中心{number}", **values}
    return years.unit_save(by=make_staff(Duty.FINANCE), now=NOW, **given)


def make_program(unit: BudgetUnit, cast: Cast) -> Program:
    """A program of a unit."""
    number = next(_numbers)
    return programs.program_save(
        unit=unit, code=f"XM2025-{number:03}", name=f"交易中心运转经费{number}", by=cast.finance, now=NOW
    )


def make_program_year(
    state: str = "approved",
    *,
    cast: Cast | None = None,
    year: FiscalYear | None = None,
    amount: str = "20000.00",
    approved_on: date = APPROVED_ON,
) -> ProgramYear:
    """A program's year in ``state``, with an expense line that has a budget and one that has none."""
    cast = cast or Cast.make()
    year = year or years.year_create(unit=make_unit(), year=YEAR, by=cast.finance, now=NOW)
    found = programs.program_year_create(
        program=make_program(year.unit, cast),
        year=year,
        purpose="开标评标场所运转",
        applied_amount=Decimal(amount),
        basis="云政办〔2024〕5号",
        estimate="按上年实际支出测算",
        expected_goal="全年交易活动有序",
        by=cast.finance,
        now=NOW,
    )
    programs.expense_save(
        program_year=found,
        name="日常办公",
        initial_amount=Decimal("5000.00"),
        by=cast.finance,
        now=NOW,
        economic_codes=["30201", "30202"],
    )
    programs.expense_save(program_year=found, name="其他", initial_amount=None, by=cast.finance, now=NOW)
    programs.milestone_save(
        program_year=found,
        name="上半年支付",
        due_on=date(YEAR, 6, 30),
        planned_amount=Decimal("8000.00"),
        by=cast.finance,
        now=NOW,
    )
    return program_to(found, state, cast, amount=amount, approved_on=approved_on)


def program_to(
    found: ProgramYear, state: str, cast: Cast, *, amount: str = "20000.00", approved_on: date = APPROVED_ON
) -> ProgramYear:
    """Take a drafted program's year to ``state``."""
    if state in ("submitted", "approved", "closed"):
        move(found, "submit", by=cast.finance, now=NOW)
    if state in ("approved", "closed"):
        data = {"approved_amount": Decimal(amount), "document_number": "云财预〔2025〕6号", "approved_on": approved_on}
        move(found, "approve", by=cast.director, now=NOW, data=data)
    if state == "closed":
        move(found, "close", by=cast.finance, now=NOW)
    found.refresh_from_db()
    return found


def make_budget(
    state: str = "approved",
    *,
    cast: Cast | None = None,
    program_state: str = "approved",
    year: int = YEAR,
    unit: BudgetUnit | None = None,
    amount: str = "20000.00",
) -> Budget:
    """A balanced year in ``state``: 50,000.00 of personnel, 10,000.00 of routine, ``amount`` of a program."""
    cast = cast or Cast.make()
    found = years.year_create(unit=unit or make_unit(), year=year, by=cast.finance, now=NOW)
    day = date(year, 1, 20)
    program = make_program_year("drafting", cast=cast, year=found, amount=amount) if year == YEAR else None
    lines = {
        name: years.spending_line_save(
            year=found,
            category=name,
            functional=subject("2010350"),
            economic=subject(code),
            initial_amount=Decimal(money),
            program_year=program if name == "project" else None,
            by=cast.finance,
            now=NOW,
        )
        for name, code, money in (
            ("personnel", "30101", "50000.00"),
            ("routine", "30201", "10000.00"),
            ("project", "30201", amount),
        )
        if name != "project" or program
    }
    whole = sum((line.initial_amount for line in lines.values()), Decimal(0))
    income = years.income_line_save(year=found, source="appropriation", initial_amount=whole, by=cast.finance, now=NOW)
    if program:
        program_to(program, program_state, cast, amount=amount, approved_on=day)
    year_to(found, state, cast)
    return Budget(cast, found, income, lines["personnel"], lines["routine"], lines.get("project"), program)  # type: ignore[arg-type]


def year_to(found: FiscalYear, state: str, cast: Cast) -> FiscalYear:
    """Take a drafted, balanced year to ``state``."""
    if state in ("submitted", "approved", "closed"):
        move(found, "submit", by=cast.finance, now=NOW)
    if state in ("approved", "closed"):
        data = {"document_number": "云财预〔2025〕5号", "approved_on": date(found.year, 1, 20)}
        move(found, "approve", by=cast.director, now=NOW, data=data)
    if state == "closed":
        move(found, "confirm_accounts", by=cast.performance, now=NOW, data=ACCOUNTS)
    found.refresh_from_db()
    return found


ACCOUNTS = {"final_income": Decimal("80000.00"), "final_spending": Decimal("60000.00"), "final_on": date(2026, 2, 20)}


def make_approval(
    program: ProgramYear, kind: str, amount: str, cast: Cast, *, state: str = "approved"
) -> SpecialApproval:
    """A special approval in ``state``."""
    found = programs.approval_request(
        program_year=program,
        kind=kind,
        amount=Decimal(amount),
        reason="设备突发故障，急需修复",
        by=cast.finance,
        now=NOW,
    )
    if state != "requested":
        by = cast.finance if state == "withdrawn" else cast.director
        name = {"approved": "approve", "refused": "refuse", "withdrawn": "withdraw"}[state]
        move(found, name, by=by, now=NOW, comment="照此办理")
    found.refresh_from_db()
    return found
