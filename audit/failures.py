"""Failed logins, counted per address and minute: what somebody tries again and again must not fill the action log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import ExtractHour

from audit.models import LoginFailure
from audit.rulebook import months_before, network_log_retention
from audit.services import LONGEST_ADDRESS
from core.moments import SHANGHAI
from core.text import text_storable

# More different names than these from one address within one minute tell nothing new.
MOST_NAMES = 100
SWEPT_AT_ONCE = 5_000
MOST_ADDRESSES, MOST_MINUTES = 100, 500
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
_BY_ADDRESS = """
SELECT f.address, sum(f.count) AS failures,
  (SELECT count(DISTINCT name) FROM audit_loginfailure g, jsonb_array_elements_text(g.names) AS name
   WHERE g.address = f.address AND g.minute >= %(begin)s AND g.minute < %(end)s)
FROM audit_loginfailure f WHERE f.minute >= %(begin)s AND f.minute < %(end)s
GROUP BY f.address ORDER BY failures DESC, f.address LIMIT %(most)s
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
    values: dict[str, str | int | datetime] = {
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


@dataclass(frozen=True)
class FailureSums:
    """Failed logins of a period, added up by the database: all of them, however many.

    ``hours`` are sums by hour of the day in Asia/Shanghai; ``addresses`` the 100 with most failures, as (address,
    failures, different names tried); ``minutes`` the newest 500 rows.
    """

    hours: dict[int, int]
    sources: int
    addresses: list[tuple[str, int, int]]
    minutes: list[LoginFailure]


def login_failure_sums(*, begin: datetime, end: datetime) -> FailureSums:
    """The sums of a half-open period, in four queries."""
    found = LoginFailure.objects.filter(minute__gte=begin, minute__lt=end)
    by_hour = found.annotate(hour=ExtractHour("minute", tzinfo=SHANGHAI)).order_by().values_list("hour")
    with connection.cursor() as cursor:
        cursor.execute(_BY_ADDRESS, {"begin": begin, "end": end, "most": MOST_ADDRESSES})
        addresses = [(address, int(failures), int(names)) for address, failures, names in cursor.fetchall()]
    return FailureSums(
        hours=dict(by_hour.annotate(Sum("count"))),
        sources=found.aggregate(number=Count("address", distinct=True))["number"],
        addresses=addresses,
        minutes=list(found.order_by("-minute", "address")[:MOST_MINUTES]),
    )
