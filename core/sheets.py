"""Tables as Excel files: any number of rows in constant memory, and no cell is ever a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from core.moments import SHANGHAI
from core.text import text_storable

# Excel's own limits.
MOST_ROWS, LONGEST_CELL = 1_048_575, 32_767
# Text that Excel would take for a formula once somebody edits the cell or saves it as CSV.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WIDEST, WIDTH = 60, 24
Cell = str | int | Decimal | datetime | None
# Larger amounts do not fit Excel's numbers to the fen; they are written as text.
LARGEST_AMOUNT = Decimal(10) ** 13


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head = book.add_format({"bold": True, "bg_color": "#E9F0F8", "text_wrap": True, "valign": "top"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        # Excel's own mark for "this is text" (the apostrophe one types), not part of the text.
        self.quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"})
        self.number = book.add_format({"valign": "top"})
        self.amount = book.add_format({"num_format": "#,##0.00", "valign": "top"})


def _write(sheet: Any, row: int, column: int, value: Any, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(SHANGHAI).replace(tzinfo=None), formats.moment)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        sheet.write_number(row, column, value, formats.number)
    elif isinstance(value, Decimal) and abs(value) < LARGEST_AMOUNT and value == round(value, 2):
        sheet.write_number(row, column, float(value), formats.amount)
    else:
        text = text_storable(str(value))[:LONGEST_CELL]
        # write_string, never write: nothing is guessed from what the text looks like.
        sheet.write_string(row, column, text, formats.quoted if text.startswith(FORMULA_STARTS) else formats.text)


def sheet_write(
    *,
    title: str,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Any]],
    made_at: datetime | None = None,
) -> IO[bytes]:
    """An Excel file with one sheet.

    Args:
        title: the sheet's name, at most 31 characters, and the document's title.
        heads: the first row.
        widths: of the columns, in characters.
        rows: cells as texts, whole numbers, amounts of two decimals at most or aware times (shown in Asia/Shanghai),
            read one after the other.
        made_at: written as the document's time, so that the same cells give the same bytes; None: now.

    Returns:
        The open temporary file, at its beginning; closing it deletes it.
    """
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (handed to the caller open)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    book.set_properties({"title": title, **({"created": made_at} if made_at else {})})
    formats = _Formats(book)
    sheet = book.add_worksheet(title[:31])
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width, WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, formats.head)
    for number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells):
            _write(sheet, number, column, value, formats)
    book.close()
    file.seek(0)
    return file


def workbook(*, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The bytes of :func:`sheet_write`'s file, with columns of one width.

    Args:
        name: the sheet's.
        heads: the first row.
        rows: texts, whole numbers, amounts, moments or None (an empty cell).
    """
    with sheet_write(title=name, heads=heads, widths=[WIDTH] * len(heads), rows=rows) as file:
        return file.read()
