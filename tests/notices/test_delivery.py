"""Delivery: once, whoever dies or comes twice; later where it is worth it, and not for ever."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import BusinessError
from notices import broker, channels
from notices.channels import Later, Never
from notices.channels.files import FileWay, file_path
from notices.models import InboxItem, Notice
from notices.sealed import Message, message_open
from notices.services import notice_deliver, notices_sweep
from notices.services.delivery import LEASE, LOST_AFTER, PAUSES, _claim, _note_sent
from tests.audit.test_sealing import in_threads
from tests.notices.factories import NOW, make_notice
from tests.staff import make_person

pytestmark = pytest.mark.django_db


class Broken:
    """A gateway that is away, refuses, or crashes: an outside system, which tests may replace."""

    name = "broken"

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def ready(self) -> bool:
        return True

    def send(self, message: Message) -> None:
        self.asked += 1
        raise self.error


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``gateway(error)``: the file channel's folder is behind a gateway that raises it."""

    def put(error: Exception) -> Broken:
        broken = Broken(error)
        monkeypatch.setattr("notices.services.delivery.way_for", lambda channel: broken)
        return broken

    return put


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_file_is_written_whole_and_closed_to_others(outbox_folder: Path) -> None:
    notice = make_notice(confidential=True, address="张三", subject="开标", text="下午三点")
    assert notice_deliver(number=notice.pk, now=NOW)
    [path] = files(outbox_folder)
    assert path == file_path(message_open(notice))
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found == {
        "number": notice.pk,
        "to": "张三",
        "subject": "开标",
        "text": "下午三点",
        "created_at": "2026-03-20T02:00:00+00:00",
    }
    assert [stat.S_IMODE(p.stat().st_mode) for p in (outbox_folder, path.parent, path)] == [0o700, 0o700, 0o600]
    notice.refresh_from_db()
    assert (notice.status, notice.sent_by, notice.sent_at, notice.attempts) == ("sent", "file", NOW, 1)


def test_message_arrives_in_the_inbox_once() -> None:
    user = make_person()
    for confidential in (False, True):
        notice = make_notice(user=user, confidential=confidential)
        assert [notice_deliver(number=notice.pk, now=NOW) for _ in range(2)] == [True, False]
    assert set(InboxItem.objects.values_list("user", "arrived_at", "read_at")) == {(user.pk, NOW, None)}
    assert InboxItem.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_site", [True, False])
def test_many_workers_on_one_message_send_it_once(outbox_folder: Path, in_site: bool) -> None:
    notice = make_notice(user=make_person()) if in_site else make_notice()
    gate = threading.Barrier(6)
    sent: list[bool] = []

    def deliver() -> None:
        gate.wait(30)
        sent.append(notice_deliver(number=notice.pk, now=NOW))

    in_threads(*[deliver] * 6)
    assert sorted(sent) == [False] * 5 + [True]
    assert (InboxItem.objects.count(), len(files(outbox_folder))) == ((1, 0) if in_site else (0, 1))


def test_worker_that_died_before_sending_is_replaced_when_its_lease_is_over(outbox_folder: Path) -> None:
    notice = make_notice()
    assert _claim(notice.pk, NOW) is not None
    assert not notice_deliver(number=notice.pk, now=NOW + LEASE - timedelta(seconds=1))
    assert notice_deliver(number=notice.pk, now=NOW + LEASE)
    assert len(files(outbox_folder)) == 1


def test_worker_that_died_after_writing_the_file_doubles_nothing(outbox_folder: Path) -> None:
    notice = make_notice()
    claimed = _claim(notice.pk, NOW)
    assert claimed is not None
    FileWay().send(message_open(claimed))
    [path] = files(outbox_folder)
    before = (path.stat().st_ino, path.stat().st_mtime_ns)
    assert notice_deliver(number=notice.pk, now=NOW + LEASE)
    [path] = files(outbox_folder)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before


def test_worker_that_comes_back_after_its_lease_does_not_note_over_another() -> None:
    notice = make_notice()
    slow = _claim(notice.pk, NOW)
    quick = _claim(notice.pk, NOW + LEASE)
    assert slow is not None
    assert quick is not None
    assert not _note_sent(slow, NOW, "file")
    assert _note_sent(quick, NOW, "file")


def test_gateway_that_is_away_is_asked_again_later_each_time_and_not_for_ever(gateway: Any) -> None:
    broken = gateway(Later("短信网关没有应答。"))
    notice, now = make_notice(), NOW
    for pause in PAUSES:
        assert not notice_deliver(number=notice.pk, now=now)
        notice.refresh_from_db()
        assert (notice.status, notice.next_try_at, notice.problem) == ("waiting", now + pause, "短信网关没有应答。")
        assert not notice_deliver(number=notice.pk, now=now + pause - timedelta(seconds=1))
        now += pause
    assert not notice_deliver(number=notice.pk, now=now)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, broken.asked) == ("failed", len(PAUSES) + 1, len(PAUSES) + 1)


def test_refused_recipient_is_final(gateway: Any) -> None:
    broken = gateway(Never("空号。"))
    notice = make_notice()
    notice_deliver(number=notice.pk, now=NOW)
    notice.refresh_from_db()
    assert (notice.status, notice.problem, broken.asked) == ("failed", "空号。", 1)


@pytest.mark.parametrize("error", [ZeroDivisionError("secret 13800000000"), BusinessError("缺少密钥第 2 版。")])
def test_fault_of_ours_is_tried_again_and_tells_no_data(gateway: Any, error: Exception) -> None:
    gateway(error)
    notice = make_notice()
    notice_deliver(number=notice.pk, now=NOW)
    notice.refresh_from_db()
    assert notice.status == "waiting"
    assert notice.problem in ("发送程序出错，详见任务进程的日志。", "缺少密钥第 2 版。")


def test_full_disk_or_closed_folder_is_worth_another_try(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="ascii")
    settings.NOTICE_OUTBOX = tmp_path / "file"
    notice = make_notice()
    notice_deliver(number=notice.pk, now=NOW)
    notice.refresh_from_db()
    assert notice.status == "waiting"
    assert notice.problem.startswith("写不进发件目录（")


def test_half_written_file_of_a_killed_worker_is_no_message(outbox_folder: Path) -> None:
    notice = make_notice()
    path = file_path(message_open(notice))
    folder = path.parent
    folder.mkdir(parents=True)
    (folder / f".{path.name}.abcd").write_text("{", encoding="ascii")
    assert notice_deliver(number=notice.pk, now=NOW)
    assert json.loads(path.read_text(encoding="utf-8"))["number"] == notice.pk


def test_number_given_again_after_a_restore_is_another_message(outbox_folder: Path) -> None:
    notice = make_notice()
    assert notice_deliver(number=notice.pk, now=NOW)
    before = message_open(notice)
    notice.dedup_key += "-of-another"
    assert file_path(message_open(notice)) != file_path(before)
    Notice.objects.filter(pk=notice.pk).update(status="waiting", sent_at=None, dedup_key=notice.dedup_key)
    assert notice_deliver(number=notice.pk, now=NOW)
    assert len(files(outbox_folder)) == 2


def test_mail_without_a_server_becomes_a_file(outbox_folder: Path) -> None:
    notice = make_notice(channel=Notice.Channel.EMAIL, address="a@b.example")
    assert notice_deliver(number=notice.pk, now=NOW)
    notice.refresh_from_db()
    assert (notice.sent_by, len(files(outbox_folder))) == ("file", 1)
    with pytest.raises(BusinessError):
        channels.way_for("pigeon")


def test_message_is_not_sent_after_its_time(outbox_folder: Path) -> None:
    notice = make_notice(expires_at=NOW + timedelta(minutes=5))
    assert not notice_deliver(number=notice.pk, now=NOW + timedelta(minutes=5))
    notices_sweep(now=NOW + timedelta(minutes=5))
    notice.refresh_from_db()
    assert (notice.status, notice.problem, files(outbox_folder)) == ("failed", "到失效时间仍未送达。", [])


def test_sweep_finds_what_the_broker_lost_and_what_is_due_again() -> None:
    lost, again, young, later = (make_notice() for _ in range(4))
    Notice.objects.filter(pk=lost.pk).update(enqueued_at=NOW - LOST_AFTER)
    Notice.objects.filter(pk=again.pk).update(enqueued_at=NOW - timedelta(seconds=20), next_try_at=NOW)
    Notice.objects.filter(pk=later.pk).update(next_try_at=NOW + timedelta(hours=1))
    assert notices_sweep(now=NOW) == 2
    assert notices_sweep(now=NOW) == 0
    assert notices_sweep(now=NOW + LOST_AFTER) == 3
    assert young.pk


def test_sweep_gives_back_what_a_dead_worker_had() -> None:
    notice = make_notice()
    _claim(notice.pk, NOW)
    assert notices_sweep(now=NOW + LEASE - timedelta(seconds=1)) == 0
    assert notices_sweep(now=NOW + LEASE) == 1
    notice.refresh_from_db()
    assert (notice.status, notice.claim, notice.attempts) == ("waiting", None, 1)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_enqueue_each_message_once() -> None:
    for _ in range(30):
        make_notice()
    gate = threading.Barrier(4)
    counts: list[int] = []

    def sweep() -> None:
        gate.wait(30)
        counts.append(notices_sweep(now=NOW + timedelta(hours=1)))

    in_threads(*[sweep] * 4)
    assert sum(counts) == 30


@pytest.mark.django_db(transaction=True)
def test_broker_that_is_away_keeps_nobody_from_his_work(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_ask_again_at", 0.0)
    here, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    notice = make_notice()
    assert notices_sweep(now=NOW + timedelta(hours=1)) == 0
    settings.REDIS_URL = here
    assert broker._ask_again_at > 0
    monkeypatch.setattr(broker, "_ask_again_at", 0.0)
    assert notices_sweep(now=NOW + timedelta(hours=3)) == 1
    assert Notice.objects.get().pk == notice.pk


def test_folder_is_not_opened_by_the_umask(outbox_folder: Path) -> None:
    before = os.umask(0)
    try:
        notice_deliver(number=make_notice().pk, now=NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(outbox_folder.stat().st_mode) == 0o700
