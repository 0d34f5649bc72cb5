"""Workbooks: rows written one after the other, whatever their number; text never becomes a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from core.moments import SHANGHAI
from core.text import drop_not_storable

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_CHARACTERS = 32_767
WIDTH = 24
Cell = str | int | datetime | None


def workbook(*, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet.

    Args:
        name: the sheet's name.
        heads: the first row.
        rows: texts, whole numbers, moments (written in Asia/Shanghai) or None.

    Returns:
        The bytes of an XLSX file. Texts are text cells always; one that looks like a formula is marked as text
        (quote prefix), so that it stays text when the cell is edited or saved as CSV by a spreadsheet.
    """
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(name[:31])
        head = book.add_format({"bold": True, "text_wrap": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        quoted = book.add_format({"quote_prefix": True})
        sheet.set_column(0, len(heads) - 1, WIDTH)
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(heads):
            sheet.write_string(0, column, text, head)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, value.astimezone(SHANGHAI).replace(tzinfo=None), moment)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value)
                elif value:
                    text = drop_not_storable(value)[:MOST_CHARACTERS]
                    sheet.write_string(number, column, text, quoted if text.startswith(FORMULA) else None)
    return out.getvalue()
