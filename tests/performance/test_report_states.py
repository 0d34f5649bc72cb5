"""From the draft to the frozen report: explained line by line, reviewed by another, final when the accounts are."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from performance.document.model import document_json, document_read
from performance.models import LineReason, ManualScore, Report, ReportFreeze, ReportMember, SectionVersion
from performance.narrative.build import document_of
from performance.selectors.frozen import figure_of, freeze_of, freezes_of, frozen_source, report_document
from performance.services.actuals import Survey, actual_set
from performance.services.report_files import report_file_make
from performance.services.reports import report_save, section_redraft, section_refresh, section_save
from performance.services.scores import reason_set, score_set
from tests.performance.frozen_factories import late_value
from tests.performance.goals_factories import make_goals, named
from tests.performance.process_factories import (
    NOW,
    World,
    confirm_accounts,
    draft_report,
    make_world,
    report_to,
)
from tests.performance.process_samples import make_item
from tests.performance.report_documents import department
from tests.workflow.people import enter, give, make_staff
from workflow.models import StateChange
from workflow.services import move

pytestmark = pytest.mark.django_db


def refusal(deed: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        deed()
    return caught.value


@pytest.fixture
def world() -> World:
    return make_world()


def client_for(user: Any) -> Client:
    client = Client()
    enter(client, user)
    return client


def low_world() -> tuple[World, Report]:
    """A rate of 60%: one line short by half, one by a twelfth of its budget."""
    world = make_world(spent=("60000.00", "74000.00"))
    return world, draft_report(world)


def test_a_low_rate_is_explained_line_by_line_with_its_cause() -> None:
    world, report = low_world()
    submit = lambda: move(report, "submit", by=world.writer, now=NOW)  # noqa: E731 (a deed)
    said = refusal(submit)
    assert said.code == "blocked"
    assert "“设备维护”还没有写明原因和原因种类" in said.message
    # Short by 7.5%: under a tenth, so that no word is asked for.
    assert "宣传培训" not in said.message
    line = f"expense:{world.lines['设备维护'].pk}"
    common = {"report": report, "line": line, "by": world.writer, "now": NOW}
    reason_set(**common, text="设备在保修期内，没有发生维护费。")
    assert "“设备维护”的原因还没有选种类" in refusal(submit).message
    assert "请从列出的原因种类里选" in refusal(lambda: reason_set(**common, text="同上", cause="luck")).message
    assert "也要写明原因" in refusal(lambda: reason_set(**common, text=" ", cause="price")).message
    reason_set(**common, text="设备在保修期内，没有发生维护费。", cause="quantity")
    submit()
    assert report.state == "submitted"


def test_the_cause_stands_in_the_paper() -> None:
    world, report = low_world()
    before = {one.caption for one in document_of(report).tables}
    assert "支出与预算差异的原因和改进措施" not in before
    reason_set(report=report, line=f"expense:{world.lines['设备维护'].pk}", text="在保修期内。", cause="quantity",
               by=world.writer, now=NOW)  # fmt: skip
    reason_set(report=report, line="funds", text="整体偏低。", by=world.writer, now=NOW)
    table = next(one for one in document_of(report).tables if one.caption == "支出与预算差异的原因和改进措施")
    assert table.head == ("支出", "原因种类", "偏差原因分析及改进措施")
    assert table.rows == (("预算执行率", "—", "整体偏低。"), ("设备维护", "数量变化", "在保修期内。"))


def test_the_page_of_reasons_asks_for_what_is_demanded_and_keeps_what_was_typed() -> None:
    world, report = low_world()
    client, url = client_for(world.writer), reverse("staff_report_reasons", args=[report.pk])
    page = client.get(url).content.decode()
    assert page.count("要写明</span>") == 1
    # Each line tells its own rate (60,000 of 120,000, 74,000 of 80,000), not that of the whole (67.00%).
    assert "本行执行率 50.00%" in page and "执行率 92.50%" in page and "67.00%" not in page
    field = f"expense-{world.lines['设备维护'].pk}"
    sent = {field: "在保修期内。", f"{field}-cause": "strange", f"{field}-seen": "0"}
    wrong = client.post(url, sent)
    assert wrong.status_code == 400
    assert "在保修期内。" in wrong.content.decode()
    assert client.post(url, sent | {f"{field}-cause": "quantity"}).status_code == 302
    assert LineReason.objects.get().cause == "quantity"
    assert client.post(url, {field: "在保修期内。", f"{field}-cause": "price", f"{field}-seen": "0"}).status_code == 409


def test_unmet_targets_empty_sections_and_surveys_without_numbers_are_refused() -> None:
    world = make_world(survey=False)
    actual_set(indicator=named(world.table, "采购招标率"), value="80%", evidence="台账", by=world.cast.maker, now=NOW)
    report = draft_report(world)
    section = report.sections.get(key="problems")
    section_save(report=report, key="problems", text=" ", seen=section.number, by=world.writer, now=NOW)
    said = refusal(lambda: move(report, "submit", by=world.writer, now=NOW)).message
    for words in ("“采购招标率”还没有写明原因", "一节是空的", "没有调查的发放、收回、有效份数"):
        assert words in said
    key = str(named(world.table, "采购招标率").key)
    reason_set(report=report, line=key, text="一个项目流标。", by=world.writer, now=NOW)
    assert "采购招标率" not in refusal(lambda: move(report, "submit", by=world.writer, now=NOW)).message


def test_leftover_markup_is_refused(world: World) -> None:
    report = draft_report(world)
    section = report.sections.get(key="other")
    section_save(report=report, key="other", text="[bookmark: _Toc1]无", seen=section.number, by=world.writer, now=NOW)
    assert "残留的标记" in refusal(lambda: move(report, "submit", by=world.writer, now=NOW)).message


def test_a_report_without_a_score_is_not_handed_in(world: World) -> None:
    report = draft_report(world, program=False)
    assert "没有批准的绩效目标表" in refusal(lambda: move(report, "submit", by=world.writer, now=NOW)).message


def test_whoever_wrote_a_word_does_not_review_it_not_even_rounds_later(world: World) -> None:
    report = draft_report(world)
    writing_director = make_staff(Duty.DIRECTOR, Duty.PERFORMANCE, department="directors")
    reason_set(report=report, line="funds", text="节约。", by=writing_director, now=NOW)
    for _ in range(2):
        move(report, "submit", by=world.writer, now=NOW)
        assert refusal(lambda: move(report, "review", by=writing_director, now=NOW)).code in ("same_person", "blocked")
        move(report, "return", by=world.director, now=NOW, comment="再核对一次")
    move(report, "submit", by=world.writer, now=NOW)
    said = refusal(lambda: move(report, "review", by=writing_director, now=NOW))
    assert said.code in ("same_person", "blocked")
    # Nor may another in the writer's name.
    deputy = make_staff(Duty.DEPUTY_DIRECTOR, department="deputies")
    give(deputy, Duty.DIRECTOR, department="directors", delegated_from=writing_director)
    assert refusal(lambda: move(report, "review", by=deputy, now=NOW)).code in ("same_person", "blocked")
    move(report, "review", by=world.director, now=NOW)
    assert report.state == "reviewed"


@pytest.mark.parametrize("state", ["submitted", "reviewed", "frozen"])
def test_nothing_of_a_report_that_is_not_drafted_is_changed(world: World, state: str) -> None:
    report = draft_report(world)
    report_to(report, state, world)
    section = report.sections.first()
    by = {"by": world.writer, "now": NOW}
    seen = {"report": report, "key": section.key, "seen": section.number, **by}
    for deed in (
        lambda: report_save(report=report, values={"title": "改"}, members=[], seen=report.edition, **by),
        lambda: section_save(text="改", **seen), lambda: section_refresh(**seen), lambda: section_redraft(**seen),
        lambda: score_set(report=report, indicator_key=None, score=Decimal(5), reason="改", **by),
        lambda: reason_set(report=report, line="funds", text="改", **by),
    ):  # fmt: skip
        said = refusal(deed)
        assert (said.code, said.message[:6]) == ("wrong_state", "不能修改：这")
    for write in (
        lambda: Report.objects.filter(pk=report.pk).update(title="改"),
        lambda: report.sections.filter(pk=section.pk).update(text="改"),
        lambda: SectionVersion.objects.create(section=section, number=99, text="改", at=NOW),
        lambda: ReportMember.objects.create(report=report, role="组员", name="某"),
        lambda: LineReason.objects.create(report=report, line="funds", text="改", by=world.writer, at=NOW),
        lambda: ManualScore.objects.create(report=report, score=1, reason="改", by=world.writer, at=NOW),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=r"is not being drafted|is frozen"), transaction.atomic():
            write()
    client = client_for(world.writer)
    for name in ("staff_report_edit", "staff_report_reasons"):
        answer = client.get(reverse(name, args=[report.pk]))
        assert answer.status_code == 400
        assert "不能修改" in answer.content.decode()
    assert client.get(reverse("staff_section_edit", args=[report.pk, section.key])).status_code == 400
    assert client.get(reverse("staff_score_line", args=[world.table.pk, "funds"])).status_code == 200
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "封面和签署</a>" not in page


def test_a_state_is_never_set_past_the_moves(world: World) -> None:
    report = draft_report(world)
    with pytest.raises(IntegrityError, match="was not set by a move"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(state="frozen")
    with pytest.raises(IntegrityError, match="was not made by a move"), transaction.atomic():
        Report.objects.create(fiscal_year=world.fiscal, kind="department", title="无", dated_on=NOW.date(),
                              created_at=NOW)  # fmt: skip
        connection.check_constraints()
    posted = client_for(world.writer).post(reverse("staff_move", args=["performance.report", report.pk, "save"]))
    assert "请在修改页面上填写" in posted.content.decode()


def test_whoever_wrote_a_report_does_not_freeze_it(world: World) -> None:
    report = report_to(draft_report(world), "reviewed", world)
    confirm_accounts(world)
    assert refusal(lambda: move(report, "freeze", by=world.writer, now=NOW)).code in ("same_person", "not_allowed")
    move(report, "freeze", by=make_staff(Duty.PERFORMANCE, department="finance"), now=NOW)
    assert report.state == "frozen"


def test_freezing_asks_for_the_final_accounts_and_a_day_after_the_year(world: World) -> None:
    report = draft_report(world)
    report_to(report, "reviewed", world)
    assert "决算还没有确认" in refusal(lambda: move(report, "freeze", by=world.director, now=NOW)).message
    early = draft_report(make_world(home=False))
    other = World(early.fiscal_year, early.program_year, world.table, world.cast, world.writer, world.director, {})
    report_save(report=early, values={"dated_on": date(2025, 12, 31)}, members=[], seen=1, by=world.writer, now=NOW)
    report_to(early, "reviewed", other)
    confirm_accounts(other)
    assert "落款日期在 2025 年度结束以前" in refusal(lambda: move(early, "freeze", by=world.director, now=NOW)).message


def department_world() -> tuple[World, Report]:
    """A department's report whose goals are the program's, moved to the whole."""
    world = make_world()
    table = make_goals("approved", cast=world.cast, fiscal=world.fiscal)
    for name, value in (("采购招标率", "100%"), ("公共服务水平", "达成预期指标")):
        actual_set(indicator=named(table, name), value=value, evidence="台账", by=world.cast.maker, now=NOW)
    actual_set(indicator=named(table, "使用人员满意度"), value="100%", evidence="问卷", by=world.cast.maker, now=NOW,
               survey=Survey(sent=60, returned=55, valid=50, satisfied=50))  # fmt: skip
    return world, draft_report(world, program=False)


def test_a_difference_from_the_final_accounts_is_explained_or_the_report_stays_open() -> None:
    world, report = department_world()
    report_to(report, "reviewed", world)
    confirm_accounts(world, spending="195000.00")
    said = refusal(lambda: move(report, "freeze", by=world.director, now=NOW)).message
    assert "决算 19.5 万元" in said
    assert "差额的原因还没有在“逐项原因”里写明" in said
    move(report, "reopen", by=world.director, now=NOW, comment="补写与决算的差额")
    reason_set(report=report, line="accounts", text="决算剔除了年末退回的1000元。", by=world.writer, now=NOW)
    report_to(report, "frozen", world)
    assert report.state == "frozen"
    rows = next(one.rows for one in report_document(report).tables if "差异" in one.caption)
    assert rows == (("与决算的差额", "决算剔除了年末退回的1000元。"),)


def test_a_frozen_report_says_the_same_whatever_is_entered_later(world: World) -> None:
    report = draft_report(world)
    report_to(report, "frozen", world)
    freeze = freeze_of(report)
    assert freeze is not None
    assert json.loads(freeze.source) == frozen_source(report)
    assert (figure_of(freeze, "executed"), figure_of(freeze, "rate"), freeze.figures["grade"]) == (
        Decimal("196000.00"), Decimal("98.00"), "优",
    )  # fmt: skip
    assert freezes_of([report]) == {report.pk: freeze}
    before = client_for(world.director).get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "98.00%" in before
    assert "定稿时的" in before
    late_value(world)
    type(world.program.program).objects.filter(pk=world.program.program_id).update(name="改了名字的项目")
    again = Report.objects.get(pk=report.pk)
    assert document_json(report_document(again)) == freeze.source
    assert document_json(document_of(again)) != freeze.source
    after = client_for(world.director).get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "改了名字的项目" not in after
    assert "98.00%" in after
    assert ReportFreeze.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_run_of_a_frozen_report_gives_the_same_file(world: World) -> None:
    report = draft_report(world)
    report_to(report, "frozen", world)
    first = report_file_make(report=report, now=NOW)
    late_value(world)
    second = report_file_make(report=Report.objects.get(pk=report.pk), now=NOW + timedelta(days=30))
    assert second == first
    assert first.source == freeze_of(report).source  # type: ignore[union-attr]


def test_a_report_that_the_bureau_sent_back_is_opened_by_the_director_with_a_reason(world: World) -> None:
    report = draft_report(world)
    report_to(report, "frozen", world)
    assert refusal(lambda: move(report, "reopen", by=world.writer, now=NOW, comment="改")).code == "not_allowed"
    assert refusal(lambda: move(report, "reopen", by=world.director, now=NOW)).code == "comment_missing"
    move(report, "reopen", by=world.director, now=NOW, comment="财政退回：补充佐证")
    assert freeze_of(report) is None
    assert ReportFreeze.objects.filter(report=report).count() == 1
    reason_set(report=report, line="funds", text="已补充。", by=world.writer, now=NOW)
    report_to(report, "frozen", world)
    assert ReportFreeze.objects.filter(report=report).count() == 2
    assert freeze_of(report) == ReportFreeze.objects.latest("id")


def test_a_document_is_read_back_whole() -> None:
    document = department()
    assert document_json(document_read(document_json(document))) == document_json(document)
    assert document_read(document_json(document)) == document


def test_every_change_of_a_draft_is_told_with_who_made_it(world: World) -> None:
    report = draft_report(world)
    changes = StateChange.objects.filter(subject_type="performance.report", subject_id=report.pk)
    assert {(one.move, one.by) for one in changes} == {("create", world.writer), ("save", world.writer)}
    page = client_for(world.writer).get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "提交审核" in page
    assert "修改“其他需要说明的问题”" in page


def test_reports_of_before_there_were_moves_get_the_beginning_of_their_history(world: World) -> None:
    births = import_module("performance.migrations.0010_process")
    with transaction.atomic():
        old = Report.objects.create(
            fiscal_year=world.fiscal, kind="department", title="旧报告", dated_on=date(2026, 2, 1),
            created_by=world.writer, created_at=NOW,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(births.BORN, [births.BATCH])
            assert cursor.rowcount == 1
            cursor.execute(births.BORN, [births.BATCH])
            assert cursor.rowcount == 0
        connection.check_constraints()
    change = StateChange.objects.get(subject_type="performance.report", subject_id=old.pk)
    assert (change.move, change.source, change.target, change.by, change.at) == (
        "create", "", "drafting", world.writer, NOW,
    )  # fmt: skip


def test_the_frozen_page_leads_to_the_ledger(world: World) -> None:
    report = draft_report(world)
    report_to(report, "frozen", world)
    make_item(fiscal_year=world.fiscal, problem="验收资料不齐。")
    client = client_for(world.writer)
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "验收资料不齐" in page
    link = reverse("staff_rectification_new") + f"?year={world.fiscal.pk}"
    assert link in page
    assert f'<option value="{world.fiscal.pk}" selected>' in client.get(link).content.decode()
