"""Search tokens: 32-bit numbers for characters, character pairs, three letters or digits, filter values and months.

A pair of UTF-16 units is a 32-bit number, so pairs need no dictionary and never collide. Single units
have a zero first half. Filter values lie where no text can: a high surrogate followed by something
that is no low surrogate.
"""

from __future__ import annotations

import re
import sys
import zlib
from array import array
from datetime import datetime

from django.utils import timezone

_SECOND_HALVES = 0xD800  # second units below the surrogates
_KIND_SIZE = 8_000_000

CATEGORY, TYPE, REGION, MONTH, CODE, PARTY, LATIN = range(7)
_LATIN = "0123456789abcdefghijklmnopqrstuvwxyz%"
_RUNS = re.compile(r"[0-9a-z%]{3,}")


def _numbers(kind: str, units: bytes) -> array[int]:
    numbers = array(kind, units)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _pairs(units: bytes) -> set[int]:
    found: set[int] = set()
    for start in (0, 2):
        whole = (len(units) - start) // 4 * 4
        found.update(_numbers("i", units[start : start + whole]))
    return found


def text_tokens(folded: str) -> set[int]:
    """All tokens of a folded text: its UTF-16 units and the pairs of neighbours."""
    units = folded.encode("utf-16-be")
    return _pairs(units).union(_numbers("H", units))


class _Latin(dict[str, int]):
    """The token of three letters or digits, computed once."""

    def __missing__(self, three: str) -> int:
        number = 0
        for char in three:
            number = number * len(_LATIN) + _LATIN.index(char)
        token = self[three] = value_token(LATIN, number)
        return token


_latin = _Latin()


def latin_tokens(folded: str) -> set[int]:
    """Tokens of three neighbours within letters, digits and percent signs of a folded text.

    The pairs of a number or a code stand in nearly every announcement; three at a time tell them apart.
    """
    threes: set[str] = set()
    for run in _RUNS.findall(folded):
        threes.update(map("".join, zip(run, run[1:], run[2:], strict=False)))
    return set(map(_latin.__getitem__, threes))


def term_tokens(folded: str) -> list[int]:
    """The tokens that a text must have to contain ``folded``: its pairs, or the single unit; in a run of letters and
    digits threes instead of pairs, every second one, which together cover it."""
    units = folded.encode("utf-16-be")
    if len(units) <= 2:
        return [int.from_bytes(units, "big")]
    tokens: set[int] = set()
    begin = 0
    for match in _RUNS.finditer(folded):
        run, end = match[0], match.end()
        places = {*range(0, len(run) - 2, 2), len(run) - 3}
        tokens.update(_latin[run[place : place + 3]] for place in places)
        # The pairs around the run, with its first and its last character.
        tokens |= _pairs(folded[begin : match.start() + 1].encode("utf-16-be"))
        begin = end - 1
    return sorted(tokens | _pairs(folded[begin:].encode("utf-16-be")))


def value_token(kind: int, number: int) -> int:
    """The token of a filter's row (CATEGORY, TYPE, REGION) or of a MONTH, by its number."""
    if not 0 <= number < _KIND_SIZE:
        raise ValueError(f"number {number} does not fit a token")
    whole = kind * _KIND_SIZE + number
    first, second = 0xD800 + whole // _SECOND_HALVES, whole % _SECOND_HALVES
    return ((first << 16) | second) - (1 << 32)


def whole_token(kind: int, folded: str) -> int:
    """The token of a whole code (CODE) or name (PARTY); two may share one, so it is a hint only."""
    return value_token(kind, zlib.crc32(folded.encode()) % _KIND_SIZE)


def month_number(moment: datetime) -> int:
    """Months since year 0 of ``moment``'s month in Asia/Shanghai."""
    local = timezone.localtime(moment)
    return local.year * 12 + local.month - 1
