"""The pages of handed-out tasks and of moves: who may open them, what they do, what they say when they refuse."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department, User
from core.errors import BusinessError
from core.moments import SHANGHAI
from documents import rulebook
from documents.models import StoredFile
from tests.workflow.factories import make_task
from tests.workflow.people import enter, make_staff
from workflow.forms import LARGEST_MEGABYTES
from workflow.models import AssignedTask, TaskPaper
from workflow.selectors import changes_of
from workflow.services import move
from workflow.services.papers import papers_store
from workflow.services.tasks import task_create
from workflow.states import TaskState


@pytest.fixture
def director() -> User:
    return make_staff(Duty.DIRECTOR, department="directors", name="周主任")


@pytest.fixture
def doer() -> User:
    return make_staff(Duty.INTAKE, name="赵受理")


pytestmark = pytest.mark.django_db


def task_now(state: str, director: User, doer: User, **fields: Any) -> AssignedTask:
    """A task of today, due in a week."""
    now = timezone.now()
    due_on = now.astimezone(SHANGHAI).date() + timedelta(days=7)
    return make_task(state, giver=director, doer=doer, now=now, due_on=due_on, **fields)


def as_user(user: User) -> Client:
    client = Client()
    enter(client, user)
    return client


def post(client: Client, task: AssignedTask, name: str, **data: Any) -> Any:
    seen = changes_of(task)[-1].number
    return client.post(f"/staff/move/workflow.assignedtask/{task.pk}/{name}/", {"seen": seen, **data})


ADDRESSES = [
    "/staff/", "/staff/desk.xlsx", "/staff/approve/", "/staff/day/intake/", "/staff/tasks/", "/staff/tasks/new/",
    "/staff/tasks/1/", "/staff/move/workflow.assignedtask/1/close/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_anonymous_are_sent_to_login(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.url.split("?")[0]) == (302, "/staff/login/")


@pytest.mark.parametrize("duty", list(Duty))
def test_leaders_pages_are_for_leaders(duty: Duty) -> None:
    client = as_user(make_staff(duty))
    wanted = 200 if duty in (Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR, Duty.OFFICE_HEAD) else 403
    assert {client.get(address).status_code for address in ("/staff/approve/", "/staff/tasks/new/")} == {wanted}
    assert {client.get(address).status_code for address in ("/staff/", "/staff/tasks/")} == {200}


def test_a_task_from_draft_to_end_over_the_pages(director: User, doer: User) -> None:
    office = Department.objects.get(code="intake")
    head, hand = as_user(director), as_user(doer)
    due_on = (timezone.now().astimezone(SHANGHAI) + timedelta(days=5)).date()
    response = head.post(
        "/staff/tasks/new/",
        {"title": "整理通报", "text": "一页半以内", "source": "meeting", "reference": "主任办公会第18次会议",
         "lead_office": office.pk, "helping_offices": [Department.objects.get(code="finance").pk],
         "due_on": due_on.isoformat()},
    )  # fmt: skip
    task = AssignedTask.objects.get()
    assert response.url == f"/staff/tasks/{task.pk}/?done=create"
    assert hand.get(f"/staff/tasks/{task.pk}/").status_code == 404
    assert post(head, task, "assign").url == f"/staff/tasks/{task.pk}/?done=assign"
    assert "已签收。" in hand.get(post(hand, task, "accept").url).content.decode()
    post(hand, task, "answer", text="已按要求整理完毕。")
    assert "已按要求整理完毕。" in head.get("/staff/approve/").content.decode()
    assert post(head, task, "return", comment="缺同比数据", back="approve").url == "/staff/approve/?done=return"
    post(hand, task, "answer", text="已补同比数据。")
    post(head, task, "close", back="approve")
    page = hand.get(f"/staff/tasks/{task.pk}/").content.decode()
    assert AssignedTask.objects.get().state == TaskState.CLOSED
    assert [w for w in ("缺同比数据", "已补同比数据。", "周主任", "财务科", "已办结") if w not in page] == []


def test_new_task_filled_in_wrongly_says_so_and_loses_nothing(director: User) -> None:
    response = as_user(director).post(
        "/staff/tasks/new/", {"title": "整理通报", "text": "一页半", "source": "dream", "due_on": "明天"}
    )
    page = response.content.decode()
    assert response.status_code == 400
    wanted = [
        "整理通报",
        "一页半",
        "请从列出的来源里选。",
        "日期写成 2026-03-02 这样。",
        "这一项要填写。",
        'role="alert"',
    ]
    assert [words for words in wanted if words not in page] == []
    assert not AssignedTask.objects.exists()


@pytest.mark.parametrize(("day", "words"), [("2020-01-01", "已经过去"), ("2099-12-31", "五年以后")])
def test_a_date_that_cannot_be_meant_is_refused(director: User, day: str, words: str) -> None:
    office = Department.objects.get(code="intake")
    data = {"title": "整理", "text": "好", "source": "other", "lead_office": office.pk, "due_on": day}
    response = as_user(director).post("/staff/tasks/new/", data)
    assert response.status_code == 409
    assert words in response.content.decode()


def test_a_task_is_not_for_somebody_of_another_office(director: User, doer: User) -> None:
    other = make_staff(Duty.FINANCE, department="finance")
    sent = {
        "title": "清点归档项目", "text": "逐一清点", "source": "meeting", "person": other.pk,
        "lead_office": Department.objects.get(code="intake").pk,
        "due_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
    }  # fmt: skip
    answer = as_user(director).post("/staff/tasks/new/", sent)
    assert answer.status_code == 400 and "请另选经办人" in answer.content.decode()
    assert AssignedTask.objects.count() == 0
    helping = Department.objects.get(code="finance").pk
    assert as_user(director).post("/staff/tasks/new/", {**sent, "helping_offices": [helping]}).status_code == 302
    task = task_now("draft", director, doer, person=other)
    with pytest.raises(BusinessError, match="不在"):
        move(task, "assign", by=director, now=timezone.now())


def test_a_refused_move_keeps_what_was_written(director: User, doer: User) -> None:
    task = task_now(TaskState.ANSWERED, director, doer)
    head = as_user(director)
    response = post(head, task, "return", comment="")
    assert response.status_code == 400
    assert "不能退回：还没有写理由。" in response.content.decode()
    response = post(head, task, "cancel", comment="不再需要")
    assert response.status_code == 400
    page = response.content.decode()
    assert "请先勾选确认" in page
    assert "不再需要" in page
    assert AssignedTask.objects.get().state == TaskState.ANSWERED


def test_dangerous_move_asks_and_then_does(director: User, doer: User) -> None:
    task = task_now(TaskState.ASSIGNED, director, doer)
    head = as_user(director)
    assert "不能恢复" in head.get(f"/staff/move/workflow.assignedtask/{task.pk}/cancel/").content.decode()
    assert AssignedTask.objects.get().state == TaskState.ASSIGNED
    assert post(head, task, "cancel", comment="合并办理", confirmed="yes").status_code == 302
    assert AssignedTask.objects.get().state == TaskState.CANCELLED


def test_second_click_gets_a_sentence(director: User, doer: User) -> None:
    task = task_now(TaskState.ASSIGNED, director, doer)
    hand = as_user(doer)
    data = {"seen": 2}
    address = f"/staff/move/workflow.assignedtask/{task.pk}/accept/"
    assert hand.post(address, data).status_code == 302
    again = hand.post(address, data)
    assert again.status_code == 409
    assert "不能签收：这件交办事项现在是“办理中”（赵受理已签收）" in again.content.decode()
    assert len(changes_of(task)) == 3


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("close", "doer", 403), ("accept", "director", 409), ("close", "stranger", 404), ("create", "director", 404),
        ("explode", "director", 404), ("take_over", "director", 403), ("close", "admin", 404),
    ],
)  # fmt: skip
def test_nobody_moves_what_is_not_theirs(director: User, doer: User, name: str, who: str, status: int) -> None:
    task = task_now(TaskState.ANSWERED, director, doer)
    people = {
        "doer": doer, "director": director, "stranger": make_staff(Duty.FINANCE, department="finance"),
        "admin": make_staff(Duty.SYSTEM_ADMIN, department="it"),
    }  # fmt: skip
    data = {"comment": "理由", "confirmed": "yes", "by": director.pk, "giver": director.pk, "state": "closed"}
    assert post(as_user(people[who]), task, name, **data).status_code == status
    assert len(changes_of(task)) == 4


@pytest.mark.parametrize("address", ["/staff/tasks/{}/", "/staff/move/workflow.assignedtask/{}/close/"])
def test_what_one_may_not_see_is_not_there(director: User, doer: User, address: str) -> None:
    task = task_now(TaskState.ANSWERED, director, doer)
    stranger = as_user(make_staff(Duty.FINANCE, department="finance"))
    assert stranger.get(address.format(task.pk)).status_code == 404
    assert as_user(director).get(address.format(10**17)).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/staff/?after=x", "/staff/?tab=done&after=x", "/staff/tasks/?before=-1", "/staff/approve/?after=%00"],
)
def test_bad_input_is_a_400_with_a_sentence(director: User, address: str) -> None:
    response = as_user(director).get(address)
    assert response.status_code == 400
    assert "请从第一页重新开始" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["office=%00", "state=nothing", "office=intake&state=closed&overdue=1", "office=" + "a" * 5000]
)
def test_filters_take_anything(director: User, query: str) -> None:
    assert as_user(director).get(f"/staff/tasks/?{query}").status_code == 200


def test_list_filters_by_office_state_and_lateness(director: User, doer: User) -> None:
    task_now(TaskState.ASSIGNED, director, doer, title="甲项")
    task_now(TaskState.CLOSED, director, doer, title="乙项")
    make_task(TaskState.ASSIGNED, giver=director, doer=doer, title="丙项")
    head = as_user(director)

    def shown(query: str) -> set[str]:
        return set(re.findall("[甲乙丙]项", head.get(f"/staff/tasks/?{query}").content.decode()))

    assert shown("") == {"甲项", "乙项", "丙项"}
    assert shown("office=finance") == set()
    assert shown("state=closed") == {"乙项"}
    assert shown("overdue=1") == {"丙项"}


def test_buttons_not_possible_now_are_shown_with_the_reason(director: User, doer: User) -> None:
    head = make_staff(Duty.OFFICE_HEAD, department="intake")
    task = task_now(TaskState.ANSWERED, director, doer)
    page = as_user(head).get(f"/staff/tasks/{task.pk}/").content.decode()
    assert "不能办结：只有交办人（周主任）才能办。" in page
    assert "/close/" not in page


def test_a_button_is_not_refused_for_what_its_form_will_ask(director: User, doer: User) -> None:
    task = task_now(TaskState.ACCEPTED, director, doer)
    address = f"/staff/move/workflow.assignedtask/{task.pk}/"
    assert f'href="{address}answer/"' in as_user(doer).get(f"/staff/tasks/{task.pk}/").content.decode()
    assert f'href="{address}extend/"' in as_user(director).get(f"/staff/tasks/{task.pk}/").content.decode()
    blank = post(as_user(director), task, "extend", comment="等材料", due_on="2020-01-01")
    assert blank.status_code == 409 and "应晚于现在的期限" in blank.content.decode()


@pytest.mark.django_db(transaction=True)
def test_papers_are_kept_by_their_content(director: User, doer: User) -> None:
    task = task_now(TaskState.ASSIGNED, director, doer)
    hand = as_user(doer)
    address = f"/staff/tasks/{task.pk}/papers/"
    for _ in range(2):
        paper = SimpleUploadedFile("通报.txt", "一、总体情况".encode())
        assert hand.post(address, {"paper": paper}).status_code == 302
    assert TaskPaper.objects.values_list("name", "by").get() == ("通报.txt", doer.pk)
    assert "通报.txt" in hand.get(f"/staff/tasks/{task.pk}/").content.decode()
    assert hand.post(address, {}).status_code == 400
    assert hand.post(address, {"paper": SimpleUploadedFile("a.exe", b"MZ\x00\x01")}).status_code == 400
    stranger = as_user(make_staff(Duty.FINANCE, department="finance"))
    assert stranger.post(address, {"paper": SimpleUploadedFile("b.txt", b"b")}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_papers_go_with_a_task_and_with_its_answer(director: User, doer: User) -> None:
    head, hand = as_user(director), as_user(doer)
    due_on = (timezone.now().astimezone(SHANGHAI) + timedelta(days=5)).date().isoformat()
    given = [SimpleUploadedFile("提纲.txt", "一、总体情况".encode()), SimpleUploadedFile("表.csv", b"a,b\n1,2\n")]
    data = {"title": "整理通报", "text": "一页半", "source": "other", "due_on": due_on,
            "lead_office": Department.objects.get(code="intake").pk}  # fmt: skip
    assert head.post("/staff/tasks/new/", {**data, "papers": given}).status_code == 302
    task = AssignedTask.objects.get()
    assert [(p.name, p.size, p.answer) for p in task.papers.order_by("id")] == [
        ("提纲.txt", 18, None),
        ("表.csv", 8, None),
    ]
    post(head, task, "assign")
    post(hand, task, "accept")
    assert (
        post(hand, task, "answer", text="已办完。", papers=SimpleUploadedFile("通报.txt", b"done")).status_code == 302
    )
    paper = TaskPaper.objects.get(name="通报.txt")
    assert paper.answer and (paper.answer.text, paper.by) == ("已办完。", doer)
    page = head.get(f"/staff/tasks/{task.pk}/").content.decode()
    assert [words for words in ("提纲.txt", "18 B", "通报.txt", f"/papers/{paper.pk}/") if words not in page] == []
    assert "通报.txt" in head.get("/staff/approve/").content.decode()
    answer = head.get(f"/staff/tasks/{task.pk}/papers/{paper.pk}/")
    assert b"".join(answer) == b"done"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("程序.exe", b"MZ\x00\x01")], "“程序.exe”：文件没有保存：从内容看不是可以接收的种类"),
        ([("图.pdf", b"plain text")], "名称以 .pdf 结尾，内容却是文本"),
        ([("空.txt", b"")], "文件是空的"),
        ([(f"{n}.txt", b"%d" % n) for n in range(21)], "最多 20 份材料"),
    ],
)
def test_a_paper_that_is_refused_stops_the_task_and_says_why(
    director: User, doer: User, files: list[tuple[str, bytes]], words: str
) -> None:
    data = {"title": "整理通报", "text": "一页半", "source": "other", "lead_office": Department.objects.first().pk,
            "due_on": timezone.now().date().isoformat()}  # fmt: skip
    papers = [SimpleUploadedFile(name, content) for name, content in files]
    answer = as_user(director).post("/staff/tasks/new/", {**data, "papers": papers})
    page = answer.content.decode()
    assert answer.status_code == 400 and words in page and "整理通报" in page and "请重新选择" in page
    assert not AssignedTask.objects.exists()
    task = task_now(TaskState.ACCEPTED, director, doer)
    papers = [SimpleUploadedFile(name, content) for name, content in files]
    answer = post(as_user(doer), task, "answer", text="办完。", papers=papers)
    assert answer.status_code == 400 and words in answer.content.decode() and "办完。" in answer.content.decode()
    task.refresh_from_db()
    assert task.state == TaskState.ACCEPTED and not TaskPaper.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_paper_too_large_is_refused(director: User, doer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LARGEST_MEGABYTES * 1024 * 1024 == rulebook.MAX_FILE_BYTES
    monkeypatch.setattr("documents.services.MAX_FILE_BYTES", 1024 * 1024)
    task = task_now(TaskState.ACCEPTED, director, doer)
    paper = SimpleUploadedFile("大.txt", b"a" * (1024 * 1024 + 1))
    answer = post(as_user(doer), task, "answer", text="办完。", papers=paper)
    assert answer.status_code == 400 and "超过 1 MB" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_who_may_not_answer_leaves_no_file_behind(director: User, doer: User) -> None:
    task = task_now(TaskState.ACCEPTED, director, doer)
    answer = post(as_user(director), task, "answer", text="代答。", papers=SimpleUploadedFile("我.txt", b"mine"))
    assert answer.status_code == 403
    assert not StoredFile.objects.exists()


def opened(user: User, address: str) -> int:
    """The status of a download, read to its end so that the file is closed."""
    answer = as_user(user).get(address)
    assert b"".join(answer)
    return answer.status_code


@pytest.mark.django_db(transaction=True)
def test_papers_are_open_to_who_may_see_the_task_and_to_nobody_else(director: User) -> None:
    doer, helper = make_staff(Duty.INTAKE), make_staff(Duty.GENERAL_AFFAIRS, department="general")
    now = timezone.now()
    kept = papers_store(uploads=[SimpleUploadedFile("密.txt", b"secret")], now=now)
    task = task_create(
        title="办件", text="要求", source="other", lead_office=Department.objects.get(code="intake"), by=director,
        helping_offices=[Department.objects.get(code="general")], due_on=now.astimezone(SHANGHAI).date(), now=now,
        papers=kept,
    )  # fmt: skip
    address = f"/staff/tasks/{task.pk}/papers/{task.papers.get().pk}/"
    assert opened(director, address) == 200
    # A draft is the giver's alone.
    assert {opened(user, address) for user in (doer, helper)} == {404}
    move(task, "assign", by=director, now=now)
    assert {opened(user, address) for user in (doer, helper)} == {200}
    seen = {d for d in Duty if opened(make_staff(d, department="witness"), address) != 404}
    assert seen == {Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}
    other = task_now(TaskState.ASSIGNED, director, doer)
    assert as_user(doer).get(f"/staff/tasks/{other.pk}/papers/{task.papers.get().pk}/").status_code == 404
    assert as_user(doer).get(f"/staff/tasks/{task.pk}/papers/{10**18}/").status_code == 404
    assert Client().get(address).headers["Location"].startswith("/staff/login/")
