"""Writes of income and spending entries: added only, corrected by a reversal of the whole entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.moments import SHANGHAI
from performance.budget_rulebook import held_for_others
from performance.models import (
    EntryPaper,
    ExpenseLine,
    FiscalYear,
    IncomeEntry,
    IncomeLine,
    SpecialApproval,
    SpendingEntry,
    SpendingLine,
    YearState,
)
from performance.selectors.purse import Purse, Wanted
from performance.services.common import checked, refuse, texts_storable, told, writing
from performance.services.files import MOST_FILES, KeptFile

NOT_DONE = "没有登记"


def today_of(now: datetime) -> date:
    """The day of ``now`` in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


def entry_row(year: FiscalYear, wanted: Wanted, *, by: User, now: datetime) -> SpendingEntry:
    """The unsaved row of an entry."""
    return SpendingEntry(
        fiscal_year=year, line_id=wanted.line_id, expense_line_id=wanted.expense_line_id, spent_on=wanted.spent_on,
        amount=wanted.amount, purpose=wanted.purpose, used_for=wanted.used_for, payee=wanted.payee,
        voucher_number=wanted.voucher_number, payment_number=wanted.payment_number, approval_id=wanted.approval_id,
        by=by, at=now,
    )  # fmt: skip


def spending_enter(
    *,
    line: SpendingLine,
    spent_on: date,
    amount: Decimal,
    purpose: str,
    payee: str,
    voucher_number: str,
    by: User,
    now: datetime,
    expense_line: ExpenseLine | None = None,
    used_for: str = SpendingEntry.Use.OWN,
    payment_number: str = "",
    approval: SpecialApproval | None = None,
    papers: Sequence[KeptFile] = (),
    address: str = "",
) -> SpendingEntry:
    """Enter money that was spent.

    Earmarked money outside its purpose, above the balance or before the approval is refused, unless ``approval`` is
    an approved special approval of that kind with enough left (the whole amount counts). Two at once cannot overspend:
    the line is held until the end.

    Args:
        line: what it is charged to; expense_line: the part of the program, or None.
        spent_on: a day of the line's year, not later than today.
        amount: yuan, above zero.
        purpose, payee, voucher_number: in words; money held for others is refused.
        payment_number: the finance bureau's, if any; once a line and year.
        papers: stored before (``files_keep``).

    Raises:
        BusinessError: ``没有登记：…``; ``invalid``, ``blocked``, ``busy``.
    """
    wanted = Wanted(
        line.pk, spent_on, amount, purpose.strip(), payee.strip(), voucher_number.strip(), payment_number.strip(),
        expense_line.pk if expense_line else None, used_for, approval.pk if approval else None,
    )  # fmt: skip
    texts_storable(NOT_DONE, purpose, payee, voucher_number, payment_number)
    with writing(NOT_DONE):
        purse = Purse.open(line.fiscal_year, today=today_of(now), lock=True)
        if reasons := purse.reasons(wanted):
            raise refuse(NOT_DONE, *reasons, code="blocked")
        entry = entry_row(purse.year, wanted, by=by, now=now)
        checked(entry, NOT_DONE)
        entry.save(force_insert=True)
        _papers_write(entry, papers, by=by, now=now)
        told(what="entry_add", obj=entry, by=by, now=now, address=address, amount=amount)
    return entry


def _papers_write(entry: SpendingEntry, papers: Sequence[KeptFile], *, by: User, now: datetime) -> None:
    there = set(entry.papers.values_list("file_id", flat=True))
    new = {one.file.pk: one for one in papers if one.file.pk not in there}
    if len(there) + len(new) > MOST_FILES:
        raise refuse("附件没有保存", f"一笔登记最多 {MOST_FILES} 份附件", code="too_many")
    for one in new.values():
        EntryPaper.objects.create(entry=entry, file=one.file, name=one.name, by=by, at=now)


def entry_papers_add(
    *, entry: SpendingEntry, papers: Sequence[KeptFile], by: User, now: datetime, address: str = ""
) -> None:
    """Add stored files to an entry; a file that it has already is left out.

    Raises:
        BusinessError: ``too_many``.
    """
    with writing("附件没有保存"):
        SpendingLine.objects.select_for_update(no_key=True).get(pk=entry.line_id)
        _papers_write(entry, papers, by=by, now=now)
        told(what="paper_add", obj=entry, by=by, now=now, address=address, count=len(papers))


def _reason_read(reason: str) -> str:
    texts_storable("没有冲销", reason)
    if len(reason.strip()) < 4:
        raise refuse("没有冲销", "请写明理由，至少四个字", field="reason")
    return reason.strip()


def spending_reverse(
    *, entry: SpendingEntry, reversed_on: date, reason: str, by: User, now: datetime, address: str = ""
) -> SpendingEntry:
    """Take back a whole entry by another with the opposite amount; what was entered stays.

    Args:
        reversed_on: a day of the same year, not before the entry's, not later than today.
        reason: at least four characters.

    Raises:
        BusinessError: ``没有冲销：…``.
    """
    said = _reason_read(reason)
    _reversible("没有冲销", entry, entry.spent_on, reversed_on, now)
    back = SpendingEntry(
        fiscal_year_id=entry.fiscal_year_id, line_id=entry.line_id, expense_line_id=entry.expense_line_id,
        spent_on=reversed_on, amount=-entry.amount, purpose=entry.purpose, used_for=entry.used_for, payee=entry.payee,
        voucher_number=entry.voucher_number, payment_number=entry.payment_number, approval_id=entry.approval_id,
        reversal_of=entry, reason=said, by=by, at=now,
    )  # fmt: skip
    with writing("没有冲销"):
        SpendingLine.objects.select_for_update(no_key=True).get(pk=entry.line_id)
        if SpendingEntry.objects.filter(reversal_of=entry).exists():
            raise refuse("没有冲销", "这一笔已经冲销过", code="blocked")
        checked(back, "没有冲销")
        back.save(force_insert=True)
        told(what="entry_reverse", obj=back, by=by, now=now, address=address, amount=back.amount)
    return back


def _reversible(what: str, entry: Any, first: date, day: date, now: datetime) -> None:
    if entry.reversal_of_id:
        raise refuse(what, "这一笔本身就是冲销，需要时请重新登记", code="blocked")
    if not first <= day <= today_of(now) or day.year != first.year:
        raise refuse(what, f"冲销日期应在 {first:%Y-%m-%d} 至今天之间，并在同一年度", field="reversed_on")
    if entry.fiscal_year.state == YearState.CLOSED:
        raise refuse(what, "这个年度的决算已经确认，不能再冲销", code="blocked")


def income_enter(
    *,
    line: IncomeLine,
    received_on: date,
    amount: Decimal,
    summary: str,
    by: User,
    now: datetime,
    voucher_number: str = "",
    address: str = "",
) -> IncomeEntry:
    """Enter money that was received.

    Args:
        received_on: a day of the line's year, not later than today.
        amount: yuan, above zero.
        summary: in words; money held for others is refused.

    Raises:
        BusinessError: ``没有登记：…``.
    """
    texts_storable(NOT_DONE, summary, voucher_number)
    if word := held_for_others(summary):
        raise refuse(
            NOT_DONE, f"“{word}”是替别人保管的钱，不是本单位的收入，不能列在这里；请在保证金台账办理", code="blocked"
        )
    if received_on > today_of(now):
        raise refuse(NOT_DONE, "日期还没有到，请在到账以后登记", field="received_on")
    entry = IncomeEntry(
        fiscal_year_id=line.fiscal_year_id, line=line, received_on=received_on, amount=amount,
        summary=summary.strip(), voucher_number=voucher_number.strip(), by=by, at=now,
    )  # fmt: skip
    with writing(NOT_DONE):
        checked(entry, NOT_DONE)
        entry.save(force_insert=True)
        told(what="income_add", obj=entry, by=by, now=now, address=address, amount=amount)
    return entry


def income_reverse(
    *, entry: IncomeEntry, reversed_on: date, reason: str, by: User, now: datetime, address: str = ""
) -> IncomeEntry:
    """Take back a whole income entry; the reason stands in the summary.

    Raises:
        BusinessError: ``没有冲销：…``.
    """
    said = _reason_read(reason)
    _reversible("没有冲销", entry, entry.received_on, reversed_on, now)
    back = IncomeEntry(
        fiscal_year_id=entry.fiscal_year_id, line_id=entry.line_id, received_on=reversed_on, amount=-entry.amount,
        summary=f"冲销：{said}"[:200], voucher_number=entry.voucher_number, reversal_of=entry, by=by, at=now,
    )  # fmt: skip
    with writing("没有冲销"):
        IncomeLine.objects.select_for_update(no_key=True).get(pk=entry.line_id)
        if IncomeEntry.objects.filter(reversal_of=entry).exists():
            raise refuse("没有冲销", "这一笔已经冲销过", code="blocked")
        back.save(force_insert=True)
        told(what="income_reverse", obj=back, by=by, now=now, address=address, amount=back.amount)
    return back
