"""What a cell of a list says: a text, an amount exact to the fen, a day. What is not clear is a sentence, no guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.fields import FIRST_YEAR, LAST_YEAR, not_plain
from core.text import first_not_storable
from performance.money_words import FEN, amount_read

WAN = 10_000
# Excel keeps amounts as binary fractions: below this a difference is theirs, above it somebody typed more than fen.
ARTEFACT = Decimal("0.000001")
# Beyond it a binary fraction does not hold every fen.
LARGEST = Decimal(10) ** 13
# Day 60 of Excel is a day that never was; lists of payments are younger than that anyway.
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(36_526, 73_416)  # 2000-01-01 to 2100-12-31
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
SHOWN = 60


def kind_of(cell: Any) -> str:
    """``empty``, ``text``, ``number``, ``date``, ``formula``, ``error``, ``bool``."""
    value = getattr(cell, "value", None)
    if value is None or (isinstance(value, str) and not value.strip()):
        return "empty"
    kind = getattr(cell, "data_type", "s")
    if kind in ("f", "e"):
        return "formula" if kind == "f" else "error"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "date" if isinstance(value, date | datetime) else "text" if isinstance(value, str) else "error"


def shown(cell: Any) -> str:
    """The cell as the preview shows it."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = f"{value:%Y-%m-%d}" if (value.hour, value.minute) == (0, 0) else f"{value:%Y-%m-%d %H:%M}"
    text = repr(value) if isinstance(value, float) else str(value)
    return "".join("\ufffd" if first_not_storable(one) else one for one in text[:200]).strip()


def _no_result(cell: Any) -> None:
    """Raises ValueError: a formula, an error, a truth value."""
    kind = kind_of(cell)
    if kind == "formula":
        raise ValueError("是公式，请复制以后“选择性粘贴—数值”，再传")
    if kind == "error":
        raise ValueError(f"是错误值“{shown(cell)[:SHOWN]}”，请改成实际内容")
    if kind == "bool":
        raise ValueError("是逻辑值（TRUE/FALSE），请改成实际内容")


def text_of(cell: Any, longest: int) -> str:
    """The text, NFKC-normalised white space and ends only; a number without its needless ``.0``.

    Raises:
        ValueError: a formula, an error, too long, or what no store can hold; the sentence completes 〈column〉….
    """
    _no_result(cell)
    value = getattr(cell, "value", None)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 10**15):
        raise ValueError(f"“{shown(cell)[:SHOWN]}”被 Excel 当成了数字，可能丢了位数，请把单元格设为文本后重新填写")
    text = " ".join(shown(cell).split()) if isinstance(value, date | datetime) else " ".join(str(value or "").split())
    # As the entry form (core.fields.plain): what is written is what is seen.
    if first_not_storable(text) or not_plain(text):
        raise ValueError("有控制字符、改变文字方向的字符或者尖括号，请重新填写")
    if len(text) > longest:
        raise ValueError(f"超过 {longest} 字，请精简")
    return text


def _exact(found: Decimal, words: str) -> Decimal:
    """To the fen, where only Excel's own artefact is cut off. Raises ValueError."""
    if not found.is_finite() or abs(found) >= LARGEST:
        raise ValueError(f"“{words[:SHOWN]}”太大，请核对单位和位数")
    rounded = found.quantize(FEN)
    if abs(found - rounded) >= ARTEFACT:
        raise ValueError(f"“{words[:SHOWN]}”不是整分，金额精确到分（两位小数）")
    return rounded


def amount_of(cell: Any, factor: int = 1) -> Decimal:
    """Yuan, above zero, exact to the fen.

    Args:
        factor: 10000 where the column says 万元.

    Raises:
        ValueError: no amount, a negative one, more than two decimals; the sentence completes 〈column〉….
    """
    _no_result(cell)
    kind, words = kind_of(cell), shown(cell)
    if kind == "empty":
        raise ValueError("没有填")
    if kind == "date":
        raise ValueError(f"是日期“{words}”，请改成金额")
    found = Decimal(repr(cell.value)) * factor if kind == "number" else _amount_typed(words, factor)
    found = _exact(found, words)
    if found < 0:
        raise ValueError(f"是负数“{words[:SHOWN]}”；退回的款项请在原登记上办“冲销”，不用负数登记")
    if not found:
        raise ValueError("是 0，没有支出的不用登记")
    return found


def _amount_typed(words: str, factor: int) -> Decimal:
    plain = unicodedata.normalize("NFKC", words).replace(" ", "")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if plain.endswith(("万元", "万")):
        plain, factor = plain.rstrip("元").rstrip("万"), WAN
    try:
        if factor == 1:
            return amount_read(plain)
        return (
            Decimal(plain.strip("¥").replace(",", "") if re.fullmatch(r"[-¥]?[\d,]+(\.\d+)?", plain) else "x") * factor
        )
    except ArithmeticError:
        raise ValueError(f"“{words[:SHOWN]}”不是金额，写成 1234567.00 这样") from None


def day_of(cell: Any) -> date:
    """A day, from Excel's own date, its serial number, or a text such as 2022-03-02, 2022/3/2, 2022年3月2日, 20220302.

    Raises:
        ValueError: no day, or outside of 2000 to 2100; the sentence completes 〈column〉….
    """
    _no_result(cell)
    kind, value, words = kind_of(cell), getattr(cell, "value", None), shown(cell)
    if kind == "empty":
        raise ValueError("没有填")
    found: date | None = None
    if isinstance(value, date):
        found = value.date() if isinstance(value, datetime) else value
    elif kind == "number" and float(value).is_integer() and int(value) in SERIALS:  # type: ignore[arg-type]
        found = EXCEL_EPOCH + timedelta(days=int(value))  # type: ignore[arg-type]
    else:
        plain = unicodedata.normalize("NFKC", str(int(value)) if kind == "number" else words).strip()  # type: ignore[arg-type]
        match = _DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)
        try:
            found = date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"“{words[:SHOWN]}”不是日期，写成 2022-03-02 这样")
    return found
