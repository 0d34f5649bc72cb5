"""Blank forms for tests, made the way a bureau makes them: with everything that a careless copy would lose."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from typing import Any

import xlsxwriter


def picture() -> bytes:
    """A small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\xe6\x00\x12" * 8 for _ in range(8))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _cover(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("封面")
    sheet.set_column("A:A", 18)
    sheet.set_column("B:D", 22)
    sheet.merge_range("A1:D1", "项目支出绩效自评材料", formats["title"])
    sheet.merge_range("A2:D2", "", formats["year"])
    for row, label in enumerate(("单位名称", "单位代码", "项目名称", "项目代码", "填表人", "联系电话", "填报日期"), 3):
        sheet.write(f"A{row}", label, formats["head"])
        sheet.merge_range(f"B{row}:D{row}", "", formats["day"] if label == "填报日期" else formats["cell"])
    sheet.write("A11", "自评得分", formats["head"])
    sheet.write_formula("B11", "=自评表!G22", formats["score"], 0)
    sheet.write("A12", "材料说明：按财政部门要求填报。", formats["plain"])
    sheet.insert_image("C12", "logo.png", {"image_data": io.BytesIO(picture())})
    sheet.print_area("A1:D12")
    sheet.set_paper(9)


def _form(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("自评表")
    for column, width in zip("ABCDEFGH", (12, 14, 26, 14, 14, 9, 9, 36), strict=True):
        sheet.set_column(f"{column}:{column}", width)
    sheet.merge_range("A1:H1", "项目支出绩效自评表", formats["title"])
    sheet.merge_range("A2:B2", "项目名称", formats["head"])
    sheet.merge_range("C2:H2", "", formats["cell"])
    sheet.merge_range("A3:B3", "主管部门", formats["head"])
    sheet.merge_range("C3:D3", "", formats["cell"])
    sheet.write("E3", "实施单位", formats["head"])
    sheet.merge_range("F3:H3", "", formats["cell"])
    sheet.merge_range("A4:B8", "项目资金（万元）", formats["head"])
    for column, head in zip("CDEFGH", ("", "年初预算数", "全年预算数", "全年执行数", "执行率", "得分"), strict=True):
        sheet.write(f"{column}4", head, formats["head"])
    for row, name in enumerate(("年度资金总额", "其中：当年财政拨款", "上年结转资金", "其他资金"), 5):
        sheet.write(f"C{row}", name, formats["cell"])
        for column in "DEF":
            sheet.write_blank(f"{column}{row}", None, formats["money"])
        sheet.write_blank(f"G{row}", None, formats["rate"])
        sheet.write_blank(f"H{row}", None, formats["score"])
    sheet.merge_range("A9:B9", "年度总体目标", formats["head"])
    sheet.merge_range("C9:H9", "", formats["cell"])
    heads = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    for column, head in zip("ABCDEFGH", heads, strict=True):
        sheet.write(f"{column}10", head, formats["head"])
    for first, last, name in ((11, 14, "产出指标"), (15, 17, "效益指标"), (18, 19, "满意度指标")):
        sheet.merge_range(f"A{first}:A{last}", name, formats["head"])
        for row in range(first, last + 1):
            for column in "BCDEH":
                sheet.write_blank(f"{column}{row}", None, formats["cell"])
            for column in "FG":
                sheet.write_blank(f"{column}{row}", None, formats["score"])
    sheet.merge_range("A20:E20", "指标合计", formats["head"])
    sheet.write_formula("F20", "=SUM(F11:F19)", formats["score"], 0)
    sheet.write_formula("G20", "=SUM(G11:G19)", formats["score"], 0)
    sheet.merge_range("A22:F22", "总分", formats["head"])
    sheet.write_formula("G22", "=G20+H5", formats["score"], 0)
    sheet.write_formula("H22", '=IF(G22>=90,"优",IF(G22>=80,"良",IF(G22>=60,"中","差")))', formats["cell"], "差")
    sheet.conditional_format("G11:G19", {"type": "cell", "criteria": "<", "value": 5, "format": formats["bad"]})
    sheet.data_validation("D3", {"validate": "list", "source": ["行政审批局", "财政局"]})
    sheet.freeze_panes(10, 0)
    sheet.print_area("A1:H24")
    sheet.repeat_rows(9)
    sheet.set_landscape()
    sheet.write_comment("H10", "逐项说明")
    sheet.write_formula("A30", "=1+1", formats["plain"], 2)


def _common(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("共性指标")
    sheet.set_column("A:A", 30)
    sheet.set_column("B:B", 14)
    sheet.write("A1", "指标", formats["head"])
    sheet.write("B1", "数值", formats["head"])
    for row, name in enumerate(("预算执行率", "预算调整率"), 2):
        sheet.write(f"A{row}", name, formats["cell"])
        sheet.write_blank(f"B{row}", None, formats["rate"])
    sheet.write("A4", "平均", formats["cell"])
    sheet.write_formula("B4", "=AVERAGE(B2:B3)", formats["rate"], 0)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=共性指标!$A$2:$A$3", "values": "=共性指标!$B$2:$B$3", "name": "共性指标"})
    sheet.insert_chart("D2", chart)


def blank_form() -> bytes:
    """A form of three sheets (封面, 自评表, 共性指标) with everything that a bureau's forms have.

    Merged cells, formulas across sheets, conditional formats, widths, print areas, a list to choose from, a comment,
    a defined name, a picture, a chart.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    edge = {"border": 1, "font_name": "宋体", "text_wrap": True, "valign": "vcenter"}
    formats = {
        "title": book.add_format({"bold": True, "font_size": 18, "align": "center"}),
        "year": book.add_format({"align": "center", "font_size": 12}),
        "head": book.add_format({**edge, "bold": True, "align": "center", "bg_color": "#EEF2F7"}),
        "cell": book.add_format(edge), "plain": book.add_format({}),
        "money": book.add_format({**edge, "num_format": "#,##0.00"}),
        "rate": book.add_format({**edge, "num_format": "0.00%"}),
        "score": book.add_format({**edge, "num_format": "0.00", "align": "center"}),
        "day": book.add_format({**edge, "num_format": "yyyy年m月d日"}),
        "bad": book.add_format({"font_color": "#B3261E"}),
    }  # fmt: skip
    _cover(book, formats)
    _form(book, formats)
    _common(book, formats)
    book.define_name("合计分", "=自评表!$G$22")
    book.close()
    parts = parts_of(file.getvalue())
    # As Excel itself saves: results are stored, and nothing asks for them to be computed anew.
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    return packed(parts)


def parts_of(content: bytes) -> dict[str, bytes]:
    """Every part of a package by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {one.filename: package.read(one) for one in package.infolist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Parts as a package."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            package.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return file.getvalue()
