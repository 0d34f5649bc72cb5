"""A bureau's blank form of the demonstration: three sheets, made here since no form of a real bureau is ours to show."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

MADE_AT = datetime(2026, 1, 5, tzinfo=UTC)
COVER = ("单位名称", "单位代码", "主管部门", "项目名称", "项目代码", "填表人", "联系电话", "单位负责人", "填报日期")
MONEY = ("年初预算数", "全年预算数", "全年执行数", "执行率", "得分")
ROWS = ("年度资金总额", "其中：当年财政拨款", "上年结转资金", "其他资金")
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
# Level 1, its first row and its last: as many rows as the bureau foresaw.
BLOCKS = (("产出指标", 13, 18), ("效益指标", 19, 21), ("满意度指标", 22, 23))
COMMON = ("预算执行率", "预算调整率", "公用经费控制率", "结转结余率", "三公经费控制率")
LAST = "项目支出绩效自评表"


def _formats(book: Any) -> dict[str, Any]:
    edge = {"border": 1, "font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "vcenter"}
    kinds: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 18, "align": "center", "border": 0},
        "year": {"font_size": 12, "align": "center", "border": 0},
        "head": {"bold": True, "align": "center", "bg_color": "#EEF2F7"},
        "cell": {},
        "money": {"num_format": "#,##0.00"},
        "rate": {"num_format": "0.00%", "align": "center"},
        "score": {"num_format": "0.00", "align": "center"},
        "day": {"num_format": "yyyy年m月d日", "align": "left"},
        "low": {"font_color": "#B3261E", "border": 0},
    }
    return {name: book.add_format({**edge, **more}) for name, more in kinds.items()}


def _cover(sheet: Any, formats: Mapping[str, Any]) -> None:
    sheet.set_column("A:A", 18)
    sheet.set_column("B:D", 20)
    sheet.merge_range("A1:D1", "县级预算项目绩效自评材料", formats["title"])
    sheet.merge_range("A2:D2", "", formats["year"])
    for row, label in enumerate(COVER, 4):
        sheet.write(f"A{row}", label, formats["head"])
        sheet.merge_range(f"B{row}:D{row}", "", formats["day" if label == "填报日期" else "cell"])
    sheet.write("A14", "总分（自动）", formats["head"])
    sheet.merge_range("B14:D14", "", formats["score"])
    sheet.write_formula("B14", "=自评表!G25", formats["score"], 0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _money(sheet: Any, formats: Mapping[str, Any]) -> None:
    sheet.merge_range("A5:B9", "项目资金（万元）", formats["head"])
    sheet.write("C5", "", formats["head"])
    for column, head in zip("DEFGH", MONEY, strict=True):
        sheet.write(f"{column}5", head, formats["head"])
    for row, name in enumerate(ROWS, 6):
        sheet.write(f"C{row}", name, formats["cell"])
        for column, kind in zip("DEFGH", ("money", "money", "money", "rate", "score"), strict=True):
            sheet.write_blank(f"{column}{row}", None, formats[kind])


def _form(sheet: Any, formats: Mapping[str, Any]) -> None:
    for column, width in zip("ABCDEFGH", (11, 13, 26, 14, 14, 9, 9, 34), strict=True):
        sheet.set_column(f"{column}:{column}", width)
    sheet.merge_range("A1:H1", LAST, formats["title"])
    sheet.merge_range("A2:H2", "", formats["year"])
    for row, label in ((3, "项目名称"), (4, "主管部门")):
        sheet.merge_range(f"A{row}:B{row}", label, formats["head"])
    sheet.merge_range("C3:H3", "", formats["cell"])
    sheet.merge_range("C4:D4", "", formats["cell"])
    sheet.write("E4", "实施单位", formats["head"])
    sheet.merge_range("F4:H4", "", formats["cell"])
    _money(sheet, formats)
    sheet.merge_range("A10:B10", "预期目标", formats["head"])
    sheet.merge_range("C10:H10", "", formats["cell"])
    sheet.merge_range("A11:B11", "实际完成情况", formats["head"])
    sheet.merge_range("C11:H11", "", formats["cell"])
    for column, head in zip("ABCDEFGH", HEADS, strict=True):
        sheet.write(f"{column}12", head, formats["head"])
    for level1, first, last in BLOCKS:
        sheet.merge_range(f"A{first}:A{last}", level1, formats["head"])
        for row in range(first, last + 1):
            for column in "BCDEFGH":
                sheet.write_blank(f"{column}{row}", None, formats["score" if column in "FG" else "cell"])
    _sums(sheet, formats)


def _sums(sheet: Any, formats: Mapping[str, Any]) -> None:
    sheet.merge_range("A24:E24", "指标小计", formats["head"])
    sheet.write_formula("F24", "=SUM(F13:F23)", formats["score"], 0)
    sheet.write_formula("G24", "=SUM(G13:G23)", formats["score"], 0)
    sheet.merge_range("A25:F25", "总分（指标小计＋预算执行率得分）", formats["head"])
    sheet.write_formula("G25", "=G24+H6", formats["score"], 0)
    sheet.write_formula("H25", '=IF(G25>=90,"优",IF(G25>=80,"良",IF(G25>=60,"中","差")))', formats["cell"], "差")
    sheet.conditional_format("G13:G23", {"type": "cell", "criteria": "<", "value": 1, "format": formats["low"]})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area("A1:H25")
    sheet.freeze_panes(12, 0)


def _common(sheet: Any, formats: Mapping[str, Any]) -> None:
    sheet.set_column("A:A", 28)
    sheet.set_column("B:B", 16)
    sheet.merge_range("A1:B1", "部门整体共性指标", formats["title"])
    sheet.write("A2", "指标", formats["head"])
    sheet.write("B2", "完成情况", formats["head"])
    for row, name in enumerate(COMMON, 3):
        sheet.write(f"A{row}", name, formats["cell"])
        sheet.write_blank(f"B{row}", None, formats["rate"])


def blank_form() -> bytes:
    """封面, 自评表, 共性指标, with formulas; the same bytes each time."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": LAST, "author": "云泽县财政局", "created": MADE_AT})
    formats = _formats(book)
    for name, make in (("封面", _cover), ("自评表", _form), ("共性指标", _common)):
        make(book.add_worksheet(name), formats)
    book.close()
    return file.getvalue()
