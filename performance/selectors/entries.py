"""Lists of entries: filtered, paged, summed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from performance.models import FiscalYear, IncomeEntry, SpendingEntry, SpendingLine

PAGE = 50
HEADS = (
    "登记号", "支付日期", "金额（元）", "支出类别", "项目", "支出明细", "功能科目", "经济科目", "用途", "资金投向",
    "收款人", "凭证号", "支付单号", "特别批准", "冲销第几号", "冲销理由", "登记人", "登记时间",
)  # fmt: skip


@dataclass(frozen=True)
class EntryQuery:
    """Filters of the list; what is empty does not filter.

    Args:
        category: of SpendingLine.Category; program: number of a ProgramYear; line: of a SpendingLine.
        words: in purpose, payee, voucher or payment number; month: 1 to 12; only: ``reversed`` or ``special``.
        after: place of the last row of the page before (``day~number``).
    """

    category: str = ""
    program: int = 0
    line: int = 0
    words: str = ""
    month: int = 0
    only: str = ""
    after: str = ""

    @property
    def filtered(self) -> bool:
        """Whether anything but the page was chosen."""
        return bool(self.category or self.program or self.line or self.words or self.month or self.only)


def entry_rows() -> QuerySet[SpendingEntry]:
    """Entries with everything that a list shows."""
    return SpendingEntry.objects.select_related(
        "line__functional", "line__economic", "line__program_year__program", "line__program_year__fiscal_year",
        "expense_line", "approval", "by", "reversal_of", "reversal", "fiscal_year",
    )  # fmt: skip


def entries_of(year: FiscalYear, query: EntryQuery) -> QuerySet[SpendingEntry]:
    """The year's entries that the filters leave, newest first."""
    rows = entry_rows().filter(fiscal_year=year)
    if query.category:
        rows = rows.filter(line__category=query.category)
    if query.program:
        rows = rows.filter(line__program_year=query.program)
    if query.line:
        rows = rows.filter(line=query.line)
    if query.month:
        rows = rows.filter(spent_on__month=query.month)
    if query.words:
        rows = rows.filter(
            Q(purpose__icontains=query.words) | Q(payee__icontains=query.words)
            | Q(voucher_number__icontains=query.words) | Q(payment_number__icontains=query.words)
        )  # fmt: skip
    if query.only == "reversed":
        rows = rows.filter(Q(reversal_of__isnull=False) | Q(reversal__isnull=False))
    if query.only == "special":
        rows = rows.filter(approval__isnull=False)
    return rows.order_by("-spent_on", "-id")


def entries_page(year: FiscalYear, query: EntryQuery) -> tuple[list[SpendingEntry], str]:
    """One page and the place of the next, empty when there is none.

    Raises:
        ValueError: the place is none.
    """
    rows = entries_of(year, query)
    if query.after:
        day_text, _, number = query.after.partition("~")
        day = date.fromisoformat(day_text)
        if not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise ValueError(query.after)
        rows = rows.filter(Q(spent_on__lt=day) | Q(spent_on=day, pk__lt=int(number)))
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{more.spent_on.isoformat()}~{more.pk}" if more else ""


def entries_sum(year: FiscalYear, query: EntryQuery) -> tuple[int, Decimal]:
    """How many entries the filters leave, and what they come to (yuan)."""
    found = entries_of(year, query).order_by().aggregate(count=Count("pk"), all=Sum("amount"))
    return int(found["count"]), Decimal(found["all"] or 0)


def entry_cells(rows: QuerySet[SpendingEntry]) -> Iterator[tuple[Any, ...]]:
    """The rows of the Excel file, HEADS above them; amounts as numbers, so that they can be summed."""
    for one in rows.iterator(chunk_size=1000):
        line: SpendingLine = one.line
        yield (
            one.pk, f"{one.spent_on:%Y-%m-%d}", one.amount, line.get_category_display(),
            str(line.program_year.program) if line.program_year else "", str(one.expense_line or ""),
            str(line.functional), str(line.economic), one.purpose, one.get_used_for_display(), one.payee,
            one.voucher_number, one.payment_number, one.approval_id or "", one.reversal_of_id or "", one.reason,
            str(one.by), one.at,
        )  # fmt: skip


def income_entries_of(year: FiscalYear) -> QuerySet[IncomeEntry]:
    """The year's income entries, newest first, with what a list shows."""
    return IncomeEntry.objects.filter(fiscal_year=year).select_related(
        "line__functional", "line__program_year__program", "by", "reversal_of", "reversal"
    )
