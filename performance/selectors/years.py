"""The list of budget years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from performance.amounts import percent
from performance.models import BudgetAdjustment, FiscalYear, IncomeLine, SpendingEntry, SpendingLine
from performance.selectors.budget_desk import year_rows
from performance.selectors.money import ZERO


@dataclass(frozen=True)
class YearSums:
    """A year with its sums, yuan; ``rate`` in per cent, None where there is no budget."""

    year: FiscalYear
    income: Decimal
    budget: Decimal
    spent: Decimal
    rate: Decimal | None


def _by_year(rows: object, name: str = "amount") -> dict[int, Decimal]:
    return dict(rows.order_by().values_list("fiscal_year").annotate(all=Sum(name)))  # type: ignore[attr-defined]


def years_with_sums(*, now: datetime) -> list[YearSums]:
    """Every year, newest first; six queries."""
    income = _by_year(IncomeLine.objects.filter(program_year__isnull=True), "initial_amount")
    more = _by_year(BudgetAdjustment.objects.filter(income_line__program_year__isnull=True, income_line__isnull=False))
    budget = _by_year(SpendingLine.objects.all(), "initial_amount")
    changed = _by_year(BudgetAdjustment.objects.filter(spending_line__isnull=False))
    spent = _by_year(SpendingEntry.objects.all())
    found = []
    for year in year_rows(now=now):
        whole = budget.get(year.pk, ZERO) + changed.get(year.pk, ZERO)
        done = spent.get(year.pk, ZERO)
        got = income.get(year.pk, ZERO) + more.get(year.pk, ZERO)
        found.append(YearSums(year, got, whole, done, percent(done, whole)))
    return found
