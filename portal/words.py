"""Money, times and deadlines in the words of a public page (DESIGN 7)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from core.moments import day_words, minute_words

SHANGHAI = ZoneInfo("Asia/Shanghai")
WAN = Decimal(10000)
CENT = Decimal("0.01")
# Direction marks and controls: seen by nobody, able to reorder a line or to break the page.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


@dataclass(frozen=True)
class Deadline:
    """A deadline as words: ``state`` is one of far, near, past (a css class), ``words`` e.g. 还有3天."""

    state: str
    words: str


def money(amount: Decimal) -> str:
    """``1,234,567.00 元``; yuan, rounded to the fen."""
    return f"{amount.quantize(CENT, ROUND_HALF_UP):,} 元"


def money_wan(amount: Decimal) -> str:
    """``123.46 万元``; amounts below 万 stay in 元."""
    if abs(amount) < WAN:
        return money(amount)
    return f"{(amount / WAN).quantize(CENT, ROUND_HALF_UP):,} 万元"


def published(moment: datetime) -> str:
    """Like ``minute``; midnight sharp is how a source says that it gave the date alone."""
    local = moment.astimezone(SHANGHAI)
    return day_words(moment) if (local.hour, local.minute) == (0, 0) else minute_words(moment)


def machine_time(moment: datetime) -> str:
    """For the datetime attribute: ``2026-03-02T09:00:00+08:00``."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def deadline(moment: datetime, now: datetime) -> Deadline:
    """How long there is until ``moment``, counted in calendar days of Asia/Shanghai."""
    if moment <= now:
        return Deadline("past", "已截止")
    days = (moment.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
    if days <= 1:
        return Deadline("near", "今天截止" if days == 0 else "明天截止")
    return Deadline("near" if days <= 3 else "far", f"还有{days}天")


def file_size(size: int) -> str:
    """``12.3 KB``, in powers of 1,024."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"


def weekday(moment: date) -> str:
    """``星期三``."""
    return "星期" + "一二三四五六日"[moment.weekday()]


def _shown(found: re.Match[str]) -> str:
    code = f"U+{ord(found.group()):04X}"
    name = unicodedata.name(found.group(), "CONTROL CHARACTER")
    return f'<span class="ctl" title="不可见字符 {name}">{code}</span>'


def show_invisible(markup: str) -> SafeString:
    """Make invisible characters of already escaped ``markup`` visible as ``U+202E`` and harmless."""
    return mark_safe(INVISIBLE.sub(_shown, markup))  # noqa: S308 (the argument is escaped by the caller)


def visible(text: str) -> SafeString:
    """``text`` escaped, with its invisible characters made visible."""
    escaped = escape(text)
    return show_invisible(escaped) if INVISIBLE.search(escaped) else SafeString(escaped)


def plain(text: str) -> str:
    """``text`` for places without markup (the page's title): invisible characters by their number."""
    return INVISIBLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)
