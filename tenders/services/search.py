"""The search tables: kept complete, and their index merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from django.db import connection, transaction

from tenders.models import AnnouncementType, Category, Region, SearchEntry, SearchText
from tenders.search_missing import search_missing
from tenders.search_rows import search_parts, search_row, search_rows_copy

BATCH = 1_000
# Of a masking at the same time either its rows are seen here, or it waits and then renews what was entered here.
_LOCK = "LOCK TABLE tenders_searchtext, tenders_searchentry IN SHARE ROW EXCLUSIVE MODE"
_SOURCES = (
    "SELECT a.id, a.published_at, a.title, a.project_code, a.unified_deal_code, a.purchaser, a.agency, a.supplier,"
    " a.category, a.type, a.region, r.content FROM tenders_announcement a"
    " JOIN tenders_announcementrecord r ON r.announcement_id = a.id WHERE a.id = ANY(%s) ORDER BY a.published_at, a.id"
)


def _rows(numbers: list[int]) -> Iterator[tuple[bytes, bytes]]:
    names = [dict(model.objects.values_list("name", "id")) for model in (Category, AnnouncementType, Region)]
    categories, types, regions = names
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, [numbers])
        for row in cursor.fetchall():
            record = json.loads(bytes(row[11]))
            parts = search_parts(
                title=row[2],
                text=record["text"],
                attachments=[one.get("name", "") for one in record.get("attachments", ())],
                codes=row[3:5],
                parties=row[5:8],
            )
            yield search_row(
                number=row[0],
                published_at=row[1],
                parts=parts,
                category=categories[row[8]],
                type=types[row[9]],
                region=regions[row[10]] if row[10] else None,
            )


def search_entries_make(*, numbers: list[int], progress: Callable[[int, int], None]) -> None:
    """Enter announcements into search, a thousand at a time: what was done before an interruption stays done.

    Args:
        numbers: as tenders.search_missing gives them; those that are whole by now are passed over.
        progress: called with the number done and the number of all.
    """
    for begin in range(0, len(numbers), BATCH):
        batch = numbers[begin : begin + BATCH]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
            left = search_missing(among=batch)
            for model in (SearchEntry, SearchText):
                model.objects.filter(pk__in=left).delete()
            search_rows_copy(list(_rows(left)))
        progress(begin + len(batch), len(numbers))


def search_entry_renew(*, number: int) -> None:
    """Enter one announcement anew, in the caller's transaction: what was masked is found no more."""
    for model in (SearchEntry, SearchText):
        model.objects.filter(pk=number).delete()
    search_rows_copy(list(_rows([number])))


def search_index_flush() -> None:
    """Merge what was written since the last time into the search index (found without it, but slower)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenders_search_flush()")
