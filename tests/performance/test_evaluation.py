"""A year's 自评工作方案: who leads, by when, which programs and why; where each of them stands."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from performance.models import EvaluationPlan, PlanProgram, PlanStep
from performance.selectors.evaluation import proposals, stands_of, steps_of
from performance.services.evaluation import plan_create, plan_save, programs_save
from performance.services.reports import report_create
from tests.performance.goals_factories import (
    approve_program,
    approve_year,
    make_line,
    make_program,
    make_unit,
    make_year,
)
from tests.performance.process_factories import DATED, draft_report, make_world, report_to
from tests.performance.process_samples import MEMBERS, NOW, make_plan
from tests.workflow.people import enter, make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


def client_of(*duties: str) -> Client:
    client = Client()
    enter(client, make_staff(*duties, department="finance"))
    return client


def refusal(deed: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        deed()
    return caught.value


def programs(plan: EvaluationPlan) -> list[PlanProgram]:
    return list(plan.programs.order_by("id"))


def approved_year(count: int = 2) -> Any:
    fiscal = make_year(2025, unit=make_unit(home=True))
    for number in range(count):
        approve_program(make_program(fiscal, name=f"项目{number}"))
    make_program(fiscal, name="没有批复的项目")
    return approve_year(fiscal)


def test_a_plan_begins_with_what_is_usual() -> None:
    plan = plan_create(fiscal_year=approved_year(), by=make_staff(Duty.PERFORMANCE), now=NOW)
    assert [(str(one.program_year.program), one.chosen, one.focus) for one in programs(plan)] == [
        ("项目0", True, False), ("项目1", True, False)
    ]  # fmt: skip
    steps = list(plan.steps.all())
    assert [one.due_on for one in steps] == sorted(one.due_on for one in steps)
    assert {one.due_on.year for one in steps} == {2026}
    assert plan.method
    by = {"by": make_staff(Duty.PERFORMANCE), "now": NOW}
    assert refusal(lambda: plan_create(fiscal_year=plan.fiscal_year, **by)).code == "exists"
    drafted = make_year(2024, unit=make_unit())
    assert "预算还没有批复" in refusal(lambda: plan_create(fiscal_year=drafted, **by)).message


def test_the_group_of_the_last_plan_is_taken_over_and_offered_to_reports() -> None:
    unit, maker = make_unit(home=True), make_staff(Duty.PERFORMANCE)
    make_plan("approved", fiscal=approve_year(make_year(2024, unit=unit)))
    fiscal = approve_year(make_year(2025, unit=unit))
    plan = plan_create(fiscal_year=fiscal, by=maker, now=NOW)
    assert list(plan.members.values_list("role", "name")) == MEMBERS
    plan_save(plan=plan, document_number="", method="对照。", members=[("组长", "唐建业")], by=maker, now=NOW,
              steps=[(date(2026, 3, 1), "办完", None)])  # fmt: skip
    for name, by in (("submit", maker), ("approve", make_staff(Duty.DIRECTOR))):
        move(plan, name, by=by, now=NOW)
    report = report_create(year=fiscal, program=None, dated_on=DATED, by=maker, now=NOW)
    assert list(report.members.values_list("role", "name")) == [("组长", "唐建业")]


def test_a_plan_says_why_or_is_not_handed_in() -> None:
    fiscal, maker = approved_year(), make_staff(Duty.PERFORMANCE)
    plan = plan_create(fiscal_year=fiscal, by=maker, now=NOW)
    plan_save(plan=plan, document_number="", method=" ", members=[("组员", "吴婷")], by=maker, now=NOW,
              steps=[(date(2025, 6, 1), "太早", None)])  # fmt: skip
    first, second = (one.program_year_id for one in programs(plan))
    programs_save(plan=plan, choices={first: (True, True, ""), second: (False, False, " ")}, by=maker, now=NOW)
    approve_program(make_program(fiscal, name="后来批复的项目"))
    said = refusal(lambda: move(plan, "submit", by=maker, now=NOW)).message
    for words in (
        "还没有写评价方法", "领导小组还没有组长", "年度结束以前就完了", "没有“后来批复的项目”",
        "“项目0”列为重点评价，还没有写理由",
        "“项目1”不列入自评，还没有写理由",
    ):  # fmt: skip
        assert words in said
    both = {first: (False, True, "x")}
    said = refusal(lambda: programs_save(plan=plan, choices=both, by=maker, now=NOW)).message
    assert "不能列为重点评价" in said
    with pytest.raises(IntegrityError, match="performance_planprogram_focus"), transaction.atomic():
        plan.programs.filter(program_year=first).update(chosen=False)


def test_an_approved_plan_stays_until_it_is_revised_and_approved_anew() -> None:
    plan = make_plan("approved")
    maker = make_staff(Duty.PERFORMANCE)
    saved = {"plan": plan, "document_number": "", "method": "改", "members": [], "steps": [], "by": maker, "now": NOW}
    assert refusal(lambda: plan_save(**saved)).code == "wrong_state"
    for write in (
        lambda: plan.members.all().delete(), lambda: plan.steps.update(name="改"),
        lambda: PlanStep.objects.create(plan=plan, name="加", due_on=DATED),
        lambda: EvaluationPlan.objects.filter(pk=plan.pk).update(method="改"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic():
            write()
    move(plan, "revise", by=maker, now=NOW, comment="增加一个项目")
    plan_save(**{**saved, "members": MEMBERS, "steps": [(DATED, "办完", None)]})
    move(plan, "submit", by=maker, now=NOW)
    assert refusal(lambda: move(plan, "approve", by=maker, now=NOW)).code == "not_allowed"
    move(plan, "approve", by=make_staff(Duty.DIRECTOR), now=NOW)
    assert plan.state == "approved"


def test_the_larger_share_of_the_money_is_proposed_for_weight() -> None:
    fiscal = make_year(2025)
    big, small = make_program(fiscal, name="大项目"), make_program(fiscal, name="小项目")
    make_line(fiscal, "71000.00", program=big)
    make_line(fiscal, "29000.00", program=small, economic="30202")
    assert proposals(fiscal) == {big.pk: "资金量大：7.1万元，占项目支出预算的 71.00%"}


def test_where_each_program_stands_is_told_step_by_step() -> None:
    world = make_world(survey=False)
    plan = make_plan(fiscal=world.fiscal)
    whole, one = stands_of(world.fiscal, plan)
    assert (whole.name, whole.goals, whole.report_words, whole.budget) == (
        "部门整体支出", "", "还没有开始", Decimal("200000.00"),
    )  # fmt: skip
    assert (one.goals_approved, one.filled, one.indicators, one.surveyed, one.complete) == (True, 3, 3, False, True)
    other = make_world(home=False)
    report = draft_report(other)
    report_to(report, "frozen", other)
    _, frozen = stands_of(other.fiscal)
    assert (frozen.surveyed, frozen.done, frozen.report_words) == (True, True, "已定稿")


def test_the_timetable_knows_the_day() -> None:
    plan = make_plan()
    day = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
    assert [one.state for one in steps_of(plan, now=day)] == ["over", "over", "next", "later", "later", "later"]


@pytest.mark.parametrize("duty", list(Duty))
def test_who_reads_and_who_writes_plans(duty: Duty) -> None:
    plan = make_plan()
    client = client_of(duty)
    for name in ("staff_plan", "staff_plan_print", "staff_plan_xlsx"):
        assert client.get(reverse(name, args=[plan.pk])).status_code == (200 if duty in READERS else 403), name
    assert client.get(reverse("staff_plans")).status_code == (200 if duty in READERS else 403)
    for address in (
        reverse("staff_plan_new"), reverse("staff_plan_edit", args=[plan.pk]),
        reverse("staff_plan_programs", args=[plan.pk]),
    ):  # fmt: skip
        assert client.get(address).status_code == (200 if duty == Duty.PERFORMANCE else 403), address
        assert duty == Duty.PERFORMANCE or client.post(address, {}).status_code == 403


def test_a_plan_is_made_and_changed_on_its_pages() -> None:
    fiscal, client = approved_year(), client_of(Duty.PERFORMANCE)
    assert client.post(reverse("staff_plan_new"), {"fiscal_year": fiscal.pk}).status_code == 302
    plan = EvaluationPlan.objects.get()
    url = reverse("staff_plan_edit", args=[plan.pk])
    fields = {
        "document_number": "云资交〔2026〕2号", "members": "组长：周文博\n组员：吴婷、邓凯", "method": "逐项对照。",
        "steps": "2026-3-1 写报告（财务科）\n2026-01-15 布置", "seen": "1",
    }  # fmt: skip
    for wrong, words in (
        ({"steps": "布置工作"}, "没有写日期"), ({"steps": "2026-02-30 布置"}, "日期不存在"),
        ({"steps": "2026-02-03 布置（某科）"}, "不是现有的科室"), ({"steps": "0001-02-03 布置"}, "年份应在"),
        ({"members": "周文博"}, "没有写职务"), ({"steps": "2026-01-01 " + "长" * 101}, "超过 100 字"),
    ):  # fmt: skip
        answer = client.post(url, fields | wrong)
        assert answer.status_code == 400
        page = answer.content.decode()
        assert words in page
        assert "逐项对照。" in page
    assert client.post(url, fields).status_code == 302
    assert [(one.name, str(one.office or "")) for one in plan.steps.all()] == [("布置", ""), ("写报告", "财务科")]
    clash = client.post(url, fields | {"method": "我写的方法"})
    assert clash.status_code == 409
    page = clash.content.decode()
    assert "我写的方法" in page
    assert client.post(url, fields | {"method": "我写的方法", "seen": "2"}).status_code == 302
    chosen = reverse("staff_plan_programs", args=[plan.pk])
    first, second = (one.program_year_id for one in programs(plan))
    sent = {f"p{first}-chosen": "on", f"p{first}-focus": "on", f"p{first}-reason": "政策要求", "seen": "3",
            f"p{second}-reason": "没有下达"}  # fmt: skip
    assert client.post(chosen, sent).status_code == 302
    assert [(one.chosen, one.focus, one.reason) for one in programs(plan)] == [
        (True, True, "政策要求"), (False, False, "没有下达")
    ]  # fmt: skip
    assert client.post(chosen, sent).status_code == 409
    assert client.post(chosen, sent | {"seen": "4", f"p{first}-reason": "长" * 1001}).status_code == 400
    page = client.get(reverse("staff_plan", args=[plan.pk])).content.decode()
    for words in ("重点评价", "政策要求", "不列入", "周文博", "写报告"):
        assert words in page
    move(plan, "submit", by=plan.created_by, now=NOW)
    for address in (url, chosen):
        answer = client.get(address)
        assert answer.status_code == 400
        assert "已提交的先收回" in answer.content.decode()


def test_the_workbook_has_the_department_and_every_program() -> None:
    plan = make_plan(fiscal=approved_year())
    taken = client_of(Duty.FINANCE).get(reverse("staff_plan_xlsx", args=[plan.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(taken.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows()] == ["评价对象", "部门整体支出", "项目0", "项目1"]


def test_the_page_asks_as_often_for_three_programs_as_for_one(django_assert_max_num_queries: Any) -> None:
    fiscal, client = approved_year(1), client_of(Duty.PERFORMANCE)
    plan = make_plan(fiscal=fiscal)
    address = reverse("staff_plan", args=[plan.pk])
    client.get(address)
    with django_assert_max_num_queries(100) as first:
        client.get(address)
    maker = plan.created_by
    for number in (8, 9):
        approve_program(make_program(fiscal, name=f"项目{number}"))
    programs_save(plan=plan, choices={}, by=maker, now=NOW)
    with django_assert_max_num_queries(100) as third:
        client.get(address)
    assert len(first.captured_queries) == len(third.captured_queries)
