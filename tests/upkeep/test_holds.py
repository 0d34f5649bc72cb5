"""A recovery hold: begun by a restore, ended by a checkpoint from outside or by saying that there is none."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import User
from audit.models import ActionRow
from core.errors import BusinessError
from portal.services import article_import
from tests.upkeep.conftest import NOW
from upkeep.gates import ON_HOLD, hold_is_on, hold_reasons, hold_require_off
from upkeep.models import HoldEvent
from upkeep.services.holds import (
    checkpoint_read,
    hold_begin,
    hold_end_by_checkpoint,
    hold_end_checkpoint_lost,
)

pytestmark = pytest.mark.django_db
CHECKPOINT: dict[str, Any] = {
    "origin": "center.example/log",
    "size": 3,
    "root": "ab" * 32,
    "at": "2026-03-02T09:00:00+08:00",
    "signature": base64.b64encode(bytes(64)).decode(),
}
TEXT = json.dumps(CHECKPOINT)


def extends(checkpoint: Any) -> list[str]:
    """A log that extends any checkpoint of at most three leaves."""
    return [] if checkpoint["size"] <= 3 else ["检查点比现在的存证日志长。"]


@pytest.fixture
def log_that_extends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upkeep.services.holds.checkpoint_reasons", extends)


@pytest.fixture
def held() -> None:
    hold_begin(reason="从备份恢复。", now=NOW)


def code(act: Callable[[], object]) -> str:
    """The code with which it is refused."""
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value.code


def test_a_new_instance_is_not_on_hold() -> None:
    assert (hold_is_on(), hold_reasons("anything", now=NOW)) == (False, [])
    hold_require_off()


def test_a_hold_stops_what_asks(held: None) -> None:
    assert hold_reasons() == [ON_HOLD]
    assert code(hold_require_off) == "on_hold"


def test_articles_are_not_published_on_hold(held: None) -> None:
    assert code(lambda: article_import(rows=[b"{}"], now=NOW)) == "on_hold"


def test_a_checkpoint_that_is_extended_ends_it(held: None, log_that_extends: None, person: Callable[..., User]) -> None:
    by = person()
    event = hold_end_by_checkpoint(text=TEXT, now=NOW, by=by, address="192.0.2.1")
    assert (hold_is_on(), event.by, event.detail["checkpoint"]["size"]) == (False, by, 3)
    row = ActionRow.objects.latest("id")
    assert (row.subject, row.detail["kind"], row.address) == ("upkeep.hold", "ended", "192.0.2.1")


def test_a_checkpoint_that_is_not_extended_is_refused_and_recorded(held: None, log_that_extends: None) -> None:
    longer = json.dumps(CHECKPOINT | {"size": 4})
    assert code(lambda: hold_end_by_checkpoint(text=longer, now=NOW)) == "not_extended"
    assert hold_is_on()
    assert ActionRow.objects.filter(success=False, detail__kind="refused").count() == 1


def test_saying_that_it_is_lost_ends_it(held: None) -> None:
    assert code(lambda: hold_end_checkpoint_lost(reason=" 丢 了 ", now=NOW)) == "no_reason"
    event = hold_end_checkpoint_lost(reason="县政务办和镇里的两份都没有找到", now=NOW)
    assert (hold_is_on(), event.reason) == (False, "检查点遗失：县政务办和镇里的两份都没有找到")


def test_saying_that_it_is_lost_stands_in_the_log_for_ever(held: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upkeep.services.holds.object_append", append)
    leaves.clear()
    event = hold_end_checkpoint_lost(reason="两份都没有找到", now=NOW)
    content = b'{"at":"2026-03-02T01:30:00+00:00","checkpoint":"lost","v":1}'
    assert leaves == [{"kind": "restored", "ref": str(event.pk), "content": content, "now": NOW}]


leaves: list[dict[str, Any]] = []


def append(**facts: Any) -> None:
    """A log that notes its leaves."""
    leaves.append(facts)


def test_it_ends_once(held: None) -> None:
    hold_end_checkpoint_lost(reason="两份都没有找到", now=NOW)
    assert code(lambda: hold_end_checkpoint_lost(reason="两份都没有找到", now=NOW)) == "not_on_hold"


def test_a_second_restore_holds_again(held: None) -> None:
    hold_end_checkpoint_lost(reason="两份都没有找到", now=NOW)
    hold_begin(reason="又恢复了一次。", now=NOW)
    assert hold_is_on()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "7", "[" * 100_000, "x" * 30_000),
        *(json.dumps({k: v for k, v in CHECKPOINT.items() if k != name}) for name in CHECKPOINT),
        json.dumps(CHECKPOINT | {"size": -1}),
        json.dumps(CHECKPOINT | {"size": True}),
        json.dumps(CHECKPOINT | {"size": "3"}),
        json.dumps(CHECKPOINT | {"root": "ab"}),
        json.dumps(CHECKPOINT | {"root": "xy" * 32}),
        json.dumps(CHECKPOINT | {"signature": "???"}),
    ],
)
def test_what_is_no_checkpoint_is_told(text: str) -> None:
    assert code(lambda: checkpoint_read(text)) == "bad_checkpoint"
    assert code(lambda: checkpoint_read(b"\xff" + text.encode())) == "bad_checkpoint"


def test_rows_of_holds_stay(held: None) -> None:
    for sql in ("UPDATE upkeep_holdevent SET kind = 'ended'", "DELETE FROM upkeep_holdevent"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert HoldEvent.objects.count() == 1
