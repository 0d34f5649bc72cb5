"""Passwords that keep the letter of the rules and are guessed first: a common word with a year, a sign or both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator

WORDS = Path(__file__).resolve().parent.parent / "data" / "weak_words.txt"
# Shorter ones of Django's list would refuse too much.
SHORTEST_COMMON = 4
# What is joined over signs inside has at least as many letters.
SHORTEST_JOINED = 5
# Three common words in a row are no longer guessed.
MOST_WORDS = 2
_LETTERS = {"@": "a", "4": "a", "0": "o", "3": "e", "5": "s", "$": "s", "7": "t", "8": "b", "!": "i"}
_READINGS = [str.maketrans(_LETTERS | {"1": one}) for one in ("i", "l")]
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_LAST = re.compile(r"[\W\d_]+$")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_TWICE = re.compile(r"(.{3,}?)\1+")
_KINDS = re.compile(r"(特别行政区|自治县|自治州|自治旗|新区|省|市|县|区|旗|镇|乡)$")
_OFFICES = ("公共资源交易中心", "公共资源交易", "公共资源", "交易中心")


@cache
def words() -> frozenset[str]:
    """Every word that makes no password, folded."""
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    own = {word for line in lines if not line.startswith("#") for word in line.split()}
    common = {one for one in CommonPasswordValidator().passwords if one.isalpha() and len(one) >= SHORTEST_COMMON}
    return frozenset(own | common)


def house_names() -> list[str]:
    """The names of this center, its county and its addresses, folded: everybody knows them."""
    region = str(settings.CONFIG.SITE_REGION)
    names = [str(settings.CONFIG.SITE_NAME), region, _KINDS.sub("", region), *_OFFICES, "yunze"]
    for host in settings.CONFIG.SITE_HOST:
        names += [part for part in host.lower().split(".") if len(part) > 3 and part.isalpha()]
    return [one.lower() for one in dict.fromkeys(names) if len(one) > 1]


def _readings(password: str) -> Iterator[str]:
    """The password folded, as it is and with signs read as letters, its ends with and without."""
    folded = password.lower()
    for text in dict.fromkeys([folded, _LAST.sub("", folded), _ENDS.sub("", folded)]):
        yield text
        for table in _READINGS:
            yield text.translate(table)


def weak_word(password: str) -> str:
    """The common word that a password is made of, empty when there is none.

    Args:
        password: as typed.
    """
    for text in _readings(password):
        letters = _NO_LETTERS.sub("", text)
        twice = _TWICE.fullmatch(letters)
        if len(letters) >= SHORTEST_JOINED and letters in words():
            return letters
        if twice and twice[1] in words():
            return twice[1]
        parts = [part for part in _NO_LETTERS.split(text) if part]
        if 0 < len(parts) <= MOST_WORDS and all(part in words() for part in parts):
            return parts[0]
    return ""


def known_name(password: str, names: Iterable[str]) -> str:
    """The first of ``names`` (folded) that stands in the password, signs read as letters, too; empty for none."""
    texts = list(_readings(password))
    return next((name for name in names if any(name in text for text in texts)), "")
