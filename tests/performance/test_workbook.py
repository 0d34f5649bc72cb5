"""The 自评表 as Excel, read by another program."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl

from performance.document.workbook import form_workbook
from tests.performance.report_documents import form, indicator


def opened(content: bytes) -> Any:
    """The sheet."""
    return openpyxl.load_workbook(io.BytesIO(content)).active


def values(sheet: Any) -> list[list[Any]]:
    """Every row without empty cells."""
    return [[cell for cell in row if cell not in (None, "")] for row in sheet.iter_rows(values_only=True)]


def test_the_form_stands_as_in_the_national_one() -> None:
    rows = values(opened(form_workbook(form())))
    assert rows[0] == ["项目支出绩效自评表"] and rows[1] == ["（2022年度）"]
    assert rows[2] == ["项目名称", "公共资源交易中心运转经费"]
    assert rows[3] == ["主管部门", "云泽县行政审批局", "实施单位", "云泽县公共资源交易中心"]
    assert rows[5] == ["年度资金总额", 32.9, 32.9, 23.93, 10, "72.74%", 7.27]
    assert ["产出指标", "数量指标", "采购招标率", "≥100%", "100%", 50, 50.0] in rows
    assert ["总分", 100, 97.27, "评价等级：优"] in rows
    assert rows[-1] == ["填表人：林晓禾", "联系电话：0000-5550112", "单位负责人：周启明"]


def test_amounts_are_numbers_with_their_decimals_and_text_is_never_a_formula() -> None:
    hostile = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)")
    rows = [indicator(n, name=text, reason=text) for n, text in enumerate(hostile)]
    content = form_workbook(replace(form(*rows), name='=HYPERLINK("x")'))
    sheet = opened(content)
    assert sheet["C6"].value == 32.9 and sheet["C6"].number_format == "#,##0.00"
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert set(hostile) <= {cell.value for cell in cells}
    inside = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside and "<f " not in inside


def test_groups_are_merged_and_every_cell_of_them_has_its_border() -> None:
    rows = [indicator(n, "产出指标", "数量指标" if n < 3 else "质量指标") for n in range(5)]
    sheet = opened(form_workbook(form(*rows)))
    merged = {str(one) for one in sheet.merged_cells.ranges}
    assert {"A1:H1", "A13:A17", "B13:B15", "B16:B17"} <= merged
    assert all(sheet.cell(row, 1).border.left.style == "thin" for row in range(13, 18))


def test_it_prints_on_a4_lying_down_one_page_wide() -> None:
    sheet = opened(form_workbook(form()))
    assert sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize) == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows is not None


def test_the_same_form_gives_the_same_bytes_and_no_time_of_the_clock() -> None:
    first, second = form_workbook(form()), form_workbook(form())
    assert first == second
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2000-01-01" in archive.read("docProps/core.xml").decode()


def test_manual_scores_and_reported_figures_are_told() -> None:
    scored = form(indicator(1, manual_score="9.00", manual_reason="问卷不足"))
    words = [
        str(cell) for row in values(opened(form_workbook(replace(scored, total_with_manual="96.27")))) for cell in row
    ]
    assert any("人工评分9.00分：问卷不足" in one for one in words)
    assert any("96.27" in one and "人工评分" in one for one in words)
    assert any("执行率72.74%，得分97，等级优" in one for one in words)


def test_control_characters_do_not_break_the_file() -> None:
    sheet = opened(form_workbook(replace(form(), name="甲\x00乙\x1f")))
    assert sheet["C3"].value == "甲\ufffd乙\ufffd"
