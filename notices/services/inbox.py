"""The inbox: what a person has read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.errors import BusinessError
from notices.models import InboxItem


def inbox_read(*, number: int, by: Any, now: datetime) -> InboxItem:
    """Note that ``by`` has read a message of the own inbox; the first time counts.

    Raises:
        BusinessError: ``not_found``: there is no such message, or it is another person's.
    """
    own = InboxItem.objects.filter(pk=number, user_id=by.pk)
    own.filter(read_at__isnull=True).update(read_at=now)
    item = own.select_related("notice").first()
    if item is None:
        raise BusinessError("没有这条消息，请从消息列表中重新打开。", "not_found")
    return item


def inbox_read_all(*, by: Any, now: datetime, up_to: int) -> int:
    """Note that ``by`` has read every message up to the number ``up_to`` (what came later was not on the page)."""
    unread = InboxItem.objects.filter(user_id=by.pk, read_at__isnull=True, pk__lte=up_to)
    return unread.update(read_at=now)
