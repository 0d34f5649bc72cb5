"""How frequent tokens are, as PostgreSQL's statistics know: to ask the index for the rarest ones first."""

from __future__ import annotations

import time

from django.db import connection

KEPT_SECONDS = 600.0
_SQL = (
    "SELECT most_common_elems::text::int[], most_common_elem_freqs FROM pg_stats WHERE schemaname = 'public'"
    " AND tablename = 'tenders_searchentry' AND attname = 'tokens'"
)
# Monotonic seconds until which the statistics hold, and the share of rows of each of the thousand most common tokens.
_known: tuple[float, dict[int, float]] = (0.0, {})


def _read() -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        found = cursor.fetchone()
    return dict(zip(found[0], found[1], strict=False)) if found and found[0] else {}


def frequency(token: int) -> float:
    """The share of rows that have ``token`` in its plain form, as of some minutes ago; 0 for one that is not common."""
    global _known
    if _known[0] < time.monotonic():
        _known = (time.monotonic() + KEPT_SECONDS, _read())
    return _known[1].get(token, 0.0)
