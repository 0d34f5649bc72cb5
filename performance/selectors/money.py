"""What money came to: initial, adjusted, executed, left; every sum is the database's, in yuan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from performance.models import (
    BudgetAdjustment,
    BudgetUnit,
    ExpenseLine,
    FiscalYear,
    IncomeEntry,
    IncomeLine,
    ProgramYear,
    SpendingEntry,
    SpendingLine,
    YearEndBalance,
)

ZERO = Decimal("0.00")
_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=2)


def sum_of(rows: QuerySet[Any], key: str) -> Coalesce:
    """The sum of ``amount`` of the rows of the outer row."""
    found = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(all=Sum("amount")).values("all")
    return Coalesce(Subquery(found, output_field=_MONEY), Value(ZERO, output_field=_MONEY))


def spending_lines(year: FiscalYear | None = None, program: ProgramYear | None = None) -> QuerySet[SpendingLine]:
    """Lines with ``adjusted``, ``executed``, ``settled`` (returned or carried over) and ``left`` (all yuan)."""
    rows = SpendingLine.objects.select_related("functional", "economic", "program_year__program")
    if year is not None:
        rows = rows.filter(fiscal_year=year)
    if program is not None:
        rows = rows.filter(program_year=program)
    return rows.annotate(
        adjusted=F("initial_amount") + sum_of(BudgetAdjustment.objects.all(), "spending_line"),
        executed=sum_of(SpendingEntry.objects.all(), "line"),
        settled=sum_of(YearEndBalance.objects.all(), "line"),
    ).annotate(left=F("adjusted") - F("executed") - F("settled"))


def income_lines(year: FiscalYear | None = None, program: ProgramYear | None = None) -> QuerySet[IncomeLine]:
    """Lines with ``adjusted`` and ``received`` (yuan). Lines of a program are parts of it, not of the unit's income."""
    rows = IncomeLine.objects.select_related("functional", "program_year__program")
    if year is not None:
        rows = rows.filter(fiscal_year=year)
    if program is not None:
        rows = rows.filter(program_year=program)
    return rows.annotate(
        adjusted=F("initial_amount") + sum_of(BudgetAdjustment.objects.all(), "income_line"),
        received=sum_of(IncomeEntry.objects.all(), "line"),
    )


def expense_lines(program: ProgramYear) -> QuerySet[ExpenseLine]:
    """A program's expense lines with ``adjusted`` (None where there is no budget of their own) and ``executed``."""
    return expense_sums(program.expense_lines.all())


def expense_sums(rows: QuerySet[ExpenseLine]) -> QuerySet[ExpenseLine]:
    """Expense lines of any programs with the same sums."""
    return rows.annotate(
        adjusted=F("initial_amount") + sum_of(BudgetAdjustment.objects.all(), "expense_line"),
        executed=sum_of(SpendingEntry.objects.all(), "expense_line"),
    )


@dataclass(frozen=True)
class Totals:
    """Sums of some lines, yuan."""

    initial: Decimal = ZERO
    adjusted: Decimal = ZERO
    executed: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What of the adjusted budget was not spent."""
        return self.adjusted - self.executed


def totals(lines: Iterable[Any], done: str = "executed") -> Totals:
    """The sums of annotated lines; ``done`` names what was executed (``received`` for income)."""
    rows = list(lines)
    return Totals(
        sum((row.initial_amount for row in rows), ZERO),
        sum((row.adjusted for row in rows), ZERO),
        sum((getattr(row, done) for row in rows), ZERO),
    )


def home_unit() -> BudgetUnit | None:
    """The center itself, or None before it was set up."""
    return BudgetUnit.objects.filter(is_home=True).first()
