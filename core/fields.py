"""Form fields that the whole house uses: days and moments of our time, names that are what they look like.

A day outside of the years 2000 to 2100 is a slip of the finger. Stored, it does harm: PostgreSQL keeps 0001-01-01
00:00 of Shanghai as a moment before Christ, which Python cannot read back. The database refuses it, too
(core.db.times_checked).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.moments import SHANGHAI
from core.text import first_not_storable, first_not_typed

FIRST_YEAR, LAST_YEAR = 2000, 2100
DAY_FORMATS = ["%Y-%m-%d"]
MINUTE = "%Y-%m-%dT%H:%M"
SECOND = "%Y-%m-%dT%H:%M:%S"
MOMENT_FORMATS = [MINUTE, SECOND, "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
DAY_RANGE = f"日期应在{FIRST_YEAR}年至{LAST_YEAR}年之间，请核对年份。"
MOMENT_RANGE = f"时间应在{FIRST_YEAR}年至{LAST_YEAR}年之间，请核对年份。"
DAY_INVALID = "日期写成 2026-03-02 这样。"
MOMENT_INVALID = "时间写成 2026-03-02 09:00 这样。"
# Controls, zero width, direction marks and overrides (UAX #9), line separators, tags: a name shows none of them.
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
_ANGLES = re.compile(r"[<>]")
PLAIN_HIDDEN = "有看不见的控制字符或改变文字方向的字符，请删去后重写。"
NOT_READ = "有读不出来的字（显示为�），多半是编码不对，请删去后重写。"
PLAIN_ANGLES = "不能含尖括号 < >，请改用书名号《》或者括号。"


class DayInput(forms.DateInput):
    """The browser's own calendar; without one, text."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=DAY_FORMATS[0])


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock; without one, text. ``seconds``: to the second."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None, *, seconds: bool = False) -> None:
        super().__init__({"step": "1", **(attrs or {})} if seconds else attrs, format=SECOND if seconds else MINUTE)


class DayField(forms.DateField):
    """A day of the years 2000 to 2100."""

    def __init__(self, **options: Any) -> None:
        errors = {"invalid": DAY_INVALID, **options.pop("error_messages", {})}
        options.setdefault("widget", DayInput())
        super().__init__(input_formats=DAY_FORMATS, error_messages=errors, **options)

    def to_python(self, value: Any) -> date | None:
        """Raises ValidationError: no day, or out of range."""
        found = super().to_python(value)
        if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValidationError(DAY_RANGE, "out_of_range")
        return found


class MomentField(forms.DateTimeField):
    """A moment of the years 2000 to 2100, Asia/Shanghai; ``seconds``: the browser asks for them, too."""

    def __init__(self, *, seconds: bool = False, **options: Any) -> None:
        errors = {"invalid": MOMENT_INVALID, **options.pop("error_messages", {})}
        options.setdefault("widget", MomentInput(seconds=seconds))
        super().__init__(input_formats=MOMENT_FORMATS, error_messages=errors, **options)

    def to_python(self, value: Any) -> datetime | None:
        """Raises ValidationError: no moment, or out of range."""
        found = super().to_python(value)
        try:
            year = found.astimezone(SHANGHAI).year if found is not None else FIRST_YEAR
        except (OverflowError, ValueError):
            year = 0
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValidationError(MOMENT_RANGE, "out_of_range")
        return found


def not_plain(text: str) -> str:
    """Why ``text`` cannot be a name or a title, a sentence; empty when it can."""
    if "\ufffd" in text:
        return NOT_READ
    return PLAIN_HIDDEN if _HIDDEN.search(text) else PLAIN_ANGLES if _ANGLES.search(text) else ""


def plain(text: str) -> None:
    """A validator for names and titles: what is written is what is seen. Raises ValidationError."""
    if reason := not_plain(text):
        raise ValidationError(reason, "not_plain")


def storable(text: str) -> None:
    """A validator for longer texts: somebody typed it, and the database, a spreadsheet and a feed can hold it.

    Raises ValidationError.
    """
    if first_not_storable(text):
        raise ValidationError("有不能保存的控制字符，请删去后重写。", "not_storable")
    if first_not_typed(text):
        raise ValidationError(NOT_READ, "not_storable")
