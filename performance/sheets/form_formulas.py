"""Which formulas of a book depend on some cells, by what they name; what cannot be told counts as dependent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.utils import range_boundaries

from performance.sheets.form_xml import Place

Cell = tuple[str, Place]
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.+)")
_MOST = 1 << 20
# Their arguments do not tell all that they read.
_OPEN = ("INDIRECT(", "OFFSET(")


@dataclass(frozen=True)
class _Area:
    sheet: str
    first: int
    top: int
    last: int
    bottom: int

    def holds(self, cell: Cell) -> bool:
        sheet, (row, column) = cell
        return sheet == self.sheet and self.first <= column <= self.last and self.top <= row <= self.bottom


def _area(words: str, sheet: str) -> _Area | None:
    """A reference as an area; None for a name, a table's column, another book's cell."""
    if found := _SHEET.fullmatch(words):
        sheet, words = (found[1] or found[2]).replace("''", "'"), found[3]
    try:
        first, top, last, bottom = range_boundaries(words.replace("$", ""))
    except (ValueError, TypeError):
        return None
    return _Area(sheet, first or 1, top or 1, last or _MOST, bottom or _MOST)


def _areas(formula: str, sheet: str) -> list[_Area] | None:
    """What a formula reads; None where it cannot be told (a shared formula's text stands elsewhere)."""
    if not formula.strip():
        return None
    try:
        tokens: Iterable[Token] = Tokenizer(f"={formula}").items
    except (TokenizerError, IndexError):
        return None
    found = []
    for one in tokens:
        if one.type == Token.FUNC and one.value.upper() in _OPEN:
            return None
        if one.type == Token.OPERAND and one.subtype == Token.RANGE:
            area = _area(one.value, sheet)
            if area is None:
                return None
            found.append(area)
    return found


def dependents(formulas: Mapping[Cell, str], changed: Iterable[Cell]) -> set[Cell]:
    """The formulas whose result may be another one, directly or through others.

    Args:
        formulas: text by (sheet, place). changed: cells that get another value.
    """
    reads = {cell: _areas(text, cell[0]) for cell, text in formulas.items()}
    found = {cell for cell, areas in reads.items() if areas is None}
    new = {*changed, *found}
    while new:
        touched = {
            cell
            for cell, areas in reads.items()
            if cell not in found and areas and any(area.holds(one) for area in areas for one in new)
        }
        found |= touched
        new = touched
    return found
