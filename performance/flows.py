"""Money month by month, without the database: planned, spent, budget; rates, gaps and two forecasts. Yuan, exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from itertools import accumulate

from performance.amounts import percent
from performance.progress_rulebook import LagRule, pace_of
from performance.scoring.form import half_up

ZERO = Decimal("0.00")
Year = tuple[Decimal, ...]
NOTHING: Year = (ZERO,) * 12


def year_sum(rows: Iterable[Year]) -> Year:
    """Twelve sums."""
    found = list(rows)
    return tuple(sum((row[place] for row in found), ZERO) for place in range(12))


@dataclass(frozen=True)
class Flow:
    """One year of one budget.

    Args:
        planned: what is to be spent in each month; None: nobody planned it, which is not zero.
        spent: what was; reversals count in their month.
        budget: the adjusted budget as it stood at the end of each month.
        whole: False where parts of it have no plan: then ``planned`` is that of the others.
    """

    planned: Year | None
    spent: Year
    budget: Year
    whole: bool = True

    def planned_to(self, month: int) -> Decimal | None:
        """Planned from January to the end of ``month``; None without a plan."""
        return None if self.planned is None else sum(self.planned[:month], ZERO)

    def spent_to(self, month: int) -> Decimal:
        """Spent from January to the end of ``month``."""
        return sum(self.spent[:month], ZERO)

    def budget_at(self, month: int) -> Decimal:
        """The adjusted budget at the end of ``month``."""
        return self.budget[month - 1]

    def rate_at(self, month: int) -> Decimal | None:
        """Spent so far of the adjusted budget at the month's end, per cent with two decimals."""
        return percent(self.spent_to(month), self.budget_at(month))

    def plan_rate_at(self, month: int) -> Decimal | None:
        """Planned so far of the adjusted budget."""
        planned = self.planned_to(month)
        return None if planned is None else percent(planned, self.budget_at(month))

    def comparable_plan(self, month: int) -> Decimal | None:
        """Planned so far where the plan is of the whole, else None: parts are not compared with the whole."""
        return self.planned_to(month) if self.whole else None

    def gap_at(self, month: int) -> Decimal | None:
        """Spent less planned so far; None where that cannot be compared."""
        planned = self.comparable_plan(month)
        return None if planned is None else self.spent_to(month) - planned

    def pace_at(self, month: int, rule: LagRule) -> str:
        """滞后, 正常, 超前 or 没有计划."""
        return pace_of(self.comparable_plan(month), self.spent_to(month), rule)

    def forecast_even(self, month: int) -> Decimal:
        """全年 by the pace of the months gone by: spent ÷ months × 12, half up to the fen."""
        return half_up(Fraction(self.spent_to(month)) / month * 12)

    def forecast_plan(self, month: int) -> Decimal | None:
        """全年 when the rest goes as planned: spent + planned of the months to come."""
        if self.planned is None or not self.whole:
            return None
        return self.spent_to(month) + sum(self.planned[month:], ZERO)


def flows_sum(flows: Iterable[Flow]) -> Flow:
    """Several budgets as one; its plan is whole when each of those with a budget or spending has one."""
    found = list(flows)
    planned = [one.planned for one in found if one.planned is not None]
    bare = [one for one in found if one.planned is None and (any(one.budget) or any(one.spent))]
    return Flow(
        year_sum(planned) if planned else None, year_sum(one.spent for one in found),
        year_sum(one.budget for one in found), not bare and all(one.whole for one in found),
    )  # fmt: skip


def budgets(initial: Decimal, changes: Iterable[tuple[int, Decimal]]) -> Year:
    """The adjusted budget at the end of each month.

    Args:
        changes: (month from which it counts, yuan); 0 and less is before the year, 13 and more after it.
    """
    moved = [ZERO] * 12
    for month, amount in changes:
        moved[max(1, min(month, 12)) - 1] += amount
    return tuple(initial + moved_so_far for moved_so_far in accumulate(moved))


def even(amount: Decimal) -> Year:
    """Twelve equal parts, exact to the fen; the last has the rest."""
    each = (max(amount, ZERO) / 12).quantize(Decimal("0.01"), ROUND_DOWN)
    return (*(each,) * 11, max(amount, ZERO) - each * 11)
