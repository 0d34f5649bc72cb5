"""Empty lists to fill in: the columns with what belongs in them, an example, and the year's own lines to copy from."""

from __future__ import annotations

import io
from typing import IO

import xlsxwriter

from performance.models import FiscalYear, SpendingImport
from performance.selectors.money import spending_lines
from performance.sheets.layout import COLUMNS

LINE_HEADS = ("支出类别", "项目", "功能科目", "经济科目", "余额（元）")


def template_write(year: FiscalYear, kind: str) -> IO[bytes]:
    """A workbook: the list (headers alone), how to fill it in, the lines of the budget.

    Args:
        kind: of ``SpendingImport.Kind``.

    Returns:
        The bytes as a stream, at its beginning.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    label = SpendingImport.Kind(kind).label
    book.set_properties({"title": f"{label}模板"})
    head = book.add_format({"bold": True, "bg_color": "#E9F0F8", "border": 1, "border_color": "#B9CBE2"})
    wrap, text = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"num_format": "@"})
    money = book.add_format({"num_format": "#,##0.00"})
    columns = COLUMNS[kind]
    sheet = book.add_worksheet(label)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.label + ("（元）" if column.key == "amount" else ""), head)
        sheet.set_column(place, place, 20, money if column.key == "amount" else text)
    guide = book.add_worksheet("填写说明")
    guide.set_column(0, 1, 16)
    guide.set_column(2, 3, 44, wrap)
    for place, words in enumerate(("列", "是否必填", "说明", "例")):
        guide.write_string(0, place, words, head)
    for row, column in enumerate(columns, 1):
        for place, words in enumerate(
            (column.label, "必填" if column.required else "可空", column.help, column.sample)
        ):
            guide.write_string(row, place, words)
    lines = book.add_worksheet("可用的预算")
    lines.set_column(0, 4, 26)
    for place, words in enumerate(LINE_HEADS):
        lines.write_string(0, place, words, head)
    for row, line in enumerate(spending_lines(year), 1):
        program = line.program_year.program.name if line.program_year else ""
        cells = (line.get_category_display(), program, str(line.functional), str(line.economic))
        for place, words in enumerate(cells):
            lines.write_string(row, place, str(words))
        lines.write_string(row, 4, f"{line.left:.2f}")  # type: ignore[attr-defined]
    book.close()
    file.seek(0)
    return file
