"""How often a site must bring something new: rules for government sites as data, with source and date.

A change is a further line with a later ``in_force_from``, never an edit of an old one.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.moments import SHANGHAI

HOME = "home"


@dataclass(frozen=True)
class Freshness:
    """One rule.

    Args:
        pace: of ``Column.Pace``, or ``home``.
        name: what must be renewed, in Chinese.
        days, months: within which time; one of them is 0.
        source: the document.
        in_force_from: first day on which the rule holds.
    """

    pace: str
    name: str
    days: int
    months: int
    source: str
    in_force_from: date

    @property
    def words(self) -> str:
        """``2周`` or ``6个月``."""
        return f"{self.months}个月" if self.months else f"{self.days // 7}周"

    def is_late(self, newest: datetime, now: datetime) -> bool:
        """Whether what is from ``newest`` is too old at ``now``; days are those of Asia/Shanghai."""
        today = now.astimezone(SHANGHAI).date()
        earliest = months_before(today, self.months) if self.months else today - timedelta(days=self.days)
        return newest.astimezone(SHANGHAI).date() < earliest


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier; the last day of the month where there is no such day (民法典第二百零二条)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


_SURVEY = "国办发〔2015〕15号附件《全国政府网站普查评分表》单项否决指标"
_SURVEY_FROM = date(2015, 3, 1)
_RULES = (
    Freshness(HOME, "首页", 14, 0, _SURVEY, _SURVEY_FROM),
    Freshness("news", "动态、要闻类栏目", 14, 0, _SURVEY, _SURVEY_FROM),
    Freshness("notice", "通知公告、政策文件类栏目", 0, 6, _SURVEY, _SURVEY_FROM),
)
FRESHNESS = _RULES


def freshness_of(pace: str, day: date) -> Freshness | None:
    """The rule for a pace that holds on ``day``, or None."""
    found = [rule for rule in _RULES if rule.pace == pace and rule.in_force_from <= day]
    return max(found, key=lambda rule: rule.in_force_from, default=None)
