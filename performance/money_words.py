"""Amounts of money: as people type them, and in sentences and cells."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

FEN = Decimal("0.01")
_AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
WHOLE_DIGITS = 16


def amount_read(text: str) -> Decimal:
    """Yuan as somebody typed them: full-width digits, thousands commas, ¥ and 元 are understood.

    Raises:
        ValueError: with a sentence (no full stop) that says what is wrong.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).strip("¥元")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(f"“{text.strip()[:20]}”不是金额，写成 1234567.00 这样")
    whole, _, decimals = plain.lstrip("+-").partition(".")
    if len(decimals.rstrip("0")) > 2:
        raise ValueError(f"“{text.strip()[:20]}”超过两位小数，金额精确到分")
    if len(whole.lstrip("0")) > WHOLE_DIGITS:
        raise ValueError("金额太大，请核对单位和位数")
    return Decimal(plain).quantize(FEN)


def yuan(amount: Decimal) -> str:
    """``1,234,567.00 元``."""
    return f"{amount:,.2f} 元"


def figures(amount: Decimal | None) -> str:
    """``1,234,567.00``; a dash where it is unknown."""
    return "—" if amount is None else f"{amount:,.2f}"
