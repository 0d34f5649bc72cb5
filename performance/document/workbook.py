"""The 自评表 alone as Excel, as the finance bureaus' systems take it: merged heads, borders, one A4 page lying down.

No cell is ever a formula, and the same form gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

import xlsxwriter

from core.sheets import FORMULA_STARTS, LONGEST_CELL
from core.text import text_storable
from performance.document.form import form_notes, funds_label
from performance.document.model import Form, FundRow, IndicatorRow

COLUMNS = 8
WIDTHS = (12, 18, 24, 15, 15, 9, 10, 34)
A4 = 9
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
FUND_HEADS = ("年初预算数", "全年预算数（A）", "全年执行数（B）", "分值", "执行率（B/A）", "得分")
# A file's times come from no clock (core properties need one): ECMA-376 part 2.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
# Points of a line, and characters of full width that a column of width 1 holds, about.
LINE_POINTS, WIDE = 15.0, 0.5


def _number(text: str) -> Decimal | None:
    """The value of a printed amount or score; None when it is words."""
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


class FormSheet:
    """One sheet with the formats of the form."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self.book, self.sheet = book, book.add_worksheet(name)
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **more: Any) -> Any:
        values = {"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "vcenter", "border": 1, **more}
        key = tuple(sorted(values.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(values)
        return self.made[key]

    def text(self, row: int, column: int, value: str, **more: Any) -> None:
        """A cell of text: never guessed from what it looks like."""
        value = text_storable(value)[:LONGEST_CELL]
        quoted = {"quote_prefix": True} if value.startswith(FORMULA_STARTS) else {}
        self.sheet.write_string(row, column, value, self.format(**quoted, **more))

    def figure(self, row: int, column: int, value: str, **more: Any) -> None:
        """A number with its printed decimals, or the text where it is none."""
        found = _number(value)
        if found is None:
            self.text(row, column, value, **{**more, "align": "center"})
            return
        decimals = max(-int(found.as_tuple().exponent), 0)
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        self.sheet.write_number(row, column, found, self.format(**{"num_format": shown, "align": "right", **more}))

    def merged(self, row: int, column: int, to_row: int, to_column: int, value: str, **more: Any) -> None:
        """One cell over several; every one of them has its border."""
        for each in range(row, to_row + 1):
            for other in range(column, to_column + 1):
                self.sheet.write_blank(each, other, None, self.format(**more))
        if (row, column) != (to_row, to_column):
            self.sheet.merge_range(row, column, to_row, to_column, "", self.format(**more))
        self.text(row, column, value, **more)

    def height(self, row: int, cells: Sequence[tuple[str, float]], least: int = 1) -> None:
        """As many lines as the longest cell needs: merged cells do not grow by themselves."""
        lines = max(
            [least, *(sum(-(-max(len(line), 1) // max(int(width * WIDE), 1)) for line in text.split("\n"))
                      for text, width in cells)]
        )  # fmt: skip
        self.sheet.set_row(row, min(lines * LINE_POINTS + 4, 409))

    def lie_down(self, last: int, columns: int, heads: tuple[int, int]) -> None:
        """Print on A4 lying down, one page wide.

        Args:
            last: the last row; columns: how many; heads: first and last row that every page repeats.
        """
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        self.sheet.center_horizontally()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, last, columns - 1)
        self.sheet.repeat_rows(*heads)
        self.sheet.set_footer("&C第 &P 页，共 &N 页")
        self.sheet.hide_gridlines(2)


HEAD: dict[str, Any] = {"bold": True, "align": "center", "bg_color": "#EEF2F7"}
PLAIN: dict[str, Any] = {"border": 0}


def _begin(out: FormSheet, form: Form) -> int:
    out.merged(0, 0, 0, COLUMNS - 1, form.heading, bold=True, align="center", font_size=18, **PLAIN)
    out.merged(1, 0, 1, COLUMNS - 1, f"（{form.year}年度）", align="center", font_size=12, **PLAIN)
    out.sheet.set_row(0, 30)
    out.sheet.set_row(1, 20)
    out.merged(2, 0, 2, 1, form.name_label, **HEAD)
    out.merged(2, 2, 2, COLUMNS - 1, form.name)
    out.merged(3, 0, 3, 1, "主管部门", **HEAD)
    out.merged(3, 2, 3, 3, form.competent_department)
    out.text(3, 4, "实施单位", **HEAD)
    out.merged(3, 5, 3, COLUMNS - 1, form.unit)
    return 4


def _funds(out: FormSheet, funds: Sequence[FundRow], label: str, row: int) -> int:
    out.merged(row, 0, row + len(funds), 0, f"{label}\n（万元）", **HEAD)
    out.text(row, 1, "", **HEAD)
    for column, head in enumerate(FUND_HEADS, 2):
        out.text(row, column, head, **HEAD)
    for fund in funds:
        row += 1
        out.text(row, 1, fund.source)
        for column, value in enumerate((fund.initial, fund.adjusted, fund.executed), 2):
            out.figure(row, column, value)
        out.figure(row, 5, fund.weight, align="center")
        out.text(row, 6, fund.rate, align="center")
        out.figure(row, 7, fund.score, align="center")
        out.height(row, [(fund.source, WIDTHS[1])])
    return row + 1


def _goals(out: FormSheet, form: Form, row: int) -> int:
    out.merged(row, 0, row + 1, 0, "年度总体目标", **HEAD)
    out.merged(row, 1, row, 3, "预期目标", **HEAD)
    out.merged(row, 4, row, COLUMNS - 1, "实际完成情况", **HEAD)
    out.merged(row + 1, 1, row + 1, 3, form.expected_goal, valign="top")
    out.merged(row + 1, 4, row + 1, COLUMNS - 1, form.goal_result, valign="top")
    out.height(row + 1, [(form.expected_goal, sum(WIDTHS[1:4])), (form.goal_result, sum(WIDTHS[4:]))], least=3)
    return row + 2


def _reason(row: IndicatorRow) -> str:
    manual = f"人工评分{row.manual_score}分：{row.manual_reason}" if row.manual_score else ""
    return "\n".join(part for part in (row.reason, manual) if part)


def _indicators(out: FormSheet, rows: Sequence[IndicatorRow], row: int) -> int:
    for column, head in enumerate(HEADS):
        out.text(row, column, head, **HEAD)
    out.sheet.set_row(row, 20)
    row += 1
    for level1, first in groupby(rows, key=lambda one: one.level1):
        begin = row
        for level2, found in groupby(first, key=lambda one: one.level2):
            group = row
            for one in found:
                for column, value in ((2, one.name), (3, one.target), (4, one.actual), (7, _reason(one))):
                    out.text(row, column, value)
                out.figure(row, 5, one.weight, align="center")
                out.figure(row, 6, one.score, align="center")
                texts = (one.name, one.target, one.actual)
                out.height(row, [*zip(texts, WIDTHS[2:5], strict=True), (_reason(one), WIDTHS[7])])
                row += 1
            out.merged(group, 1, row - 1, 1, level2, align="center")
        out.merged(begin, 0, row - 1, 0, level1, **HEAD)
    return row


def _end(out: FormSheet, form: Form, row: int) -> int:
    out.merged(row, 0, row, 4, "总分", **HEAD)
    out.figure(row, 5, form.total_weight, bold=True, align="center")
    out.figure(row, 6, form.total, bold=True, align="center")
    out.text(row, 7, f"评价等级：{form.grade}" if form.grade else "", bold=True, align="center")
    row += 1
    for note in form_notes(form):
        out.merged(row, 0, row, COLUMNS - 1, f"注：{note}", **PLAIN)
        row += 1
    out.sheet.set_row(row, 30)
    places = ((0, 2), (3, 5), (6, 7))[-len(form.signatures) :]
    for (label, who), (column, last) in zip(form.signatures, places, strict=True):
        words = f"{label}：{who}"
        out.merged(row, column, row, last, words, font_size=12, **PLAIN)
    return row


def form_workbook(form: Form) -> bytes:
    """The form as an XLSX file of one sheet, set to print on A4 lying down, one page wide.

    Args:
        form: as :class:`performance.document.model.Form`, figures as printed.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": text_storable(form.heading), "author": text_storable(form.unit), "created": MADE_AT})
    out = FormSheet(book, "绩效自评表")
    for column, width in enumerate(WIDTHS):
        out.sheet.set_column(column, column, width)
    row = _goals(out, form, _funds(out, form.funds, funds_label(form), _begin(out, form)))
    heads = row
    last = _end(out, form, _indicators(out, form.indicators, row))
    out.lie_down(last, COLUMNS, (heads, heads))
    book.close()
    return file.getvalue()
