"""Failed logins as a page shows them: summed by address, and a bar for each hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from audit.failures import login_failures_between
from audit.models import LoginFailure
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
    """A day's failed logins: the day and its neighbours, bars of the hours, sums by address, the single minutes."""

    day: date
    before: date
    after: date | None
    total: int
    bars: list[Bar]
    addresses: list[tuple[str, int, int]]
    minutes: list[LoginFailure]


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


def _bars(found: list[LoginFailure]) -> list[Bar]:
    hours = [0] * 24
    for row in found:
        hours[row.minute.astimezone(SHANGHAI).hour] += row.count
    highest = max(hours) or 1
    return [Bar(f"{hour:02} 时", count, -(-count * 100 // highest)) for hour, count in enumerate(hours)]


def _by_address(found: list[LoginFailure]) -> list[tuple[str, int, int]]:
    """(address, failures, different names tried), most failures first."""
    counts: dict[str, int] = {}
    names: dict[str, set[str]] = {}
    for row in found:
        counts[row.address] = counts.get(row.address, 0) + row.count
        names.setdefault(row.address, set()).update(row.names)
    return sorted(((a, n, len(names[a])) for a, n in counts.items()), key=lambda one: (-one[1], one[0]))


def failure_day(day: date, *, now: datetime) -> FailureDay:
    """Everything the page shows of a day, in one query."""
    begin = datetime.combine(day, time.min, SHANGHAI)
    found = login_failures_between(begin=begin, end=begin + timedelta(days=1))
    today = now.astimezone(SHANGHAI).date()
    return FailureDay(
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today else None,
        total=sum(row.count for row in found),
        bars=_bars(found),
        addresses=_by_address(found),
        minutes=found,
    )
