"""Working days and statutory periods, computed over a calendar that is passed in.

Sources: 民法典 arts 201 and 203 (the day of the event does not count; a last day on a holiday moves on),
招标投标法实施条例 art 21 (a day counted backwards stands where it falls), 全国年节及纪念日放假办法 (the base of
years whose notice has not come yet).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from core.errors import BusinessError
from core.moments import moment_read

Unit = Literal["cd", "wd"]
Direction = Literal["forward", "backward"]

ONE_DAY = timedelta(days=1)
SATURDAY = 5
# Holidays with a fixed date in the solar calendar (month, day): all that is known of a year without a notice.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


def day_read(text: str) -> date:
    """The day meant by a date or a moment.

    Args:
        text: ``YYYY-MM-DD``, or a moment ``YYYY-MM-DD HH:MM[:SS]`` (or with T) without an offset, then of
            Asia/Shanghai, or with one (``Z``, ``+08:00``), then converted to Asia/Shanghai.

    Raises:
        BusinessError: ``bad_date``.
    """
    try:
        return moment_read(text).date()
    except (ValueError, OverflowError):
        raise BusinessError("不是真实的日期，应写成 2026-09-11 或 2026-09-11T09:00+08:00。", "bad_date") from None


@dataclass(frozen=True)
class Calendar:
    """What the yearly notices of the State Council say.

    Args:
        days: every day named by a notice; True where it is a working day (调休), False where it is off.
        years: the years whose own notice is known. A day of another year may still be in ``days``:
            2022-12-31 stands in the notice of 2023.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is a working day: as a notice says, else by weekday and the fixed holidays."""
        named = self.days.get(day)
        if named is not None:
            return named
        if day.weekday() >= SATURDAY:
            return False
        return day.year in self.years or (day.month, day.day) not in FIXED_HOLIDAYS

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a day from ``first`` to ``last``, both included and in either order, has no notice yet."""
        low, high = sorted((first.year, last.year))
        return any(year not in self.years for year in range(low, high + 1))


@dataclass(frozen=True)
class Period:
    """A statutory period.

    Args:
        length: number of days, 1 or more.
        unit: ``cd`` calendar days (日), ``wd`` working days (工作日).
        direction: ``forward`` from the event, ``backward`` for "at least N days before the event".
        roll: a last day that is not a working day moves to the next one; forward periods only.
    """

    length: int
    unit: Unit
    direction: Direction = "forward"
    roll: bool = False

    def __post_init__(self) -> None:
        if self.length < 1 or (self.roll and self.direction == "backward"):
            raise ValueError(f"no such period: {self}")


@dataclass(frozen=True)
class Deadline:
    """A period applied to a day.

    Args:
        start: the day of the event.
        due: the last (or first lawful) day by the letter of the rule.
        practical: ``due``, or the nearest working day after it (forward) or before it (backward).
        skipped: the non-working days passed over by counting or rolling, ascending.
        provisional: a day from ``start`` to ``practical`` lies in a year without a notice.
    """

    start: date
    due: date
    practical: date
    skipped: tuple[date, ...]
    provisional: bool


def workday_on_or_after(day: date, calendar: Calendar) -> date:
    """``day`` when it is a working day, else the next one. Raises OverflowError after 9999-12-31."""
    while not calendar.is_workday(day):
        day += ONE_DAY
    return day


def workday_on_or_before(day: date, calendar: Calendar) -> date:
    """``day`` when it is a working day, else the previous one. Raises OverflowError before 0001-01-01."""
    while not calendar.is_workday(day):
        day -= ONE_DAY
    return day


def _days_from(start: date, step: timedelta) -> Iterator[date]:
    day = start
    while True:
        day += step
        yield day


def _count_workdays(start: date, length: int, step: timedelta, calendar: Calendar) -> tuple[date, list[date]]:
    """Day number ``length`` counted in working days, and the non-working days on the way to it."""
    skipped: list[date] = []
    for day in _days_from(start, step):
        if not calendar.is_workday(day):
            skipped.append(day)
            continue
        length -= 1
        if not length:
            return day, skipped
    raise AssertionError("the days never end")


def _compute(period: Period, start: date, calendar: Calendar) -> Deadline:
    step = ONE_DAY if period.direction == "forward" else -ONE_DAY
    skipped: list[date] = []
    if period.unit == "wd":
        due, skipped = _count_workdays(start, period.length, step, calendar)
    else:
        due = start + period.length * step
    if period.roll:
        counted = due
        due = workday_on_or_after(counted, calendar)
        skipped += [counted + timedelta(days=n) for n in range((due - counted).days)]
    nearest = workday_on_or_after if period.direction == "forward" else workday_on_or_before
    practical = nearest(due, calendar)
    return Deadline(start, due, practical, tuple(sorted(skipped)), calendar.is_provisional(start, practical))


def deadline_compute(period: Period, start: date, calendar: Calendar) -> Deadline:
    """Apply ``period`` to the day ``start``, which itself does not count.

    Raises:
        BusinessError: ``out_of_range`` when the result lies outside the years 1 to 9999.
    """
    try:
        return _compute(period, start, calendar)
    except OverflowError:
        raise BusinessError(
            f"无法推算期限：从 {start.isoformat()} 起算，结果超出公元 1 年至 9999 年，请核对起算日。", "out_of_range"
        ) from None
