"""The upkeep page: who sees it, who may do what, and that refusals lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import User
from tests.upkeep.conftest import NOW
from tests.upkeep.test_holds import TEXT, extends
from tests.workflow.people import enter
from upkeep.gates import hold_is_on
from upkeep.models import BackupRun, ClockAlarm, ClockComparison, ClockReading
from upkeep.services.backups import backup_note
from upkeep.services.clock import comparison_enter
from upkeep.services.holds import hold_begin

pytestmark = pytest.mark.django_db
People = Callable[..., User]
ADDRESSES = {
    "home": ("get", []),
    "hold": ("post", []),
    "lost": ("post", []),
    "compare": ("post", []),
    "decide": ("post", [1]),
    "alarm": ("post", [1]),
}
ADMINISTRATORS_ONLY = {"hold", "lost", "alarm"}


def ask(user: User | None, name: str, *args: int, **data: Any) -> HttpResponse:
    """The answer of one address to one person."""
    client = Client()
    if user is not None:
        enter(client, user)
    answer: HttpResponse = getattr(client, ADDRESSES[name][0])(reverse(f"upkeep:{name}", args=args), data)
    return answer


@pytest.fixture
def admin(person: People) -> User:
    return person(Duty.SYSTEM_ADMIN)


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_anonymous_are_sent_to_login(name: str) -> None:
    answer = ask(None, name, *ADDRESSES[name][1])
    assert (answer.status_code, answer.headers["Location"].startswith("/staff/login/")) == (302, True)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("duty", [Duty.AUDIT_ADMIN, Duty.SECURITY_ADMIN, Duty.DIRECTOR, Duty.INTAKE])
def test_only_the_system_administrator_ends_holds_and_alarms(name: str, duty: Duty, person: People) -> None:
    answer = ask(person(duty), name, *ADDRESSES[name][1])
    assert (answer.status_code == 403) == (name in ADMINISTRATORS_ONLY)


def test_an_empty_page_says_what_comes_next(admin: User) -> None:
    page = ask(admin, "home").content.decode()
    assert "第一次在今夜自动进行" in page
    assert "请用 BACKUP_DIR 指定另一块磁盘" in page
    assert "请每天由两人核对一次" in page


def rows(count: int) -> None:
    """As many of everything the page lists."""
    for number in range(count):
        at = timezone.now() - timedelta(minutes=number)
        backup_note(
            kind=BackupRun.Kind.NIGHTLY,
            success=True,
            verified=BackupRun.Verified.DIGESTS,
            sentence="已备份。",
            sha256="0" * 64,
            started_at=at,
            now=at,
        )
        ClockReading.objects.create(at=at, source="ntp", reference="t", offset_ms=1)
        ClockAlarm.objects.create(at=at, kind="jump", offset_ms=1, host="h")
        user = User.objects.create(username=f"r{User.objects.count()}", name="乙某")
        comparison_enter(reference="报时", reference_time=at, by=user, now=timezone.now())


def test_the_page_asks_the_same_number_of_questions(admin: User) -> None:
    client = Client()
    enter(client, admin)
    hold_begin(reason="从备份恢复。", now=NOW)
    asked = []
    for more, count in ((1, 1), (2, 3)):
        rows(more)
        client.get(reverse("upkeep:home"))
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("upkeep:home")).content.decode()
        assert page.count("已备份。") == count
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 25


def test_a_checkpoint_ends_the_hold(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upkeep.services.holds.checkpoint_reasons", extends)
    hold_begin(reason="从备份恢复。", now=NOW)
    assert "恢复保全状态" in ask(admin, "home").content.decode()
    assert ask(admin, "hold", text=TEXT).status_code == 302
    assert not hold_is_on()


@pytest.mark.parametrize("text", ["", "{}", TEXT.replace('"size": 3', '"size": 4')])
def test_a_checkpoint_that_does_not_fit_is_told_and_not_lost(
    text: str, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upkeep.services.holds.checkpoint_reasons", extends)
    hold_begin(reason="从备份恢复。", now=NOW)
    answer = ask(admin, "hold", text=text)
    assert (answer.status_code, hold_is_on()) == (400, True)
    assert text.replace('"', "&quot;") in answer.content.decode()


def test_a_lost_checkpoint_wants_a_reason(admin: User) -> None:
    hold_begin(reason="从备份恢复。", now=NOW)
    assert ask(admin, "lost", reason="不知").status_code == 400
    reason = "向政务办核实，两份都没有找到"
    answer = ask(admin, "lost", reason=reason)
    assert answer.status_code == 400 and hold_is_on()
    assert "请先勾选" in answer.content.decode() and reason in answer.content.decode()
    assert ask(admin, "lost", reason="不知", confirmed="on").status_code == 400 and hold_is_on()
    assert ask(admin, "lost", reason=reason, confirmed="on").status_code == 302
    assert not hold_is_on()


def test_declaring_it_lost_looks_like_what_it_is(admin: User) -> None:
    hold_begin(reason="从备份恢复。", now=NOW)
    page = ask(admin, "home").content.decode()
    assert '<button class="main danger" type="submit">声明遗失并解除保全</button>' in page
    assert 'name="confirmed"' in page and "不能撤销" in page


def test_times_and_versions_are_in_the_words_of_the_house(admin: User) -> None:
    page = ask(admin, "home").content.decode()
    line = page[page.index("数据库结构最近一次更新：") :].split("</li>")[0]
    assert re.fullmatch(
        r"数据库结构最近一次更新：\d{4}年\d{1,2}月\d{1,2}日 \d\d:\d\d（[^A-Za-z_]+，第 \d+ 次）。", line
    ), line


def test_two_persons_compare_the_clock(person: People) -> None:
    first, second = person(Duty.INTAKE), person(Duty.FINANCE)
    shown = timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")
    assert ask(first, "compare", reference="国家授时中心网页", reference_time=shown).status_code == 302
    entered = ClockComparison.objects.get()
    assert "请另一位同事" in ask(first, "home").content.decode()
    assert ask(first, "decide", entered.pk, confirmed="1").status_code == 400
    assert ask(second, "decide", entered.pk, confirmed="1").status_code == 302
    assert ClockReading.objects.get().source == "people"


@pytest.mark.parametrize("shown", ["", "25:00", "2026-03-02", "1999-01-01T00:00:00", "\x00"])
def test_a_reading_that_is_none_is_told(shown: str, person: People) -> None:
    answer = ask(person(Duty.INTAKE), "compare", reference="国家授时中心网页", reference_time=shown)
    assert (answer.status_code, ClockComparison.objects.count()) == (400, 0)
    assert "国家授时中心网页" in answer.content.decode()


def test_an_alarm_is_dealt_with(admin: User) -> None:
    alarm = ClockAlarm.objects.create(at=NOW, kind="jump", offset_ms=5_000, host="h")
    assert "时钟跳变" in ask(admin, "home").content.decode()
    assert ask(admin, "alarm", alarm.pk, note="").status_code == 400
    assert ask(admin, "alarm", alarm.pk, note="换主板电池").status_code == 302
    assert "时钟跳变" not in ask(admin, "home").content.decode()


def test_settings_name_the_folder(admin: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(settings.CONFIG, "BACKUP_DIR", tmp_path)
    page = ask(admin, "home").content.decode()
    assert str(tmp_path) in page
    assert "另一块磁盘" not in page


@pytest.mark.parametrize(
    ("instance", "addresses", "told"),
    [("center", (), True), ("center", ("a@x.example",), True), ("center", ("a@x.example", "b@y.example"), False),
     ("demo", (), False)],
)  # fmt: skip
def test_checkpoints_without_outside_addresses_are_told_in_red(
    instance: str, addresses: tuple[str, ...], told: bool, admin: User, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INSTANCE", instance)
    monkeypatch.setattr(settings.CONFIG, "NOTICE_CHECKPOINT_TO", addresses)
    client, other = Client(), Client()
    enter(client, admin)
    enter(other, person(Duty.INTAKE))
    words = "还没有设置检查点的外部收件人"
    assert (words in client.get("/staff/upkeep/").content.decode()) == told
    assert (words in client.get("/staff/").content.decode()) == told
    assert (words in other.get("/staff/upkeep/").content.decode()) == told
    assert words not in other.get("/staff/").content.decode()
