"""A budget year on one page: income, spending, programs, months, each with its rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import ExtractMonth

from performance.amounts import percent
from performance.models import FiscalYear, IncomeLine, ProgramYear, SpendingEntry, SpendingLine
from performance.selectors.money import ZERO, Totals, income_lines, spending_lines, totals

LONGEST = 100


@dataclass(frozen=True)
class Part:
    """One row of a table with its bars.

    Args:
        label: in words; sums: yuan; rate: executed of adjusted in per cent, None where there is no budget.
        whole, done: lengths of the bars, of 100.
    """

    label: str
    sums: Totals
    rate: Decimal | None
    whole: int = 0
    done: int = 0
    url: str = ""


@dataclass(frozen=True)
class Month:
    """One column: what was spent in it, and how tall it is, of 100."""

    number: int
    amount: Decimal
    height: int
    x: int = 0
    y: int = 0


def rate_of(sums: Totals) -> Decimal | None:
    """Executed of the adjusted budget, per cent with two decimals (全年执行数 / 全年预算数)."""
    return percent(sums.executed, sums.adjusted)


def _length(amount: Decimal, most: Decimal) -> int:
    return max(0, min(LONGEST, int(amount * LONGEST / most))) if most > 0 else 0


def parts_of(named: Iterable[tuple[str, Totals, str]]) -> list[Part]:
    """Rows with bars, all on one scale."""
    rows = list(named)
    most = max((max(sums.adjusted, sums.executed) for _, sums, _ in rows), default=ZERO)
    return [
        Part(label, sums, rate_of(sums), _length(sums.adjusted, most), _length(sums.executed, most), url)
        for label, sums, url in rows
    ]


def months_of(year: FiscalYear | None = None, program: ProgramYear | None = None) -> list[Month]:
    """What was spent in each of the twelve months; reversals count in theirs. One query."""
    rows = SpendingEntry.objects.filter(fiscal_year=year) if year else SpendingEntry.objects.all()
    if program:
        rows = rows.filter(line__program_year=program)
    sums = dict(
        rows.order_by().annotate(month=ExtractMonth("spent_on")).values_list("month").annotate(all=Sum("amount"))
    )
    most = max(sums.values(), default=ZERO)
    found = []
    for number in range(1, 13):
        amount = sums.get(number, ZERO)
        height = _length(amount, most)
        found.append(Month(number, amount, height, 10 + (number - 1) * 50, 110 - height))
    return found


@dataclass(frozen=True)
class Overview:
    """What the page of a year shows; amounts in yuan."""

    income: list[IncomeLine]
    sources: list[IncomeLine]
    spending: list[SpendingLine]
    income_sums: Totals
    spending_sums: Totals
    categories: list[Part]
    programs: list[Part]
    months: list[Month]

    @property
    def income_rate(self) -> Decimal | None:
        """Received of the adjusted income."""
        return rate_of(self.income_sums)

    @property
    def spending_rate(self) -> Decimal | None:
        """Spent of the adjusted spending."""
        return rate_of(self.spending_sums)

    @property
    def gap(self) -> Decimal:
        """Initial income less initial spending: 0 when the budget is balanced."""
        return self.income_sums.initial - self.spending_sums.initial


def overview_of(year: FiscalYear, *, program_url: Any) -> Overview:
    """Everything of a year; three queries.

    Args:
        program_url: ``(program_year_id) -> str``.
    """
    income = list(income_lines(year))
    own = [line for line in income if line.program_year_id is None]
    spending = list(spending_lines(year))
    by_program: dict[int, list[SpendingLine]] = {}
    for line in spending:
        if line.program_year_id:
            by_program.setdefault(line.program_year_id, []).append(line)
    categories = [
        (str(label), totals([line for line in spending if line.category == value]), "")
        for value, label in SpendingLine.Category.choices
    ]
    programs = [
        (str(lines[0].program_year.program), totals(lines), program_url(number))  # type: ignore[union-attr]
        for number, lines in by_program.items()
    ]
    return Overview(
        own, [line for line in income if line.program_year_id], spending, totals(own, "received"), totals(spending),
        parts_of(one for one in categories if one[1].adjusted or one[1].executed), parts_of(programs), months_of(year),
    )  # fmt: skip
