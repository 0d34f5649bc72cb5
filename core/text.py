"""Text as people type it and as machines store it: folding for search, and what no store can hold."""

from __future__ import annotations

import re
import unicodedata

from core.errors import BusinessError

# What XML 1.0 (and so XLSX and Atom) cannot hold, lone surrogates and noncharacters included.
_NOT_STORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Invisible format characters (zero width, direction marks, soft hyphen, BOM) never decide a match.
_FORMAT = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SPACE = re.compile(r"\s+")


def first_not_storable(text: str) -> str:
    """The first character of ``text`` that XML, XLSX or the database cannot hold, or an empty text."""
    found = _NOT_STORABLE.search(text)
    return found.group() if found else ""


def first_not_typed(text: str) -> str:
    """The first character of ``text`` that nobody typed, or an empty text.

    What no store can hold, and U+FFFD: a form's bytes that are no UTF-8 arrive as it. Of what people enter; texts that
    machines bring may have it.
    """
    return first_not_storable(text) or ("\ufffd" if "\ufffd" in text else "")


def require_storable(text: str, what: str) -> str:
    """``text``, when every store can hold it.

    Args:
        text: as a form sent it; U+FFFD is refused, too (:func:`first_not_typed`).
        what: what is refused, e.g. ``没有撤下``.

    Raises:
        BusinessError: ``text_not_storable``.
    """
    if first_not_typed(text):
        raise BusinessError(f"{what}：文字里有不能保存的控制字符，请删去后重写。", "text_not_storable")
    return text


def text_storable(text: str) -> str:
    """``text`` with ``\N{REPLACEMENT CHARACTER}`` for what XML, XLSX or the database cannot hold."""
    return _NOT_STORABLE.sub("\ufffd", text)


def fold(text: str) -> str:
    """``text`` as search compares it: full-width, case and composition folded, white space single.

    Unicode's compatibility decomposition and full case folding (Unicode Standard 3.13, D146).
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _SPACE.sub(" ", _FORMAT.sub("", folded)).strip()


def _fold_one(char: str) -> str:
    if _FORMAT.match(char):
        return ""
    return " " if char.isspace() else unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())


class _Folds(dict[int, str]):
    """What each character folds to, found out once; ``uneven`` are those that become none or several."""

    uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        found = self[code] = _fold_one(chr(code))
        if len(found) != 1:
            self.uneven.add(chr(code))
        return found


_folds = _Folds()


def fold_evenly(text: str) -> str | None:
    """Fold each character of ``text`` for itself; None when one of them becomes none or several.

    White space stays as long as it was, each character of it a single space.
    """
    folded = text.translate(_folds)
    return folded if _folds.uneven.isdisjoint(text) else None


def fold_with_origin(text: str) -> tuple[str, list[int]]:
    """Fold ``text`` and say for every folded character which character of ``text`` it came from.

    Returns:
        The folded text (white space at the ends kept as one space) and a list of the same length.
    """
    out: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for one in _folds[ord(char)]:
            one = " " if one.isspace() else one
            if one == " " and out and out[-1] == " ":
                continue
            out.append(one)
            origin.append(index)
    return "".join(out), origin


def one_line(text: str) -> str:
    """``text`` with all white space runs as single spaces."""
    return _SPACE.sub(" ", text).strip()


def width(text: str) -> int:
    """Columns that ``text`` takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def columns(rows: list[tuple[str, ...]]) -> list[str]:
    """``rows`` of equal length as lines whose columns stand below each other on a terminal."""
    widest = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return [
        "  ".join(cell + " " * (most - width(cell)) for cell, most in zip(row, widest, strict=True)).rstrip()
        for row in rows
    ]
