"""A recovery hold begins with a restore and ends by an administrator's decision."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from audit.log_services import object_append
from audit.log_verification import checkpoint_reasons
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from upkeep.gates import hold_is_on
from upkeep.models import HoldEvent

# One decision at a time: two administrators who press at once end the hold once.
LOCK = 7_305_004
LARGEST_CHECKPOINT = 20_000
NOT_ON_HOLD = "没有办理：现在不在恢复保全状态，可能别人刚刚解除。"
FIELDS = {"origin": str, "size": int, "root": str, "at": str, "signature": str}


def checkpoint_read(text: str | bytes) -> dict[str, Any]:
    """A checkpoint as ``/log/checkpoint`` gives it.

    Args:
        text: JSON ``{"origin","size","root","at","signature"}``.

    Raises:
        BusinessError: ``bad_checkpoint``.
    """
    try:
        if len(text) > LARGEST_CHECKPOINT:
            raise ValueError
        found = json.loads(text)
        if not all(type(found[name]) is kind for name, kind in FIELDS.items()):
            raise ValueError
        if found["size"] < 0 or len(bytes.fromhex(found["root"])) != 32:
            raise ValueError
        base64.b64decode(found["signature"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BusinessError(
            "检查点没有读懂：应是从 /log/checkpoint 保存下来的原文（含 origin、size、root、at、signature），请换一份。",
            "bad_checkpoint",
        ) from None
    return {name: found[name] for name in FIELDS}


def hold_begin(*, reason: str, now: datetime, by: Any = None, detail: Mapping[str, Any] | None = None) -> HoldEvent:
    """Begin a hold: from now on nothing is sent, published, drawn or paid.

    Args:
        reason: one Chinese sentence.
        now: aware time.
        by: the user; None for a command.
        detail: JSON values for the record.
    """
    with transaction.atomic():
        event = HoldEvent.objects.create(
            at=now, kind=HoldEvent.Kind.BEGUN, by=by, by_name=str(by or ""), reason=reason, detail=dict(detail or {})
        )
        action_record(tag=Tag.UPKEEP, by=by, now=now, subject="upkeep.hold", detail={"kind": "begun", "reason": reason})
    return event


def _end(*, reason: str, now: datetime, by: Any, address: str, detail: Mapping[str, Any]) -> HoldEvent:
    event = HoldEvent.objects.create(
        at=now, kind=HoldEvent.Kind.ENDED, by=by, by_name=str(by or ""), reason=reason, detail=dict(detail)
    )
    action_record(
        tag=Tag.UPKEEP,
        by=by,
        now=now,
        subject="upkeep.hold",
        detail={"kind": "ended", "reason": reason},
        address=address,
    )
    return event


def _lock_and_check() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if not hold_is_on():
        raise BusinessError(NOT_ON_HOLD, "not_on_hold")


def hold_end_by_checkpoint(*, text: str | bytes, now: datetime, by: Any = None, address: str = "") -> HoldEvent:
    """End the hold because today's log extends a checkpoint that was kept outside of the portal.

    Args:
        text: the checkpoint, JSON as of ``/log/checkpoint``.
        now: aware time.
        by: the administrator; None for the command.
        address: the administrator's IP address.

    Raises:
        BusinessError: ``bad_checkpoint``, ``not_extended`` (the hold stays), ``not_on_hold``.
    """
    checkpoint = checkpoint_read(text)
    if not hold_is_on():
        raise BusinessError(NOT_ON_HOLD, "not_on_hold")
    # Outside of the transaction: the whole log is read, and nothing is appended to it meanwhile.
    reasons = checkpoint_reasons(checkpoint)
    if not reasons:
        with transaction.atomic():
            _lock_and_check()
            known = {name: checkpoint[name] for name in ("size", "root", "at")}
            gone = _leaves_gone()
            event = _end(
                reason="恢复后的存证日志延续了外部保存的检查点。",
                now=now,
                by=by,
                address=address,
                detail={"checkpoint": known},
            )
            if gone:
                _restored(event, now, checkpoint=known, leaves_lost=gone)
            return event
    # The refusal is recorded, too: it is the trace of a rewrite, or of a backup that is too old.
    action_record(
        tag=Tag.UPKEEP,
        by=by,
        now=now,
        subject="upkeep.hold",
        detail={"kind": "refused", "size": checkpoint["size"]},
        address=address,
        success=False,
    )
    raise BusinessError("没有解除恢复保全：" + "；".join(r.rstrip("。") for r in reasons) + "。", "not_extended")


def hold_end_checkpoint_lost(*, reason: str, now: datetime, by: Any = None, address: str = "") -> HoldEvent:
    """End the hold without a checkpoint: everybody can read in the log for ever that it was so.

    Args:
        reason: why there is none, 5 to 200 characters.
        now: aware time.
        by: the administrator; None for the command.
        address: the administrator's IP address.

    Raises:
        BusinessError: ``no_reason``, ``not_on_hold``.
    """
    reason = " ".join(reason.split())
    if not 5 <= len(reason) <= 200:
        raise BusinessError("没有解除恢复保全：请用 5 到 200 个字写明检查点为什么找不到。", "no_reason", field="reason")
    with transaction.atomic():
        _lock_and_check()
        event = _end(reason=f"检查点遗失：{reason}", now=now, by=by, address=address, detail={"checkpoint": None})
        _restored(event, now, checkpoint="lost")
    return event


def _restored(event: HoldEvent, now: datetime, **facts: Any) -> None:
    """The leaf by which everybody can read for ever that the log went back."""
    told = {"v": 1, "at": now.isoformat(timespec="seconds"), **facts}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    object_append(kind="restored", ref=str(event.pk), content=content, now=now)


def _leaves_gone() -> int:
    """How many leaves were surely lost when the hold began (an upgrade undone with LOSE=1); 0 when nobody knows."""
    begun = HoldEvent.objects.filter(kind=HoldEvent.Kind.BEGUN).order_by("-id").first()
    return int(begun.detail.get("lost", {}).get("leaves", 0)) if begun else 0
