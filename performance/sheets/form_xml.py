"""A sheet's XML by the places of its rows and cells, so that single cells are replaced and no other byte is touched.

openpyxl would write the whole book anew and drop what it does not know (charts' formats, pictures, extensions); lxml
would write the sheet anew. Here the bytes between two cells stay the very bytes of the bureau's file.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from core.text import text_storable
from performance.sheets.book import refused

# (row, column), from 1.
Place = tuple[int, int]
_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# What Excel would read as an escaped character (ECMA-376 part 1, 22.9.2.19).
_ESCAPED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
AGAIN = "请在 Excel 里打开、另存以后再传"


def place_of(address: str) -> Place:
    """``C7`` as (7, 3). Raises ValueError."""
    found = _CELL.fullmatch(address)
    if found is None:
        raise ValueError(address)
    return int(found[2]), column_index_from_string(found[1])


def address_of(place: Place) -> str:
    """(7, 3) as ``C7``."""
    return f"{get_column_letter(place[1])}{place[0]}"


@dataclass
class CellSpan:
    """Where a ``<c>`` stands: bytes from ``start`` to ``end``; ``value`` those of its ``<v>``."""

    place: Place
    start: int
    end: int = 0
    style: str = ""
    formula: str | None = None
    value: tuple[int, int] | None = None


@dataclass
class RowSpan:
    """Where a ``<row>`` stands; ``inner`` is the end of its opening tag, ``close`` the begin of its closing one."""

    number: int
    start: int
    inner: int
    empty: bool
    style: str = ""
    hidden: bool = False
    close: int = 0
    cells: list[CellSpan] = field(default_factory=list)


@dataclass
class SheetMap:
    """A sheet's places.

    Args:
        prefix: of its elements' names, ``x:`` or nothing.
        data: begin, end of the opening tag, whether it is empty, begin of the closing one, of ``<sheetData>``.
        merged: (first column, first row, last column, last row), from 1. arrays: the same, of array formulas.
        columns: (first, last, width in characters or None, hidden, style).
    """

    prefix: str = ""
    data: tuple[int, int, bool, int] | None = None
    rows: list[RowSpan] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    arrays: list[tuple[int, int, int, int]] = field(default_factory=list)
    columns: list[tuple[int, int, float | None, bool, str]] = field(default_factory=list)

    def cells(self) -> Iterable[CellSpan]:
        """Every ``<c>``."""
        for row in self.rows:
            yield from row.cells

    @cached_property
    def by_row(self) -> dict[int, RowSpan]:
        """The rows by number; not to be asked before the scan is over."""
        return {one.number: one for one in self.rows}

    @cached_property
    def by_place(self) -> dict[Place, CellSpan]:
        """The cells by place; as ``by_row``."""
        return {one.place: one for one in self.cells()}

    def style_of(self, place: Place) -> str:
        """The index of the format that a place has: its own, its row's, its column's."""
        row, cell = self.by_row.get(place[0]), self.by_place.get(place)
        if cell is not None:
            return cell.style
        if row is not None and row.style:
            return row.style
        return next((style for first, last, _, _, style in self.columns if first <= place[1] <= last), "")

    def area_of(self, place: Place) -> tuple[int, int, int, int]:
        """The merged area that a place stands in, or itself: (first column, first row, last column, last row)."""
        row, column = place
        for area in self.merged:
            if area[0] <= column <= area[2] and area[1] <= row <= area[3]:
                return area
        return column, row, column, row


def _whole(area: str) -> tuple[int, int, int, int]:
    first, top, last, bottom = range_boundaries(area)
    return int(first or 1), int(top or 1), int(last or first or 1), int(bottom or top or 1)


class _Scanner:
    """Walks through the XML once."""

    def __init__(self, xml_bytes: bytes) -> None:
        self.xml, self.found, self.path = xml_bytes, SheetMap(), list[str]()
        self.ends: list[tuple[int, bool]] = []
        self.text: list[str] | None = None
        self.value_start = 0
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._no_doctype
        self.parser.XmlDeclHandler = self._declared

    def scan(self) -> SheetMap:
        self.parser.Parse(self.xml, True)
        if self.found.data is None:
            raise refused(f"工作表里没有单元格，{AGAIN}", "damaged")
        return self.found

    def _no_doctype(self, *_: Any) -> None:
        raise refused("文件里有不允许的 XML 声明", "damaged")

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
            raise refused(f"工作表的编码不是 UTF-8，{AGAIN}", "damaged")

    def _characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def _local(self, name: str) -> str:
        """The name without the sheet's own prefix; a foreign one stays whole."""
        if not self.path:
            self.found.prefix = name[: name.rfind(":") + 1]
        prefix = self.found.prefix
        return name.removeprefix(prefix) if name.startswith(prefix) and ":" not in name[len(prefix) :] else f"?{name}"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self.parser.CurrentByteIndex
        local = self._local(name)
        self.path.append(local)
        tag = _TAG.match(self.xml, at)
        if tag is None:
            raise refused(f"工作表的内容不合规范，{AGAIN}", "damaged")
        self.ends.append((tag.end(), tag.group().endswith(b"/>")))
        where = "/".join(self.path)
        if where == "worksheet/sheetData/row/c/f":
            self._formula(attributes)
        elif where == "worksheet/sheetData/row/c/v":
            self.value_start = at
        elif where == "worksheet/sheetData/row/c":
            self._cell(at, attributes)
        elif where == "worksheet/sheetData/row":
            self._row(at, attributes)
        elif where == "worksheet/sheetData":
            self.found.data = (at, tag.end(), self.ends[-1][1], 0)
        elif where == "worksheet/mergeCells/mergeCell":
            self.found.merged.append(_whole(attributes["ref"]))
        elif where == "worksheet/cols/col":
            self._columns(attributes)

    def _row(self, at: int, attributes: dict[str, str]) -> None:
        if "r" not in attributes:
            raise refused(f"工作表的行没有写明位置，{AGAIN}", "damaged")
        inner, empty = self.ends[-1]
        own = attributes.get("s", "") if attributes.get("customFormat") in ("1", "true") else ""
        hidden = attributes.get("hidden") in ("1", "true")
        self.found.rows.append(RowSpan(int(attributes["r"]), at, inner, empty, own, hidden))

    def _cell(self, at: int, attributes: dict[str, str]) -> None:
        if "r" not in attributes:
            raise refused(f"工作表的单元格没有写明位置，{AGAIN}", "damaged")
        cell = CellSpan(place_of(attributes["r"]), at, style=attributes.get("s", ""))
        self.found.rows[-1].cells.append(cell)

    def _formula(self, attributes: dict[str, str]) -> None:
        self.text = []
        self.found.rows[-1].cells[-1].formula = ""
        if attributes.get("t") in ("array", "dataTable") and attributes.get("ref"):
            self.found.arrays.append(_whole(attributes["ref"]))

    def _columns(self, attributes: dict[str, str]) -> None:
        width = attributes.get("width")
        hidden = attributes.get("hidden") in ("1", "true")
        first, last = int(attributes["min"]), int(attributes["max"])
        self.found.columns.append((first, last, float(width) if width else None, hidden, attributes.get("style", "")))

    def _end(self, _name: str) -> None:
        at = self.parser.CurrentByteIndex
        inner, empty = self.ends.pop()
        where = "/".join(self.path)
        self.path.pop()
        end = inner if empty else self.xml.index(b">", at) + 1
        if where == "worksheet/sheetData/row/c":
            self.found.rows[-1].cells[-1].end = end
        elif where == "worksheet/sheetData/row/c/v":
            self.found.rows[-1].cells[-1].value = (self.value_start, end)
        elif where == "worksheet/sheetData/row/c/f":
            self.found.rows[-1].cells[-1].formula = "".join(self.text or ())
            self.text = None
        elif where == "worksheet/sheetData/row":
            self.found.rows[-1].close = inner if empty else at
        elif where == "worksheet/sheetData" and self.found.data:
            start, inside, is_empty, _ = self.found.data
            self.found.data = (start, inside, is_empty, inner if empty else at)


def sheet_scan(xml_bytes: bytes) -> SheetMap:
    """The places of a sheet.

    Raises:
        BusinessError: ``damaged``: it is not as Excel and WPS write it.
        xml.parsers.expat.ExpatError: it is no XML.
    """
    return _Scanner(xml_bytes).scan()


@dataclass(frozen=True)
class Written:
    """What a cell will hold: a number as written, or a text."""

    text: str
    number: bool = False


def _element(prefix: str, place: Place, style: str, value: Written) -> bytes:
    p, own = prefix, f' s="{style}"' if style else ""
    head = f'<{p}c r="{address_of(place)}"{own}'
    if value.number:
        return f"{head}><{p}v>{value.text}</{p}v></{p}c>".encode()
    words = escape(_ESCAPED.sub(r"_x005F_\1", text_storable(value.text)))
    return f'{head} t="inlineStr"><{p}is><{p}t xml:space="preserve">{words}</{p}t></{p}is></{p}c>'.encode()


def sheet_filled(xml_bytes: bytes, values: Mapping[Place, Written], stale: Iterable[Place] = ()) -> bytes:
    """The sheet with some cells' values replaced; formats and everything else stay the same bytes.

    Args:
        values: by place; none of them a formula's.
        stale: cells of formulas whose stored result is taken out, since it no longer holds.
    """
    found = sheet_scan(xml_bytes)
    edits: list[tuple[int, int, int, bytes]] = []
    for place in stale:
        cell = found.by_place.get(place)
        if cell is not None and cell.value is not None:
            edits.append((*cell.value, place[1], b""))
    new: dict[int, list[Place]] = {}
    for place in sorted(values):
        cell = found.by_place.get(place)
        if cell is not None:
            edits.append((cell.start, cell.end, place[1], _element(found.prefix, place, cell.style, values[place])))
        else:
            new.setdefault(place[0], []).append(place)
    made = {
        number: [(place[1], _element(found.prefix, place, found.style_of(place), values[place])) for place in places]
        for number, places in new.items()
    }
    return _spliced(xml_bytes, [*edits, *_additions(found, made)])


def _additions(found: SheetMap, made: Mapping[int, list[tuple[int, bytes]]]) -> Iterable[tuple[int, int, int, bytes]]:
    """Cells that the sheet does not have yet, in their rows; rows that it does not have, in their order."""
    p = found.prefix
    _, inside, empty, close = found.data or (0, 0, False, 0)
    fresh: list[bytes] = []
    for number in sorted(made):
        row = found.by_row.get(number)
        cells = b"".join(one for _, one in made[number])
        if row is None:
            element = f'<{p}row r="{number}">'.encode() + cells + f"</{p}row>".encode()
            if empty:
                fresh.append(element)
            else:
                later = next((one.start for one in found.rows if one.number > number), close)
                yield later, later, number, element
        elif row.empty:
            yield row.inner - 2, row.inner, 0, b">" + cells + f"</{p}row>".encode()
        else:
            for column, element in made[number]:
                at = next((one.start for one in row.cells if one.place[1] > column), row.close)
                yield at, at, column, element
    if fresh:
        yield inside - 2, inside, 0, b">" + b"".join(fresh) + f"</{p}sheetData>".encode()


def _spliced(xml_bytes: bytes, edits: Iterable[tuple[int, int, int, bytes]]) -> bytes:
    parts, at = [], 0
    # What is inserted at a place stands before what is replaced from there on.
    for start, end, _, text in sorted(edits, key=lambda one: (one[0], one[1] != one[0], one[2])):
        parts += [xml_bytes[at:start], text]
        at = end
    return b"".join([*parts, xml_bytes[at:]])
