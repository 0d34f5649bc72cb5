"""Sums of weights against a scheme: exact, in points of 100."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

WHOLE = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True)
class GroupSum:
    """A group of level 1: what the scheme gives it (None: it has no such group), what its indicators carry."""

    level1: str
    wanted: Decimal | None
    found: Decimal
    count: int

    @property
    def fits(self) -> bool:
        """Whether the indicators carry just what the scheme gives."""
        return self.wanted is not None and self.wanted == self.found

    @property
    def words(self) -> str:
        """What is wrong, a phrase; empty when it fits."""
        if self.wanted is None:
            return "评分方案没有这一组"
        gap = self.wanted - self.found
        return "" if not gap else f"还差 {decimal(gap)} 分" if gap > 0 else f"多出 {decimal(-gap)} 分"


def decimal(value: Decimal) -> str:
    """Points without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def group_sums(groups: Sequence[tuple[str, Decimal]], indicators: Iterable[tuple[str, Decimal]]) -> list[GroupSum]:
    """The sum of each group, in the order of the scheme, then groups that the scheme does not have.

    Args:
        groups: names of level 1 with the scheme's weights.
        indicators: name of level 1 and weight each.
    """
    rows = list(indicators)
    wanted = dict(groups)
    names = [*wanted, *dict.fromkeys(name for name, _ in rows if name not in wanted)]
    return [
        GroupSum(
            name, wanted.get(name), sum((weight for level1, weight in rows if level1 == name), ZERO),
            sum(level1 == name for level1, _ in rows),
        )
        for name in names
    ]  # fmt: skip


def weight_faults(funds_weight: Decimal, sums: Sequence[GroupSum]) -> list[str]:
    """Why the weights are not as they must be: sentences without a full stop."""
    found = [
        f"“{one.level1}”共 {decimal(one.found)} 分，"
        + (one.words if one.wanted is None else f"方案是 {decimal(one.wanted)} 分，{one.words}")
        for one in sums
        if not one.fits
    ]
    total = funds_weight + sum((one.found for one in sums), ZERO)
    if total != WHOLE:
        found.append(f"连同预算执行率 {decimal(funds_weight)} 分，合计 {decimal(total)} 分，应是 100 分")
    return found
