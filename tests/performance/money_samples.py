"""What the matrix of moves needs to know of budget years, programs' years and special approvals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from accounts.models import User
from performance.models import FiscalYear, ProgramYear, SpecialApproval
from tests.performance.money_factories import (
    ACCOUNTS,
    APPROVED_ON,
    NOW,
    YEAR,
    Cast,
    make_approval,
    make_budget,
    make_program,
    make_program_year,
    make_unit,
)
from workflow.moves import Move

APPROVAL = {"document_number": "云财预〔2025〕5号", "approved_on": APPROVED_ON, "approved_amount": Decimal("20000.00")}
INPUT: dict[str, dict[str, Any]] = {"approve": APPROVAL, "confirm_accounts": ACCOUNTS}


def year_sample(state: str, step: Move, person: User | None) -> tuple[FiscalYear, dict[str, Any]]:
    """A balanced year in ``state`` that ``person`` has not touched."""
    return make_budget(state).year, INPUT.get(step.name, {})


def year_unsaved(person: User) -> FiscalYear:
    """A year that ``person`` is about to begin."""
    return FiscalYear(unit=make_unit(), year=YEAR, created_at=NOW, created_by=person)


def program_sample(state: str, step: Move, person: User | None) -> tuple[ProgramYear, dict[str, Any]]:
    """A program's year in ``state``."""
    return make_program_year(state), INPUT.get(step.name, {})


def program_unsaved(person: User) -> ProgramYear:
    """An application that ``person`` is about to begin."""
    cast = Cast.make()
    year = make_budget("drafting", cast=cast).year
    return ProgramYear(program=make_program(year.unit, cast), fiscal_year=year, purpose="运转", created_at=NOW,
                       applied_amount=Decimal("1.00"), created_by=person)  # fmt: skip


def approval_sample(state: str, step: Move, person: User | None) -> tuple[SpecialApproval, dict[str, Any]]:
    """A special approval in ``state``; ``person`` asked for it when only the asker may do ``step``."""
    cast = Cast.make()
    if person is not None and step.name == "withdraw":
        cast = replace(cast, finance=person)
        program = make_program_year("approved")
        return make_approval(program, "purpose", "100.00", cast, state=state), {}
    return make_approval(make_program_year("approved", cast=cast), "purpose", "100.00", cast, state=state), {}


def approval_unsaved(person: User) -> SpecialApproval:
    """A request that ``person`` is about to make."""
    return SpecialApproval(program_year=make_program_year("approved"), kind="balance", amount=Decimal("10.00"),
                           reason="超支", requested_by=person, requested_at=NOW)  # fmt: skip


IN_STATE = {
    "performance.fiscalyear": year_sample,
    "performance.programyear": program_sample,
    "performance.specialapproval": approval_sample,
}
UNSAVED = {
    "performance.fiscalyear": year_unsaved,
    "performance.programyear": program_unsaved,
    "performance.specialapproval": approval_unsaved,
}
