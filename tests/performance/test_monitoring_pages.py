"""The pages of the monitoring forms: begun, filled, sent and approved in the browser; nothing typed is lost."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department
from audit.models import ActionRow
from performance.models import Monitoring, Rectification
from performance.services.monitoring import monitoring_save
from tests.performance.forms_factories import NOW, good_values, make_monitoring
from tests.performance.goals_factories import Cast, make_goals, make_line, make_program, make_year, named, spend
from tests.portal.conftest import plain_static
from tests.staff import client_of
from tests.workflow.people import make_staff
from workflow.services import move

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
BASE = "/staff/performance/monitoring"
# The pages ask by the clock: the years of these tests are over, whenever they run.
assert timezone.now().year > 2022


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def maker(cast: Cast) -> Client:
    return client_of(cast.maker)


def page(answer: Any) -> str:
    return str(answer.content.decode())


def taken(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def sent(monitoring: Monitoring, *, seen: int, **fields: Any) -> dict[str, Any]:
    """The whole page as a browser sends it; ``fields`` by ``<name of the line>__<field>``."""
    data: dict[str, Any] = {"filled_by": "段晓波", "phone": "0000-5080091", "head": "罗建国", "seen": str(seen)}
    for line in monitoring.lines.all():
        for name in ("so_far", "expected", "expected_amount", "likelihood", "explanation", "remark"):
            data[f"l{line.pk}-{name}"] = ""
        for name, value in fields.items():
            wanted, _, field = name.partition("__")
            if wanted in (line.name, "every"):
                data[f"l{line.pk}-{field}"] = value
    return data


def test_a_form_is_begun_filled_sent_and_approved_on_its_pages(cast: Cast, maker: Client) -> None:
    program = make_program(make_year())
    spend(make_line(program.fiscal_year, "329000.00", program=program), "100000.00")
    make_goals("approved", cast=cast, program=program)
    year = program.fiscal_year_id
    listed = page(maker.get(f"{BASE}/?year={year}"))
    assert "还有 1 份年中监控表没有填报" in listed and "目标还没有批准" in listed
    answer = maker.post(f"{BASE}/new/{year}/{program.pk}/", {"through_month": "7"})
    found = Monitoring.objects.get()
    assert answer.headers["Location"] == f"{BASE}/{found.pk}/edit/"
    assert "329,000.00" in page(maker.get(f"{BASE}/{found.pk}/edit/"))
    data = sent(
        found, seen=1, every__likelihood="certain", every__expected="100%", 年度资金总额__expected_amount="329000"
    )
    stay = maker.post(f"{BASE}/{found.pk}/edit/", data | {"do": "stay"})
    assert stay.headers["Location"].endswith("/edit/")
    maker.post(f"/staff/move/performance.monitoring/{found.pk}/submit/", {"seen": "2"})
    director = client_of(cast.director)
    asked = page(director.get(f"/staff/move/performance.monitoring/{found.pk}/approve/"))
    assert "采购招标率" in asked and "预计全年 100%" in asked
    done = director.post(f"/staff/move/performance.monitoring/{found.pk}/approve/", {"seen": "3", "confirmed": "yes"})
    assert done.status_code == 302, page(done)
    shown = page(director.get(f"{BASE}/{found.pk}/"))
    assert "已审核" in shown and "30.40%" in shown and f"{BASE}/{found.pk}/edit/" not in shown
    assert "还有" not in page(director.get(f"{BASE}/?year={year}"))


def test_what_is_wrong_is_told_beside_its_line_and_nothing_is_lost(cast: Cast, maker: Client) -> None:
    found = make_monitoring(cast=cast)
    data = sent(
        found,
        seen=2,
        年度资金总额__expected_amount="约三十万",
        采购招标率__expected="95%",
        采购招标率__explanation="要留下的话",
    )
    answer = maker.post(f"{BASE}/{found.pk}/edit/", data)
    text = page(answer)
    assert answer.status_code == 400 and "不是金额" in text and "要留下的话" in text and "95%" in text
    hostile = sent(found, seen=2, every__likelihood="perhaps", every__causes=["x"], every__remark="a\x00b")
    answer = maker.post(f"{BASE}/{found.pk}/edit/", hostile)
    assert answer.status_code == 400 and "控制字符" in page(answer)
    assert maker.post(f"{BASE}/{found.pk}/edit/", {}).status_code == 400


def test_two_who_fill_at_once_see_both_sides(cast: Cast, maker: Client) -> None:
    found = make_monitoring(cast=cast)
    key = named(found.goal_table, "采购招标率").key
    line = found.lines.get(line=str(key))
    assert maker.post(f"{BASE}/{found.pk}/edit/", sent(found, seen=2, 采购招标率__remark="甲写的")).status_code == 302
    other = client_of(make_staff(Duty.FINANCE))
    answer = other.post(f"{BASE}/{found.pk}/edit/", sent(found, seen=2, 采购招标率__remark="乙写的"))
    text = page(answer)
    assert answer.status_code == 409 and "两个人改了同一份监控表" in text and "甲写的" in text and "乙写的" in text
    assert 'name="seen" value="3"' in text
    assert other.post(f"{BASE}/{found.pk}/edit/", sent(found, seen=3, 采购招标率__remark="合起来")).status_code == 302
    line.refresh_from_db()
    assert line.remark == "合起来"


def test_figures_are_taken_anew_by_a_button(cast: Cast, maker: Client) -> None:
    found = make_monitoring(cast=cast)
    answer = maker.post(f"{BASE}/{found.pk}/take/", {"seen": "2"}, follow=True)
    assert "已按现在的数据取数" in page(answer)
    late = maker.post(f"{BASE}/{found.pk}/take/", {"seen": "2"}, follow=True)
    assert "刚刚由别人改过" in page(late)
    assert maker.post(f"{BASE}/{found.pk}/take/", {"seen": "x"}).status_code == 400


def test_paper_and_workbooks_are_taken_and_told(cast: Cast, maker: Client) -> None:
    found = make_monitoring(cast=cast)
    assert taken(maker.get(f"{BASE}/{found.pk}/form.pdf")).startswith(b"%PDF")
    book = openpyxl.load_workbook(io.BytesIO(taken(maker.get(f"{BASE}/{found.pk}/form.xlsx"))))
    assert book.active.title == "绩效运行监控表"
    listed = openpyxl.load_workbook(io.BytesIO(taken(maker.get(f"{BASE}/years/{found.fiscal_year_id}/list.xlsx"))))
    assert [cell.value for cell in listed.active[2]][2:4] == ["1—7月", "填报中"]
    assert ActionRow.objects.filter(tag="data.export").count() == 3


def test_what_cannot_be_reached_is_put_into_the_ledger_from_its_form_once(cast: Cast, maker: Client) -> None:
    table = make_goals("approved", cast=cast)
    found = make_monitoring(table=table, cast=cast)
    lines = good_values(found)
    key = next(one.line for one in found.lines.all() if not one.is_money)
    lines[key] |= {"expected": "0", "likelihood": "impossible", "causes": ["people"], "explanation": "人手不足。"}
    monitoring_save(monitoring=found, values=lines, heads={}, seen=2, by=cast.maker, now=NOW)
    move(found, "submit", by=cast.maker, now=NOW)
    line = found.lines.get(line=key)
    begin = f"/staff/performance/rectifications/new/?line={line.pk}"
    assert "人手不足" not in page(maker.get(begin))
    move(found, "approve", by=cast.director, now=NOW)
    assert begin in page(maker.get(f"{BASE}/{found.pk}/"))
    assert "人手不足" in page(maker.get(begin))
    office = Department.objects.get(code="it")
    values = {
        "fiscal_year": found.fiscal_year_id, "source": "monitoring", "problem": "预计完不成", "measure": "调配人手",
        "department": office.pk, "due_on": "2099-12-01",
    }  # fmt: skip
    for _ in range(2):
        assert maker.post(begin, values).status_code in (302, 409)
    item = Rectification.objects.get()
    assert (item.origin_type, item.origin_id) == ("performance.monitoringline", line.pk)
    assert f"/staff/performance/rectifications/{item.pk}/" in page(maker.get(f"{BASE}/{found.pk}/"))


def test_who_may_what(cast: Cast) -> None:
    found = make_monitoring(cast=cast)
    head, clerk = client_of(make_staff(Duty.OFFICE_HEAD)), client_of(make_staff(Duty.INTAKE))
    for address in ("", f"{found.pk}/"):
        assert head.get(f"{BASE}/{address}").status_code == 200
        assert clerk.get(f"{BASE}/{address}").status_code == 403
    assert head.get(f"{BASE}/{found.pk}/edit/").status_code == 403
    assert head.post(f"{BASE}/{found.pk}/take/", {"seen": "2"}).status_code == 403
    for address in ("99999/", f"{2**70}/", f"years/{2**70}/list.xlsx"):
        assert head.get(f"{BASE}/{address}").status_code == 404, address
    maker = client_of(cast.maker)
    for address in (f"new/{2**70}/0/", f"new/{found.fiscal_year_id}/{2**70}/"):
        assert maker.get(f"{BASE}/{address}").status_code == 404, address
    again = maker.post(f"{BASE}/new/{found.fiscal_year_id}/0/", {"through_month": "7"})
    assert again.status_code == 409 and "已经有了" in page(again)


def test_an_empty_house_says_what_comes_first(maker: Client) -> None:
    assert "还没有预算年度" in page(maker.get(f"{BASE}/"))
    assert "还没有上传过表格" in page(maker.get("/staff/performance/workbooks/"))


def test_the_list_takes_a_fixed_number_of_queries(cast: Cast, maker: Client) -> None:
    year = make_year()
    counts = []
    maker.get(f"{BASE}/")
    for _ in range(3):
        program = make_program(year)
        make_monitoring(table=make_goals("approved", cast=cast, program=program), cast=cast)
        with CaptureQueriesContext(connection) as found:
            assert maker.get(f"{BASE}/?year={year.pk}").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[2]
