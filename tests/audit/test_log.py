"""The log over HTTP: whatever publishes, an independent verifier accepts all of it; nothing else is answered."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test import Client, RequestFactory

from audit.log_services import log_append, log_days_close, log_open
from audit.models import LogCheckpoint, LogDayEnd, LogHead, LogLeaf
from audit.tasks import log_days_close as log_days_close_task
from core import keys
from core.errors import BusinessError
from portal.edge import PublicCache
from portal.log_words import DAY_ENDS_SHOWN
from tests.audit.verifier import Verifier
from tests.tenders.factories import NOW, make_announcement
from trading_center.celery import app
from trading_center.config import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, BATCHES = 8, 6


def verifier() -> Verifier:
    client = Client()

    def get(address: str) -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.content)
        return answer.content

    return Verifier(get)


def sizes() -> list[int]:
    return list(LogCheckpoint.objects.order_by("size").values_list("size", flat=True))


def append(count: int, kind: str = "result", now: datetime = NOW) -> list[int]:
    with transaction.atomic():
        return log_append(entries=[(kind, f"{n}", b'{"n":%d}' % n) for n in range(count)], now=now)


def test_eight_processes_publishing_at_once_leave_a_log_without_gaps(keys_dir: Path) -> None:
    names = {"TEST_DATABASE": str(connection.settings_dict["NAME"]), "TEST_KEYS": str(keys_dir)}
    publishers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.audit.publisher", f"p{n}", str(BATCHES)],
            cwd=ROOT, env={**os.environ, **names}, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    for one in publishers:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate(timeout=120)[1] for one in publishers]
    assert [(one.returncode, text) for one, text in zip(publishers, told, strict=True)] == [(0, "")] * PROCESSES
    announcements = PROCESSES * sum(1 + batch % 4 for batch in range(BATCHES))
    leaves = verifier().everything(sizes())
    assert len(leaves) == announcements + PROCESSES * BATCHES
    # One checkpoint for each committed batch, none for those rolled back, and the one of the empty log.
    assert len(sizes()) == 2 * PROCESSES * BATCHES + 1
    assert len({leaf["ref"] for leaf in leaves if leaf["kind"] == "announcement"}) == announcements


def test_empty_log_has_a_signed_checkpoint_of_size_0() -> None:
    assert verifier().everything([0]) == []
    assert Client().get("/log/checkpoints").json() == {"checkpoints": []}


def test_sizes_around_powers_of_two_are_all_provable() -> None:
    for count in (1, 1, 1, 1, 4, 1, 7, 1):
        append(count)
    verifier().everything(sizes())
    client = Client()
    for first in range(18):
        assert client.get(f"/log/consistency?first={first}&second=17").status_code == 200
    assert client.get("/log/consistency?first=0&second=17").json() == {"proof": []}
    assert client.get("/log/consistency?first=17&second=17").json() == {"proof": []}


def test_more_than_a_thousand_get_a_checkpoint_each_thousand() -> None:
    assert append(2_100) == list(range(2_100))
    assert sizes() == [0, 1_000, 2_000, 2_100]
    client = Client()
    assert len(client.get("/log/leaves?start=0&end=2100").json()["leaves"]) == 1_000
    assert len(client.get("/log/leaves?start=2099&end=2100").json()["leaves"]) == 1
    told = verifier()
    told.leaf(1_999, told.leaves(2_100)[1_999], {"kind": "result", "ref": "1999", **digest(1_999)},
              told.json("/log/checkpoint"))  # fmt: skip


def digest(seq: int) -> dict[str, str]:
    return {"sha256": LogLeaf.objects.get(seq=seq).sha256}


def test_announcement_is_one_of_the_two_kinds() -> None:
    named = {"project_code": "YZ-9", "corrects": "an older one"}
    kinds = {
        make_announcement().pk: "announcement",
        make_announcement(type="更正公告").pk: "correction",
        make_announcement(type="终止公告").pk: "correction",
        make_announcement(type="答疑澄清").pk: "correction",
        make_announcement(type="公开招标公告", fields=named).pk: "correction",
        make_announcement(type="中标(成交)结果公告").pk: "announcement",
        make_announcement(fields=["no", "object"]).pk: "announcement",
    }
    leaves = verifier().everything(sizes())
    assert {int(leaf["ref"]): leaf["kind"] for leaf in leaves} == kinds


def test_leaf_and_publication_are_rolled_back_together() -> None:
    append(3)
    with pytest.raises(InterruptedError), transaction.atomic():
        append(5)
        raise InterruptedError
    assert append(2) == [3, 4]
    assert sizes() == [0, 3, 5]
    assert LogHead.objects.get().size == 5


def test_appending_outside_of_a_transaction_is_an_error_of_the_program() -> None:
    with pytest.raises(RuntimeError):
        log_append(entries=[("result", "1", b"{}")], now=NOW)
    with pytest.raises(ValueError, match="takes a digest"), transaction.atomic():
        log_append(entries=[("announcement", "1", b"{}")], now=NOW)
    with pytest.raises(ValueError, match="takes bytes"), transaction.atomic():
        log_append(entries=[("result", "1", "0" * 64)], now=NOW)


def test_an_announcement_cannot_have_two_leaves() -> None:
    pk = make_announcement().pk
    with pytest.raises(Exception, match="audit_logleaf_published_once"), transaction.atomic():
        log_append(entries=[("correction", str(pk), "0" * 64)], now=NOW)


def test_origin_is_fixed_by_the_first_leaf(settings: Any) -> None:
    settings.LOG_ORIGIN = "先前的名称"
    append(1)
    settings.LOG_ORIGIN = "后来的名称"
    append(1)
    assert set(LogCheckpoint.objects.values_list("origin", flat=True)) == {"先前的名称"}
    assert Client().get("/log/checkpoint").json()["origin"] == "先前的名称"


def test_after_a_change_of_key_one_public_key_still_checks_everything() -> None:
    append(3)
    old = Client().get("/log/key").json()["public_key"]
    assert keys.rotate(keys.LOG) == 2
    assert Client().get("/log/key").json()["public_key"] != old
    append(3)
    verifier().everything(sizes())
    assert set(LogCheckpoint.objects.values_list("key_id", flat=True)) == {1, 2}


def test_a_lost_or_exchanged_signing_key_stops_publication(keys_dir: Path) -> None:
    append(1)
    (keys_dir / "log-1.key").unlink()
    with pytest.raises(BusinessError) as lost:
        append(1)
    assert lost.value.code == "key_missing"
    keys.keys_ensure()
    with pytest.raises(BusinessError) as exchanged:
        append(1)
    assert exchanged.value.code == "wrong_log_key"
    assert LogLeaf.objects.count() == 1


BAD = [
    *(f"/log/checkpoint?size={v}" for v in ("", "-1", "x", "1.0", "2", "4", "+3", "٣", "9" * 30, "3%00", "3&size=3")),
    *("/log/leaves", "/log/leaves?start=0", "/log/leaves?end=0", "/log/leaves?start=2&end=1"),
    *("/log/leaves?start=-1&end=1", "/log/leaves?start=0&end=4", "/log/leaves?start=a&end=b"),
    *("/log/leaves?start=4&end=4", "/log/leaves?start=00&end=1"),
    *("/log/inclusion", "/log/inclusion?seq=0", "/log/inclusion?seq=3&size=3", "/log/inclusion?seq=0&size=4"),
    *("/log/inclusion?seq=0&size=0", "/log/inclusion?seq=-1&size=3", "/log/inclusion?seq=1&size=x"),
    *("/log/consistency", "/log/consistency?first=2&second=1", "/log/consistency?first=0&second=4"),
    *("/log/consistency?first=-1&second=1", "/log/consistency?first=1&second=9999999999999999999"),
    *("/log/receipt/3.json", "/log/receipt/-1.json", "/log/receipt/x.json", "/log/receipt/01.json"),
    *("/log/objects/3.json", "/log/objects/0.json", "/log/objects/x.json", "/log/objects/99999999999999999999.json"),
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_anything_else_is_refused_with_a_sentence(address: str) -> None:
    make_announcement()
    append(2)
    answer = Client().get(address)
    assert answer.status_code == 400
    told = answer.json()
    assert told.keys() == {"message", "code"}
    assert told["message"].endswith("。")


def test_answers_of_this_moment_are_kept_by_nobody() -> None:
    append(1)
    client = Client()
    assert client.get("/log/checkpoint").headers["Cache-Control"] == "no-store"
    assert client.get("/log/checkpoints").headers["Cache-Control"] == "no-store"
    assert client.get("/log/").headers["Cache-Control"] == "no-store"
    refused = client.post("/log/checkpoint")
    told = {"message": "这个地址只供读取（GET、HEAD）。", "code": "method_not_allowed"}
    assert (refused.status_code, refused.headers["Allow"], refused.json()) == (405, "GET, HEAD", told)
    assert client.get("/log/receipt/x.json").json()["message"].startswith("序号应是 0 或正整数")


def test_days_are_closed_once_also_those_that_were_missed() -> None:
    morning = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    for moment in (morning, late, late + timedelta(minutes=2), late + timedelta(days=3)):
        append(1, now=moment)
    assert log_days_close(now=late + timedelta(minutes=5)) == []  # publications of that day may still come in
    closed = [str(day) for day in log_days_close(now=late + timedelta(days=5))]
    assert closed == ["2026-03-01", "2026-03-02", "2026-03-04"]
    assert log_days_close(now=late + timedelta(days=5)) == []
    assert [one.checkpoint_id for one in LogDayEnd.objects.order_by("day")] == [2, 3, 4]
    told = verifier()
    ends = told.json("/log/checkpoints")["checkpoints"]
    assert [told.checkpoint(one)["size"] for one in ends] == [2, 3, 4]
    append(1, now=late + timedelta(days=6))
    assert [str(day) for day in log_days_close(now=late + timedelta(days=8))] == ["2026-03-07"]


def test_the_last_day_end_is_printed_and_older_ones_are_on_further_pages() -> None:
    begin = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    client = Client()
    assert "第一个日终检查点在次日凌晨出现" in client.get("/log/").content.decode()
    days = DAY_ENDS_SHOWN + 2
    for number in range(days):
        append(1, now=begin + timedelta(days=number))
    log_days_close(now=begin + timedelta(days=days + 1))
    told = verifier()
    ends = told.json("/log/checkpoints")["checkpoints"]
    assert len(ends) == days
    page = client.get("/log/").content.decode()
    assert page.count(ends[-1]["signature"]) == 1 and page.count(ends[-1]["root"]) >= 2
    assert told.checkpoint(ends[-1])["size"] == days
    assert f"?size={days}" in page and ends[1]["root"] not in page
    older = re.search(r'href="(\?before=[^"#]+)#ends"', page)
    assert older
    further = client.get("/log/" + older[1]).content.decode()
    assert ends[1]["root"] in further and ends[0]["root"] in further and "回到最近" in further
    assert "这一天以前没有" in client.get("/log/?before=2026-01-01").content.decode()
    for bad in ("2026", "2026-13-01", "x" * 500):
        answer = client.get("/log/", {"before": bad})
        assert (answer.status_code, "2026-03-02" in answer.content.decode()) == (400, True)


def test_what_the_scheduler_starts_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "audit.tasks.log_days_close" in scheduled
    assert scheduled - set(app.tasks) == set()


def test_task_closes_the_days_that_have_passed() -> None:
    append(1)
    log_days_close_task()
    assert LogDayEnd.objects.get().checkpoint_id == 1


def test_a_new_checkpoint_passes_the_cache_of_pages_at_once() -> None:
    edge = PublicCache(WSGIHandler())

    def newest() -> int:
        answer: list[str] = []
        body = edge(RequestFactory().get("/log/checkpoint").environ, lambda status, headers: answer.append(status))
        assert answer == ["200 OK"]
        return int(json.loads(b"".join(body))["size"])

    append(1)
    assert newest() == 1
    append(1)  # a publication whose process was killed before it could tell the caches
    assert newest() == 2


def test_opening_twice_changes_nothing() -> None:
    log_open(now=NOW)
    log_open(now=NOW + timedelta(days=1))
    assert LogCheckpoint.objects.get().at == NOW


@pytest.mark.parametrize("count", [1, 3])
def test_addresses_ask_a_fixed_number_of_queries(django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        append(300)
    client = Client()
    with django_assert_num_queries(4):
        client.get(f"/log/inclusion?seq=5&size={300 * count}")
    with django_assert_num_queries(3):
        client.get(f"/log/consistency?first=7&second={300 * count}")
    with django_assert_num_queries(5):
        client.get("/log/receipt/7.json")
    with django_assert_num_queries(1):
        client.get("/log/checkpoint")


def test_pages_link_the_receipt_and_the_check() -> None:
    append(2)
    pk = make_announcement().pk
    client = Client()
    page = client.get(f"/announcements/{pk}/").content.decode()
    assert '<a href="/log/verify/?seq=2">在线核验</a>' in page
    assert '<a href="/log/receipt/2.json">凭证（JSON）</a>' in page
    assert 'href="/log/"' in page
    large = client.get(f"/large/announcements/{pk}/").content.decode()
    assert '<a href="/large/log/verify/?seq=2">在线核验</a>' in large
    check = client.get("/log/verify/?seq=2").content.decode()
    assert f'data-bytes="/announcements/{pk}/canonical.json"' in check
    assert 'data-bytes="/log/objects/0.json"' in client.get("/log/verify/?seq=0").content.decode()
    for seq in ("3", "x", "-1"):
        answer = client.get(f"/log/verify/?seq={seq}")
        assert (answer.status_code, "这个请求办不了" in answer.content.decode()) == (400, True)
    about = client.get("/log/").content.decode()
    assert LogCheckpoint.objects.latest("size").root in about
    assert "<strong>3</strong> 份存证凭证" in about
