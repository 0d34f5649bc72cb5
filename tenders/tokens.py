"""Search tokens: 32-bit numbers for character pairs, three letters or digits, and filter values.

A pair of UTF-16 units is a 32-bit number, so pairs need no dictionary. Everything that is no letter or digit
counts as a separator and has no token, a digit beside another character is any digit, "1,000" is 1000: what is
left makes half the index, and what it leaves open is compared.

Each token of a text is stored once, in one of two forms: as it is, or changed by a mask when the title has it.
So one index knows what stands in the title, what only in the text, and (asking for either form) what stands
anywhere. Two tokens may fall on one number, and a row that has all pairs need not have the word: hits are compared.
"""

from __future__ import annotations

import re
import sys
import zlib
from array import array
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from django.utils import timezone

from core.moments import SHANGHAI

_SECOND_HALVES = 0xD800  # second units below the surrogates
_KIND_SIZE = 8_000_000
CATEGORY, TYPE, REGION, MONTH, CODE, PARTY, LATIN, YEAR, SAMPLE = range(9)

_LATIN = "0123456789abcdefghijklmnopqrstuvwxyz%"
_RUNS = re.compile(r"[0-9a-z%]{3,}")
# "100%": of "1000" and "2.00%" every longer text has the threes, too.
_PERCENTS = re.compile(r"(?=([0-9a-z%]{3}%))")
_SHORT_NUMBER = re.compile(r"(?<![0-9a-z%])[0-9]{2}(?![0-9a-z%])")
_SEPARATORS = re.compile(r"(?:[^\w%]|_)+")
_GROUPS = re.compile(r"(?<=[0-9]),(?=[0-9])")
_DIGITS = re.compile(r"[0-9]+")
_NO_DIGITS = re.compile(r"[^0-9]+")
_ANY_DIGIT = "\x01"  # stands in no text (core.text.first_not_storable)
_SPACE = ord(" ")
_TITLE_MASK = 0x2F6B4D19

# One row in this many carries the token of the sample, by which the others are estimated.
SAMPLE_OF = 256


def _numbers(kind: str, units: bytes) -> array[int]:
    numbers = array(kind, units)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _pairs(text: str) -> list[int]:
    """The pairs of neighbours in ``text``, in no order, some more than once."""
    units = text.encode("utf-16-be")
    found: list[int] = []
    for start in (0, 2):
        whole = (len(units) - start) // 4 * 4
        found.extend(_numbers("i", units[start : start + whole]))
    return found


def _without_spaces(pairs: Iterable[int]) -> set[int]:
    return {pair for pair in set(pairs) if pair & 0xFFFF != _SPACE and pair >> 16 != _SPACE}


def _spaced(folded: str) -> str:
    """Letters and digits as they stand, each run of anything else as one space."""
    return _SEPARATORS.sub(" ", _GROUPS.sub("", folded))


class _Latin(dict[str, int]):
    """The token of three letters or digits, or of four that end with a per cent sign, computed once."""

    def __missing__(self, piece: str) -> int:
        number = 0 if len(piece) == 3 else 1
        for char in piece:
            number = number * len(_LATIN) + _LATIN.index(char)
        token = self[piece] = value_token(LATIN, number)
        return token


_latin = _Latin()


def _plain_tokens(folded: str) -> set[int]:
    """Pairs of letters and digits, and three letters or digits at a time.

    The pairs of a number or a code stand in nearly every announcement; three at a time tell them apart.
    """
    spaced = _spaced(folded)
    letters = _DIGITS.sub(_ANY_DIGIT, spaced)
    found = _without_spaces(_pairs(letters))
    found |= _without_spaces(_pairs(_NO_DIGITS.sub(" ", spaced)))
    threes: set[str] = set()
    for run in _RUNS.findall(spaced):
        threes.update(map("".join, zip(run, run[1:], run[2:], strict=False)))
        if "%" in run:
            threes.update(_PERCENTS.findall(run))
    return found.union(map(_latin.__getitem__, threes))


def titled(token: int) -> int:
    """The form of a token that stands in the title."""
    return token ^ _TITLE_MASK


def row_tokens(folded_title: str, folded_text: str) -> set[int]:
    """All tokens of a title and of the text that holds it: each in one form, and the title's single UTF-16 units."""
    title = _plain_tokens(folded_title)
    found = _plain_tokens(folded_text) - title
    return found.union(map(titled, title), unit_tokens(folded_title))


def unit_tokens(folded: str) -> set[int]:
    """The single UTF-16 units of a title or of a term to find in titles; none of ASCII, which stand everywhere."""
    return {unit for unit in _numbers("H", folded.encode("utf-16-be")) if unit > 0x7F}


def is_short(folded: str) -> bool:
    """Whether a term is a single character or nothing but separators: to be looked for in titles only."""
    return len(folded) < 2 or not _SEPARATORS.sub("", folded)


def term_tokens(folded: str) -> list[int]:
    """Tokens, in their plain form, that a text must have to contain ``folded``; there may be none.

    In a run of letters and digits threes instead of pairs, every second one, which together cover it, and the
    fours before a per cent sign.
    """
    spaced = _spaced(folded)
    tokens: dict[int, None] = dict.fromkeys(p for number in _SHORT_NUMBER.findall(spaced) for p in _pairs(number))
    begin = 0
    for match in _RUNS.finditer(spaced):
        run, end = match[0], match.end()
        places = sorted({*range(0, len(run) - 2, 2), len(run) - 3})
        pieces = [*(run[place : place + 3] for place in places), *_PERCENTS.findall(run)]
        tokens.update(dict.fromkeys(map(_latin.__getitem__, pieces)))
        # The pairs around the run, with its first and its last character.
        tokens.update(dict.fromkeys(_letter_pairs(spaced[begin : match.start() + 1])))
        begin = end - 1
    tokens.update(dict.fromkeys(_letter_pairs(spaced[begin:])))
    return list(tokens)


def _letter_pairs(spaced: str) -> list[int]:
    letters = _DIGITS.sub(_ANY_DIGIT, spaced)
    return [pair for two in pairwise(letters) if " " not in two for pair in _pairs("".join(two))]


def value_token(kind: int, number: int) -> int:
    """The token of a filter's row (CATEGORY, TYPE, REGION) or of another kind, by its number."""
    if not 0 <= number < _KIND_SIZE:
        raise ValueError(f"number {number} does not fit a token")
    whole = kind * _KIND_SIZE + number
    # High surrogates followed by something that is no low surrogate: where no pair of a text can be.
    first, second = 0xD800 + whole // _SECOND_HALVES, whole % _SECOND_HALVES
    return ((first << 16) | second) - (1 << 32)


SAMPLE_TOKEN = value_token(SAMPLE, 0)


def is_sampled(number: int) -> bool:
    """Whether the announcement of this number belongs to the sample: as good as by chance, and always the same."""
    return zlib.crc32(b"%d" % number) % SAMPLE_OF == 0


def whole_token(kind: int, folded: str) -> int:
    """The token of a whole code (CODE) or name (PARTY); two may share one, so it is a hint only."""
    return value_token(kind, zlib.crc32(folded.encode()) % _KIND_SIZE)


def moment_tokens(moment: datetime) -> set[int]:
    """The tokens of ``moment``'s year and month in Asia/Shanghai."""
    local = timezone.localtime(moment, SHANGHAI)
    return {value_token(YEAR, local.year), value_token(MONTH, local.year * 12 + local.month - 1)}


def span_tokens(begin: datetime, end: datetime) -> set[int]:
    """Tokens of which every moment from ``begin`` to ``end`` has one: of whole years, else of months."""
    first, last = (timezone.localtime(moment, SHANGHAI) for moment in (begin, end))
    found, month, until = set(), first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    while month <= until:
        if month % 12 == 0 and month + 11 <= until:
            found.add(value_token(YEAR, month // 12))
            month += 12
        else:
            found.add(value_token(MONTH, month))
            month += 1
    return found
