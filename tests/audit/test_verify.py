"""Whoever holds the database changes a row, and the verification names it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from audit.chain import NOTHING, moment_text, row_digest, row_value, seal_head
from audit.models import ActionRow, Seal, Verification
from audit.sealing import actions_seal, days_digest
from audit.verify import Verdict, actions_verify
from tests.audit.factories import NOW, make_row, owner_without_triggers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows() -> list[int]:
    """Three seals of two rows each."""
    numbers = []
    for _ in range(3):
        numbers += [make_row().pk, make_row().pk]
        actions_seal(now=NOW)
    return numbers


def verdict_after(sql: str, *params: Any) -> Verdict:
    with owner_without_triggers() as cursor:
        cursor.execute(sql, params)
    return actions_verify(now=NOW)


def test_untouched_chain_is_complete(rows: list[int]) -> None:
    make_row()
    verdict = actions_verify(now=NOW)
    assert verdict == Verdict(True, 3, 6, 1, "操作记录完整：3 个封条、6 行全部相符，另有 1 行待封。")
    kept = Verification.objects.get()
    assert (kept.ok, kept.seals, kept.rows, kept.waiting, kept.message) == (True, 3, 6, 1, verdict.message)


def test_empty_log_is_complete() -> None:
    assert actions_verify(now=NOW).message == "操作记录完整：0 个封条、0 行全部相符，另有 0 行待封。"


@pytest.mark.parametrize(
    "change",
    [
        *("by_name = '别人'", "subject = 'x'", "address = '192.0.2.1'", "success = false", "tag = 'data.export'"),
        *("at = at + interval '1 microsecond'", "detail = detail || '{\"n\": 1.6}'"),
    ],
)
def test_changed_column_is_named(rows: list[int], change: str) -> None:
    verdict = verdict_after(f"UPDATE audit_actionrow SET {change} WHERE id = %s", rows[3])
    assert (verdict.ok, verdict.seal, verdict.row) == (False, 2, rows[3])
    assert verdict.message == f"操作记录第 {rows[3]} 行被改动过（封条 2）。"


def test_row_and_digest_changed_together_break_the_seal(rows: list[int]) -> None:
    row = ActionRow.objects.get(pk=rows[2])
    row.by_name = "别人"
    value = row_value(
        [getattr(row, c) for c in ("id", "at", "tag", "by_id", "by_name", "subject", "detail", "address", "success")]
    )
    with owner_without_triggers() as cursor:
        cursor.execute("UPDATE audit_actionrow SET by_name = '别人' WHERE id = %s", [row.pk])
        cursor.execute("UPDATE audit_sealedrow SET digest = %s WHERE row_id = %s", [row_digest(value), row.pk])
    verdict = actions_verify(now=NOW)
    assert (verdict.ok, verdict.seal, verdict.message) == (False, 2, "封条 2 的封条值与其中的操作记录不符。")


def test_row_digest_and_head_changed_together_break_the_next_link(rows: list[int]) -> None:
    with owner_without_triggers() as cursor:
        cursor.execute("UPDATE audit_seal SET head = repeat('a', 64) WHERE no = 2")
    assert actions_verify(now=NOW).seal == 2
    seal = Seal.objects.get(no=2)
    values = [row_value(c) for c in ActionRow.objects.filter(pk__in=rows[2:4]).order_by("pk").values_list(
        "id", "at", "tag", "by_id", "by_name", "subject", "detail", "address", "success")]  # fmt: skip
    forged = [{**values[0], "by_name": "别人"}, values[1]]
    head = seal_head(previous=seal.previous, no=2, at=seal.at, rows=forged)
    with owner_without_triggers() as cursor:
        cursor.execute("UPDATE audit_actionrow SET by_name = '别人' WHERE id = %s", [rows[2]])
        cursor.execute("UPDATE audit_sealedrow SET digest = %s WHERE row_id = %s", [row_digest(forged[0]), rows[2]])
        cursor.execute("UPDATE audit_seal SET head = %s WHERE no = 2", [head])
    verdict = actions_verify(now=NOW)
    assert (verdict.seal, verdict.message) == (3, "封条 3 没有接在上一封条之后。")


def test_deleted_row_is_missed(rows: list[int]) -> None:
    with owner_without_triggers() as cursor:
        cursor.execute("DELETE FROM audit_sealedrow WHERE row_id = %s", [rows[1]])
        cursor.execute("DELETE FROM audit_actionrow WHERE id = %s", [rows[1]])
    verdict = actions_verify(now=NOW)
    assert (verdict.seal, verdict.message) == (1, "封条 1 应有 2 行操作记录，现有 1 行。")


def test_deleted_seal_is_missed(rows: list[int]) -> None:
    with owner_without_triggers() as cursor:
        cursor.execute("DELETE FROM audit_sealedrow WHERE seal_id = 2")
        cursor.execute("DELETE FROM audit_actionrow WHERE id = ANY(%s)", [rows[2:4]])
        cursor.execute("DELETE FROM audit_seal WHERE no = 2")
    verdict = actions_verify(now=NOW)
    assert (verdict.seal, verdict.message) == (2, "封条 2 不见了。")


def test_seal_cut_off_at_the_end_is_missed_by_the_days_head(rows: list[int]) -> None:
    days_digest(now=NOW + timedelta(days=1))
    with owner_without_triggers() as cursor:
        cursor.execute("DELETE FROM audit_sealedrow WHERE seal_id = 3")
        cursor.execute("DELETE FROM audit_actionrow WHERE id = ANY(%s)", [rows[4:]])
        cursor.execute("DELETE FROM audit_seal WHERE no = 3")
    verdict = actions_verify(now=NOW)
    assert (verdict.seal, verdict.message) == (3, "2026-03-20 存证的封条 3 与现在的不符或已不见。")


def test_row_slipped_in_behind_the_queue_is_found(rows: list[int]) -> None:
    verdict = verdict_after(
        "INSERT INTO audit_actionrow (at, tag, by_name, subject, detail, address, success)"
        " VALUES (now(), 'workflow.move', '', 'slipped', '{}', '', true)"
    )
    assert (verdict.ok, verdict.row) == (False, ActionRow.objects.get(subject="slipped").pk)


def test_time_of_a_seal_is_covered(rows: list[int]) -> None:
    assert verdict_after("UPDATE audit_seal SET at = at + interval '1 second' WHERE no = 1").seal == 1
    assert moment_text(NOW) == "2026-03-20T02:00:00.000000+00:00"
    assert NOTHING == "0" * 64


def test_command_says_yes(rows: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_verify")
    assert capsys.readouterr().out == "操作记录完整：3 个封条、6 行全部相符，另有 0 行待封。\n"


def test_command_says_no_with_exit_code_1(rows: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    with owner_without_triggers() as cursor:
        cursor.execute("UPDATE audit_actionrow SET subject = 'x' WHERE id = %s", [rows[0]])
    with pytest.raises(SystemExit) as caught:
        call_command("audit_verify", "--json")
    assert caught.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "seals": 0,
        "rows": 0,
        "waiting": 0,
        "seal": 1,
        "row": rows[0],
        "message": f"操作记录第 {rows[0]} 行被改动过（封条 1）。",
    }
