"""The bureau's own workbook of three sheets: uploaded, pointed through the pages, filled for two years, read back."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from audit.models import ActionRow
from performance.models import BureauWorkbook, Report
from performance.services.actuals import actual_set
from performance.services.workbooks import cell_map, workbook_upload, workbook_use
from tests.performance.bureau_books import blank_form, packed, parts_of
from tests.performance.goals_factories import (
    NOW,
    Cast,
    approve_program,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    receive,
    spend,
)
from tests.performance.years import make_cast, project_report
from tests.portal.conftest import plain_static
from tests.staff import client_of
from tests.workflow.people import make_staff

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
BASE = "/staff/performance/workbooks"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FUNDS = {"D5": "funds.initial", "E5": "funds.adjusted", "F5": "funds.executed", "G5": "funds.rate", "H5": "funds.score"}


def page(answer: Any) -> str:
    return str(answer.content.decode())


def upload(client: Client, *, content: bytes | None = None, file_name: str = "自评表.xlsx", **more: Any) -> Any:
    file = SimpleUploadedFile(file_name, blank_form() if content is None else content, content_type=XLSX)
    values = {"name": "县财政局自评表", "purpose": "project", "first_year": "2022", "last_year": "", "copy_from": ""}
    return client.post(f"{BASE}/new/", values | {"file": file} | more)


def point(client: Client, workbook: BureauWorkbook, number: int, cell: str, field: str, **more: str) -> Any:
    values = {"field": field, "rows": "1", "only": "", "format": "auto"} | more
    return client.post(f"{BASE}/{workbook.pk}/sheets/{number}/cells/{cell}/", values)


def pointed(client: Client) -> BureauWorkbook:
    """The form of three sheets, uploaded and pointed through the pages."""
    assert upload(client).status_code == 302
    workbook = BureauWorkbook.objects.get()
    cover = {"A2": "year.brackets", "B3": "unit.name", "B4": "unit.code", "B5": "program.name", "B6": "program.code",
             "B7": "sign.filled_by", "B8": "sign.phone", "B9": "sign.dated_on"}  # fmt: skip
    form = {"C2": "program.name", "C3": "unit.department", "F3": "unit.name", **FUNDS, "C9": "goal.expected",
            "D6": "appropriation.initial"}  # fmt: skip
    for cell, field in cover.items():
        assert point(client, workbook, 1, cell, field).status_code == 302, cell
    for cell, field in form.items():
        assert point(client, workbook, 2, cell, field).status_code == 302, cell
    columns = {"B": "level2", "C": "name", "D": "target", "E": "actual", "F": "weight", "G": "score", "H": "gap"}
    for row, rows, only in ((11, 4, "产出指标"), (15, 3, "效益指标"), (18, 2, "满意度指标")):
        for column, name in columns.items():
            answer = point(client, workbook, 2, f"{column}{row}", f"indicators.{name}", rows=str(rows), only=only)
            assert answer.status_code == 302, page(answer)
    for cell, field in (("B2", "common.budget_execution_rate"), ("B3", "common.budget_adjustment_rate")):
        assert point(client, workbook, 3, cell, field).status_code == 302, cell
    return workbook


def filled(client: Client, workbook: BureauWorkbook, program: int) -> bytes:
    answer = client.get(f"{BASE}/{workbook.pk}/fill/program/{program}/filled.xlsx")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == XLSX
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def untouched(blank: bytes, content: bytes) -> None:
    """Formulas, formats, merged cells, and every part that holds no pointed cell."""
    before, after = parts_of(blank), parts_of(content)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"xl/workbook.xml", *(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))}
    old, new = (openpyxl.load_workbook(io.BytesIO(one)) for one in (blank, content))
    assert old.sheetnames == new.sheetnames and list(old.defined_names) == list(new.defined_names)
    for sheet in old.worksheets:
        other = new[sheet.title]
        assert sheet.merged_cells.ranges == other.merged_cells.ranges and sheet.print_area == other.print_area
        assert sheet.print_title_rows == other.print_title_rows and sheet.freeze_panes == other.freeze_panes
        assert {key: one.width for key, one in sheet.column_dimensions.items()} == {
            key: one.width for key, one in other.column_dimensions.items()
        }
        assert len(sheet.conditional_formatting) == len(other.conditional_formatting)
        assert len(sheet.data_validations.dataValidation) == len(other.data_validations.dataValidation)
        for row in sheet.iter_rows():
            for cell in row:
                twin = other[cell.coordinate]
                assert cell._style == twin._style, cell.coordinate
                if cell.data_type == "f":
                    assert cell.value == twin.value, cell.coordinate


def test_the_form_of_three_sheets_is_pointed_and_filled_with_seed_bs_figures() -> None:
    report = project_report(make_cast())
    client = client_of(make_staff(Duty.PERFORMANCE))
    workbook = pointed(client)
    before = page(client.get(f"{BASE}/{workbook.pk}/fill/program/{report.program_year_id}/"))
    for words in ("2023年2月20日（日期）", "72.74%（百分数）", "32.9（万元，数字）"):
        assert words in before, words
    assert "44977" not in before
    content = filled(client, workbook, report.program_year_id or 0)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cover, form, common = book["封面"], book["自评表"], book["共性指标"]
    assert cover["A2"].value == "（2022年度）" and cover["B3"].value == "云泽经济开发区公共资源交易中心"
    assert cover["B5"].value == "公共资源交易中心运转经费" and cover["B6"].value == "KFQ2022-07"
    assert cover["B7"].value == "林芳" and cover["B9"].value.date().isoformat() == "2023-02-20"
    assert [form[cell].value for cell in ("D5", "E5", "F5", "G5", "H5")] == [32.9, 32.9, 23.93, 0.7274, 7.27]
    assert form["D6"].value == 32.9 and form["D7"].value is None, "no carry-over: the cell stays blank"
    assert [form[f"{one}11"].value for one in "BCDEFG"] == ["数量指标", "采购招标率", "≥100%", "100%", 50, 50]
    assert form["C15"].value == "公共服务水平" and form["E15"].value == "达成预期指标" and form["F15"].value == 30
    assert form["C18"].value == "使用人员满意度" and form["C12"].value is None and form["C16"].value is None
    assert form["G22"].value == "=G20+H5" and form["F20"].value == "=SUM(F11:F19)"
    assert cover["B11"].value == "=自评表!G22" and common["B4"].value == "=AVERAGE(B2:B3)"
    assert common["B2"].value == 0.7274 and common["B3"].value == 0
    untouched(blank_form(), content)
    assert content == filled(client, workbook, report.program_year_id or 0), "the same figures give the same bytes"
    taken = ActionRow.objects.filter(tag="data.export", subject=f"performance.bureauworkbook:{workbook.pk}")
    assert taken.count() == 2


def another_year(cast: Cast) -> Any:
    """A program of 2023 with more indicators, an adjusted rate and nothing told yet of one of them."""
    program = make_program(make_year(2023), name="交易场所维护")
    line = make_line(program.fiscal_year, "200000.00", program=program)
    receive(program.fiscal_year, "200000.00", "200000.00", program=program)
    approve_program(program)
    spend(line, "123456.78")
    rows = (
        ("产出指标", "数量指标", "维护场次", "≥400次", 20), ("产出指标", "质量指标", "验收合格率", "≥95%", 20),
        ("产出指标", "时效指标", "按时完成率", "≥90%", 10), ("效益指标", "社会效益指标", "服务能力", "定性:提升", 30),
        ("满意度指标", "服务对象满意度", "场地满意度", "≥90%", 10),
    )  # fmt: skip
    names = ("level1", "level2", "name", "target")
    indicators = tuple(dict(zip(names, one, strict=False)) | {"weight": Decimal(one[4])} for one in rows)
    table = make_goals("approved", cast=cast, program=program, indicators=indicators)
    for name, value in (("维护场次", "380次"), ("验收合格率", "98.5%"), ("场地满意度", "93%")):
        actual_set(indicator=named(table, name), value=value, evidence="台账", by=cast.maker, now=NOW)
    return program


def test_the_same_form_is_filled_for_another_year_before_its_report_is_begun() -> None:
    with transaction.atomic():
        program = another_year(Cast())
    client = client_of(make_staff(Duty.PERFORMANCE))
    workbook = pointed(client)
    preview = page(client.get(f"{BASE}/{workbook.pk}/fill/program/{program.pk}/"))
    assert "交易场所维护" in preview and "没有数据、留空的有" in preview and "填表人" in preview
    content = filled(client, workbook, program.pk)
    form = openpyxl.load_workbook(io.BytesIO(content))["自评表"]
    # To the fen: 123,456.78 yuan; the format shows two decimals of it.
    assert form["F5"].value == 12.345678 and form["D5"].value == 20 and form["G5"].value == 0.6173
    assert [form[f"C{row}"].value for row in (11, 12, 13, 14)] == ["维护场次", "验收合格率", "按时完成率", None]
    assert [form[f"G{row}"].value for row in (11, 12, 13)] == [19, 20, None]
    assert form["E12"].value == "98.5%" and form["E13"].value is None
    untouched(blank_form(), content)
    assert not Report.objects.exists()


def test_more_rows_than_room_is_a_sentence_and_nothing_is_made() -> None:
    with transaction.atomic():
        program = another_year(Cast())
    client = client_of(make_staff(Duty.PERFORMANCE))
    upload(client)
    workbook = BureauWorkbook.objects.get()
    point(client, workbook, 2, "C11", "indicators.name", rows="4")
    said = "“三级指标”有 5 行，表格“自评表”里从 C11 起只指定了 4 行"
    assert said in page(client.get(f"{BASE}/{workbook.pk}/fill/program/{program.pk}/"))
    answer = client.get(f"{BASE}/{workbook.pk}/fill/program/{program.pk}/filled.xlsx")
    assert answer.status_code in (400, 409) and said in page(answer)
    assert not ActionRow.objects.filter(tag="data.export").exists()


def test_formulas_and_inner_cells_are_never_pointed() -> None:
    client = client_of(make_staff(Duty.FINANCE))
    upload(client)
    workbook = BureauWorkbook.objects.get()
    for cell, field, more, words in (
        ("G20", "score.total", {}, "G20 是公式"), ("D5", "funds.initial", {"rows": "2"}, "行数应是 1"),
        ("F17", "indicators.weight", {"rows": "5"}, "F20 是公式"), ("D5", "nothing.such", {}, "没有这项内容"),
        ("C2", "unit.name", {"only": "产出指标"}, "只对绩效指标"), ("D5", "funds.initial", {"rows": "0"}, "至少 1 行"),
    ):  # fmt: skip
        answer = point(client, workbook, 2, cell, field, **more)
        assert answer.status_code in (400, 409) and words in page(answer), words
    # A cell inside of a merged area is the area's.
    assert point(client, workbook, 2, "D2", "program.name").status_code == 302
    assert workbook.cells.get().cell == "C2"
    assert "C2 已经用于" not in page(point(client, workbook, 2, "C2", "unit.name"))
    assert workbook.cells.get().field == "unit.name"
    point(client, workbook, 2, "C11", "indicators.name", rows="4")
    answer = point(client, workbook, 2, "C12", "indicators.name", rows="4")
    assert answer.status_code == 302 and workbook.cells.filter(cell="C11").count() == 1, "a lower row is its first's"


def test_a_pointed_cell_is_taken_back() -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    upload(client)
    workbook = BureauWorkbook.objects.get()
    point(client, workbook, 1, "B3", "unit.name")
    assert "单位名称" in page(client.get(f"{BASE}/{workbook.pk}/sheets/1/"))
    client.post(f"{BASE}/{workbook.pk}/sheets/1/cells/B3/remove/")
    assert not workbook.cells.exists()
    told = ActionRow.objects.filter(subject__startswith="performance.bureauworkbook")
    assert set(told.values_list("detail__what", flat=True)) == {"workbook_upload", "cell_map", "cell_unmap"}


def test_labels_that_match_exactly_are_suggested_and_confirmed_by_a_person() -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    upload(client)
    workbook = BureauWorkbook.objects.get()
    text_of_page = page(client.get(f"{BASE}/{workbook.pk}/sheets/2/"))
    assert "条建议，核对后采用" in text_of_page and not workbook.cells.exists()
    wanted = {
        "C2|program.name|1", "D5|funds.initial|1", "G5|funds.rate|1", "D6|appropriation.initial|1",
        "C11|indicators@产出指标.name|4", "G15|indicators@效益指标.score|3", "H18|indicators@满意度指标.gap|2",
    }  # fmt: skip
    assert all(f'value="{one}"' in text_of_page for one in wanted), [one for one in wanted if one not in text_of_page]
    client.post(f"{BASE}/{workbook.pk}/sheets/2/suggestions/", {"take": [*wanted, "A1|unit.name|1"]})
    found = {f"{one.cell}|{one.field}|{one.rows}" for one in workbook.cells.all()}
    assert found == wanted, "what the page did not offer is not taken"
    nothing = client.post(f"{BASE}/{workbook.pk}/sheets/2/suggestions/", {}, follow=True)
    assert "没有勾选任何一条建议" in page(nothing)


def test_a_new_form_takes_the_old_ones_cells_where_they_fit() -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    workbook = pointed(client)
    parts, third = parts_of(blank_form()), "xl/worksheets/sheet3.xml"
    parts[third] = re.sub(rb'(<c r="B2" s="[0-9]+")/>', rb"\1><f>1+1</f><v>2</v></c>", parts[third])
    more: dict[str, Any] = {"content": packed(parts), "first_year": "2024", "copy_from": str(workbook.pk)}
    assert "已经有这个名称" in page(upload(client, **more)) and BureauWorkbook.objects.count() == 1
    upload(client, name="2024年自评表", **more)
    newer = BureauWorkbook.objects.get(first_year=2024)
    assert (
        newer.cells.count() == workbook.cells.count() - 1
        and not newer.cells.filter(sheet="共性指标", cell="B2").exists()
    )
    other = upload(client, name="监控", purpose="monitoring", copy_from=str(workbook.pk))
    assert "用途不同" in page(other)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"PK\x03\x04 broken", "表.xlsx", "已损坏"), (b"a,b", "表.xlsx", "不是 Excel 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "表.xlsx", "打开密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "表.xls", "只收 .xlsx"), (b"", "表.xlsx", "文件是空的"),
    ],
)  # fmt: skip
def test_what_is_no_plain_workbook_gets_a_sentence(content: bytes, name: str, words: str) -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    answer = upload(client, content=content, file_name=name)
    assert answer.status_code in (400, 409) and words in page(answer) and not BureauWorkbook.objects.exists()


def test_macros_bombs_and_giants_are_refused() -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    macros = parts_of(blank_form()) | {"xl/vbaProject.bin": b"x"}
    assert "有宏" in page(upload(client, content=packed(macros)))
    bomb = parts_of(blank_form()) | {"xl/media/a.bin": b"0" * (81 * 1024 * 1024)}
    assert "展开以后太大" in page(upload(client, content=packed(bomb)))
    giant = parts_of(blank_form())
    cells = "".join(f'<row r="{row}"><c r="A{row}"/></row>' for row in range(100, 61_000)).encode()
    third = "xl/worksheets/sheet3.xml"
    giant[third] = giant[third].replace(b"</sheetData>", cells + b"</sheetData>")
    assert "不像一份空白表格" in page(upload(client, content=packed(giant)))
    foreign = parts_of(blank_form())
    foreign["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE a [<!ENTITY b "c">]>' + foreign["xl/worksheets/sheet1.xml"]
    assert "不允许的 XML 声明" in page(upload(client, content=packed(foreign)))
    assert not BureauWorkbook.objects.exists()


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "xl\\..\\..\\evil.xml", "C:evil.xml"])
def test_parts_that_lead_out_of_the_package_are_refused(name: str) -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    answer = upload(client, content=packed(parts_of(blank_form()) | {name: b"<a/>"}))
    assert answer.status_code in (400, 409) and "指向外面的路径" in page(answer)
    assert not BureauWorkbook.objects.exists()


def test_a_workbook_that_was_never_filled_is_removed_and_one_that_was_stays() -> None:
    report = project_report(make_cast())
    client = client_of(make_staff(Duty.PERFORMANCE))
    workbook = pointed(client)
    url = f"{BASE}/{workbook.pk}/"
    assert "删除这份表格" in page(client.get(url))
    filled(client, workbook, report.program_year_id or 0)
    assert "删除这份表格" not in page(client.get(url))
    assert "没有删除" in page(client.post(f"{url}remove/")) and BureauWorkbook.objects.exists()
    assert upload(client, name="传错的").status_code == 302
    wrong = BureauWorkbook.objects.get(name="传错的")
    assert client_of(make_staff(Duty.INTAKE)).post(f"{BASE}/{wrong.pk}/remove/").status_code == 403
    assert client.post(f"{BASE}/{wrong.pk}/remove/").status_code == 302
    assert list(BureauWorkbook.objects.all()) == [workbook]


def test_who_may_what() -> None:
    maker = client_of(make_staff(Duty.PERFORMANCE))
    upload(maker)
    workbook = BureauWorkbook.objects.get()
    director, clerk = client_of(make_staff(Duty.DIRECTOR)), client_of(make_staff(Duty.INTAKE))
    assert "＋" not in page(director.get(f"{BASE}/{workbook.pk}/sheets/2/"))
    assert point(director, workbook, 1, "B3", "unit.name").status_code == 403
    for address in ("", f"{workbook.pk}/", f"{workbook.pk}/sheets/1/", f"{workbook.pk}/blank.xlsx"):
        answer = director.get(f"{BASE}/{address}")
        assert answer.status_code == 200, address
        if answer.streaming:
            assert b"".join(answer.streaming_content) == blank_form()  # type: ignore[attr-defined]
        assert clerk.get(f"{BASE}/{address}").status_code == 403, address
    own = f"{workbook.pk}/"
    for address in (f"{own}sheets/9/", f"{own}fill/year/1/", f"{own}fill/program/{2**70}/", "99999/"):
        assert maker.get(f"{BASE}/{address}").status_code == 404, address
    for cell in ("7C", "ZZZZ1", "XFE1", "A200000"):
        assert maker.get(f"{BASE}/{workbook.pk}/sheets/1/cells/{cell}/").status_code == 404, cell
    assert "写成 C7 这样" in page(maker.get(f"{BASE}/{workbook.pk}/sheets/1/?cell=7C"))
    assert maker.get(f"{BASE}/{workbook.pk}/sheets/1/?cell=b3").headers["Location"].endswith("/cells/B3/")


def test_a_workbook_is_renamed_stopped_and_used_again() -> None:
    client = client_of(make_staff(Duty.PERFORMANCE))
    upload(client)
    workbook = BureauWorkbook.objects.get()
    wrong = client.post(f"{BASE}/{workbook.pk}/edit/", {"name": "新名", "first_year": "2024", "last_year": "2023"})
    assert wrong.status_code == 400 and "停用年度不能早于起用年度" in page(wrong)
    client.post(f"{BASE}/{workbook.pk}/edit/", {"name": "新名", "first_year": "2024", "last_year": "2025"})
    client.post(f"{BASE}/{workbook.pk}/use/", {"do": "stop"})
    workbook.refresh_from_db()
    assert (workbook.name, workbook.last_year, workbook.is_active) == ("新名", 2025, False)
    by = make_staff(Duty.PERFORMANCE)
    workbook_use(workbook=workbook, active=True, by=by, now=NOW)
    workbook.refresh_from_db()
    client.get(f"{BASE}/")
    assert workbook.is_active and "已停用" not in page(client.get(f"{BASE}/"))


def test_the_list_takes_a_fixed_number_of_queries() -> None:
    by = make_staff(Duty.PERFORMANCE)
    client = client_of(by)
    counts = []
    client.get(f"{BASE}/")
    for place in (1, 2, 3):
        file = SimpleUploadedFile("表.xlsx", blank_form())
        workbook, _ = workbook_upload(
            name=f"表{place}", purpose="project", content=file, file_name="表.xlsx", first_year=2022, by=by, now=NOW
        )
        cell_map(workbook=workbook, sheet="封面", cell="B3", field="unit.name", by=by, now=NOW)
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{BASE}/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[2]
