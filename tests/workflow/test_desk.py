"""The desk: what waits for whom, in a fixed number of queries; export; paging."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.duties import Duty
from accounts.models import User
from audit.log_services import log_append, log_days_close
from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from tests.tenders.drafts import Cast, make_draft
from tests.workflow.factories import DUE, NOW, make_task
from tests.workflow.people import enter, give, make_staff
from workflow.actors import actor_of
from workflow.models import AssignedTask
from workflow.selectors import desk as reads
from workflow.services import clock_start, clock_stop, move
from workflow.states import TaskState
from workflow.templatetags.workflow import due_words

pytestmark = pytest.mark.django_db


def desk(user: User, now: datetime = NOW) -> reads.Desk:
    return reads.desk_of(actor_of(user, now=now), now=now)


def titles(rows: list[reads.Row]) -> list[str]:
    return [row.title for row in rows]


@pytest.fixture
def director() -> User:
    return make_staff(Duty.DIRECTOR, department="directors")


@pytest.fixture
def doer() -> User:
    return make_staff(Duty.INTAKE)


def test_a_task_wanders_from_desk_to_desk(director: User, doer: User) -> None:
    task = make_task(giver=director, doer=doer)
    assert ([m.name for m in desk(director).todo[0].moves], desk(doer).todo) == (["assign"], [])
    move(task, "assign", by=director, now=NOW)
    assert ([m.name for m in desk(doer).todo[0].moves], desk(director).todo) == (["accept"], [])
    assert desk(director).waiting[0].waits_for == "承办人"
    move(task, "accept", by=doer, now=NOW)
    move(task, "answer", by=doer, now=NOW, data={"text": "办好了"})
    assert [m.name for m in desk(director).todo[0].moves] == ["close", "return"]
    assert titles(desk(doer).waiting) == [task.title]
    move(task, "close", by=director, now=NOW)
    both = desk(director), desk(doer)
    assert [(one.todo, one.active, one.done_count) for one in both] == [([], [], 1), ([], [], 1)]


def test_others_see_nothing_of_it(director: User, doer: User) -> None:
    make_task(TaskState.ASSIGNED, giver=director, doer=doer)
    found = desk(make_staff(Duty.FINANCE, department="finance"))
    assert (found.todo, found.active, found.watch) == ([], [], [])


def test_what_must_be_done_by_another_is_not_on_ones_desk(director: User, doer: User) -> None:
    make_task(TaskState.ANSWERED, giver=director, doer=doer)
    give(doer, Duty.DIRECTOR, department="directors", delegated_from=director)
    assert desk(doer).todo == []
    assert len(desk(director).todo) == 1


def test_today_and_overdue_change_with_the_clock_alone(director: User, doer: User) -> None:
    make_task(TaskState.ASSIGNED, giver=director, doer=doer, due_on=DUE)
    last = datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC)
    for now, today, late in [(NOW, 0, 0), (last, 1, 0), (last + timedelta(seconds=1), 0, 1)]:
        found = desk(doer, now)
        assert (len(found.due_today), len(found.overdue)) == (today, late)
        assert len(desk(director, now).watch) == late


def test_a_head_watches_the_own_office_a_director_all(director: User, doer: User) -> None:
    make_task(TaskState.ASSIGNED, giver=director, doer=doer)
    make_task(TaskState.ACCEPTED, giver=director, office="finance")
    make_task(giver=director, due_on=DUE)
    later = NOW + timedelta(days=30)
    head = make_staff(Duty.OFFICE_HEAD, department="finance")
    assert [str(row.office) for row in desk(head, later).watch] == ["财务科"]
    assert sorted(str(row.office) for row in desk(director, later).watch) == ["受理科", "财务科"]
    assert desk(doer, later).watch == []
    assert [(bar.label, bar.count, bar.share) for bar in reads.late_by_office(desk(director, later).watch)] == [
        ("受理科", 1, 100), ("财务科", 1, 100),
    ]  # fmt: skip


def test_a_legal_period_that_ends_sooner_is_what_is_due_and_says_why(director: User, doer: User) -> None:
    task = make_task(TaskState.ASSIGNED, giver=director, doer=doer)
    make_task(TaskState.ASSIGNED, giver=director, doer=doer)
    clock = clock_start(subject=task, rule_id="procurement.enquiry_reply", started_at=NOW, by=None, now=NOW)
    row = desk(doer).todo[0]
    assert (row.obj, row.due, row.reason) == (task, clock.due_at, clock.reason)
    assert row.reason == "答复询问：收到询问之日起3个工作日，政府采购法实施条例第五十二条"
    assert titles(desk(director, clock.due_at).watch) == [task.title]
    clock_stop(clock=clock, at=clock.due_at, by=None, now=NOW, cause="已答复")
    assert desk(director, clock.due_at).watch == []


def test_what_others_wait_for_is_what_they_did_last(director: User, doer: User) -> None:
    make_task(giver=director)
    task = make_task(TaskState.ANSWERED, giver=director, doer=doer)
    found = desk(director)
    assert (len(found.todo), titles(found.awaited)) == (2, [task.title])


def test_rows_come_by_due_day_and_pages_follow_each_other(director: User, doer: User) -> None:
    for day in range(25):
        make_task(TaskState.ASSIGNED, giver=director, doer=doer, due_on=DUE + timedelta(days=(day * 7) % 25))
    rows = desk(doer).todo
    assert [row.due for row in rows] == sorted(row.due for row in rows if row.due)
    first, cursor = reads.page_of(rows, "")
    second, end = reads.page_of(rows, cursor)
    assert (titles(first + second), len(first), end) == (titles(rows), reads.PAGE, "")


@pytest.mark.parametrize("cursor", ["x", "1.workflow.assignedtask", "1.workflow.assignedtask." + "9" * 19, "\x00"])
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(BusinessError):
        reads.page_of([], cursor)


def test_done_names_what_one_may_no_longer_see_by_its_kind(director: User) -> None:
    doer = make_staff(Duty.INTAKE)
    task = make_task(TaskState.CLOSED, giver=director, doer=doer)
    done, more = reads.done_list(actor_of(doer, now=NOW), now=NOW)
    assert [(one.title, one.verb, one.state, one.steps) for one in done] == [(task.title, "反馈", "已办结", 2)]
    assert more == 0
    doer.assignments.update(ends_at=NOW)
    give(doer, Duty.FINANCE, department="finance")
    done, _ = reads.done_list(actor_of(doer, now=NOW), now=NOW)
    assert [(one.title, one.url) for one in done] == [("交办事项（现在不归您查看）", "")]


def test_done_has_a_row_for_each_thing_the_last_worked_on_first_over_all_pages(director: User) -> None:
    doer = make_staff(Duty.INTAKE)
    first, second = (make_task(TaskState.CLOSED, giver=director, doer=doer) for _ in range(2))
    actor, seen, before = actor_of(doer, now=NOW), [], 0
    for _ in range(2):
        page, before = reads.done_list(actor, now=NOW, before=before, most=1)
        seen += [one.title for one in page]
    assert (seen, before) == ([second.title, first.title], 0)


def test_approvals_are_what_waits_for_a_leaders_word(director: User, doer: User) -> None:
    make_task(giver=director)
    task = make_task(TaskState.ANSWERED, giver=director, doer=doer)
    rows = reads.approvals(actor_of(director, now=NOW), now=NOW)
    assert titles(rows) == [task.title]
    assert dict(rows[0].facts)["办理情况"] == "已经办好。"


@pytest.mark.parametrize(
    ("due", "now", "words"),
    [
        ("2026-03-11T00:00+08:00", "2026-03-10T23:59+08:00", ("near", "今天到期")),
        ("2026-03-11T00:00+08:00", "2026-03-11T00:00+08:00", ("late", "逾期1天")),
        ("2026-03-11T09:00+08:00", "2026-03-11T09:00+08:00", ("late", "已过时")),
        ("2026-03-11T00:00+08:00", "2026-03-09T00:00+08:00", ("near", "明天到期")),
        ("2026-03-11T00:00+08:00", "2026-03-07T00:00+08:00", ("near", "还有3天")),
        ("2026-03-11T00:00+08:00", "2026-03-06T00:00+08:00", ("far", "还有4天")),
    ],
)
def test_due_words(due: str, now: str, words: tuple[str, str]) -> None:
    assert due_words(datetime.fromisoformat(due), datetime.fromisoformat(now)) == words


ADDRESSES = [
    "/staff/", "/staff/?tab=active", "/staff/?tab=done", "/staff/?tab=watch", "/staff/approve/", "/staff/tasks/",
    "/staff/day/intake/", "/staff/desk.xlsx", "/staff/desk.xlsx?tab=done",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_lists_take_as_many_queries_for_three_rows_as_for_one(
    client: Client, director: User, doer: User, address: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    def rows(count: int) -> None:
        for _ in range(count):
            now = timezone.now()
            due = now.date() + timedelta(days=1)
            task = make_task(TaskState.ANSWERED, giver=director, doer=doer, due_on=due, now=now)
            task.helping_offices.set([])

    enter(client, director)
    rows(1)
    client.get(address)
    with django_assert_max_num_queries(60) as one:
        assert client.get(address).status_code == 200
    rows(2)
    with django_assert_max_num_queries(60) as three:
        assert client.get(address).status_code == 200
    assert len(three) == len(one)
    assert len(one) <= 50


def test_workbook_holds_the_rows_and_no_formula(client: Client, director: User, doer: User) -> None:
    now = timezone.now()
    today = now.astimezone(reads.SHANGHAI).date()
    make_task(TaskState.ANSWERED, giver=director, doer=doer, title='=HYPERLINK("http://x")', due_on=today, now=now)
    enter(client, director)
    response = client.get("/staff/desk.xlsx?tab=todo")
    book = load_workbook(io.BytesIO(response.content))
    head, row = list(book.active.iter_rows())
    assert [cell.value for cell in head] == ["种类", "事项", "状态", "科室", "到期", "逾期", "可以办", "等待"]
    assert [cell.value for cell in row][:4] == ["交办事项", '=HYPERLINK("http://x")', "已反馈", "受理科"]
    assert (row[1].data_type, row[1].quotePrefix) == ("s", True)
    assert row[4].value == datetime.combine(today + timedelta(days=1), datetime.min.time())
    told = ActionRow.objects.filter(tag=Tag.EXPORT).get()
    assert (told.by, told.subject, told.detail) == (director, "desk:todo", {"rows": 1})


def test_day_sheet_is_for_the_office_and_the_directors(client: Client, director: User, doer: User) -> None:
    make_task(TaskState.ASSIGNED, giver=director, doer=doer, title="整理交易情况通报", due_on=date(2026, 3, 3))
    for user, status in [(director, 200), (doer, 200), (make_staff(Duty.FINANCE, department="finance"), 404)]:
        enter(client, user)
        response = client.get("/staff/day/intake/")
        assert response.status_code == status
        assert ("整理交易情况通报" in response.content.decode()) == (status == 200)
    assert client.get("/staff/day/nothing/").status_code == 404


def test_day_sheet_says_who_does_what_next(client: Client, director: User, doer: User) -> None:
    make_task(TaskState.ASSIGNED, giver=director, doer=doer, title="整理通报", person=doer)
    make_task(TaskState.ACCEPTED, giver=director, doer=doer, title="清点档案")
    office = AssignedTask.objects.latest("pk").lead_office
    sheet = reads.day_sheet(office, actor_of(doer, now=NOW), now=NOW)
    told = {row.title: row.next_words for row in [*sheet.late, *sheet.today, *sheet.soon]}
    assert told == {"整理通报": f"{doer}：签收", "清点档案": f"{office}：反馈"}
    enter(client, doer)
    page = client.get("/staff/day/intake/").content.decode()
    assert "谁办、下一步" in page and f"{doer}：签收" in page


def test_day_sheet_names_who_checks_and_what_the_system_does() -> None:
    cast = Cast.make()
    draft = make_draft("submitted", cast=cast)
    make_draft("scheduled", cast=cast)
    assert draft.office is not None
    sheet = reads.day_sheet(draft.office, actor_of(cast.checker, now=NOW), now=NOW)
    told = {row.next_words for row in [*sheet.late, *sheet.today, *sheet.soon]}
    assert told == {"保密审查：保密审查；公告复核发布：复核通过", "系统到时发布"}


def test_the_desk_repeats_no_menu_and_shows_nought_small(client: Client, director: User) -> None:
    enter(client, director)
    page = client.get("/staff/").content.decode()
    assert "<h2>其他</h2>" not in page and page.count('href="/staff/tasks/"') == 2  # both menus
    assert page.count('class="tile none"') == 5


def test_day_sheet_carries_the_last_days_checkpoint(client: Client, doer: User) -> None:
    enter(client, doer)
    assert "还没有日终检查点" in client.get("/staff/day/intake/").content.decode()
    log_append(entries=[("result", "1", b"{}")], now=NOW)
    log_days_close(now=NOW + timedelta(days=2))
    told = client.get("/log/checkpoints").json()["checkpoints"][0]
    page = client.get("/staff/day/intake/").content.decode()
    assert told["root"] in page and told["signature"] in page and "凭证 1 份" in page


def test_day_sheet_never_lists_more_than_a_page_holds(director: User, doer: User) -> None:
    for _ in range(reads.SHEET_LINES + 3):
        make_task(TaskState.ASSIGNED, giver=director, doer=doer)
    office = AssignedTask.objects.latest("pk").lead_office
    sheet = reads.day_sheet(office, actor_of(doer, now=NOW), now=NOW)
    assert (len(sheet.late), len(sheet.today), len(sheet.soon), sheet.more) == (0, 0, reads.SHEET_LINES, 3)
