"""Dated legal parameters of the audit app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Retention:
    """How long records are kept at least, in calendar months, by which article, from which day on."""

    months: int
    article: str
    in_force_from: date


# 留存相关的网络日志不少于六个月
NETWORK_LOGS = (Retention(6, "网络安全法 第二十一条第三项", date(2017, 6, 1)),)


def network_log_retention(*, on: date) -> Retention:
    """The rule in force on a day (the first one before any was in force)."""
    return max(
        (r for r in NETWORK_LOGS if r.in_force_from <= on), key=lambda r: r.in_force_from, default=NETWORK_LOGS[0]
    )


def months_before(moment: datetime, months: int) -> datetime:
    """The same moment so many calendar months earlier; the month's last day where there is no such day."""
    count = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(moment.day, moment.day - 4, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
