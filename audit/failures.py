"""Failed logins, counted per address and minute: what somebody tries again and again must not fill the action log."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from audit.models import LoginFailure
from audit.rulebook import months_before, network_log_retention
from audit.services import LONGEST_ADDRESS
from core.moments import SHANGHAI
from core.text import text_storable

# More different names than these from one address within one minute tell nothing new.
MOST_NAMES = 100
SWEPT_AT_ONCE = 5_000
_COUNT = """
INSERT INTO audit_loginfailure AS f (address, minute, count, names)
VALUES (%(address)s, %(minute)s, 1, CASE WHEN %(name)s = '' THEN '[]'::jsonb ELSE jsonb_build_array(%(name)s) END)
ON CONFLICT (address, minute) DO UPDATE SET count = f.count + 1,
  names = CASE WHEN %(name)s = '' OR f.names @> to_jsonb(%(name)s::text) OR jsonb_array_length(f.names) >= %(most)s
    THEN f.names ELSE f.names || to_jsonb(%(name)s::text) END
RETURNING count
"""
_SWEEP = """
DELETE FROM audit_loginfailure WHERE (address, minute) IN
  (SELECT address, minute FROM audit_loginfailure WHERE minute < %s ORDER BY minute LIMIT %s)
"""


def login_failure_count(*, address: str, username_digest: str = "", now: datetime) -> int:
    """Count one failed login.

    Args:
        address: the visitor's IP address.
        username_digest: a keyed digest of the name that was tried (at most 64 characters), never the name: people
            type passwords there.
        now: aware time.

    Returns:
        The number of failures from this address within this minute, this one included.

    The row stays locked until the caller's transaction ends: call it in a short one or in none.
    """
    minute = now.replace(second=0, microsecond=0)
    values = {
        "address": text_storable(address)[:LONGEST_ADDRESS],
        "minute": minute,
        "name": text_storable(username_digest)[:64],
        "most": MOST_NAMES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return int(cursor.fetchone()[0])


def login_failures_sweep(*, now: datetime) -> int:
    """Delete counts that are older than the law wants them kept (audit.rulebook); how many."""
    local = now.astimezone(SHANGHAI)
    limit = months_before(local, network_log_retention(on=local.date()).months)
    swept = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SWEEP, [limit, SWEPT_AT_ONCE])
            swept += cursor.rowcount
            if cursor.rowcount < SWEPT_AT_ONCE:
                return swept


def login_failures_between(*, begin: datetime, end: datetime) -> list[LoginFailure]:
    """The counts of a half-open period, newest first, at most 500 rows."""
    found = LoginFailure.objects.filter(minute__gte=begin, minute__lt=end)
    return list(found.order_by("-minute", "address")[:500])
