"""Pages of the months' work: who opens what, forms that lose nothing, hostile input, fixed queries, Excel."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department
from audit.models import ActionRow
from performance.models import GoalProgress, GoalShare, LagNotice, LagPaper, MonthPlan, ProgramYear
from performance.services.goal_shares import Wish, goal_shares_set
from performance.services.month_plans import month_plans_set
from performance.urls.monthly import urlpatterns
from tests.documents.samples import PDF
from tests.performance.goals_factories import make_goals, named
from tests.performance.lag_samples import ANSWER, make_lag, office
from tests.performance.money_factories import NOW, Budget, make_budget
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person
from tests.workflow.people import make_staff
from workflow.moves import STAFF

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
READERS = {Duty.FINANCE, Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}
MAKERS = {Duty.FINANCE, Duty.PERFORMANCE}
ASKERS = {Duty.PERFORMANCE, Duty.DIRECTOR}
ROWS = (
    {"level1": "产出指标", "name": "检修次数", "target": "≥4次", "weight": Decimal(50)},
    {"level1": "效益指标", "name": "完好率", "target": "≥95%", "weight": Decimal(30)},
    {"level1": "满意度指标", "name": "满意度", "target": "≥90%", "weight": Decimal(10)},
)


def client(*duties: Duty) -> Client:
    return client_of(make_person(*duties))


def text(answer: Any) -> str:
    return str(answer.content.decode())


class House:
    """A year of 2025 with a program that lags, goals in force, a notice with a paper."""

    def __init__(self) -> None:
        self.notice = make_lag()
        self.year, self.program = self.notice.fiscal_year, self.notice.program_year
        self.line = self.program.spending_lines.get()
        self.table = make_goals("approved", fiscal=self.year, program=self.program, indicators=ROWS)
        self.indicator = named(self.table, "检修次数")
        self.office = office("it")
        head = make_staff(Duty.OFFICE_HEAD, department="it")
        answer = client_of(head).post(
            reverse("staff_move", args=["performance.lagnotice", self.notice.pk, "answer"]),
            {**ANSWER, "pay_on": "2099-01-01", "papers": [SimpleUploadedFile("合同.pdf", PDF)]},
        )
        # The day is too far: nothing is stored.
        assert answer.status_code == 409 and not LagPaper.objects.exists() and "重新选择" in text(answer)
        assert "五年以内" in text(answer)

    def addresses(self) -> dict[str, tuple[str, set[Duty]]]:
        year, staff = [self.year.pk], set(STAFF)
        return {
            "staff_progress": (reverse("staff_progress"), READERS),
            "staff_progress_year": (reverse("staff_progress_year", args=year), READERS),
            "staff_progress_xlsx": (reverse("staff_progress_xlsx", args=year), READERS),
            "staff_month_plans": (reverse("staff_month_plans", args=year), MAKERS),
            "staff_month_plans_xlsx": (reverse("staff_month_plans_xlsx", args=year), READERS),
            "staff_month_plan": (reverse("staff_month_plan", args=[self.line.pk]), MAKERS),
            "staff_lag_ask": (reverse("staff_lag_ask", args=[*year, str(self.program.pk)]), ASKERS),
            "staff_program_department": (reverse("staff_program_department", args=[self.program.pk]), MAKERS),
            "staff_lags": (reverse("staff_lags"), staff),
            "staff_lags_xlsx": (reverse("staff_lags_xlsx"), staff),
            "staff_shares": (reverse("staff_shares"), staff),
            "staff_share": (reverse("staff_share", args=[self.indicator.pk]), staff),
            "staff_share_edit": (
                reverse("staff_share_edit", args=[self.indicator.pk, self.office.pk]), {Duty.PERFORMANCE}
            ),
            "staff_own_progress": (reverse("staff_own_progress"), staff),
        }  # fmt: skip


@pytest.fixture
def house() -> House:
    return House()


def status_of(answer: Any) -> int:
    """The status; a file is read to its end, so that it is closed."""
    if answer.streaming:
        assert b"".join(answer.streaming_content) == PDF
    return int(answer.status_code)


def paper_of(house: House) -> LagPaper:
    head = make_staff(Duty.OFFICE_HEAD, department="it")
    client_of(head).post(
        reverse("staff_move", args=["performance.lagnotice", house.notice.pk, "answer"]),
        {**ANSWER, "pay_on": later(), "papers": [SimpleUploadedFile("合同.pdf", PDF)]},
    )
    return LagPaper.objects.get()


def later() -> str:
    """A day to come, whatever the day of the test."""
    today = timezone.localdate()
    return today.replace(year=today.year + 1, day=1).isoformat()


def test_every_address_is_open_to_its_duties_and_to_nobody_else(house: House) -> None:
    known = house.addresses()
    assert {one.name for one in urlpatterns} - set(known) == {"staff_lag", "staff_lag_paper"}
    for duty in Duty:
        person = client(duty)
        found = {name: person.get(address).status_code for name, (address, _) in known.items()}
        assert found == {name: 200 if duty in duties else 403 for name, (_, duties) in known.items()}, duty
    assert {Client().get(address).status_code for address, _ in known.values()} == {302}


def test_a_notice_and_its_papers_are_seen_by_those_concerned_only(house: House) -> None:
    paper = paper_of(house)
    addresses = [reverse("staff_lag", args=[house.notice.pk]), reverse("staff_lag_paper", args=[paper.pk])]
    concerned = make_staff(Duty.EQUIPMENT, department="it")
    for person, status in (
        (client_of(concerned), 200), (client(Duty.DEPUTY_DIRECTOR), 200), (client(Duty.FINANCE), 200),
        (client_of(make_staff(Duty.INTAKE, department="intake")), 404), (client(Duty.SYSTEM_ADMIN), 403),
    ):  # fmt: skip
        assert [status_of(person.get(address)) for address in addresses] == [status] * 2
    page = text(client_of(concerned).get(addresses[0]))
    assert "合同.pdf" in page and "8,000.00" in page and "看执行进度" not in page
    assert f'href="{reverse("staff_progress")}"' not in page
    leader = make_staff(Duty.INTAKE, department="intake")
    ProgramYear.objects.filter(pk=house.program.pk).update(leader=leader)
    assert client_of(leader).get(addresses[0]).status_code == 200


def rich(house: House) -> None:
    """One more of everything that the pages list."""
    make_lag(month=7)
    wishes = {3: Wish(Decimal(1)), 6: Wish(None, "检修")}
    number = GoalShare.objects.values("indicator_key").distinct().count()
    one = list(house.table.indicators.all())[number % 3]
    goal_shares_set(
        indicator=one, department=house.office, wishes=wishes, by=make_staff(Duty.PERFORMANCE), now=NOW
    )  # fmt: skip


def queries(person: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert person.get(address).status_code == 200, address
    return len(caught)


def test_every_page_asks_the_same_number_of_queries_at_one_row_and_at_three(house: House) -> None:
    rich(house)
    person = client(Duty.PERFORMANCE)
    addresses = [address for address, _ in house.addresses().values()]
    shown = f"?year={house.year.pk}&month=3"
    addresses += [reverse("staff_own_progress") + shown, reverse("staff_shares") + shown]
    addresses.append(reverse("staff_lag", args=[house.notice.pk]))
    for address in addresses:
        person.get(address)
    before = {address: queries(person, address) for address in addresses}
    for _ in range(2):
        rich(house)
    assert {address: queries(person, address) for address in addresses} == before
    assert max(before.values()) < 40


@pytest.mark.parametrize("bad", ["0", "13", "-1", "x", "１", "9" * 30, "", "3&month=99", "1e9"])
def test_strange_months_and_years_show_the_usual_page(house: House, bad: str) -> None:
    person = client(Duty.PERFORMANCE)
    for name in ("staff_progress_year", "staff_progress_xlsx"):
        assert person.get(reverse(name, args=[house.year.pk]) + f"?month={bad}").status_code == 200
    for name in ("staff_progress", "staff_shares", "staff_own_progress"):
        assert person.get(reverse(name) + f"?year={bad}&month={bad}").status_code == 200
    plans = reverse("staff_month_plans", args=[house.year.pk])
    assert person.get(f"{plans}?page={bad}&fill={bad}").status_code == 200


def test_what_is_not_there_is_not_found(house: House) -> None:
    person = client(Duty.PERFORMANCE)
    year = house.year.pk
    for address in (
        f"/staff/performance/progress/{2**63}/", "/staff/performance/progress/999999/",
        f"/staff/performance/progress/{year}/ask/999999/", f"/staff/performance/progress/{year}/ask/project/",
        f"/staff/performance/progress/{year}/ask/{'9' * 40}/", f"/staff/performance/progress/{year}/ask/x-y/",
        "/staff/performance/progress/lags/999999/", f"/staff/performance/progress/lag-papers/{2**64}/",
        "/staff/performance/goals/shares/999999/", f"/staff/performance/goals/shares/{house.indicator.pk}/999999/",
        f"/staff/performance/progress/lines/{2**63}/", "/staff/performance/program-years/999999/department/",
    ):  # fmt: skip
        assert person.get(address).status_code == 404, address
    assert person.get(reverse("staff_lags"), {"before": "x"}).status_code == 400
    assert person.get(reverse("staff_lags"), {"state": "x", "office": "x", "year": "9" * 30}).status_code == 200


def empty_form(page: Any) -> dict[str, str]:
    """What the hidden fields of a form hold."""
    form = page.context["form"]
    return {name: str(form[name].value()) for name in form.fields if name.startswith("seen")}


def test_a_year_is_planned_in_one_table_and_changed_with_a_reason(house: House) -> None:
    person, address = client(Duty.FINANCE), reverse("staff_month_plans", args=[house.year.pk])
    lines = {one.category: one for one in house.year.spending_lines.all()}
    routine, project = lines["routine"], lines["project"]
    page = person.get(address, {"fill": "even"})
    assert "833.33" in text(page) and "4166.66" in text(page)
    page = person.get(address, {"fill": "steps"})
    assert page.context["form"][f"line{project.pk}m6"].value() == "8000.00"
    assert page.context["form"][f"line{routine.pk}m6"].value() is None
    sent = empty_form(page) | {f"line{routine.pk}m{month}": "８００" for month in range(1, 13)}
    sent |= {f"line{project.pk}m3": "1,000.50"}
    wrong = person.post(address, sent | {f"line{routine.pk}m1": "很多"})
    assert wrong.status_code == 400 and "不是金额" in text(wrong) and "1,000.50" in text(wrong)
    assert person.post(address, sent).status_code == 302
    assert MonthPlan.objects.filter(spending_line=routine).count() == 12
    months = MonthPlan.objects.filter(spending_line=project).order_by("month").values_list("amount", flat=True)
    assert list(months) == [Decimal("0.00"), Decimal("0.00"), Decimal("1000.50"), *[Decimal("0.00")] * 9]
    stale = person.post(address, sent | {f"line{routine.pk}m1": "700"})
    assert stale.status_code == 409 and "别人改过" in text(stale)
    sent |= empty_form(person.get(address))
    refused = person.post(address, sent | {f"line{routine.pk}m1": "700"})
    assert refused.status_code == 400 and "改动要写明调整理由" in text(refused)
    assert person.post(address, sent | {f"line{routine.pk}m1": "700", "reason": "合同变更"}).status_code == 302
    one = reverse("staff_month_plan", args=[routine.pk])
    assert "合同变更" in text(person.get(one))
    over = empty_form(person.get(one)) | {f"line{routine.pk}m1": "99999", "reason": "多花"}
    assert "超过全年预算" in text(person.post(one, over))
    assert person.post(one, {}).status_code == 400


def test_the_page_of_progress_tells_lag_rule_and_forecasts(house: House) -> None:
    person, address = client(Duty.PERFORMANCE), reverse("staff_progress_year", args=[house.year.pk])
    page = text(person.get(address, {"month": "6"}))
    assert "● " not in page and ">滞后</span>" in page
    assert "不到累计计划的 80% 为滞后" in page and "说明：待说明" in page and "没有计划" in page
    page = text(person.get(address, {"month": "7"}))
    assert reverse("staff_lag_ask", args=[house.year.pk, str(house.program.pk)]) + "?month=7" in page
    assert "要求说明" not in text(client(Duty.FINANCE).get(address, {"month": "7"}))
    by_lines = {
        one.pk: [Decimal("100.00")] * 12 for one in house.year.spending_lines.all() if one.category != "project"
    }
    month_plans_set(year=house.year, plans=by_lines, by=make_staff(Duty.FINANCE), now=NOW)
    page = text(person.get(address, {"month": "6"}))
    assert "累计支出 0.00 ÷ 6 个月 × 12" in page and "＋ 7 至 12 月的计划 1,200.00" in page
    assert reverse("staff_lag_ask", args=[house.year.pk, "routine"]) in page


def test_a_lag_is_asked_answered_and_accepted_through_the_pages(house: House) -> None:
    manager, address = client(Duty.PERFORMANCE), reverse("staff_lag_ask", args=[house.year.pk, str(house.program.pk)])
    page = manager.get(address, {"month": "8"})
    assert "计划支出 8,000.00 元" in text(page)
    wrong = manager.post(address + "?month=8", {"text": "请说明", "department": ""})
    assert wrong.status_code == 400 and "这一项要填写" in text(wrong)
    again = manager.post(address + "?month=6", {"text": "请说明", "department": house.office.pk})
    assert again.status_code == 400 and "已经要求说明过" in text(again)
    early = manager.post(address + "?month=5", {"text": "请说明", "department": house.office.pk})
    assert early.status_code == 409 and "没有滞后" in text(early)
    made = manager.post(address + "?month=8", {"text": "请<b>说明</b>", "department": house.office.pk})
    notice = LagNotice.objects.get(month=8)
    assert made.url == reverse("staff_lag", args=[notice.pk])
    head = client_of(make_staff(Duty.OFFICE_HEAD, department="it"))
    page = text(head.get(made.url))
    assert "请&lt;b&gt;说明" in page and "说明情况" in page
    answer = reverse("staff_move", args=["performance.lagnotice", notice.pk, "answer"])
    assert head.post(answer, {"cause": "weather", "text": "x", "pay_on": later()}).status_code == 400
    assert head.post(answer, {"cause": "people", "text": "人手不足", "pay_on": later()}).status_code == 302
    director = client(Duty.DIRECTOR)
    assert director.post(reverse("staff_move", args=["performance.lagnotice", notice.pk, "accept"])).status_code == 302
    notice.refresh_from_db()
    assert notice.state == "accepted" and "人手不足" in text(manager.get(made.url))


def test_the_list_of_notices_filters_pages_and_leaves_as_excel(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = client(Duty.PERFORMANCE)
    other = make_lag("recalled", department="general")
    pages = {
        (): 2, (("state", "open"),): 1, (("state", "recalled"),): 1, (("office", str(other.department_id)),): 1,
        (("year", "2024"),): 0, (("state", "overdue"),): 1,
    }  # fmt: skip
    for query, count in pages.items():
        assert len(manager.get(reverse("staff_lags"), dict(query)).context["rows"]) == count, query
    monkeypatch.setattr("performance.selectors.lags.PAGE", 1)
    first = manager.get(reverse("staff_lags"))
    second = manager.get(reverse("staff_lags"), {"before": first.context["next"]})
    assert [one.pk for page in (first, second) for one in page.context["rows"]] == [other.pk, house.notice.pk]
    assert second.context["next"] == 0
    answer = manager.get(reverse("staff_lags_xlsx"), {"state": "open"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 2 and [cell.value for cell in sheet[2]][5:7] == ["8000.00", "0.00"]
    assert ActionRow.objects.filter(tag="data.export").latest("pk").detail == {"rows": 1}
    mine = client_of(make_staff(Duty.GENERAL_AFFAIRS, department="general"))
    assert [one.pk for one in mine.get(reverse("staff_lags")).context["rows"]] == [other.pk]


def test_workbooks_hold_programs_months_and_plans(house: House) -> None:
    person = client(Duty.DIRECTOR)

    def sheet(address: str) -> Any:
        answer = person.get(address)
        return openpyxl.load_workbook(io.BytesIO(answer.content)).active

    programs = sheet(reverse("staff_progress_xlsx", args=[house.year.pk]) + "?month=6")
    assert [cell.value for cell in programs[5]][2:7] == ["20000.00", "8000.00", "0.00", "0.00%", "滞后"]
    months = sheet(reverse("staff_progress_xlsx", args=[house.year.pk]) + "?month=6&table=months")
    assert months.max_row == 13
    assert sheet(reverse("staff_month_plans_xlsx", args=[house.year.pk])).max_row == 4
    assert ActionRow.objects.filter(tag="data.export").count() == 3


def test_an_indicator_is_split_and_its_office_tells_what_it_did(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = client(Duty.PERFORMANCE)
    edit = reverse("staff_share_edit", args=[house.indicator.pk, house.office.pk])
    page = manager.get(edit, {"fill": "even"})
    filled = [page.context["form"][f"planned{month}"].value() for month in range(1, 13)]
    assert sum(map(Decimal, filled)) == 4 and set(filled) <= {"0", "1"}
    wrong = manager.post(edit, {"planned3": "三", "seen": "0", "text3": "一季度检修"})
    assert wrong.status_code == 400 and "请填数字" in text(wrong) and "一季度检修" in text(wrong)
    assert manager.post(edit, {"planned3": "３", "seen": "0", "text3": "一季度检修"}).status_code == 302
    assert manager.post(edit, {"planned3": "2", "seen": "0"}).status_code == 409
    detail = reverse("staff_share", args=[house.indicator.pk])
    assert "计划数合计 3，与年度指标值“≥4次”不同" in text(manager.get(detail))
    mine, address = client_of(make_staff(Duty.EQUIPMENT, department="it")), reverse("staff_own_progress")
    address += f"?year={house.year.pk}&month=3"
    page = mine.get(address)
    assert "一季度检修" in text(page) and "3月有 1 项还没有填" in text(page)
    mark = f"{house.indicator.pk}o{house.office.pk}"
    assert mine.post(address, {f"value{mark}": "-1", f"seen{mark}": "0"}).status_code == 400
    sent = {f"value{mark}": "2.5", f"text{mark}": "<script>", f"seen{mark}": "0"}
    assert mine.post(address, sent).status_code == 302
    row = GoalProgress.objects.get()
    assert (row.value, row.text, row.month, row.department) == (Decimal("2.5000"), "<script>", 3, house.office)
    assert "&lt;script&gt;" in text(manager.get(detail)) and "完成 2.5" in text(manager.get(detail))
    assert mine.post(address, {**sent, f"value{mark}": "3"}).status_code == 409
    others = client_of(make_staff(Duty.INTAKE, department="intake"))
    assert "没有分给您的科室" in text(others.get(address))
    assert others.post(address, sent).status_code == 302 and GoalProgress.objects.count() == 1
    monkeypatch.setattr("performance.views.shares.MOST_ROWS", 0)
    assert "只列出前 0 项" in text(manager.get(address))
    assert "只列出前" not in text(manager.get(address, {"office": office("general").pk, "year": house.year.pk}))
    lists = text(manager.get(reverse("staff_shares") + f"?year={house.year.pk}&month=3"))
    assert "83.33%" in lists


def test_an_empty_house_says_what_to_do() -> None:
    for duty in (Duty.FINANCE, Duty.DIRECTOR):
        assert "还没有预算年度" in text(client(duty).get(reverse("staff_progress")))
    assert "还没有预算年度" in text(client(Duty.INTAKE).get(reverse("staff_shares")))
    assert "还没有预算年度" in text(client(Duty.INTAKE).get(reverse("staff_own_progress")))
    assert client(Duty.INTAKE).post(reverse("staff_own_progress")).status_code == 302
    assert "还没有滞后说明" in text(client(Duty.INTAKE).get(reverse("staff_lags")))
    budget: Budget = make_budget("drafting", program_state="drafting")
    bare = client(Duty.PERFORMANCE)
    assert "还没有批准的绩效目标表" in text(bare.get(reverse("staff_shares")))
    assert bare.get(reverse("staff_progress_year", args=[budget.year.pk])).status_code == 200


def test_the_office_of_a_program_is_set_on_its_page(house: House) -> None:
    person, address = client(Duty.PERFORMANCE), reverse("staff_program_department", args=[house.program.pk])
    page = reverse("staff_program_year", args=[house.program.pk])
    assert "还没有定" in text(person.get(page)) and address in text(person.get(page))
    assert person.post(address, {"department": "999999"}).status_code == 400
    assert person.post(address, {"department": house.office.pk}).status_code == 302
    assert str(house.office) in text(person.get(page))
    assert ActionRow.objects.filter(detail__what="program_department").get().detail["office"] == "it"
    assert person.post(address, {"department": ""}).status_code == 302
    assert ProgramYear.objects.get(pk=house.program.pk).department is None


def test_shares_of_a_closed_office_stay_in_sight_but_get_no_more(house: House) -> None:
    rich(house)
    Department.objects.filter(pk=house.office.pk).update(is_active=False)
    person = client(Duty.PERFORMANCE)
    detail = text(person.get(reverse("staff_share", args=[house.indicator.pk])))
    assert str(house.office) in detail
    edit = reverse("staff_share_edit", args=[house.indicator.pk, house.office.pk])
    assert edit not in detail and person.get(edit).status_code == 404


def test_a_recalled_notice_needs_its_reason(house: House) -> None:
    person = client(Duty.PERFORMANCE)
    address = reverse("staff_move", args=["performance.lagnotice", house.notice.pk, "recall"])
    assert person.post(address, {"confirmed": "yes"}).status_code == 400
    assert person.post(address, {"confirmed": "yes", "comment": "计划填错了"}).status_code == 302
    assert LagNotice.objects.get().state == "recalled"
