"""The plain tables that search and import are measured against, made once by the owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection

# Titles and texts as any table would hold them; the text stands in the canonical record otherwise.
PLAIN = """
CREATE TABLE bench_plain AS
  SELECT a.id, a.published_at, a.title, convert_from(r.content, 'UTF8')::json->>'text' AS text
  FROM tenders_announcement a JOIN tenders_announcementrecord r ON r.announcement_id = a.id
  WHERE a.source_name <> 'bench' ORDER BY a.id;
CREATE INDEX bench_plain_time ON bench_plain (published_at DESC, id DESC);
VACUUM (ANALYZE) bench_plain;
"""
# Tables that hold a published announcement, those that refer to others first.
WRITTEN = {
    "tenders_attachment": "announcement_id",
    "tenders_searchentry": "announcement_id",
    "tenders_searchtext": "announcement_id",
    "tenders_announcementrecord": "announcement_id",
    "tenders_announcement": "id",
}


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor of the tables' owner; every statement on its own."""
    known = settings.OWNER_DATABASE
    link = psycopg2.connect(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"]
    )
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def plain_ensure() -> None:
    """Make ``bench_plain`` unless it holds what the portal holds; remove what a killed run left."""
    with owner() as cursor:
        forget_writes(cursor)
        cursor.execute("SELECT to_regclass('bench_plain') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT (SELECT count(*) FROM bench_plain) = (SELECT count(*) FROM tenders_announcement)")
            if cursor.fetchone()[0]:
                return
            cursor.execute("DROP TABLE bench_plain")
        for statement in filter(None, map(str.strip, PLAIN.split(";\n"))):
            cursor.execute(statement)
        cursor.execute(f'GRANT SELECT ON bench_plain TO "{settings.DATABASE_APP_ROLE}"')


def forget_writes(cursor: Any) -> None:
    """Remove the announcements that measurements of writing left, and the room they took."""
    cursor.execute("SELECT 1 FROM tenders_announcement WHERE source_name = 'bench' LIMIT 1")
    if cursor.fetchone() is None:
        return
    chosen = "IN (SELECT id FROM tenders_announcement WHERE source_name = 'bench')"
    # Published announcements cannot be deleted, not even by the owner; these are no one's, in a database of our own.
    statements = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in WRITTEN]
    statements += [f"DELETE FROM {table} WHERE {column} {chosen}" for table, column in WRITTEN.items()]
    statements += ["SET CONSTRAINTS ALL IMMEDIATE"]
    statements += [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in WRITTEN]
    cursor.execute("BEGIN; " + "; ".join(statements) + "; COMMIT")
    for table in WRITTEN:
        cursor.execute(f"VACUUM (ANALYZE) {table}")


def one(sql: str, *values: Any) -> Any:
    """The first value of a query of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
        return found[0] if found else None
