"""The search index taken away and built anew: for very large loads into demonstration instances.

Building it once over a million rows is faster, and half the size, than merging a million rows into it.
Only the owner of the tables can do this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings

# From this many new rows on it is worth it.
WITHOUT_INDEX = 250_000
NAME = "tenders_searchentry_tokens"


def search_index_ensure(cursor: Any) -> None:
    """Build what is missing of the index (a load that was killed may have left it so).

    Args:
        cursor: of a connection of the owner.
    """
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute(
        f"CREATE INDEX IF NOT EXISTS {NAME} ON tenders_searchentry USING gin (tokens)"
        " WITH (fastupdate = on, gin_pending_list_limit = 1048576)"
    )
    cursor.execute("RESET maintenance_work_mem")


@contextmanager
def search_index_later() -> Iterator[None]:
    """Load without the index, then build it; where the owner's rights are not at hand, load with it."""
    owner: dict[str, Any] = settings.OWNER_DATABASE
    if owner["USER"] == settings.DATABASE_APP_ROLE:
        yield
        return
    connection = psycopg2.connect(
        dbname=owner["NAME"], user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"],
        **owner.get("OPTIONS", {}),
    )  # fmt: skip
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {NAME}")
            try:
                yield
            finally:
                search_index_ensure(cursor)
    finally:
        connection.close()
