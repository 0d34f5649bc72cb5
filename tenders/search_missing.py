"""Which announcements search does not know, or knows only by half: nobody finds them, though they are published."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

_MISSING = (
    "SELECT a.id FROM tenders_announcement a LEFT JOIN tenders_searchtext t ON t.announcement_id = a.id"
    " LEFT JOIN tenders_searchentry e ON e.announcement_id = a.id"
    " WHERE (t.announcement_id IS NULL OR e.announcement_id IS NULL) AND (%s::bigint[] IS NULL OR a.id = ANY(%s))"
    " ORDER BY a.published_at, a.id"
)


def search_missing(*, among: Sequence[int] | None = None) -> list[int]:
    """Their numbers, in order of time.

    Args:
        among: only of these.
    """
    numbers = None if among is None else list(among)
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, [numbers, numbers])
        return [row[0] for row in cursor.fetchall()]
