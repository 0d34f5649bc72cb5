"""问题整改台账: opened once for each origin, answered by its office, followed into the next year, reminded of."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from notices.models import Notice
from performance.models import Rectification, RectificationAnswer, RectificationPaper
from performance.services.rectifications import rectification_open, rectifications_remind
from tests.performance.goals_factories import make_unit, make_year, office
from tests.performance.process_samples import ANSWER, DUE, NOW, make_item
from tests.workflow.people import enter, make_staff
from tests.workflow.test_move_race import together
from upkeep.models import HoldEvent
from workflow.actors import actor_of
from workflow.selectors.desk import desk_rows
from workflow.services import move

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


def client_of(*duties: str, department: str = "intake") -> Client:
    client = Client()
    enter(client, make_staff(*duties, department=department))
    return client


def refusal(deed: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        deed()
    return caught.value


def opened(fiscal: Any, **more: Any) -> Rectification:
    values = {
        "fiscal_year": fiscal, "source": "survey", "problem": "窗口等候时间长。", "measure": "增加窗口。",
        "department": office(), "due_on": DUE, "by": None, "now": NOW, "origin_type": "performance.survey",
        "origin_id": 5, "origin_line": "q1", **more,
    }  # fmt: skip
    return rectification_open(**values)


def test_one_origin_is_opened_once_and_the_portal_may_open_it() -> None:
    fiscal = make_year(2025)
    first = opened(fiscal)
    assert opened(fiscal, problem="另一种说法。") == first
    assert opened(fiscal, origin_line="q2") != first
    assert (first.state, first.created_by, first.first_due_on) == ("open", None, DUE)
    typed = {"origin_type": "", "origin_id": None, "origin_line": "", "by": make_staff(Duty.PERFORMANCE)}
    assert opened(fiscal, **typed) != opened(fiscal, **typed)


@pytest.mark.django_db(transaction=True)
def test_two_that_find_the_same_problem_at_once_open_one_line() -> None:
    fiscal = make_year(2025)
    assert together([lambda: opened(fiscal)] * 3) == {"done": 3}
    assert Rectification.objects.count() == 1


def test_a_line_without_words_or_before_its_year_is_refused() -> None:
    fiscal = make_year(2025)
    said = refusal(lambda: opened(fiscal, problem=" ", due_on=date(2024, 5, 1))).message
    assert said.startswith("不能列入台账：还没有写问题；整改期限早于 2025 年度")
    assert "控制字符" in refusal(lambda: opened(fiscal, measure="改\x00")).message
    assert refusal(lambda: opened(fiscal, by=make_staff(Duty.FINANCE), origin_line="q9")).code == "not_allowed"
    assert not Rectification.objects.exists()


def test_the_office_answers_another_confirms_and_everything_is_kept() -> None:
    item = make_item()
    clerk, head = make_staff(Duty.INTAKE), make_staff(Duty.PERFORMANCE, Duty.OFFICE_HEAD)
    stranger = make_staff(Duty.WITNESS, department="witness")
    assert "由受理科整改" in refusal(lambda: move(item, "answer", by=stranger, now=NOW, data=ANSWER)).message
    early = {**ANSWER, "done_on": date(2026, 3, 5), "text": " "}
    assert refusal(lambda: move(item, "answer", by=clerk, now=NOW, data=early)).message == (
        "不能填报整改情况：还没有写整改情况；完成日期还没有到。"
    )
    move(item, "answer", by=head, now=NOW, data=ANSWER)
    assert refusal(lambda: move(item, "confirm", by=head, now=NOW)).code == "same_person"
    director = make_staff(Duty.DIRECTOR, department="directors")
    move(item, "return", by=director, now=NOW, comment="没有附补签的验收单")
    move(item, "answer", by=clerk, now=NOW, data={**ANSWER, "text": "验收单已补。"})
    move(item, "confirm", by=director, now=NOW)
    assert item.state == "closed"
    assert [one.text for one in RectificationAnswer.objects.order_by("id")] == [ANSWER["text"], "验收单已补。"]


def test_the_named_person_answers_from_another_office() -> None:
    person = make_staff(Duty.WITNESS, department="witness")
    item = make_item(person=person)
    move(item, "answer", by=person, now=NOW, data=ANSWER)
    assert item.state == "answered"


def test_a_day_is_moved_later_only_and_the_first_one_stays() -> None:
    item, maker = make_item(), make_staff(Duty.PERFORMANCE)
    assert "新的期限应晚于" in refusal(
        lambda: move(item, "extend", by=maker, now=NOW, data={"due_on": DUE}, comment="再等")
    ).message  # fmt: skip
    move(item, "extend", by=maker, now=NOW, data={"due_on": date(2026, 9, 30)}, comment="设备未到货")
    item.refresh_from_db()
    assert (item.due_on, item.first_due_on, item.state) == (date(2026, 9, 30), DUE, "open")


def test_the_database_keeps_the_words_and_the_answers() -> None:
    item = make_item("answered")
    with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic():
        Rectification.objects.filter(pk=item.pk).update(problem="没有问题")
    with pytest.raises(IntegrityError, match="was not set by a move"), transaction.atomic():
        Rectification.objects.filter(pk=item.pk).update(state="closed")
    with pytest.raises(IntegrityError, match="was not made by a move"), transaction.atomic():
        Rectification.objects.create(
            fiscal_year=item.fiscal_year, source="other", problem="无", measure="无", department=office(), due_on=DUE,
            first_due_on=DUE, created_at=NOW,
        )  # fmt: skip
        connection.check_constraints()


def test_a_line_stands_on_the_desk_of_its_office_and_nobody_elses() -> None:
    item = make_item(department="witness")
    clerk, other = make_staff(Duty.WITNESS, department="witness"), make_staff(Duty.INTAKE)
    mine = [row for row in desk_rows(actor_of(clerk, now=NOW), now=NOW) if row.obj == item]
    assert [step.name for row in mine for step in row.moves] == ["answer"]
    assert item not in [row.obj for row in desk_rows(actor_of(other, now=NOW), now=NOW)]


def test_what_a_year_left_open_stands_in_the_next_years_list() -> None:
    unit = make_unit()
    last, this = make_year(2024, unit=unit), make_year(2025, unit=unit)
    early = {"now": datetime(2024, 11, 1, tzinfo=UTC), "due_on": date(2025, 3, 31)}
    carried = make_item(fiscal_year=last, problem="上年没办完的问题。", **early)
    done = make_item(fiscal_year=last, problem="上年办完的问题。", **early)
    move(done, "answer", by=make_staff(Duty.INTAKE), now=datetime(2024, 12, 1, tzinfo=UTC),
         data={**ANSWER, "done_on": date(2024, 11, 30)})  # fmt: skip
    move(done, "confirm", by=make_staff(Duty.DIRECTOR), now=datetime(2024, 12, 2, tzinfo=UTC))
    make_item(fiscal_year=this, problem="今年的问题。")
    client = client_of(Duty.PERFORMANCE)
    page = client.get(reverse("staff_rectifications"), {"year": 2025}).content.decode()
    assert "上年没办完的问题" in page
    assert "上年结转（2024年度）" in page
    assert "今年的问题" in page
    assert "上年办完的问题" not in page
    before = client.get(reverse("staff_rectifications"), {"year": 2024}).content.decode()
    assert "上年办完的问题" in before
    assert "今年的问题" not in before
    # Finished meanwhile, it stays in the ledger of the year that finished it.
    move(carried, "answer", by=make_staff(Duty.INTAKE), now=NOW, data={**ANSWER, "done_on": date(2025, 5, 1)})
    move(carried, "confirm", by=make_staff(Duty.DIRECTOR), now=NOW)
    assert "上年没办完的问题" in client.get(reverse("staff_rectifications"), {"year": 2025}).content.decode()


def test_offices_see_their_own_lines_and_filters_hold() -> None:
    fiscal = make_year(2025)
    mine = make_item(fiscal_year=fiscal, problem="受理科的问题。")
    theirs = make_item(fiscal_year=fiscal, department="witness", problem="见证科的问题。", source="bureau")
    clerk, all_of_them = client_of(Duty.INTAKE), client_of(Duty.DEPUTY_DIRECTOR, department="deputies")
    address = reverse("staff_rectifications")
    page = clerk.get(address, {"year": 2025}).content.decode()
    assert "受理科的问题" in page
    assert "见证科的问题" not in page
    assert clerk.get(reverse("staff_rectification", args=[theirs.pk])).status_code == 404
    assert clerk.get(reverse("staff_rectification", args=[mine.pk])).status_code == 200
    for query, shown in (
        ({"source": "bureau"}, {theirs}), ({"office": office().pk}, {mine}), ({"state": "late"}, {mine, theirs}),
        ({"state": "closed"}, set()), ({"state": "open", "source": "bureau"}, {theirs}),
    ):  # fmt: skip
        found = all_of_them.get(address, {"year": 2025, **query}).content.decode()
        assert {one for one in (mine, theirs) if one.problem in found} == shown, query
    strange = {"year": "99999999999999999999", "office": "x'--", "state": "?", "page": "-3", "source": "<b>"}
    assert all_of_them.get(address, strange).status_code == 200


@pytest.mark.parametrize("duty", list(Duty))
def test_who_opens_the_pages(duty: Duty) -> None:
    item = make_item()
    client = client_of(duty, department="witness")
    admin = duty in (Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN)
    for name in ("staff_rectifications", "staff_rectifications_xlsx", "staff_rectifications_print"):
        assert client.get(reverse(name)).status_code == (403 if admin else 200), name
    all_rows = duty in (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)
    assert client.get(reverse("staff_rectification", args=[item.pk])).status_code == (
        403 if admin else 200 if all_rows else 404
    )
    may = duty in (Duty.PERFORMANCE, Duty.DIRECTOR)
    assert client.get(reverse("staff_rectification_new")).status_code == (200 if may else 403)


def test_a_problem_is_typed_answered_with_papers_and_taken_again() -> None:
    fiscal = make_year(2025)
    maker = client_of(Duty.PERFORMANCE, department="finance")
    fields = {
        "fiscal_year": fiscal.pk, "source": "bureau", "problem": "公用经费执行偏慢。", "measure": "按月调度。",
        "department": office().pk, "person": "", "due_on": "2026-12-31",
    }  # fmt: skip
    wrong = maker.post(reverse("staff_rectification_new"), {**fields, "due_on": "明天"})
    assert wrong.status_code == 400
    assert "公用经费执行偏慢" in wrong.content.decode()
    assert maker.post(reverse("staff_rectification_new"), fields).status_code == 302
    item = Rectification.objects.get()
    clerk = client_of(Duty.INTAKE)
    paper = SimpleUploadedFile("验收单.txt", "补签的验收单".encode())
    answer = {"text": "已经按月调度。", "done_on": "2026-03-01", "papers": paper, "seen": 1}
    url = reverse("staff_move", args=["performance.rectification", item.pk, "answer"])
    assert clerk.post(url, answer).status_code == 302
    kept = RectificationPaper.objects.get()
    taken = clerk.get(reverse("staff_rectification_paper", args=[kept.pk]))
    assert b"".join(taken.streaming_content).decode() == "补签的验收单"
    assert "验收单.txt" in clerk.get(reverse("staff_rectification", args=[item.pk])).content.decode()
    other = client_of(Duty.WITNESS, department="witness")
    assert other.get(reverse("staff_rectification_paper", args=[kept.pk])).status_code == 404
    assert other.get(reverse("staff_rectification_paper", args=[2**62])).status_code == 404


def test_the_workbook_and_the_paper_have_every_line() -> None:
    make_item("closed", fiscal_year=make_year(2025), problem="=HYPERLINK(1)")
    client = client_of(Duty.PERFORMANCE)
    taken = client.get(reverse("staff_rectifications_xlsx"), {"year": 2025})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(taken.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][3] == "问题"
    assert rows[1][3] == "=HYPERLINK(1)"
    assert sheet["D2"].data_type == "s"
    assert rows[1][9:] == ["已完成", None, "2026-03-01", ANSWER["text"]]
    assert "整改措施" in client.get(reverse("staff_rectifications_print"), {"year": 2025}).content.decode()


def test_the_list_asks_as_often_for_three_lines_as_for_one(django_assert_max_num_queries: Any) -> None:
    fiscal = make_year(2025)
    make_item("answered", fiscal_year=fiscal)
    client = client_of(Duty.PERFORMANCE)
    address = reverse("staff_rectifications") + "?year=2025"
    client.get(address)
    with django_assert_max_num_queries(100) as first:
        client.get(address)
    for _ in range(2):
        make_item("answered", fiscal_year=fiscal)
    with django_assert_max_num_queries(100) as third:
        client.get(address)
    assert len(first.captured_queries) == len(third.captured_queries)


def test_offices_are_reminded_once_before_and_week_by_week_after() -> None:
    item = make_item(due_on=date(2026, 3, 20))
    clerk = make_staff(Duty.INTAKE)
    told = Notice.objects.filter(user=clerk, subject__startswith="整改")
    day = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
    for moment, count in (
        (day, 0), (day + timedelta(days=1), 1), (day + timedelta(days=8), 1), (day + timedelta(days=9), 2),
        (day + timedelta(days=15), 2), (day + timedelta(days=16), 3), (day + timedelta(days=16, hours=3), 3),
    ):  # fmt: skip
        rectifications_remind(now=moment)
        assert told.count() == count, moment
    assert told.order_by("-id").first().subject == "整改已逾期 8 天：验收手续不全。"
    move(item, "answer", by=clerk, now=LATER, data=ANSWER)
    assert rectifications_remind(now=LATER) == 0


def test_nobody_is_reminded_while_the_portal_is_held() -> None:
    make_item(due_on=date(2026, 3, 3))
    HoldEvent.objects.create(kind=HoldEvent.Kind.BEGUN, at=NOW, reason="恢复")
    assert rectifications_remind(now=NOW) == 0
    assert not Notice.objects.filter(subject__startswith="整改").exists()
