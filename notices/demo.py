"""Demonstration: rows of the action log, failed logins; written once."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import people_with
from audit.failures import login_failure_count
from audit.models import ActionRow
from audit.services import action_record, export_record
from audit.tags import Tag

# Documentation addresses (RFC 5737): nobody's.
ATTEMPTS = (("203.0.113.9", 31, "a"), ("203.0.113.9", 30, "b"), ("198.51.100.24", 12, "c"), ("192.0.2.77", 3, "d"))


def _rows(now: datetime) -> None:
    for count, user in enumerate(User.objects.filter(kind=User.Kind.STAFF).order_by("pk")[:12]):
        at = now - timedelta(minutes=7 * count + 3)
        action_record(
            tag=Tag.LOGIN, by=user, now=at, subject=f"accounts.user:{user.pk}", address=f"192.0.2.{count + 10}"
        )
    first = next(iter(people_with(Duty.AUDIT_ADMIN, now=now)), None)
    if first is not None:
        export_record(by=first, now=now - timedelta(days=1), what="操作记录：上月", rows=412, address="192.0.2.33")


def notices_demo(*, now: datetime) -> None:
    """Fill the action log of a demonstration; a second call changes nothing.

    Args:
        now: aware time; it needs the demonstration's people, and does nothing without them.
    """
    if not User.objects.exists():
        return
    if ActionRow.objects.filter(tag=Tag.LOGIN).exists():
        return
    _rows(now)
    for address, minutes, name in ATTEMPTS:
        login_failure_count(address=address, username_digest=name, now=now - timedelta(minutes=minutes))
