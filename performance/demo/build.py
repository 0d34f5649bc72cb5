"""Building blocks of the demonstration: every row is made by the same services as a person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Max

from accounts.models import DutyAssignment, User
from core.errors import BusinessError
from core.moments import SHANGHAI
from performance.models import (
    BudgetUnit,
    FiscalYear,
    IncomeEntry,
    IncomeLine,
    ProgramYear,
    SpendingEntry,
    SpendingLine,
    Subject,
)
from performance.selectors.purse import Purse, Wanted
from performance.services import entries, programs, years
from workflow.services import move

SOURCE = "appropriation"


@dataclass(frozen=True)
class Cast:
    """Who does what in the demonstration."""

    finance: User
    performance: User
    director: User
    second: User
    now: datetime
    # From when on all of the demonstration's people have their duties.
    since: datetime

    @classmethod
    def of(cls, now: datetime) -> Cast | None:
        """The people of ``accounts.demo``; None before they are there."""
        people = {
            user.username: user
            for user in User.objects.filter(username__in=("wuting", "qianshulin", "zhouwenbo", "tangjianye"))
        }
        if len(people) < 4:
            return None
        # A demonstration that an older version made gave the duties 90 days before its loading.
        since = DutyAssignment.objects.filter(user__is_demo=True).aggregate(last=Max("begins_at"))["last"] or now
        return cls(people["wuting"], people["qianshulin"], people["zhouwenbo"], people["tangjianye"], now, since)

    def on(self, day: date) -> Cast:
        """The same people on the morning of ``day``, unless that is still to come, or they had no duties yet."""
        return replace(self, now=min(self.now, max(datetime.combine(day, time(10), SHANGHAI), self.since)))


@dataclass(frozen=True)
class Line:
    """A line of the budget with what is spent of it: subjects' codes, amounts in yuan."""

    category: str
    functional: str
    economic: str
    budget: str
    spent: str = "0"
    payee: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Expense:
    """An expense line of a program: its budget (None: not broken down) and its payments (day, yuan, purpose, payee)."""

    name: str
    budget: str | None
    economic: str
    payments: Sequence[tuple[date, str, str, str]] = ()


@dataclass(frozen=True)
class Plan:
    """A program's year as it is applied for and spent."""

    code: str
    name: str
    amount: str
    purpose: str
    texts: Mapping[str, Any]
    functional: str
    economic: str
    expenses: Sequence[Expense]
    milestones: Sequence[tuple[str, date, str, date | None]] = ()
    document_number: str = ""
    approved_on: date | None = None
    # Spent otherwise than meant, by special approval (day, yuan, purpose, payee, economic subject).
    elsewhere: Sequence[tuple[date, str, str, str]] = ()
    approval: tuple[str, str, str] | None = None
    inspections: Sequence[tuple[str, date, str, str]] = field(default_factory=tuple)


def subject(kind: str, code: str) -> Subject:
    """A subject by its code."""
    return Subject.objects.filter(kind=kind, code=code).order_by("-first_year")[0]


def split(total: Decimal, parts: int) -> list[Decimal]:
    """``parts`` amounts, equal to the fen, the last with the rest."""
    each = (total / parts).quantize(Decimal("0.01"))
    return [*[each] * (parts - 1), total - each * (parts - 1)]


def unit_make(cast: Cast, **values: Any) -> BudgetUnit:
    """A budget unit, or the one with that code."""
    found = BudgetUnit.objects.filter(code=values["code"]).first()
    return found or years.unit_save(by=cast.finance, now=cast.now, **values)


def year_begin(cast: Cast, unit: BudgetUnit, year: int) -> FiscalYear:
    """A budget year that is being drafted."""
    return years.year_create(unit=unit, year=year, by=cast.finance, now=cast.now)


def year_approve(cast: Cast, year: FiscalYear, number: str, day: date) -> None:
    """Submitted by one, approved by another."""
    move(year, "submit", by=cast.finance, now=cast.now)
    move(year, "approve", by=cast.director, now=cast.now, data={"document_number": number, "approved_on": day})


def accounts_confirm(cast: Cast, year: FiscalYear, income: str, spending: str, day: date) -> None:
    """The final accounts as they were printed."""
    data = {"final_income": Decimal(income), "final_spending": Decimal(spending), "final_on": day}
    move(year, "confirm_accounts", by=cast.second, now=cast.now, data=data)


def lines_make(cast: Cast, year: FiscalYear, lines: Iterable[Line]) -> list[tuple[Line, SpendingLine]]:
    """Lines of basic expenditure."""
    return [
        (one, years.spending_line_save(
            year=year, category=one.category, functional=subject("functional", one.functional),
            economic=subject("economic", one.economic), initial_amount=Decimal(one.budget), by=cast.finance,
            now=cast.now))
        for one in lines
    ]  # fmt: skip


def program_apply(cast: Cast, year: FiscalYear, plan: Plan, *, activity: Any = None) -> ProgramYear:
    """A program applied for, approved where a document says so, its line in the budget."""
    program = programs.program_save(
        unit=year.unit, code=plan.code, name=plan.name, activity=activity, by=cast.finance, now=cast.now
    )
    row = programs.program_year_create(
        program=program, year=year, purpose=plan.purpose, applied_amount=Decimal(plan.amount), by=cast.finance,
        now=cast.now, **plan.texts,
    )  # fmt: skip
    for one in plan.expenses:
        budget = None if one.budget is None else Decimal(one.budget)
        programs.expense_save(program_year=row, name=one.name, initial_amount=budget, by=cast.finance, now=cast.now)
    for name, due_on, amount, _ in plan.milestones:
        programs.milestone_save(
            program_year=row, name=name, due_on=due_on, planned_amount=Decimal(amount), by=cast.finance, now=cast.now
        )
    years.spending_line_save(
        year=year, category="project", functional=subject("functional", plan.functional),
        economic=subject("economic", plan.economic), initial_amount=Decimal(plan.amount), by=cast.finance,
        now=cast.now, program_year=row,
    )  # fmt: skip
    move(row, "submit", by=cast.finance, now=cast.now)
    if plan.document_number:
        data = {
            "approved_amount": Decimal(plan.amount), "document_number": plan.document_number,
            "approved_on": plan.approved_on,
        }  # fmt: skip
        move(row, "approve", by=cast.director, now=cast.now, data=data)
    return row


def basic_spend(cast: Cast, pairs: Iterable[tuple[Line, SpendingLine]], year: int, *, months: int = 12) -> None:
    """What the lines came to, month by month: judged one by one as a person's, written at once."""
    wanted = [
        Wanted(
            line.pk, date(year, month, 20), amount, f"{month}月{one.purpose}", one.payee,
            f"{year}{month:02}-{number:03}", "", None, SpendingEntry.Use.OWN, None,
        )
        for number, (one, line) in enumerate(pairs, 1)
        if Decimal(one.spent)
        for month, amount in enumerate(split(Decimal(one.spent), months), 1)
    ]  # fmt: skip
    if wanted:
        fiscal = SpendingLine.objects.get(pk=wanted[0].line_id).fiscal_year
        spent_at_once(cast, Purse.open(fiscal, today=cast.now.astimezone(SHANGHAI).date(), lock=True), wanted)


def spent_at_once(cast: Cast, purse: Purse, wanted: Iterable[Wanted]) -> None:
    """Entries judged one by one, written in one statement."""
    rows = []
    for one in wanted:
        if reasons := purse.reasons(one):
            raise BusinessError("".join(reasons), "demo")
        purse.take(one)
        rows.append(entries.entry_row(purse.year, one, by=cast.finance, now=cast.now))
    SpendingEntry.objects.bulk_create(rows)


def income_spread(cast: Cast, line: IncomeLine, total: str, year: int, *, months: int = 12) -> None:
    """Income in equal parts month by month."""
    IncomeEntry.objects.bulk_create(
        IncomeEntry(
            fiscal_year_id=line.fiscal_year_id, line=line, received_on=date(year, month, 15), amount=amount,
            summary=f"{month}月财政授权支付额度", voucher_number=f"SR{year}{month:02}", by=cast.finance, at=cast.now,
        )
        for month, amount in enumerate(split(Decimal(total), months), 1)
    )  # fmt: skip


def program_spend(cast: Cast, row: ProgramYear, plan: Plan) -> None:
    """What a program's money went to, own purpose first, then by special approval; steps done; inspections."""
    line = row.spending_lines.get()
    expenses = {one.name: one for one in row.expense_lines.all()}
    number = 0
    for one in plan.expenses:
        for day, amount, purpose, payee in one.payments:
            number += 1
            entries.spending_enter(
                line=line, expense_line=expenses[one.name], spent_on=day, amount=Decimal(amount), purpose=purpose,
                payee=payee, voucher_number=f"{plan.code}-{number:03}", by=cast.finance, now=cast.now,
            )  # fmt: skip
    _elsewhere(cast, row, plan, line)
    for name, _, _, done_on in plan.milestones:
        if done_on is not None:
            step = row.milestones.get(name=name)
            programs.milestone_done(milestone=step, done_on=done_on, remark="已完成", by=cast.finance, now=cast.now)
    for what, day, people, found in plan.inspections:
        programs.inspection_add(
            program_year=row, plan=what, inspected_on=day, people=people, findings=found, by=cast.performance,
            now=cast.now,
        )  # fmt: skip


def _elsewhere(cast: Cast, row: ProgramYear, plan: Plan, line: SpendingLine) -> None:
    if plan.approval is None:
        return
    amount, reason, paper = plan.approval
    leave = programs.approval_request(
        program_year=row, kind="purpose", amount=Decimal(amount), reason=reason, document_number=paper,
        by=cast.finance, now=cast.now,
    )  # fmt: skip
    move(leave, "approve", by=cast.director, now=cast.now)
    for number, (day, yuan, purpose, payee) in enumerate(plan.elsewhere, 1):
        entries.spending_enter(
            line=line, spent_on=day, amount=Decimal(yuan), purpose=purpose, payee=payee, used_for="routine",
            approval=leave, voucher_number=f"{plan.code}-T{number:02}", by=cast.finance, now=cast.now,
        )  # fmt: skip
