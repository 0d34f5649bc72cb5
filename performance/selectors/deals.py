"""Reads of deal figures: the newest of each category, sums and shares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from performance.measures import deals_of
from performance.models import DealFigure, FiscalYear
from performance.scoring.form import half_up
from performance.selectors.money import ZERO

YI = 100_000_000


def in_yi(amount: Decimal) -> Decimal:
    """亿元 with two decimals, half up."""
    return half_up(Fraction(amount) / YI)


@dataclass(frozen=True)
class DealRow:
    """A category: its figure (None: nobody gave one), 亿元, share of the amount per cent, and of the bars' length."""

    category: str
    label: str
    figure: DealFigure | None
    yi: Decimal | None
    share: Decimal | None
    length: int


@dataclass(frozen=True)
class DealSums:
    """A year's deals. ``difference``: the sum in 亿元 less that of the rounded parts, where it is not 0."""

    rows: list[DealRow]
    deal_count: int
    amount: Decimal
    yi: Decimal
    difference: Decimal
    complete: bool


def deal_sums(fiscal_year: FiscalYear) -> DealSums:
    """The newest figures of a year; one query, and one for the year."""
    found = {one.category: one for one in deals_of(fiscal_year.year, fiscal_year.unit_id)}
    amount = sum((one.amount for one in found.values()), ZERO)
    highest = max((one.amount for one in found.values()), default=ZERO)
    rows = []
    for value, label in DealFigure.Category.choices:
        one = found.get(value)
        share = half_up(Fraction(one.amount) * 100 / Fraction(amount)) if one and amount else None
        length = int(one.amount * 100 / highest) if one and highest else 0
        rows.append(DealRow(value, str(label), one, in_yi(one.amount) if one else None, share, length))
    parts = sum((row.yi for row in rows if row.yi is not None), ZERO)
    return DealSums(
        rows, sum(one.deal_count for one in found.values()), amount, in_yi(amount), in_yi(amount) - parts,
        len(found) == len(rows),
    )  # fmt: skip


def deals_history(fiscal_year: FiscalYear, category: str) -> list[DealFigure]:
    """Every figure that a category ever had in a year, the newest first."""
    rows = DealFigure.objects.filter(fiscal_year=fiscal_year, category=category)
    return list(rows.select_related("by", "file").order_by("-id"))
