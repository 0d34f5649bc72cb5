"""Opens an Excel file that somebody sent: what is no plain workbook, or too large, is refused before it is read."""

from __future__ import annotations

import logging
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import defusedxml.ElementTree as SafeTree
import openpyxl
from openpyxl.utils import range_boundaries

from core.errors import BusinessError
from performance.budget_rulebook import (
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNZIPPED,
)

log = logging.getLogger(__name__)
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
CHUNK = 1 << 20
# Tags of all parts together: a small file can hold millions of empty ones, each of which costs memory.
MOST_TAGS = 8 * MOST_CELLS
# Rows that hold nothing but a format are many in some lists.
MOST_FORMATTED = 200_000
MOST_OF_A_PART = 8 * 1024 * 1024
_SMALL = re.compile(r"(^|/)(workbook|styles|theme\d*|\[Content_Types\])\.xml(\.rels)?$")


@dataclass(frozen=True)
class Advice:
    """What to do instead, in the words of the page that a file is sent to: after 请."""

    another: str
    smaller: str
    fewer: str
    plainer: str


LIST = Advice(
    "下载模板，填好以后传 .xlsx 文件", "按月份拆开再传", "只留清单这一张表，另存以后再传", "把内容粘贴到模板里再传"
)


class InterruptedReadingError(Exception):
    """Whoever reads wants to stop; no fault of the file."""


def refused(why: str, code: str = "bad_book") -> BusinessError:
    """``文件没有读：…。``"""
    return BusinessError(f"文件没有读：{why}。", code)


def _names(stream: IO[bytes], advice: Advice) -> dict[str, zipfile.ZipInfo]:
    """The parts of the package by name. Raises BusinessError: it is none, or too large."""
    stream.seek(0)
    head = stream.read(8)
    if head == OLE:
        stream.seek(0)
        if ENCRYPTED in stream.read(MOST_BYTES):
            raise refused("文件加了打开密码，请在 Excel 里去掉密码，另存以后再传", "encrypted")
        raise refused(
            "这是旧版格式（.xls 或 WPS 的 .et），请在 Excel 里另存为“Excel 工作簿（.xlsx）”再传", "old_format"
        )
    if not head.startswith(b"PK"):
        raise refused(f"这不是 Excel 文件，请{advice.another}", "not_excel")
    with zipfile.ZipFile(stream) as package:
        parts = {one.filename: one for one in package.infolist()}
    if any(one.flag_bits & 1 for one in parts.values()):
        raise refused("压缩包加了密码，请去掉密码再传", "encrypted")
    if any(_leads_out(name) for name in parts):
        raise refused("文件里有指向外面的路径，不是 Excel 或 WPS 存的，请打开、另存以后再传", "damaged")
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts.values()) > MOST_UNZIPPED:
        raise refused(
            f"文件展开以后太大（超过 {MOST_UNZIPPED // 1024 // 1024} MB），请{advice.fewer}",
            "too_large",
        )
    return parts


def _leads_out(name: str) -> bool:
    """Whether the name of a part would stand outside of the package, were it ever written to a folder."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain or ".." in plain.split("/")


def _plain_workbook(parts: dict[str, zipfile.ZipInfo], types: bytes, advice: Advice) -> None:
    """Raises BusinessError: a package of another kind, or one with programs."""
    lower = {name.lower() for name in parts}
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in lower) or b"macroEnabled" in types:
        raise refused("文件里有宏（程序），请另存为“Excel 工作簿（.xlsx）”再传", "macros")
    if "xl/workbook.bin" in lower:
        raise refused("这是二进制工作簿（.xlsb），请另存为“Excel 工作簿（.xlsx）”再传", "old_format")
    if "xl/workbook.xml" not in lower:
        raise refused(f"这不是 Excel 文件，请{advice.another}", "not_excel")
    for name, one in parts.items():
        if _SMALL.search(name) and one.file_size > MOST_OF_A_PART:
            raise refused(f"文件的格式信息太多，请{advice.plainer}", "too_large")


def _tags_counted(stream: IO[bytes], advice: Advice) -> None:
    """Raises BusinessError: more XML than any list needs."""
    found = 0
    with zipfile.ZipFile(stream) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                with package.open(name) as part:
                    while chunk := part.read(CHUNK):
                        found += chunk.count(b"<")
                        if found > MOST_TAGS:
                            raise refused(f"表格太大，请{advice.fewer}", "too_large")


@contextmanager
def damage_told() -> Iterator[None]:
    """Whatever a broken or hostile package makes the libraries raise is one sentence."""
    try:
        yield
    except (BusinessError, InterruptedReadingError):
        raise
    except Exception as error:
        log.info("a workbook could not be read: %s", type(error).__name__)
        raise refused("文件已损坏，或者不是标准的 Excel 格式，请在 Excel 里打开、另存以后再传", "damaged") from error


def book_check(stream: IO[bytes], advice: Advice = LIST) -> None:
    """Look whether the file is a plain workbook within the limits, without reading its cells.

    Args:
        stream: seekable; left anywhere. advice: what the sentences ask for instead.

    Raises:
        BusinessError: ``too_large``, ``encrypted``, ``old_format``, ``not_excel``, ``macros``, ``damaged``.
    """
    stream.seek(0, 2)
    if stream.tell() > MOST_BYTES:
        raise refused(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请{advice.smaller}", "too_large")
    with damage_told():
        parts = _names(stream, advice)
        with zipfile.ZipFile(stream) as package:
            types = package.read("[Content_Types].xml") if "[Content_Types].xml" in parts else b""
        _plain_workbook(parts, types, advice)
        _tags_counted(stream, advice)


@dataclass
class SheetScan:
    """What the cells themselves do not tell.

    Args:
        merged: (first column, first row, last column, last row), from 1.
        hidden_rows, hidden_columns: numbers from 1.
        rows, cells: how many there are; last_row: the last that holds something.
    """

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rows: int = 0
    cells: int = 0
    row: int = 0
    last_row: int = 0


def _element_noted(scan: SheetScan, name: str, element: Any) -> None:
    if name == "c":
        scan.cells += 1
    elif name in ("v", "is", "f"):
        scan.last_row = max(scan.last_row, scan.row)
    elif name == "mergeCell":
        first, top, last, bottom = range_boundaries(str(element.get("ref")))
        scan.merged.append((int(first or 1), int(top or 1), int(last or 1), int(bottom or 1)))
    elif name == "col" and element.get("hidden") in ("1", "true"):
        first, last = int(element.get("min")), int(element.get("max"))
        scan.hidden_columns |= set(range(first, min(last, MOST_COLUMNS) + 1))


def _row_begun(scan: SheetScan, element: Any) -> None:
    scan.row, scan.rows = int(element.get("r") or scan.row + 1), scan.rows + 1
    if element.get("hidden") in ("1", "true"):
        scan.hidden_rows.add(scan.row)


def _scan(part: IO[bytes]) -> SheetScan:
    """Walk through a sheet's XML once. Raises BusinessError: too many rows or cells."""
    scan, above = SheetScan(), []
    for event, element in SafeTree.iterparse(part, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            above.append(element)
            if str(element.tag).endswith("}row"):
                _row_begun(scan, element)
            continue
        above.pop()
        _element_noted(scan, str(element.tag).rpartition("}")[2], element)
        if above:
            above[-1].remove(element)  # nothing is kept of what was seen
        if scan.rows > MOST_FORMATTED or scan.cells > MOST_CELLS:
            raise refused(f"表格超过 {MOST_ROWS:,} 行或 {MOST_CELLS:,} 格，请按月份拆开再传", "too_large")
    return scan


@dataclass
class Sheet:
    """A sheet with its scan; ``rows`` are read-only cells, one row after the other."""

    title: str
    visible: bool
    scan: SheetScan
    source: Any

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row from 1 to the last that holds something, at most MOST_COLUMNS wide."""
        self.source.reset_dimensions()
        yield from self.source.iter_rows(max_row=self.scan.last_row or 1, max_col=MOST_COLUMNS)


@contextmanager
def book_open(stream: IO[bytes]) -> Iterator[list[Sheet]]:
    """The sheets of a workbook, formulas as formulas; closed afterwards.

    Args:
        stream: seekable, kept open while the sheets are read.

    Raises:
        BusinessError: as ``book_check``.
    """
    book_check(stream)
    with damage_told(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of extensions that are of no use here
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        try:
            sheets = []
            with zipfile.ZipFile(stream) as package:
                for one in book.worksheets:
                    with package.open(one._worksheet_path.lstrip("/")) as part:
                        sheets.append(Sheet(one.title, one.sheet_state == "visible", _scan(part), one))
            if not sheets:
                raise refused("文件已损坏，里面没有工作表，请在 Excel 里打开、另存以后再传", "damaged")
            yield sheets
        finally:
            book.close()
