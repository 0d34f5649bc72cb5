"""Amounts as reports print them: 万元, 亿元, per cent; exact until printed, half up (DOMAIN 7: sum raw, then round)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

WAN, YI = 10_000, 100_000_000
_FEN = Decimal("0.01")


def _rounded(value: Fraction) -> Decimal:
    """Two decimals, half away from zero."""
    scaled = abs(value) * 100
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-2).quantize(_FEN, ROUND_HALF_UP)


def wan(yuan: Decimal) -> Decimal:
    """Yuan in 万元 with two decimals."""
    return _rounded(Fraction(yuan) / WAN)


def yi(yuan: Decimal) -> Decimal:
    """Yuan in 亿元 with two decimals."""
    return _rounded(Fraction(yuan) / YI)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` of ``whole`` in per cent with two decimals; None where there is no whole."""
    return _rounded(Fraction(part) / Fraction(whole) * 100) if whole else None


def trimmed(value: Decimal) -> str:
    """Without needless zeros, as running text has it: 20, 32.9, 302.94."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan_words(yuan: Decimal) -> str:
    """``302.94万元``."""
    return f"{trimmed(wan(yuan))}万元"


def yi_words(yuan: Decimal) -> str:
    """``35.67亿元``."""
    return f"{trimmed(yi(yuan))}亿元"


def percent_words(value: Decimal | None) -> str:
    """``17.18%``; a dash where there is none."""
    return "—" if value is None else f"{value:f}%"


def change_words(new: Decimal, old: Decimal) -> str:
    """How a sum differs from an older one, in 万元: ``减少52.06万元``, ``增加3万元``, ``持平``."""
    more = new - old
    if not more:
        return "持平"
    return f"{'增加' if more > 0 else '减少'}{wan_words(abs(more))}"


def change_share_words(new: Decimal, old: Decimal) -> str:
    """The same in per cent of the older: ``减少17.18%``."""
    share = percent(abs(new - old), old)
    if new == old or share is None:
        return "持平" if new == old else "—"
    return f"{'增加' if new > old else '减少'}{share:f}%"
