"""Staff pages that were refused: the first of a person in a minute is an action row, the rest of it is counted.

Who runs a scanner over the pages fills two rows a minute, not the action log.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from audit.models import Denial
from audit.rulebook import months_before, network_log_retention
from audit.services import action_record
from audit.tags import Tag
from core.moments import SHANGHAI
from core.text import text_storable

# More different pages than these within one minute tell nothing new.
MOST_ROUTES = 50
LONGEST_ROUTE = 200
SWEPT_AT_ONCE = 5_000
MOST_MINUTES = 500
_COUNT = """
INSERT INTO audit_denial AS d (user_id, minute, count, routes)
VALUES (%(user)s, %(minute)s, 1, jsonb_build_array(%(route)s::text))
ON CONFLICT (user_id, minute) DO UPDATE SET count = d.count + 1,
  routes = CASE WHEN d.routes @> to_jsonb(%(route)s::text) OR jsonb_array_length(d.routes) >= %(most)s
    THEN d.routes ELSE d.routes || to_jsonb(%(route)s::text) END
RETURNING count
"""
_SWEEP = """
DELETE FROM audit_denial WHERE (user_id, minute) IN
  (SELECT user_id, minute FROM audit_denial WHERE minute < %s ORDER BY minute LIMIT %s)
"""


def denial_record(*, by: Any, route: str, method: str, address: str, now: datetime) -> int:
    """Note that a page was refused to somebody who is logged in.

    Args:
        by: the user.
        route: the pattern of the address, e.g. ``staff/people/<int:pk>/``; never the address itself.
        method: of the request, e.g. ``GET``.
        address: the visitor's IP address.
        now: aware time.

    Returns:
        How many pages were refused to this person within this minute, this one included; the first one writes the
        action row, in the same transaction.
    """
    said = f"{method[:10]} {text_storable(route)[:LONGEST_ROUTE]}"
    values = {"user": by.pk, "minute": now.replace(second=0, microsecond=0), "route": said, "most": MOST_ROUTES}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, values)
            count = int(cursor.fetchone()[0])
        if count == 1:
            action_record(
                tag=Tag.DENIED, by=by, now=now, subject=route, detail={"method": method[:10]}, address=address,
                success=False,
            )  # fmt: skip
    return count


def denials_of(day: date) -> list[Denial]:
    """The minutes of a day in Asia/Shanghai with what was refused to whom, newest first, at most 500; one query."""
    begin = datetime.combine(day, time.min, SHANGHAI)
    found = Denial.objects.filter(minute__gte=begin, minute__lt=begin + timedelta(days=1))
    return list(found.select_related("user").order_by("-minute", "user_id")[:MOST_MINUTES])


def denials_sweep(*, now: datetime) -> int:
    """Delete counts that are older than the law wants them kept (audit.rulebook); how many. Action rows stay."""
    local = now.astimezone(SHANGHAI)
    limit = months_before(local, network_log_retention(on=local.date()).months)
    swept = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SWEEP, [limit, SWEPT_AT_ONCE])
            swept += cursor.rowcount
            if cursor.rowcount < SWEPT_AT_ONCE:
                return swept
