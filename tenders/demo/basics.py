"""What the demonstration builders count with: numbers from a key, working days, amounts as notices write them.

Days are proleptic ordinals (``date.toordinal``): integers are what makes a million announcements quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15

# First day of the lunar year; beyond the table the middle of its range stands in.
_LUNAR_NEW_YEAR = {
    2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1),
    2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
    2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
_DRAGON_BOAT = {
    2016: (6, 9), 2017: (5, 30), 2018: (6, 18), 2019: (6, 7), 2020: (6, 25), 2021: (6, 14), 2022: (6, 3),
    2023: (6, 22), 2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16),
    2030: (6, 5), 2031: (6, 24), 2032: (6, 12), 2033: (6, 1), 2034: (6, 20), 2035: (6, 10),
}  # fmt: skip
_MID_AUTUMN = {
    2016: (9, 15), 2017: (10, 4), 2018: (9, 24), 2019: (9, 13), 2020: (10, 1), 2021: (9, 21), 2022: (9, 10),
    2023: (9, 29), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22),
    2030: (9, 12), 2031: (10, 1), 2032: (9, 19), 2033: (9, 8), 2034: (9, 27), 2035: (9, 16),
}  # fmt: skip
# A one-day holiday is joined to the weekend: which neighbours are off, by its weekday (Monday is 0).
_JOINED = {0: (0,), 1: (-1, 0), 2: (0,), 3: (0, 1), 4: (0,), 5: (0, 2), 6: (0, 1)}


class Stream:
    """Numbers from a key, always the same ones (splitmix64).

    Args:
        key: any integer; neighbouring keys give unrelated streams.
    """

    __slots__ = ("state",)

    def __init__(self, key: int) -> None:
        self.state = (key * 0xD1342543DE82EF95 + _GAMMA) & _MASK
        self.next()

    def next(self) -> int:
        """The next 64 bits, as an integer."""
        self.state = z = (self.state + _GAMMA) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def pick(self, of: Sequence[T]) -> T:
        """One of ``of``, each as likely."""
        return of[self.next() % len(of)]

    def span(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + self.next() % (high - low + 1)

    def often(self, percent: int) -> bool:
        """True ``percent`` times in a hundred."""
        return self.next() % 100 < percent

    def log(self, low: float, high: float) -> float:
        """A number between the two, its logarithm evenly spread: small amounts are common, large ones rare."""
        return low * (high / low) ** ((self.next() >> 11) / 9007199254740992.0)


@cache
def _holidays(year: int) -> frozenset[int]:
    """Weekdays off in that year, as ordinals: the yearly notice's usual blocks, made-up working Saturdays ignored."""
    first = date(year, *_LUNAR_NEW_YEAR.get(year, (2, 5))).toordinal()
    off = set(range(first - 2, first + 8))
    for month, start, end in ((1, 1, 3), (4, 4, 6), (5, 1, 5), (10, 1, 8)):
        off.update(date(year, month, day).toordinal() for day in range(start, end + 1))
    for table, usual in ((_DRAGON_BOAT, (6, 10)), (_MID_AUTUMN, (9, 20))):
        day = date(year, *table.get(year, usual))
        off.update(day.toordinal() + step for step in _JOINED[day.weekday()])
    return frozenset(off)


@cache
def is_workday(day: int) -> bool:
    """Whether offices are open: a weekday outside the holidays."""
    return (day - 1) % 7 < 5 and day not in _holidays(date.fromordinal(day).year)


def workday(day: int) -> int:
    """The day itself if offices are open, else the next one on which they are."""
    while not is_workday(day):
        day += 1
    return day


def after(day: int, count: int) -> int:
    """The ``count``-th working day after ``day`` (the day itself is not counted: 民法典第二百零一条)."""
    for _ in range(count):
        day = workday(day + 1)
    return day


def before(day: int) -> int:
    """The last working day before ``day``."""
    day -= 1
    while not is_workday(day):
        day -= 1
    return day


@cache
def cn(day: int) -> str:
    """``2026年3月2日``."""
    d = date.fromordinal(day)
    return f"{d.year}年{d.month}月{d.day}日"


@cache
def iso(day: int) -> str:
    """``2026-03-02``."""
    return date.fromordinal(day).isoformat()


@cache
def month(day: int) -> str:
    """``2026年3月``."""
    d = date.fromordinal(day)
    return f"{d.year}年{d.month}月"


@cache
def year(day: int) -> int:
    """The calendar year of the day."""
    return date.fromordinal(day).year


def yuan(cents: int) -> str:
    """``1,234,567.00元`` from cents."""
    return f"{cents // 100:,}.{cents % 100:02d}元"


def plain(cents: int) -> str:
    """``1234567.00`` from cents, for structured fields."""
    return f"{cents // 100}.{cents % 100:02d}"


def wan(cents: int) -> str:
    """``123.46`` (万元) from cents, halves up as the offices count."""
    hundredths = (cents + 5_000) // 10_000
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"
