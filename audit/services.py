"""Writes of the audit app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from core.text import one_line, text_storable

LONGEST_SUBJECT, LONGEST_NAME, LONGEST_ADDRESS = 200, 150, 64
LONGEST_REASON = 500
SHORTEST_REASON = 4


def action_record(
    *,
    tag: Tag,
    by: Any,
    now: datetime,
    subject: str = "",
    detail: dict[str, Any] | None = None,
    address: str = "",
    success: bool = True,
) -> ActionRow:
    """Write one row of what was done, in the caller's transaction: what is rolled back was not done.

    Args:
        tag: the kind of action.
        by: the user; None for the system itself.
        now: aware time of the action.
        subject: what it was done to, as ``app.model:number`` or another stable name.
        detail: JSON values without personal data: names of fields, codes, counts; never an identity or phone number.
        address: the visitor's IP address, blank for the system.
        success: whether it was allowed and done.
    """
    return ActionRow.objects.create(
        at=now,
        tag=tag,
        by=by if getattr(by, "pk", None) else None,
        by_name=_kept(str(by) if by else "", LONGEST_NAME),
        subject=_kept(subject, LONGEST_SUBJECT),
        detail=_clean(detail or {}),
        address=_kept(address, LONGEST_ADDRESS),
        success=success,
    )


def _kept(text: str, longest: int) -> str:
    """What a column of ``longest`` characters holds of a text from outside: the action itself must not fail on it."""
    return text_storable(text)[:longest]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return text_storable(value)
    if isinstance(value, dict):
        return {text_storable(str(name)): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value


def export_record(*, by: Any, now: datetime, what: str, rows: int, address: str = "") -> ActionRow:
    """Note that data left the portal in a file.

    Args:
        by: who took it.
        now: aware time.
        what: what it was, in a few words with its filter, e.g. ``操作记录：2026-03-01 至 2026-03-31``.
        rows: how many rows the file holds.
        address: the visitor's IP address.
    """
    return action_record(
        tag=Tag.EXPORT, by=by, now=now, subject=what[:LONGEST_SUBJECT], detail={"rows": rows}, address=address
    )


def unmask_record(*, by: Any, now: datetime, subject: str, field: str, reason: str, address: str = "") -> ActionRow:
    """Note that a person saw in full what is shown masked (个人信息保护法 第五十一条：去标识化、合理确定操作权限).

    Args:
        by: who saw it.
        now: aware time.
        subject: whose data, as ``app.model:number``.
        field: which, in the words of the page, e.g. ``手机号``; never the value.
        reason: why, a sentence that the person wrote.
        address: the visitor's IP address.

    Raises:
        BusinessError: ``reason_missing``, ``reason_long``: there is no reason, or it is none.
    """
    said = one_line(reason)
    if len(said) < SHORTEST_REASON:
        raise BusinessError("不能显示完整信息：请写明查看的理由，至少四个字，例如“核对退款户名”。", "reason_missing")
    if len(said) > LONGEST_REASON:
        raise BusinessError(f"不能显示完整信息：理由太长，请控制在 {LONGEST_REASON} 字以内。", "reason_long")
    return action_record(
        tag=Tag.UNMASK, by=by, now=now, subject=subject, detail={"field": field, "reason": said}, address=address
    )
