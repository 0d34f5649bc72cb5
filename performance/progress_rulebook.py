"""When spending lags behind its plan: the center's own measure, dated, in one place.

财预〔2019〕136号 《中央部门预算绩效运行监控管理暂行办法》 has budgets watched for both the progress of the goals and
that of the spending, and deviations corrected in time; it sets no figure. The figures below are the center's own
decision (docs/decisions.md); a new one is another row with its first year.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# The month before is asked about from this day on, when its payments are entered.
ASK_FROM_DAY = 5
# How long an office has for its answer.
ANSWER_WORKDAYS = 5
OVERDUE_EVERY_DAYS = 7


@dataclass(frozen=True)
class LagRule:
    """From a year on: shares of the planned sum, in per cent.

    Args:
        behind: less than this lags; ahead: more than this is ahead of its plan.
    """

    first_year: int
    behind: Decimal
    ahead: Decimal
    source: str

    @property
    def words(self) -> str:
        """The rule as the page tells it."""
        return (
            f"截至月末累计支出不到累计计划的 {self.behind}% 为滞后，超过 {self.ahead}% 为超前，其余为正常"
            f"（自 {self.first_year} 年起，{self.source}）"
        )


RULES = (LagRule(2000, Decimal(80), Decimal(120), "本中心预算绩效管理约定"),)

BEHIND, ON_TIME, AHEAD, UNPLANNED = "滞后", "正常", "超前", "没有计划"


def rule_of(year: int) -> LagRule:
    """The rule that holds in a year."""
    return max((rule for rule in RULES if rule.first_year <= year), key=lambda rule: rule.first_year, default=RULES[0])


def pace_of(planned: Decimal | None, spent: Decimal, rule: LagRule) -> str:
    """The word for what was spent against what was planned so far (both yuan; None: there is no plan)."""
    if planned is None:
        return UNPLANNED
    if not planned:
        return AHEAD if spent > 0 else ON_TIME
    if spent * 100 < planned * rule.behind:
        return BEHIND
    return AHEAD if spent * 100 > planned * rule.ahead else ON_TIME
