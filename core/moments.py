"""Moments as people and files write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:[.,]\d{1,9})?"
    r"(?: ?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?))?)?",
    re.IGNORECASE | re.ASCII,
)


def moment_read(text: str) -> datetime:
    """The moment that a text names, in Asia/Shanghai.

    Args:
        text: ``YYYY-MM-DD[ HH:MM[:SS]]``, with a space or T, optionally with an offset (``Z``, ``+08``,
            ``+08:00``). Without an offset it is Asia/Shanghai, a date alone is 00:00; fractions are dropped.

    Raises:
        ValueError: it is none, or no such day.
        OverflowError: it lies outside the years 1 to 9999.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    moment = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}{(found['offset'] or '').upper()}")
    return moment.astimezone(SHANGHAI) if found["offset"] else moment.replace(tzinfo=SHANGHAI)


def day_words(day: date) -> str:
    """``2026年3月2日``; a moment is taken in Asia/Shanghai."""
    local = day.astimezone(SHANGHAI) if isinstance(day, datetime) else day
    return f"{local.year}年{local.month}月{local.day}日"


def minute_words(moment: datetime) -> str:
    """``2026年3月2日 09:00`` in Asia/Shanghai."""
    return f"{day_words(moment)} {moment.astimezone(SHANGHAI):%H:%M}"
