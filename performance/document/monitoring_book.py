"""绩效运行监控表 as Excel: the same columns as on paper, one A4 page wide, no cell a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby

import xlsxwriter

from core.text import text_storable
from performance.document.monitoring import CAUSES, LIKELIHOODS, GoalRow, MonitoringForm
from performance.document.workbook import HEAD, MADE_AT, PLAIN, FormSheet

WIDTHS = (10, 12, 22, 13, 13, 13, 6, 6, 6, 6, 6, 28, 7, 7, 7, 14)
COLUMNS = len(WIDTHS)
MONEY_HEADS = ("年初预算数", "{}执行数", "{}执行率", "全年预计执行数")
# Columns (from 0) of the money: of each head the first and the last.
MONEY_SPANS = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (9, 15))
GOAL_HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "{}执行情况", "全年预计完成情况")


def monitoring_workbook(form: MonitoringForm) -> bytes:
    """The form as an XLSX file of one sheet, set to print on A4 lying down.

    Args:
        form: figures as printed.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": text_storable(form.heading), "author": text_storable(form.unit), "created": MADE_AT})
    out = FormSheet(book, "绩效运行监控表")
    for column, width in enumerate(WIDTHS):
        out.sheet.set_column(column, column, width)
    heads = _money(out, form, _begin(out, form))
    last = _end(out, form, _rows(out, form.rows, _heads(out, form, heads)))
    out.lie_down(last, COLUMNS, (heads, heads + 1))
    book.close()
    return file.getvalue()


def _begin(out: FormSheet, form: MonitoringForm) -> int:
    out.merged(0, 0, 0, COLUMNS - 1, form.heading, bold=True, align="center", font_size=18, **PLAIN)
    out.merged(1, 0, 1, COLUMNS - 1, f"（{form.year}年度，{form.months}）", align="center", font_size=12, **PLAIN)
    out.sheet.set_row(0, 30)
    out.sheet.set_row(1, 20)
    out.merged(2, 0, 2, 1, form.name_label, **HEAD)
    out.merged(2, 2, 2, COLUMNS - 1, form.name)
    out.merged(3, 0, 3, 1, "主管部门", **HEAD)
    out.merged(3, 2, 3, 4, form.competent_department)
    out.merged(3, 5, 3, 6, "实施单位", **HEAD)
    out.merged(3, 7, 3, COLUMNS - 1, form.unit)
    return 4


def _money(out: FormSheet, form: MonitoringForm, row: int) -> int:
    out.merged(row, 0, row + len(form.money), 0, "资金\n（万元）", **HEAD)
    out.text(row, 1, "", **HEAD)
    heads = (*(one.format(form.months) for one in MONEY_HEADS), "完成目标可能性", "偏差原因及说明")
    for (first, last), head in zip(MONEY_SPANS, heads, strict=True):
        out.merged(row, first, row, last, head, **HEAD)
    for money in form.money:
        row += 1
        out.text(row, 1, money.name)
        for column, value in ((2, money.initial), (3, money.spent), (5, money.expected)):
            out.figure(row, column, value)
        out.text(row, 4, money.rate, align="center")
        out.merged(row, 6, row, 8, money.likelihood, align="center")
        why = "：".join(part for part in (money.causes, money.explanation) if part)
        out.merged(row, 9, row, COLUMNS - 1, why)
        out.height(row, [(money.name, WIDTHS[1]), (why, sum(WIDTHS[9:]))])
    row += 1
    out.text(row, 0, "年度总体目标", **HEAD)
    out.merged(row, 1, row, COLUMNS - 1, form.goal)
    out.height(row, [(form.goal, sum(WIDTHS[1:]))], least=2)
    return row + 1


def _heads(out: FormSheet, form: MonitoringForm, row: int) -> int:
    for column, head in enumerate(GOAL_HEADS):
        out.merged(row, column, row + 1, column, head.format(form.months), **HEAD)
    out.merged(row, 6, row, 11, "偏差原因分析", **HEAD)
    out.merged(row, 12, row, 14, "完成目标可能性", **HEAD)
    out.merged(row, 15, row + 1, 15, "备注", **HEAD)
    for column, head in enumerate((*CAUSES, "原因说明", *LIKELIHOODS), 6):
        out.text(row + 1, column, head, **HEAD)
    out.sheet.set_row(row + 1, 34)
    return row + 2


def _rows(out: FormSheet, rows: Sequence[GoalRow], row: int) -> int:
    for level1, first in groupby(rows, key=lambda one: one.level1):
        begin = row
        for level2, found in groupby(first, key=lambda one: one.level2):
            group = row
            for one in found:
                _row(out, one, row)
                row += 1
            out.merged(group, 1, row - 1, 1, level2, align="center")
        out.merged(begin, 0, row - 1, 0, level1, **HEAD)
    return row


def _row(out: FormSheet, one: GoalRow, row: int) -> None:
    for column, value in ((2, one.name), (3, one.target), (4, one.so_far), (5, one.expected)):
        out.text(row, column, value)
    for column, value in enumerate((*one.cause_marks, one.explanation, *one.likelihood_marks), 6):
        out.text(row, column, value, **({} if column == 11 else {"align": "center"}))
    out.text(row, 15, one.remark)
    texts = (one.name, one.target, one.so_far, one.expected)
    out.height(row, [*zip(texts, WIDTHS[2:6], strict=True), (one.explanation, WIDTHS[11]), (one.remark, WIDTHS[15])])


def _end(out: FormSheet, form: MonitoringForm, row: int) -> int:
    for note in form.notes:
        out.merged(row, 0, row, COLUMNS - 1, f"注：{note}", **PLAIN)
        row += 1
    out.sheet.set_row(row, 30)
    signs = (("填表人：" + form.filled_by, 0, 3), ("联系电话：" + form.phone, 4, 9),
             ("单位负责人（签字）：" + form.head, 10, COLUMNS - 1))  # fmt: skip
    for words, column, last in signs:
        out.merged(row, column, row, last, words, font_size=12, **PLAIN)
    return row
