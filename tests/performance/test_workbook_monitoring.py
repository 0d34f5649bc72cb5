"""A bureau's monitoring form is filled from the portal's: marks under causes and likelihoods, figures as numbers."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from performance.selectors.monitoring import monitoring_rows
from performance.selectors.workbook_data import monitoring_data
from performance.selectors.workbook_suggestions import suggestions_of
from performance.selectors.workbooks import book_of_workbook, target_find, targets_of, workbooks_for
from performance.services.monitoring import monitoring_save
from performance.services.workbooks import suggestions_take, workbook_fill, workbook_upload
from tests.performance.forms_factories import NOW, good_values, make_monitoring
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
)

pytestmark = pytest.mark.django_db
HEADS = ("一级指标", "二级指标", "三级指标", "年度指标值", "1-7月执行情况", "全年预计完成情况", "经费保障", "人员保障",
         "原因说明", "确定能", "有可能", "完全不可能", "备注")  # fmt: skip


def blank_monitoring() -> bytes:
    """A form with two rows of heads, as the bureaus' are."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet, edge = book.add_worksheet("监控表"), book.add_format({"border": 1})
    money = book.add_format({"border": 1, "num_format": "0.00"})
    rate = book.add_format({"border": 1, "num_format": "0.00%"})
    sheet.write("A1", "项目名称", edge)
    sheet.merge_range("B1:D1", "", edge)
    for column, head in zip("BCDE", ("年初预算数", "1-7月执行数", "执行率", "全年预计执行数"), strict=True):
        sheet.write(f"{column}3", head, edge)
        sheet.write_blank(f"{column}4", None, rate if column == "D" else money)
    sheet.write("A4", "年度资金总额", edge)
    for column, head in enumerate(HEADS):
        if column in (6, 7, 8, 9, 10, 11):
            sheet.write(6, column, head, edge)
        else:
            sheet.merge_range(5, column, 6, column, head, edge)
        for row in range(7, 12):
            sheet.write_blank(row, column, None, edge)
    sheet.merge_range("G6:I6", "偏差原因分析", edge)
    sheet.merge_range("J6:L6", "完成目标可能性", edge)
    book.close()
    return file.getvalue()


def test_a_bureaus_monitoring_form_is_suggested_and_filled() -> None:
    cast = Cast()
    program = make_program(make_year())
    line = make_line(program.fiscal_year, "200000.00", program=program)
    approve_program(program)
    line.entries.create(
        fiscal_year=program.fiscal_year, spent_on="2022-05-06", amount=Decimal("50000.00"), purpose="办公费",
        payee="某公司", voucher_number="记-1", by=cast.maker, at=NOW,
    )  # fmt: skip
    table = make_goals("approved", cast=cast, program=program)
    found = make_monitoring(table=table, cast=cast)
    key = str(named(table, "公共服务水平").key)
    values = good_values(found) | {
        key: {"so_far": "有提升", "expected": "提升", "likelihood": "possible", "causes": ["people"],
              "explanation": "缺人"},
    }  # fmt: skip
    monitoring_save(monitoring=found, values=values, heads={}, seen=2, by=cast.maker, now=NOW)
    workbook, _ = workbook_upload(
        name="监控表", purpose="monitoring", content=SimpleUploadedFile("监控.xlsx", blank_monitoring()),
        file_name="监控.xlsx", first_year=2022, by=cast.maker, now=NOW,
    )  # fmt: skip
    (sheet,) = book_of_workbook(workbook).sheets
    wanted = [(one.address, one.field.key, one.rows) for one in suggestions_of(sheet, "monitoring", ())]
    suggestions_take(workbook=workbook, sheet="监控表", wanted=wanted, by=cast.maker, now=NOW)
    assert [one.kind for one in targets_of(workbook)] == ["monitoring"]
    assert workbooks_for(program.fiscal_year, "monitoring") == [workbook]
    target = target_find(workbook, "monitoring", found.pk)
    assert target is not None
    content, _ = workbook_fill(workbook, target[1])
    filled = openpyxl.load_workbook(io.BytesIO(content)).active
    assert filled["B1"].value == "公共资源交易中心运转经费"
    assert [filled[f"{one}4"].value for one in "BCDE"] == [20, 5, 0.25, 20]
    assert [filled[f"C{row}"].value for row in (8, 9, 10, 11)] == ["采购招标率", "公共服务水平", "使用人员满意度", None]
    assert [filled[f"{one}9"].value for one in "EFGHIJKL"] == ["有提升", "提升", None, "√", "缺人", None, "√", None]
    assert [filled[f"{one}8"].value for one in "JKL"] == ["√", None, None]
    assert monitoring_data(monitoring_rows(now=NOW).get(pk=found.pk)).single == target[1].single
