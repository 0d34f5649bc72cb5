"""The end of a hold against the real transparency log."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from audit.log_models import LogLeaf
from audit.log_selectors import checkpoint_json, checkpoint_newest, log_state, object_content
from audit.log_services import object_append
from core.errors import BusinessError
from tests.upkeep.conftest import NOW
from upkeep.gates import hold_is_on
from upkeep.services.holds import hold_begin, hold_end_by_checkpoint, hold_end_checkpoint_lost

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def held() -> None:
    with transaction.atomic():
        object_append(kind="audit_digest", ref="2026-03-01", content=b"{}", now=NOW)
    hold_begin(reason="从备份恢复。", now=NOW)


def test_a_lost_checkpoint_leaves_a_leaf() -> None:
    hold_end_checkpoint_lost(reason="县政务办和镇里的两份都没有找到", now=NOW)
    assert not hold_is_on()
    assert list(LogLeaf.objects.order_by("seq").values_list("kind", flat=True)) == ["audit_digest", "restored"]
    assert log_state()[0] == 2


def test_a_checkpoint_of_this_log_ends_the_hold_and_another_does_not() -> None:
    newest = checkpoint_newest()
    assert newest is not None
    kept = checkpoint_json(newest)
    with pytest.raises(BusinessError):
        hold_end_by_checkpoint(text=json.dumps({**kept, "root": "0" * 64}), now=NOW)
    assert hold_is_on()
    hold_end_by_checkpoint(text=json.dumps(kept), now=NOW)
    assert not hold_is_on()


def test_leaves_that_were_surely_lost_leave_a_leaf_also_when_an_older_checkpoint_fits() -> None:
    newest = checkpoint_newest()
    assert newest is not None
    hold_begin(reason="退回升级前的数据。", now=NOW, detail={"lost": {"leaves": 3, "notices": 1}})
    hold_end_by_checkpoint(text=json.dumps(checkpoint_json(newest)), now=NOW)
    leaf = LogLeaf.objects.get(kind="restored")
    told = json.loads(object_content(leaf.seq))
    assert (told["leaves_lost"], told["checkpoint"]["size"]) == (3, 1)
