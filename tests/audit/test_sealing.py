"""The sealer: every row into exactly one seal, whenever its transaction commits, however often it is killed."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from audit.chain import NOTHING
from audit.models import ActionRow, DayDigest, Seal, SealedRow, WaitingRow
from audit.sealing import actions_requeue, actions_seal, days_digest
from audit.verify import actions_verify
from tests.audit.factories import NOW, make_row
from tests.audit.test_log_verify import behind_the_back

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(*jobs: Any) -> None:
    """Run each job in a thread with a connection of its own, and raise what one of them raised."""
    errors: list[BaseException] = []

    def run(job: Any) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def sealed_numbers() -> list[int]:
    return list(SealedRow.objects.order_by("row_id").values_list("row_id", flat=True))


def test_rows_are_sealed_in_order_and_leave_the_queue() -> None:
    rows = [make_row().pk for _ in range(3)]
    assert list(WaitingRow.objects.order_by("pk").values_list("pk", flat=True)) == rows
    assert actions_seal(now=NOW) == 3
    assert (sealed_numbers(), WaitingRow.objects.count()) == (rows, 0)
    assert list(Seal.objects.values_list("no", "count", "previous")) == [(1, 3, NOTHING)]


def test_head_can_be_computed_by_anybody_from_the_rows() -> None:
    row = make_row(detail={"b": "乙", "a": 1})
    actions_seal(now=NOW)
    value = {
        "id": row.pk,
        "at": "2026-03-20T02:00:00.000000+00:00",
        "tag": "workflow.move",
        "by_id": None,
        "by_name": "",
        "subject": row.subject,
        "detail": {"a": 1, "b": "乙"},
        "address": "",
        "success": True,
    }
    body = {"v": 1, "seal": 1, "at": "2026-03-20T02:00:00.000000+00:00", "rows": [value]}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert Seal.objects.get().head == hashlib.sha256(bytes(32) + text).hexdigest()


def test_seals_are_chained_and_a_second_run_changes_nothing() -> None:
    make_row()
    actions_seal(now=NOW)
    assert actions_seal(now=NOW) == 0
    make_row()
    actions_seal(now=NOW)
    first, second = Seal.objects.order_by("no")
    assert (second.no, second.previous) == (2, first.head)


def test_many_rows_take_several_seals() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_actionrow (at, tag, by_name, subject, detail, address, success)"
            " SELECT now(), 'workflow.move', '', n::text, '{}', '', true FROM generate_series(1, 2300) n"
        )
    assert actions_seal(now=NOW) == 2300
    assert list(Seal.objects.order_by("no").values_list("count", flat=True)) == [1000, 1000, 300]
    assert actions_verify(now=NOW).ok


def test_row_that_commits_after_later_numbers_were_sealed_goes_into_a_later_seal() -> None:
    written, sealed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            make_row(subject="slow")
            written.set()
            assert sealed.wait(30)

    def quick() -> None:
        assert written.wait(30)
        make_row(subject="quick")
        assert actions_seal(now=NOW) == 1
        sealed.set()

    in_threads(slow, quick)
    late, early = ActionRow.objects.get(subject="slow"), ActionRow.objects.get(subject="quick")
    assert late.pk < early.pk
    assert sealed_numbers() == [early.pk]
    assert actions_seal(now=NOW) == 1
    assert [row.seal_id for row in SealedRow.objects.order_by("row_id")] == [2, 1]
    assert actions_verify(now=NOW).ok


def test_rolled_back_row_leaves_nothing_to_seal() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_row()
        raise ZeroDivisionError
    assert (WaitingRow.objects.count(), actions_seal(now=NOW)) == (0, 0)


def test_writers_and_sealers_at_once_lose_and_double_nothing() -> None:
    stop = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            try:
                with transaction.atomic():
                    make_row()
                    stop.wait(chance.random() / 200)
                    if chance.random() < 0.2:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass

    def seal() -> None:
        while not stop.is_set():
            actions_seal(now=NOW)

    sealers = [threading.Thread(target=lambda: (seal(), connections.close_all())) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    in_threads(*(lambda seed=seed: write(seed) for seed in range(4)))
    stop.set()
    for sealer in sealers:
        sealer.join(60)
    actions_seal(now=NOW)
    assert sealed_numbers() == list(ActionRow.objects.order_by("pk").values_list("pk", flat=True))
    verdict = actions_verify(now=NOW)
    assert (verdict.ok, verdict.rows, verdict.waiting) == (True, len(sealed_numbers()), 0)


def test_second_sealer_does_not_wait_for_the_first() -> None:
    make_row()
    held, tried = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7305011)")
            held.set()
            assert tried.wait(30)

    def second() -> None:
        assert held.wait(30)
        assert actions_seal(now=NOW) == 0
        make_row()  # nor does a writer wait
        tried.set()

    in_threads(first, second)
    assert actions_seal(now=NOW) == 2


def test_sealer_that_dies_in_the_middle_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    make_row()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions_seal(now=NOW)
        raise ZeroDivisionError
    assert (Seal.objects.count(), SealedRow.objects.count(), WaitingRow.objects.count()) == (0, 0, 1)
    assert actions_seal(now=NOW) == 1


def test_database_refuses_a_second_seal_of_a_row_and_a_fork() -> None:
    row = make_row()
    actions_seal(now=NOW)
    seal = Seal.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedRow.objects.bulk_create([SealedRow(row=row, seal=seal, digest="0" * 64)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal.objects.create(no=2, at=NOW, previous=NOTHING, head="1" * 64, count=1)


def test_row_taken_out_of_the_queue_is_found_and_comes_back() -> None:
    row = make_row()
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM audit_waitingrow")
    verdict = actions_verify(now=NOW)
    assert (verdict.ok, verdict.row) == (False, row.pk)
    assert verdict.message == f"有 1 行操作记录既未封存也不在待封之列，最早的是第 {row.pk} 行。"
    assert (actions_requeue(), actions_requeue()) == (1, 0)
    assert actions_seal(now=NOW) == 1
    assert actions_verify(now=NOW).ok


def test_clock_set_back_does_not_put_a_seal_before_the_last_one() -> None:
    make_row()
    actions_seal(now=NOW)
    make_row()
    actions_seal(now=NOW - timedelta(days=3))
    assert set(Seal.objects.values_list("at", flat=True)) == {NOW}


@pytest.fixture
def leaves(settings: Any) -> list[tuple[str, str, bytes]]:
    """What was handed to the transparency log."""
    settings.AUDIT_LOG_APPEND = "tests.audit.test_sealing.append"
    _leaves.clear()
    return _leaves


_leaves: list[tuple[str, str, bytes]] = []


def append(*, entries: list[tuple[str, str, bytes]], now: datetime) -> None:
    """A log that keeps its leaves in memory."""
    assert connection.in_atomic_block
    _leaves.extend(entries)


def test_every_past_day_is_handed_to_the_log_once(leaves: list[tuple[str, str, bytes]]) -> None:
    make_row()
    actions_seal(now=NOW)
    head = Seal.objects.get().head
    assert days_digest(now=datetime(2026, 3, 20, 15, 59, 59, tzinfo=UTC)) == []
    later = datetime(2026, 3, 22, 16, 0, tzinfo=UTC)  # midnight in Shanghai: the 23rd begins
    assert [day.isoformat() for day in days_digest(now=later)] == ["2026-03-20", "2026-03-21", "2026-03-22"]
    assert days_digest(now=later) == []
    assert [(kind, ref) for kind, ref, _ in leaves] == [("audit_digest", f"2026-03-{day}") for day in (20, 21, 22)]
    assert json.loads(leaves[0][2]) == {"v": 1, "day": "2026-03-20", "seal": 1, "head": head}


def test_seal_after_a_days_digest_belongs_to_a_later_day(leaves: list[tuple[str, str, bytes]]) -> None:
    make_row()
    actions_seal(now=NOW)
    days_digest(now=NOW + timedelta(days=1))
    make_row()
    actions_seal(now=NOW)  # a clock that was set back
    assert Seal.objects.get(no=2).at == datetime(2026, 3, 20, 16, 0, tzinfo=UTC)
    days_digest(now=NOW + timedelta(days=2))
    assert list(DayDigest.objects.order_by("day").values_list("seal_no", flat=True)) == [1, 2]


def test_two_who_hand_over_at_once_hand_over_each_day_once(leaves: list[tuple[str, str, bytes]]) -> None:
    make_row()
    actions_seal(now=NOW)
    in_threads(*[lambda: days_digest(now=NOW + timedelta(days=5))] * 3)
    assert sorted(ref for _, ref, _ in leaves) == [f"2026-03-{day}" for day in range(20, 25)]


def test_a_log_that_refuses_leaves_the_day_for_the_next_time(leaves: list[Any], settings: Any) -> None:
    make_row()
    actions_seal(now=NOW)
    settings.AUDIT_LOG_APPEND = "tests.audit.test_sealing.refuse"
    with pytest.raises(ZeroDivisionError):
        days_digest(now=NOW + timedelta(days=1))
    assert DayDigest.objects.count() == 0
    settings.AUDIT_LOG_APPEND = "tests.audit.test_sealing.append"
    assert len(days_digest(now=NOW + timedelta(days=1))) == 1


def refuse(**_: Any) -> None:
    raise ZeroDivisionError
