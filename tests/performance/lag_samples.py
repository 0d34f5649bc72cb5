"""What the matrix of moves needs to know of notices of a lag, and such notices in every state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Department, User
from performance.models import LagNotice, ProgramYear
from performance.selectors.progress import year_flow
from performance.services.lags import lag_ask, subject_of
from tests.performance.money_factories import NOW, Cast, make_budget
from tests.workflow.people import make_staff
from workflow.moves import Duty, Move
from workflow.services import move

ANSWER: dict[str, Any] = {
    "cause": "money",
    "text": "供应商还没有开票，下月支付。",
    "pay_on": date(2026, 4, 1),
    "papers": (),
}
INPUT = {"answer": ANSWER}


def office(code: str = "it") -> Department:
    """An office by its code."""
    return Department.objects.get(code=code)


def make_lag(
    state: str = "asked", *, cast: Cast | None = None, leader: User | None = None, department: str = "it",
    month: int = 6,
) -> LagNotice:  # fmt: skip
    """A notice in ``state`` about a program of 2025 that paid nothing of the 8,000.00 due by the end of June."""
    cast = cast or Cast.make()
    budget = make_budget(cast=cast)
    if leader is not None:
        ProgramYear.objects.filter(pk=budget.program.pk).update(leader=leader)
    subject = subject_of(year_flow(budget.year), program_year=budget.program)
    found = lag_ask(
        subject=subject, month=month, department=office(department), text="请说明原因", by=cast.performance, now=NOW
    )
    if state in ("answered", "accepted"):
        head = make_staff(Duty.OFFICE_HEAD, department=department)
        move(found, "answer", by=head, now=NOW, data=ANSWER)
    if state == "accepted":
        move(found, "accept", by=cast.director, now=NOW)
    if state == "recalled":
        move(found, "recall", by=cast.performance, now=NOW, comment="计划填错了")
    return LagNotice.objects.get(pk=found.pk)


def lag_sample(state: str, step: Move, person: User | None) -> tuple[LagNotice, dict[str, Any]]:
    """A notice in ``state``; ``person`` leads the program when only who answers for it may do ``step``."""
    leader = person if step.name == "answer" else None
    return make_lag(state, leader=leader), INPUT.get(step.name, {})


def lag_unsaved(person: User) -> LagNotice:
    """A notice that ``person`` is about to send."""
    budget = make_budget()
    return LagNotice(
        fiscal_year=budget.year, program_year=budget.program, month=6, budget=Decimal(20000), planned=Decimal(8000),
        spent=Decimal(0), rate=Decimal(0), department=office(), due_on=date(2026, 3, 9), text="请说明原因",
        created_by=person, created_at=NOW,
    )  # fmt: skip


IN_STATE = {"performance.lagnotice": lag_sample}
UNSAVED = {"performance.lagnotice": lag_unsaved}
