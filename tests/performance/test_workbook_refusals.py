"""What is no blank form of a bureau is refused with sentences of its own."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.duties import Duty
from core.errors import BusinessError
from performance.models import BureauWorkbook, WorkbookCell
from performance.selectors.workbooks import book_of_workbook, plan_of, target_find
from performance.services.workbooks import workbook_fill, workbook_upload
from tests.performance.bureau_books import blank_form, packed, parts_of
from tests.performance.goals_factories import (
    NOW,
)
from tests.performance.test_workbooks import page, upload
from tests.performance.years import make_cast, project_report
from tests.portal.conftest import plain_static
from tests.staff import client_of
from tests.workflow.people import make_staff

__all__ = ["plain_static"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cell", ["A2001", "GS5"])
def test_a_sheet_that_reaches_far_out_is_refused(cell: str) -> None:
    parts, third = parts_of(blank_form()), "xl/worksheets/sheet3.xml"
    row = re.sub(r"\D", "", cell)
    more = f'<row r="{row}"><c r="{cell}"/></row>'.encode()
    parts[third] = parts[third].replace(b"</sheetData>", more + b"</sheetData>")
    answer = upload(client_of(make_staff(Duty.PERFORMANCE)), content=packed(parts))
    assert "工作表“共性指标”用到了" in page(answer) and "2,000 行、200 列" in page(answer)


def test_the_sentences_are_of_a_blank_form_not_of_a_list() -> None:
    answer = page(upload(client_of(make_staff(Duty.PERFORMANCE)), content=b"a,b"))
    assert "请传财政部门下发的空白表格" in answer and "模板" not in answer


def test_a_workbook_without_a_pointed_cell_is_not_made() -> None:
    report = project_report(make_cast())
    by = make_staff(Duty.PERFORMANCE)
    file = SimpleUploadedFile("表.xlsx", blank_form())
    workbook, _ = workbook_upload(
        name="表", purpose="project", content=file, file_name="表.xlsx", first_year=2022, by=by, now=NOW
    )
    found = target_find(workbook, "program", report.program_year_id or 0)
    assert found is not None and plan_of(workbook, found[1]).cells == ()
    with pytest.raises(BusinessError) as refusal:
        workbook_fill(workbook, found[1])
    assert "还没有指定任何一格" in refusal.value.message
    WorkbookCell.objects.create(workbook=workbook, sheet="不存在", cell="A1", field="unit.name")
    workbook.refresh_from_db()
    with pytest.raises(BusinessError, match="请重新指定"):
        workbook_fill(BureauWorkbook.objects.get(), found[1])
    assert book_of_workbook(workbook).sheet("封面") is not None
