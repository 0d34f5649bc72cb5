"""Writes of what changes a budget after its approval, and of what is left at the year's end: added only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from accounts.models import User
from performance.models import (
    BudgetAdjustment,
    ExpenseLine,
    FiscalYear,
    IncomeLine,
    IncomeSource,
    ProgramYear,
    SpendingLine,
    YearEndBalance,
    YearState,
)
from performance.money_words import yuan
from performance.selectors.money import spending_lines
from performance.services.common import checked, refuse, texts_storable, told, writing
from performance.services.entries import today_of

Line = IncomeLine | SpendingLine | ExpenseLine


def year_of(line: Line) -> FiscalYear:
    """The budget year that a line of any kind belongs to."""
    return line.program_year.fiscal_year if isinstance(line, ExpenseLine) else line.fiscal_year


def budget_adjust(
    *,
    line: Line,
    amount: Decimal,
    document_number: str,
    reason: str,
    adjusted_on: date,
    by: User,
    now: datetime,
    address: str = "",
) -> BudgetAdjustment:
    """Change an approved budget by a document (预算法第六十七条以下); never below what was spent of it.

    Args:
        line: of income, of spending, or an expense line with a budget of its own.
        amount: yuan, above zero for more, below for less.
        document_number, reason: what allows it, and why.
        adjusted_on: a day of the year, not later than today.

    Raises:
        BusinessError: ``没有登记调整：…``.
    """
    what, year = "没有登记调整", year_of(line)
    texts_storable(what, document_number, reason)
    if adjusted_on > today_of(now) or adjusted_on.year != year.year:
        raise refuse(what, f"调整日期应在 {year.year} 年内，且不晚于今天", field="adjusted_on")
    name = {IncomeLine: "income_line", SpendingLine: "spending_line", ExpenseLine: "expense_line"}[type(line)]
    row = BudgetAdjustment(
        fiscal_year=year, amount=amount, document_number=document_number.strip(), reason=reason.strip(),
        adjusted_on=adjusted_on, by=by, at=now,
    )  # fmt: skip
    setattr(row, name, line)
    with writing(what):
        checked(row, what)
        row.save(force_insert=True)
        told(what="adjust", obj=row, by=by, now=now, address=address, amount=amount, document=row.document_number)
    return row


def line_settle(
    *,
    line: SpendingLine,
    kind: str,
    amount: Decimal,
    settled_on: date,
    by: User,
    now: datetime,
    document_number: str = "",
    reason: str = "",
    address: str = "",
) -> YearEndBalance:
    """What is left of a line at the year's end goes back (财政收回) or over into the next year (结转下年).

    Args:
        kind: of ``YearEndBalance.Kind``.
        amount: yuan, not more than what is left.
        settled_on: not earlier than 1 December of the year, not later than today.

    Raises:
        BusinessError: ``没有登记：…``.
    """
    what, year = "没有登记", line.fiscal_year
    texts_storable(what, document_number, reason)
    if not date(year.year, 12, 1) <= settled_on <= today_of(now):
        raise refuse(what, f"年末结余在 {year.year}年12月1日以后处理，日期也不能晚于今天", field="settled_on")
    if year.state not in (YearState.APPROVED, YearState.CLOSED):
        raise refuse(what, "预算还没有批复，没有结余可以处理", code="blocked")
    row = YearEndBalance(
        line=line, kind=kind, amount=amount, document_number=document_number.strip(), settled_on=settled_on,
        reason=reason.strip(), by=by, at=now,
    )  # fmt: skip
    with writing(what):
        SpendingLine.objects.select_for_update(no_key=True).get(pk=line.pk)
        left = spending_lines(year).get(pk=line.pk).left  # type: ignore[attr-defined]
        if amount > left:
            raise refuse(what, f"“{line}”还剩 {yuan(left)}，不够 {yuan(amount)}，请核对金额", field="amount")
        checked(row, what)
        row.save(force_insert=True)
        told(what="settle", obj=row, by=by, now=now, address=address, amount=amount)
    return row


def settle_reverse(
    *, balance: YearEndBalance, reversed_on: date, reason: str, by: User, now: datetime, address: str = ""
) -> YearEndBalance:
    """Take back a year-end balance.

    Raises:
        BusinessError: ``没有冲销：…``; carried money that the next year has taken as income stays.
    """
    what = "没有冲销"
    texts_storable(what, reason)
    if len(reason.strip()) < 4:
        raise refuse(what, "请写明理由，至少四个字", field="reason")
    if not balance.settled_on <= reversed_on <= today_of(now):
        raise refuse(what, f"冲销日期应在 {balance.settled_on:%Y-%m-%d} 至今天之间", field="reversed_on")
    back = YearEndBalance(
        line_id=balance.line_id, kind=balance.kind, amount=-balance.amount, document_number=balance.document_number,
        settled_on=reversed_on, reason=reason.strip(), reversal_of=balance, by=by, at=now,
    )  # fmt: skip
    with writing(what):
        SpendingLine.objects.select_for_update(no_key=True).get(pk=balance.line_id)
        if balance.reversal_of_id or YearEndBalance.objects.filter(reversal_of=balance).exists():
            raise refuse(what, "这一笔已经冲销过，或者本身就是冲销", code="blocked")
        if balance.kind == YearEndBalance.Kind.CARRIED and _taken(balance):
            raise refuse(what, "下一年度的预算已经把这笔结转列为收入，不能再冲销", code="blocked")
        back.save(force_insert=True)
        told(what="settle_reverse", obj=back, by=by, now=now, address=address, amount=back.amount)
    return back


def _taken(balance: YearEndBalance) -> bool:
    year = balance.line.fiscal_year
    return IncomeLine.objects.filter(
        fiscal_year__unit_id=year.unit_id, fiscal_year__year=year.year + 1, source=IncomeSource.CARRY_OVER,
        functional_id=balance.line.functional_id, initial_amount__gt=0,
    ).exists()  # fmt: skip


def carry_over_take(*, year: FiscalYear, by: User, now: datetime, address: str = "") -> list[IncomeLine]:
    """Make what the year before carried over (结转下年) income of this year's draft (上年结转资金).

    A program that goes on has the same money as a part of its own. Safe to run again: the lines are set, not added to.

    Args:
        year: while it is drafting.

    Returns:
        The unit's lines, one a functional subject.

    Raises:
        BusinessError: ``没有列入结转：…``; nothing was carried over, or the year is not drafting any more.
    """
    what = "没有列入结转"
    if year.state != YearState.DRAFTING:
        raise refuse(what, "预算已经提交或批复，请改用预算调整登记", code="blocked")
    rows = YearEndBalance.objects.filter(
        kind=YearEndBalance.Kind.CARRIED, line__fiscal_year__unit_id=year.unit_id, line__fiscal_year__year=year.year - 1
    ).values_list("line__functional_id", "line__program_year__program_id", "amount")
    whole: dict[int, Decimal] = {}
    parts: dict[tuple[int, int], Decimal] = {}
    for functional, program, amount in rows:
        whole[functional] = whole.get(functional, Decimal(0)) + amount
        if program:
            parts[program, functional] = parts.get((program, functional), Decimal(0)) + amount
    if not any(whole.values()):
        raise refuse(what, f"{year.year - 1} 年度还没有登记“结转下年”的结余", code="blocked")
    with writing(what):
        made = [_carried(year, None, functional, amount) for functional, amount in whole.items() if amount]
        running = {one.program_id: one for one in ProgramYear.objects.filter(fiscal_year=year)}
        for (program, functional), amount in parts.items():
            if amount and program in running:
                _carried(year, running[program], functional, amount)
        told(what="carry_over", obj=year, by=by, now=now, address=address, amount=sum(whole.values()))
    return made


def _carried(year: FiscalYear, program: ProgramYear | None, functional: int, amount: Decimal) -> IncomeLine:
    line, _ = IncomeLine.objects.update_or_create(
        fiscal_year=year, source=IncomeSource.CARRY_OVER, program_year=program, functional_id=functional,
        defaults={"initial_amount": amount},
    )  # fmt: skip
    return line
