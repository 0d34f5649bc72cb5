"""A frozen report is whole: forms of the bureau, scores, values and the package stay as they were frozen."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import BusinessError
from core.measures import MeasureRow, rows_json, rows_sha256
from performance.models import ActualValue, Report, ReportFreeze
from performance.selectors.workbook_data import FormData, report_data
from performance.selectors.workbook_frozen import form_data, form_data_json, form_data_read
from performance.services.actuals import actual_set
from performance.services.deals import deal_set
from performance.services.packages import package_make
from performance.services.programs import inspection_add
from performance.services.report_files import report_file_make
from tests.performance.frozen_factories import LATER, late_value, untriggered
from tests.performance.goals_factories import named
from tests.performance.process_factories import NOW, World, confirm_accounts, draft_report, make_world, report_to
from tests.performance.test_runs import files_of_its_own
from tests.portal.conftest import plain_static
from tests.staff import client_of
from workflow.services import move

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["files_of_its_own", "plain_static"]


@pytest.fixture
def world() -> World:
    return make_world()


def refusal(deed: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        deed()
    return caught.value


def frozen(world: World, *, program: bool = True) -> Report:
    report = report_to(draft_report(world, program=program), "frozen", world)
    return Report.objects.select_related("fiscal_year__unit", "program_year__program").get(pk=report.pk)


def data_of(report: Report) -> FormData:
    return form_data(report.fiscal_year, report.program_year, report)


def inspect(world: World, **more: Any) -> Any:
    values: dict[str, Any] = {"plan": "年度计划", "inspected_on": date(2025, 6, 1), "people": "钱树林"}
    values["findings"] = "用途一致"
    return inspection_add(program_year=world.program, by=world.writer, now=NOW, **values | more)


def packed(report: Report, world: World) -> bytes:
    with package_make(report=report, by=world.writer, now=LATER) as file:
        return file.read()


def test_the_bureaus_form_of_a_frozen_report_is_filled_as_it_was_frozen(world: World) -> None:
    report = frozen(world)
    before = form_data_json(data_of(report))
    assert data_of(report).value("funds.executed").number == Decimal("196000.00")  # type: ignore[union-attr]
    late_value(world)
    assert form_data_json(report_data(report.fiscal_year, report.program_year, report)) != before
    assert form_data_json(data_of(report)) == before
    move(report, "reopen", by=world.director, now=LATER, comment="更正完成值")
    report.refresh_from_db()
    assert form_data_json(data_of(report)) != before


def test_figures_of_the_forms_are_read_back_whole(world: World) -> None:
    report = draft_report(world)
    found = report_data(report.fiscal_year, report.program_year, report)
    again = form_data_read(form_data_json(found))
    assert dict(again.single) == dict(found.single) and again.rows == dict(found.rows)
    assert again.value("sign.dated_on").day == report.dated_on  # type: ignore[union-attr]
    assert again.value("common.budget_execution_rate") == found.value("common.budget_execution_rate")


def test_no_value_of_a_frozen_report_is_given_until_it_is_opened_again(world: World) -> None:
    report = frozen(world)
    one = named(world.table, "采购招标率")
    give = lambda: actual_set(indicator=one, value="90%", evidence="更正", by=world.cast.maker, now=LATER)  # noqa: E731 (short)
    said = refusal(give)
    assert said.code == "blocked" and "已经定稿" in said.message and "重新编制" in said.message
    with pytest.raises(IntegrityError, match="frozen report"), transaction.atomic():
        ActualValue.objects.create(fiscal_year=world.fiscal, indicator_key=one.key, value="1%", evidence="x", at=LATER)
    page = client_of(world.cast.maker).get(reverse("staff_indicator", args=[one.pk])).content.decode()
    assert "已经定稿" in page and "保存</button>" not in page
    move(report, "reopen", by=world.director, now=LATER, comment="更正完成值")
    assert give().value == "90%"


def test_deals_of_a_frozen_department_report_stay(world: World) -> None:
    give = lambda: deal_set(  # noqa: E731 (short)
        fiscal_year=world.fiscal, category="procurement", deal_count=3, amount=Decimal("100.00"), evidence="台账",
        by=world.writer, now=LATER,
    )  # fmt: skip
    # The program's report has no deals in it.
    frozen(world)
    assert give().deal_count == 3
    whole = draft_report(world, whole=False, program=False)
    with untriggered("report"):
        Report.objects.filter(pk=whole.pk).update(state="frozen")
    assert "已经定稿" in refusal(give).message


def test_the_scoring_page_of_a_frozen_report_shows_its_own_figures(world: World) -> None:
    frozen(world)
    late_value(world)
    client = client_of(world.director)
    page = client.get(reverse("staff_score", args=[world.table.pk])).content.decode()
    assert "定稿" in page and "98.00%" in page and "100%" in page and ">10%<" not in page
    assert "按现在的数据计算" not in page


def test_an_inspection_of_a_closed_year_is_refused(world: World) -> None:
    assert inspect(world).pk
    confirm_accounts(world)
    said = refusal(lambda: inspect(world))
    assert "决算已经确认" in said.message


def test_the_package_stays_as_it_was_frozen(world: World) -> None:
    inspect(world, findings="冻结前的督查")
    report = frozen(world)
    report_file_make(report=report, now=NOW)
    before = packed(report, world)
    with untriggered("inspection"):
        inspect(world, findings="冻结后补的督查", inspected_on=date(2025, 5, 1))
    type(world.program.program).objects.filter(pk=world.program.program_id).update(name="改了名字的项目")
    assert packed(report, world) == before
    book = zipfile.ZipFile(io.BytesIO(before)).read("5 专项资金督查/督查记录.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(io.BytesIO(book)).active for cell in row]
    assert "冻结前的督查" in cells and "冻结后补的督查" not in cells


def test_rows_of_a_computed_value_go_out_as_a_table(world: World) -> None:
    text = rows_json([MeasureRow("采购项目一", "/staff/x/1/", "1"), MeasureRow("=危险", "", "2")])
    ActualValue.objects.create(
        fiscal_year=world.fiscal, indicator_key=named(world.table, "采购招标率").key, value="100%", rows=text,
        rows_sha256=rows_sha256(text), measure="tender_share", evidence="自动取数", at=NOW,
    )  # fmt: skip
    report = frozen(world)
    report_file_make(report=report, now=NOW)
    archive = zipfile.ZipFile(io.BytesIO(packed(report, world)))
    names = archive.namelist()
    assert not [name for name in names if name.endswith(".json")]
    (name,) = [name for name in names if "4 佐证材料" in name and "采购招标率" in name and name.endswith(".xlsx")]
    rows = list(openpyxl.load_workbook(io.BytesIO(archive.read(name))).active.iter_rows(values_only=True))
    assert rows[0] == ("序号", "内容", "数值") and rows[1] == (1, "采购项目一", "1") and rows[2][1] == "=危险"


def test_a_report_frozen_before_the_list_was_kept_is_packed_from_what_is_there(world: World) -> None:
    report = frozen(world)
    report_file_make(report=report, now=NOW)
    before = packed(report, world)
    with untriggered("reportfreeze"):
        ReportFreeze.objects.update(papers=None, workbook="")
    assert packed(report, world) == before
    assert data_of(report).value("funds.rate") is not None
