"""Failed logins as a page shows them: summed by address, and a bar for each hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from audit.failures import FailureSums, login_failure_sums
from core.errors import BusinessError
from core.moments import SHANGHAI


@dataclass(frozen=True)
class Bar:
    """An hour: its label, its number, and how long its bar is, of 100."""

    label: str
    count: int
    length: int


@dataclass(frozen=True)
class FailureDay:
    """A day's failed logins: the day and its neighbours, bars of the hours, the sums."""

    day: date
    before: date
    after: date | None
    total: int
    bars: list[Bar]
    sums: FailureSums


def day_read(text: str, *, today: date) -> date:
    """The day that an address names; today when it names none.

    Raises:
        BusinessError: ``bad_date``.
    """
    if not text:
        return today
    try:
        day = date.fromisoformat(text) if len(text) == 10 else date.max
    except ValueError:
        day = date.max
    if not date(2000, 1, 1) <= day <= today:
        raise BusinessError("日期应写成 2026-03-02 这样，并且不晚于今天。", "bad_date")
    return day


def _bars(hours: dict[int, int]) -> list[Bar]:
    highest = max(hours.values(), default=1)
    return [Bar(f"{h:02} 时", hours.get(h, 0), -(-hours.get(h, 0) * 100 // highest)) for h in range(24)]


def failure_day(day: date, *, now: datetime) -> FailureDay:
    """Everything the page shows of a day, in four queries."""
    begin = datetime.combine(day, time.min, SHANGHAI)
    sums = login_failure_sums(begin=begin, end=begin + timedelta(days=1))
    today = now.astimezone(SHANGHAI).date()
    return FailureDay(
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today else None,
        total=sum(sums.hours.values()),
        bars=_bars(sums.hours),
        sums=sums,
    )
