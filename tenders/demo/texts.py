"""The catalogue of things traded and the texts of notices, read from the files in ``data/``.

They are files of their own so that whoever knows the trade, not the language, can read and correct them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

_DATA = Path(__file__).parent / "data"


class Kind(NamedTuple):
    """A kind of thing traded, one row of ``kinds_*.txt``.

    ``note`` holds the required term (purchases), the supervising department (works) or the term (assets); amounts are
    in 万元, ``price`` in yuan for one ``unit``, quantities are multiples of ``step``.
    """

    subject: str
    item: str
    roles: tuple[str, ...]
    trade: str
    code: str
    low: float
    high: float
    unit: str
    price: float
    step: float
    need: str
    note: str
    qualification: str
    flag: str


def read_data(name: str) -> str:
    """The text of a file in ``data/``."""
    return (_DATA / name).read_text(encoding="utf-8")


def read_words(name: str) -> dict[str, tuple[str, ...]]:
    """Groups of words from a file of lines ``key = word word …``."""
    pairs = (line.split(" = ") for line in read_data(name).splitlines() if not line.startswith("#"))
    return {key: tuple(words.split()) for key, words in pairs}


@cache
def kinds(name: str, *flags: str) -> tuple[Kind, ...]:
    """The rows of ``kinds_<name>.txt`` that carry one of ``flags`` (without flags: all of them)."""
    found = []
    for line in read_data(f"kinds_{name}.txt").splitlines():
        if line.startswith("#"):
            continue
        subject, item, roles, trade, code, low, high, unit, price, step, *words = line.split("|")
        numbers = (float(low), float(high), unit, float(price), float(step))
        kind = Kind(subject, item, tuple(roles.split()), trade, code, *numbers, *words)
        if not flags or kind.flag in flags:
            found.append(kind)
    return tuple(found)


@cache
def _texts(name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in read_data(f"texts_{name}.txt").split("=== ")[1:]:
        key, _, body = part.partition("\n")
        found[key] = (*found.get(key, ()), body.strip("\n"))
    return found


def write(name: str, key: str, style: int, facts: dict[str, str]) -> str:
    """Fill one text.

    Args:
        name: the file ``texts_<name>.txt``.
        key: the heading of the text in it.
        style: which of the variants under that heading, modulo their number.
        facts: a value for every placeholder.
    """
    variants = _texts(name)[key]
    return variants[style % len(variants)].format_map(facts)
