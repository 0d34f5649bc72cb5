"""A bureau's blank form: its sheets as tables with merged cells, its formats, and copies of it that are filled."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any

import defusedxml.ElementTree as SafeTree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from core.text import first_not_storable
from documents.selectors import content_open
from performance.budget_rulebook import (
    MOST_COLUMNS,
    MOST_FORM_CELLS,
    MOST_FORM_COLUMNS,
    MOST_FORM_FORMULAS,
    MOST_FORM_ROWS,
    MOST_FORM_SHEETS,
    SHOWN_ROWS,
)
from performance.sheets.book import Advice, book_check, damage_told, refused
from performance.sheets.form_formulas import dependents
from performance.sheets.form_xml import AGAIN, Place, SheetMap, Written, place_of, sheet_filled, sheet_scan

_RELATION = re.compile(r"\{[^}]*relationships\}id$")
_QUOTED = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
GENERAL, TEXT = "General", "@"
BLANK = Advice(
    "传财政部门下发的空白表格（.xlsx 文件）", "删去里面的图片、附表，只留要填的表，另存以后再传",
    "只留要填的表，另存以后再传", "在 Excel 里删去用不到的单元格格式，另存以后再传",
)  # fmt: skip
WORKBOOK, STYLES, STRINGS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"


@dataclass(frozen=True)
class FormSheet:
    """A sheet: its name, its part, its places, and the words and formats of its cells."""

    title: str
    visible: bool
    part: str
    map: SheetMap
    texts: Mapping[Place, str] = field(default_factory=dict)
    formulas: Mapping[Place, str] = field(default_factory=dict)

    def is_formula(self, place: Place) -> bool:
        """Whether a place holds a formula, alone or as a part of an array."""
        row, column = place
        inside = any(one[0] <= column <= one[2] and one[1] <= row <= one[3] for one in self.map.arrays)
        return place in self.formulas or inside

    def is_inner(self, place: Place) -> bool:
        """Whether a place is hidden below the first cell of a merged area."""
        area = self.map.area_of(place)
        return (area[1], area[0]) != place

    def below(self, place: Place, rows: int) -> list[Place]:
        """``rows`` places below each other, merged ones as one."""
        found, at = [], place
        for _ in range(rows):
            found.append(at)
            at = (self.map.area_of(at)[3] + 1, at[1])
        return found

    @property
    def size(self) -> Place:
        """The last row and column that is shown."""
        cells = [one.place for one in self.map.cells()]
        rows = [one[0] for one in cells] + [one[3] for one in self.map.merged]
        columns = [one[1] for one in cells] + [one[2] for one in self.map.merged]
        return min(max(rows, default=1), SHOWN_ROWS), min(max(columns, default=1), MOST_COLUMNS)


@dataclass(frozen=True)
class FormBook:
    """A blank form read: sheets in their order, number formats by index, whether days count from 1904."""

    sheets: tuple[FormSheet, ...]
    formats: tuple[str, ...]
    from_1904: bool = False

    def sheet(self, title: str) -> FormSheet | None:
        """The sheet of a name."""
        return next((one for one in self.sheets if one.title == title), None)

    def format_of(self, sheet: FormSheet, place: Place) -> str:
        """The number format of a place: ``General``, ``0.00%`` …."""
        style = sheet.map.style_of(place)
        number = int(style) if style.isdigit() else 0
        return self.formats[number] if number < len(self.formats) else GENERAL


def is_percent(code: str) -> bool:
    """Whether a format multiplies by a hundred."""
    return "%" in _QUOTED.sub("", code)


def is_date(code: str) -> bool:
    """Whether a format shows days."""
    return code not in (GENERAL, TEXT) and bool(is_date_format(code))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _tree(package: zipfile.ZipFile, name: str) -> Any:
    return SafeTree.fromstring(package.read(name), forbid_dtd=True)


def _parts(package: zipfile.ZipFile) -> Iterable[tuple[str, bool, str]]:
    """(name, visible, part) of each worksheet, in their order; sheets of other kinds (charts) are left out."""
    root = _tree(package, WORKBOOK)
    links = {
        str(one.get("Id")): (str(one.get("Type")), str(one.get("Target")))
        for one in _tree(package, "xl/_rels/workbook.xml.rels")
    }
    for sheet in (one for one in root.iter() if _local(one) == "sheet"):
        number = next((value for name, value in sheet.attrib.items() if _RELATION.search(name)), "")
        kind, target = links[number]
        if kind.endswith("/worksheet"):
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield str(sheet.get("name")), sheet.get("state", "visible") == "visible", part


def _formats(package: zipfile.ZipFile) -> tuple[str, ...]:
    """The number format of each index of cell formats."""
    if STYLES not in package.namelist():
        return ()
    root = _tree(package, STYLES)
    own = {one.get("numFmtId"): str(one.get("formatCode")) for one in root.iter() if _local(one) == "numFmt"}
    cells = next((one for one in root if _local(one) == "cellXfs"), ())
    return tuple(_format(one.get("numFmtId", "0"), own) for one in cells)


def _format(number: str, own: Mapping[Any, str]) -> str:
    return own.get(number) or str(BUILTIN_FORMATS.get(int(number), GENERAL))


def _strings(package: zipfile.ZipFile) -> list[str]:
    if STRINGS not in package.namelist():
        return []
    return [_words(one) for one in _tree(package, STRINGS) if _local(one) == "si"]


def _words(item: Any) -> str:
    """The text of a shared or inline string without its phonetic readings."""
    found = []
    for one in item:
        if _local(one) == "t":
            found.append(one.text or "")
        elif _local(one) == "r":
            found += [part.text or "" for part in one if _local(part) == "t"]
    return "".join("\ufffd" if first_not_storable(one) else one for one in "".join(found))


def _texts(content: bytes, strings: list[str]) -> dict[Place, str]:
    """What each cell shows; numbers as they are stored."""
    found: dict[Place, str] = {}
    root = SafeTree.fromstring(content, forbid_dtd=True)
    data = next((one for one in root if _local(one) == "sheetData"), ())
    for cell in (one for row in data for one in row if _local(one) == "c"):
        text = _cell_text(cell, strings)
        if text.strip():
            found[place_of(str(cell.get("r")))] = text.strip()
    return found


def _cell_text(cell: Any, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    for one in cell:
        if _local(one) == "is":
            return _words(one)
        if _local(one) == "v" and one.text:
            return strings[int(one.text)] if kind == "s" else str(one.text)
    return ""


def book_read(stream: IO[bytes]) -> FormBook:
    """Read a blank form.

    Args:
        stream: seekable.

    Raises:
        BusinessError: as ``performance.sheets.book.book_check``; ``too_large`` for one that is no form.
    """
    book_check(stream, BLANK)
    with damage_told():
        stream.seek(0)
        with zipfile.ZipFile(stream) as package:
            return _book(package)


def _book(package: zipfile.ZipFile) -> FormBook:
    parts = list(_parts(package))
    if not parts:
        raise refused(f"文件里没有工作表，{AGAIN}", "damaged")
    if len(parts) > MOST_FORM_SHEETS:
        raise refused(f"工作表超过 {MOST_FORM_SHEETS} 张，请只留要填的表，另存以后再传", "too_large")
    strings, sheets, cells = _strings(package), list[FormSheet](), 0
    for title, visible, part in parts:
        content = package.read(part)
        found = sheet_scan(content)
        cells += sum(len(row.cells) for row in found.rows)
        if cells > MOST_FORM_CELLS:
            raise refused(f"单元格超过 {MOST_FORM_CELLS:,} 个，不像一份空白表格，请删去用不到的行再传", "too_large")
        _range_checked(title, found)
        formulas = {one.place: one.formula for one in found.cells() if one.formula is not None}
        sheets.append(FormSheet(title, visible, part, found, _texts(content, strings), formulas))
    properties = next((one for one in _tree(package, WORKBOOK) if _local(one) == "workbookPr"), None)
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return FormBook(tuple(sheets), _formats(package), from_1904)


def _range_checked(title: str, found: SheetMap) -> None:
    """Raises BusinessError: cells far out, which no form that people fill has."""
    last_row = max([*(one.place[0] for one in found.cells()), *(one[3] for one in found.merged)], default=0)
    last_column = max([*(one.place[1] for one in found.cells()), *(one[2] for one in found.merged)], default=0)
    if last_row > MOST_FORM_ROWS or last_column > MOST_FORM_COLUMNS:
        raise refused(
            f"工作表“{title}”用到了第 {last_row:,} 行、第 {last_column:,} 列（最多 {MOST_FORM_ROWS:,} 行、"
            f"{MOST_FORM_COLUMNS} 列），不像一份空白表格，请删去右边、下边用不到的行列，另存以后再传",
            "too_large",
        )


@lru_cache(maxsize=16)
def book_of(sha256: str) -> FormBook:
    """The blank form with a stored content; read once in a process, since a content never changes.

    Raises:
        BusinessError: as :func:`book_read`, and when the storage has lost it.
    """
    with content_open(sha256) as stream:
        return book_read(io.BytesIO(stream.read()))


def book_filled(content: bytes, values: Mapping[tuple[str, Place], Written]) -> bytes:
    """A copy of a blank form with some cells filled; the same form and values give the same bytes.

    Only the ``<c>`` of these cells is changed (value and type; the format stays), stored results of formulas that
    depend on them are taken out, and the book is told to compute everything when it is opened. Every other part of
    the package is the same bytes.

    Args:
        content: the blank form. values: by (sheet, place), none of them a formula's.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        book = _book(package)
        changed = dict(_sheets_filled(package, book, values))
        if changed:
            changed[WORKBOOK] = _computed_on_load(package.read(WORKBOOK))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as copy:
            for one in package.infolist():
                copy.writestr(_entry(one), changed.get(one.filename, package.read(one)))
    return out.getvalue()


def _entry(one: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The same name, time and packing."""
    found = zipfile.ZipInfo(one.filename, one.date_time)
    found.compress_type = one.compress_type if one.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
    found.external_attr, found.create_system = one.external_attr, one.create_system
    return found


def _sheets_filled(
    package: zipfile.ZipFile, book: FormBook, values: Mapping[tuple[str, Place], Written]
) -> Iterable[tuple[str, bytes]]:
    formulas = {(one.title, place): text for one in book.sheets for place, text in one.formulas.items()}
    stale = set(formulas) if len(formulas) > MOST_FORM_FORMULAS else dependents(formulas, values)
    for one in book.sheets:
        own = {place: value for (title, place), value in values.items() if title == one.title}
        old = [place for title, place in stale if title == one.title]
        if own or old:
            yield one.part, sheet_filled(package.read(one.part), own, old)


# The children of <workbook> that stand before <calcPr> (ECMA-376 part 1, 18.2.27), the last first.
_BEFORE = (b"definedNames", b"externalReferences", b"functionGroups", b"sheets")


def _computed_on_load(xml_bytes: bytes) -> bytes:
    """``<calcPr fullCalcOnLoad="1">``: Excel and WPS compute every formula when the book is opened."""
    if found := re.search(rb"<(?:\w+:)?calcPr\b[^>]*>", xml_bytes):
        tag = re.sub(rb"\s+fullCalcOnLoad\s*=\s*(\"[^\"]*\"|'[^']*')", b"", found.group())
        end = b"/>" if tag.endswith(b"/>") else b">"
        return xml_bytes[: found.start()] + tag[: -len(end)].rstrip() + b' fullCalcOnLoad="1"' + end + xml_bytes[
            found.end() :
        ]  # fmt: skip
    for name in _BEFORE:
        if ends := list(re.finditer(rb"<(/?)((?:\w+:)?)" + name + rb"\b[^>]*?(/?)>", xml_bytes)):
            last = ends[-1]
            new = b"<" + last[2] + b'calcPr fullCalcOnLoad="1"/>'
            return xml_bytes[: last.end()] + new + xml_bytes[last.end() :]
    return xml_bytes
