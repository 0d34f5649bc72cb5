"""Targets and actual values as forms write them: ``≥95%``, ``不超过0.9‰``, ``10日以内``, ``定性:提升``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

QUALITATIVE = "定性:"
AT_LEAST, AT_MOST, EQUAL, ABOVE, BELOW = "≥", "≤", "=", ">", "<"
_SIGNS = {
    "≥": AT_LEAST, "≤": AT_MOST, "=": EQUAL, ">": ABOVE, "<": BELOW,
    "不低于": AT_LEAST, "不少于": AT_LEAST, "不超过": AT_MOST, "小于": BELOW, "大于": ABOVE,
}  # fmt: skip
_SUFFIXES = {"以上": AT_LEAST, "以下": AT_MOST, "以内": AT_MOST}
_UPWARD = (AT_LEAST, ABOVE, EQUAL)
_VALUE = re.compile(
    rf"(?P<sign>{'|'.join(_SIGNS)})?(?P<number>-?(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+)(?:\.[0-9]+)?)"
    rf"(?P<unit>[^0-9年\x00-\x1f\x7f]*?)(?P<suffix>{'|'.join(_SUFFIXES)})?"
)
_SPACES = re.compile(r"\s+")
# A unit as the multiple of another; the multiples are exact.
_CONVERTED = {
    "%": ("%", Fraction(1)), "‰": ("%", Fraction(1, 10)),
    "元": ("元", Fraction(1)), "千元": ("元", Fraction(1_000)),
    "万元": ("元", Fraction(10_000)), "亿元": ("元", Fraction(100_000_000)),
    "天": ("天", Fraction(1)), "日": ("天", Fraction(1)),
}  # fmt: skip
# Longer numbers are no figures of a report; reading them exactly would only take time.
LONGEST = 200


def normalised(text: str) -> str:
    """NFKC without white space: full-width digits, signs and letters are the common ones."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, and the sign that stood before it (for a target always one).

    Attributes:
        sign: one of AT_LEAST, AT_MOST, EQUAL, ABOVE, BELOW.
        number: exact, as written.
        unit: as written, empty when there is none.
    """

    sign: str
    number: Fraction
    unit: str

    @property
    def upward(self) -> bool:
        """Whether more is better."""
        return self.sign in _UPWARD


def quantity_read(text: str) -> Quantity | None:
    """The quantity that a normalised text is, or None when it is none (a date, a word, a contradiction)."""
    found = _VALUE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    sign, suffix = _SIGNS.get(found["sign"] or ""), _SUFFIXES.get(found["suffix"] or "")
    if sign and suffix and (sign in _UPWARD) != (suffix in _UPWARD):
        return None
    return Quantity(sign or suffix or AT_LEAST, Fraction(found["number"].replace(",", "")), found["unit"])


def target_read(text: str) -> Quantity | None:
    """A quantitative target; None for what cannot be one: negative numbers and less than nothing, too."""
    found = quantity_read(normalised(text))
    if found is None or found.number < 0 or (found.sign == BELOW and found.number == 0):
        return None
    return found


def is_qualitative(text: str) -> bool:
    """Whether a target is met in words (``定性:…``)."""
    return normalised(text).startswith(QUALITATIVE)


def same_unit(target: Quantity, actual: Quantity) -> tuple[Fraction, Fraction] | None:
    """Both numbers in one unit; a missing unit is the other's. None when the units differ."""
    if not target.unit or not actual.unit or target.unit == actual.unit:
        return target.number, actual.number
    one, other = _CONVERTED.get(target.unit), _CONVERTED.get(actual.unit)
    if one is None or other is None or one[0] != other[0]:
        return None
    return target.number * one[1], actual.number * other[1]
