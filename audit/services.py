"""Writes of the audit app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.models import ActionRow
from audit.tags import Tag


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
        by_name=str(by) if by else "",
        subject=subject,
        detail=detail or {},
        address=address,
        success=success,
    )


def login_failure_count(*, address: str, now: datetime) -> None:
    """Count a failed login by address and minute: a stand-in until the audit part of this step is merged."""
