"""Statements that the database plans once per connection, for the few reads that every visitor asks for.

Django sends text anew each time; planning it takes longer than the reading. A prepared statement belongs to the
server's session: a pool in front of the server must be in session mode (docs/operations.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@lru_cache(maxsize=256)
def _name(sql: str) -> str:
    return f"tc_{hashlib.blake2b(sql.encode(), digest_size=12).hexdigest()}"


def rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What ``sql`` finds.

    Args:
        sql: with ``$1``, ``$2`` … for the values; constant in the code, never put together from input.
        values: in their order.

    Raises:
        django.db.Error: as any query does.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    known: tuple[Any, set[str]] | None = getattr(connection, "prepared", None)
    if known is None or known[0] is not connection.connection:
        known = connection.prepared = (connection.connection, set())  # type: ignore[attr-defined]
    name = _name(sql)
    with connection.cursor() as cursor:
        if name not in known[1]:
            # Past Django's list of queries: it happens once for the session, not for the page.
            with connection.wrap_database_errors:
                cursor.cursor.execute(f"PREPARE {name} AS {sql}")
            known[1].add(name)
        cursor.execute(f"EXECUTE {name}({', '.join(['%s'] * len(values))})", values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
