"""The report pages: who may open them, two officers at once, hostile input."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import User
from core.errors import BusinessError
from performance.models import Report, SectionVersion
from performance.narrative.build import document_of
from performance.narrative.fields import editable
from performance.narrative.figures import report_facts
from performance.services.reports import report_create, section_save
from tests.performance.years import department_report, make_cast
from tests.workflow.people import enter, make_staff

pytestmark = pytest.mark.django_db
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


def client_with(*duties: Duty) -> tuple[Client, User]:
    user, client = make_staff(*duties, name="周试"), Client()
    enter(client, user)
    return client, user


@pytest.fixture
def report() -> Report:
    return department_report()


def section_url(report: Report, key: str = "goals") -> str:
    return reverse("staff_section_edit", args=[report.pk, key])


def text_of(report: Report, key: str) -> str:
    section = report.sections.get(key=key)
    return editable(section.text, report_facts(report)[1])


def test_who_may_read_and_who_may_write(report: Report) -> None:
    pages = [reverse("staff_reports"), reverse("staff_report", args=[report.pk])]
    writing = [reverse("staff_report_new"), reverse("staff_report_edit", args=[report.pk]), section_url(report)]
    for duty in Duty:
        client, _ = client_with(duty)
        assert {client.get(page).status_code for page in pages} == {200 if duty in READERS else 403}, duty
        may = duty in (Duty.PERFORMANCE, Duty.FINANCE)
        assert {client.get(page).status_code for page in writing} == {200 if may else 403}, duty
        if not may:
            assert client.post(section_url(report), {"text": "改", "seen": 1}).status_code == 403


def test_nobody_reads_without_a_login(report: Report) -> None:
    answer = Client().get(reverse("staff_report", args=[report.pk]))
    assert answer.status_code == 302
    assert "/staff/login/" in answer["Location"]


def test_the_page_shows_text_figures_and_findings(report: Report) -> None:
    client, _ = client_with(Duty.DIRECTOR)
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    for words in ("302.94万元", "减少17.18%", "支出超过收入 7.11 万元", "数字从哪里来"):
        assert words in page
    assert "修改" not in page.split("正文</h2>")[1].split("办理经过</h2>")[0]


def test_a_section_is_saved_with_its_figures(report: Report) -> None:
    client, user = client_with(Duty.PERFORMANCE)
    text = text_of(report, "income")
    seen = report.sections.get(key="income").number
    answer = client.post(section_url(report, "income"), {"text": "核对：" + text, "seen": seen})
    assert answer.status_code == 302
    section = report.sections.get(key="income")
    assert section.text.startswith("核对：")
    assert "{{income_budget|302.94万元}}" in section.text
    assert section.versions.get(number=seen + 1).by == user


def test_a_mistyped_figure_is_refused_and_nothing_is_lost(report: Report) -> None:
    client, _ = client_with(Duty.FINANCE)
    text = text_of(report, "income").replace("302.94", "302.49")
    seen = report.sections.get(key="income").number
    answer = client.post(section_url(report, "income"), {"text": text, "seen": seen})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "自动取数" in page
    assert "302.49" in page
    assert report.sections.get(key="income").number == seen


def test_the_second_officer_sees_both_texts_and_decides(report: Report) -> None:
    (first, _), (second, _) = client_with(Duty.PERFORMANCE), client_with(Duty.FINANCE)
    seen = report.sections.get(key="goals").number
    assert first.post(section_url(report), {"text": "甲写的一段。", "seen": seen}).status_code == 302
    answer = second.post(section_url(report), {"text": "乙写的一段。", "seen": seen})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "甲写的一段。" in page
    assert "乙写的一段。" in page
    assert f'name="seen" value="{seen + 1}"' in page
    assert second.post(section_url(report), {"text": "甲写的一段。\n乙写的一段。", "seen": seen + 1}).status_code == 302
    texts = list(
        SectionVersion.objects.filter(section__report=report, section__key="goals").values_list("text", flat=True)
    )
    assert "甲写的一段。" in texts


def test_the_cover_knows_of_another_officer_too(report: Report) -> None:
    client, _ = client_with(Duty.PERFORMANCE)
    report.refresh_from_db()
    url = reverse("staff_report_edit", args=[report.pk])
    fields = {
        "title": report.title,
        "dated_on": "2023-02-20",
        "members": "组长：周文博\n组员：吴婷、邓凯",
        "seen": report.edition,
    }
    assert client.post(url, fields).status_code == 302
    answer = client.post(url, fields | {"title": "另一个标题", "members": "组长：唐建业"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "另一个标题" in page
    assert "组员：吴婷、邓凯" in page
    report.refresh_from_db()
    assert [str(one) for one in report.members.all()] == ["组长 周文博", "组员 吴婷", "组员 邓凯"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("dated_on", "0001-01-01"), ("dated_on", "二月"), ("title", "a\x00b"), ("title", "<b>"), ("members", "周文博"),
     ("phone", "打电话"), ("reported_rate", "很高"), ("reported_total", "1e9"), ("title", "长" * 201), ("seen", "x"),
     ("goal_result", "a\x07b"), ("seen", str(2**40))],
)  # fmt: skip
def test_hostile_fields_get_a_sentence(report: Report, field: str, value: str) -> None:
    client, _ = client_with(Duty.PERFORMANCE)
    report.refresh_from_db()
    fields = {"title": report.title, "dated_on": "2023-02-20", "seen": report.edition, field: value}
    answer = client.post(reverse("staff_report_edit", args=[report.pk]), fields)
    assert answer.status_code in (400, 409)
    assert "没有保存" in answer.content.decode()


@pytest.mark.parametrize("text", ["\x00", "长" * 20_001, "{{income_budget|1}}", "〔没有：1〕"])
def test_hostile_texts_get_a_sentence(report: Report, text: str) -> None:
    client, _ = client_with(Duty.PERFORMANCE)
    number = report.sections.get(key="goals").number
    answer = client.post(section_url(report), {"text": text, "seen": number})
    assert answer.status_code == 400
    assert report.sections.get(key="goals").number == number


@pytest.mark.parametrize(
    "path", ["999999/", "99999999999999999999/", "1/sections/nothing/", "1/sections/goals/versions/9/"]
)
def test_what_is_not_there_is_404(report: Report, path: str) -> None:
    client, _ = client_with(Duty.PERFORMANCE)
    path = path.replace("1/sections", f"{report.pk}/sections")
    assert client.get(reverse("staff_reports") + path).status_code == 404


def test_a_version_can_be_looked_at_and_a_section_drafted_anew(report: Report) -> None:
    client, _ = client_with(Duty.PERFORMANCE)
    number = report.sections.get(key="spending").number
    page = client.get(reverse("staff_section_version", args=[report.pk, "spending", 1])).content.decode()
    assert "项目资金并未完全使用" in page
    renew = reverse("staff_section_renew", args=[report.pk, "spending"])
    assert client.post(renew, {"seen": number, "do": "redraft"}).status_code == 302
    assert "并未完全使用" not in report.sections.get(key="spending").text
    assert client.post(renew, {"seen": number, "do": "redraft"}).status_code == 400
    assert client.post(renew, {"seen": "十", "do": "redraft"}).status_code == 400


def test_a_report_is_begun_once(report: Report) -> None:
    client, user = client_with(Duty.PERFORMANCE)
    with pytest.raises(BusinessError, match="已经有了"):
        report_create(year=report.fiscal_year, program=None, dated_on=date(2023, 1, 5), by=user, now=timezone.now())
    program = report.fiscal_year.programs.get()
    answer = client.post(reverse("staff_report_new"), {"subject": f"program:{program.pk}", "dated_on": "2023-02-20"})
    assert answer.status_code == 302
    made = Report.objects.get(program_year=program)
    assert made.members.count() == report.members.count()
    assert client.post(reverse("staff_report_new"), {"subject": "year:0", "dated_on": "2023-02-20"}).status_code == 400


def test_the_list_costs_the_same_for_one_and_for_more(report: Report, django_assert_max_num_queries: Any) -> None:
    client, user = client_with(Duty.PERFORMANCE)
    client.get(reverse("staff_reports"))
    with django_assert_max_num_queries(60) as first:
        client.get(reverse("staff_reports"))
    program = report.fiscal_year.programs.get()
    report_create(year=report.fiscal_year, program=program, dated_on=date(2023, 1, 5), by=user, now=timezone.now())
    with django_assert_max_num_queries(60) as second:
        client.get(reverse("staff_reports"))
    assert len(first) == len(second)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told() -> None:
    cast = make_cast()
    report = department_report(cast)
    seen = report.sections.get(key="goals").number
    said: list[str] = []
    ready = threading.Barrier(2)

    def save(words: str) -> None:
        ready.wait()
        try:
            section_save(report=report, key="goals", text=words, seen=seen, by=cast.performance, now=cast.now)
            said.append("saved")
        except BusinessError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(words,)) for words in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["changed", "saved"]
    assert report.sections.get(key="goals").number == seen + 1


def test_reasons_are_written_line_by_line_and_answer_the_finding(report: Report) -> None:
    client, _ = client_with(Duty.FINANCE)
    url = reverse("staff_report_reasons", args=[report.pk])
    page = client.get(url).content.decode()
    assert "人员经费" in page
    assert "结余 342,200.00 元" in page
    fields = {"category-personnel": "退休两人，年内没有补录。", "category-personnel-seen": "0"}
    assert client.post(url, fields).status_code == 302
    assert "退休两人" in client.get(url).content.decode()
    tables = {one.caption: one.rows for one in document_of(report).tables}
    assert ("人员经费", "退休两人，年内没有补录。") in tables["支出与预算差异的原因和改进措施"]
    clash = client.post(url, fields | {"category-personnel": "另一种说法"})
    assert clash.status_code == 409
    assert "另一种说法" in clash.content.decode()
    assert client_with(Duty.DIRECTOR)[0].get(url).status_code == 403
