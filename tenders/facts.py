"""Facts read from an imported announcement's fields and text: what a page shows first.

Nothing here refuses: what cannot be read is left out, the fields themselves are kept whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.moments import SHANGHAI
from core.text import one_line

# Old systems write a blank as 0001-01-01 or 1900-01-01; nothing real is that old, or that far off.
READABLE_YEARS = range(1949, 2101)
# One fact stands under different keys in different trades (DOMAIN.md 5.3 and section 9).
PURCHASER_KEYS = ("purchaser", "tenderer", "seller", "transferor", "land_grantor", "grantor", "lessor", "owner")
SUPPLIER_KEYS = ("supplier", "winner", "winning_bidder", "grantee", "transferee", "winning_land_bidder")
PLACE_KEYS = ("place", "open_place", "opening_place")
DEADLINE_KEYS = ("deadline", "bid_deadline", "apply_until")
BUDGET_KEYS = ("budget_yuan",)
# Where lots are named, a single figure is that of one of them.
LOT_KEYS = ("lots", "lots_note", "packages")
LARGEST_BUDGET = Decimal("9999999999999999.99")

_MOMENT = re.compile(
    r"(\d{4})\s*[-年/.]?\s*(\d{1,2})\s*[-月/.]?\s*(\d{1,2})\s*日?"
    r"(?:\s*[-T]?\s*(?:上午|下午)?\s*(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*(?:分|[:：]\s*(\d{1,2})秒?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
# The statutory sentence of 财办库〔2020〕50号: "…获取招标文件,并于X(北京时间)前递交投标文件".
_DEADLINE_SENTENCE = re.compile(r"并于\s*(\d{4}年[^前]{4,40}?)(?:[（(]北京时间[）)])?\s*前\s*(?:递交|提交)")
_BUDGET_SENTENCE = re.compile(r"预算金额\s*(?:（元）)?\s*[:：]\s*([\d,，]+(?:\.\d+)?)\s*(万?)元")
# "五、开启 … 地点:X" of the same form, and "开标地点:X" of the older ones.
_PLACE = r"地[ \t]*点[ \t]*[:：][ \t]*\n?[ \t]*([^\n。；;]{4,120})"
_PLACE_SENTENCE = re.compile(r"(?:开标|开启|唱标)[^。\n]{0,12}" + _PLACE)
_PLACE_SECTION = re.compile(
    r"(?:[一二三四五六七八九十]、|[（(]?\d[)）.、])[^\n]{0,20}(?:开启|开标)[^\n]*\n(?:(?!\s*(?:[（(]?\d[)）.、])?\s*地\s*点)[^\n]*\n){0,3}?"
    r"[ \t]*(?:[（(]?\d[)）.、])?[ \t]*" + _PLACE
)
# What follows the label on the next line may be the next label.
_NO_PLACE = re.compile(r"时间|截止|[:：]$")
_AMOUNT = re.compile(r"\s*([\d,，]+(?:\.\d+)?)\s*元?\s*")


@dataclass(frozen=True)
class Facts:
    """What lists, filters and the head of a page need; an empty text or None is unknown."""

    project_code: str
    unified_deal_code: str
    region: str
    purchaser: str
    agency: str
    supplier: str
    place: str
    deadline: datetime | None
    budget: Decimal | None


def _first(fields: dict[str, Any], keys: tuple[str, ...], longest: int) -> str:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and one_line(str(value)):
            return one_line(str(value))[:longest]
    return ""


def read_moment(text: str) -> datetime | None:
    """A moment as announcements write it (also ``20260313 - 09:30:00``), in Asia/Shanghai, else None.

    A date alone is no moment: a deadline without its hour is not one.
    """
    text = _COMPACT.sub(r"\1-\2-\3", text.strip(), count=1)
    found = _MOMENT.match(text)
    if not found or found[4] is None:
        return None
    year, month, day, hour, minute, second = (int(g) if g else 0 for g in found.groups())
    if "下午" in found[0] and hour < 12:
        hour += 12
    if year not in READABLE_YEARS:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return None


def read_amount(value: object) -> Decimal | None:
    """A positive amount in yuan, two decimals; blank forms pushed as "0元" are unknown."""
    found = _AMOUNT.fullmatch(str(value)) if isinstance(value, str | int | Decimal) else None
    if not found or isinstance(value, bool):
        return None
    try:
        amount = Decimal(found[1].replace(",", "").replace("，", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if 0 < amount <= LARGEST_BUDGET else None


def _deadline(fields: dict[str, Any], text: str) -> datetime | None:
    found = read_moment(_first(fields, DEADLINE_KEYS, 100))
    if found is None and (sentence := _DEADLINE_SENTENCE.search(text[:20_000])):
        found = read_moment(sentence[1])
    return found


def _place(fields: dict[str, Any], text: str) -> str:
    text = text[:20_000]
    for pattern in (_PLACE_SECTION, _PLACE_SENTENCE):
        found = pattern.search(text)
        if found and not _NO_PLACE.search(one_line(found[1])):
            return _first(fields, PLACE_KEYS, 500) or one_line(found[1])[:500]
    return _first(fields, PLACE_KEYS, 500)


def _budget(fields: dict[str, Any], text: str) -> Decimal | None:
    if any(fields.get(key) for key in LOT_KEYS):
        return None
    for key in BUDGET_KEYS:
        if key in fields:
            return read_amount(fields[key])
    found = _BUDGET_SENTENCE.search(text[:20_000])
    amount = read_amount(found[1]) if found else None
    return amount * 10_000 if amount and found and found[2] and amount < LARGEST_BUDGET / 10_000 else amount


def facts_of(fields: object, text: str) -> Facts:
    """Read the facts.

    Args:
        fields: the import line's ``fields``, whatever it is.
        text: the announcement's text.
    """
    known: dict[str, Any] = fields if isinstance(fields, dict) else {}
    return Facts(
        project_code=_first(known, ("project_code",), 300),
        unified_deal_code=_first(known, ("unified_deal_code",), 100),
        region=_first(known, ("region",), 200),
        purchaser=_first(known, PURCHASER_KEYS, 500),
        agency=_first(known, ("agency",), 500),
        supplier=_first(known, SUPPLIER_KEYS, 500),
        place=_place(known, text),
        deadline=_deadline(known, text),
        budget=_budget(known, text),
    )
