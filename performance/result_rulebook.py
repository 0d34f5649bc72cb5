"""From which result on the next application has to say what became of it; dated, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ResultRule:
    """A rule since a year.

    Args:
        first_year: of the evaluated year; rate: per cent, below it the use is told; grades: the same.
        basis: where it comes from.
    """

    first_year: int
    rate: Decimal
    grades: tuple[str, ...]
    basis: str


# That results count in the next budget is law (预算法第三十二条、第五十七条; 中发〔2018〕34号: 低效无效资金一律削减或
# 取消); from which rate on the center asks is its own decision (docs/decisions.md).
RULES = (
    ResultRule(
        2000, Decimal(80), ("中", "差"), "预算法第三十二条、第五十七条；财预〔2020〕10号；执行率80%为本中心规定"
    ),
)


def rule_of(year: int) -> ResultRule:
    """The rule for the results of a year."""
    return next(one for one in reversed(RULES) if one.first_year <= year)
