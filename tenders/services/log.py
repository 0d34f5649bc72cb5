"""Announcements that stand without a leaf get theirs: those of before the log existed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import simplejson
from django.db import connection, transaction

from audit.log_services import BATCH, log_append
from audit.models import LogLeaf
from tenders.log import KINDS, WITHOUT_LEAF, leaf_kind
from tenders.models import AnnouncementRecord
from tenders.services.announcements import IMPORT_LOCK


def announcements_log(*, now: Callable[[], datetime], progress: Callable[[int, int], None]) -> int:
    """Append the leaves that are missing, by time of publication, then id, 1,000 in each transaction.

    What was done before an interruption stays done; several hosts may do it at once.

    Args:
        now: asked for the time of each batch (a leaf's ``at`` is the time of appending).
        progress: called with the number done and the number of all.

    Returns:
        The number of leaves appended.
    """
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_LEAF)
        numbers = [row[0] for row in cursor.fetchall()]
    done = 0
    for begin in range(0, len(numbers), BATCH):
        done += _batch(numbers[begin : begin + BATCH], now())
        progress(min(begin + BATCH, len(numbers)), len(numbers))
    return done


def _batch(numbers: list[int], now: datetime) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
        refs = [str(number) for number in numbers]
        known = set(LogLeaf.objects.filter(kind__in=KINDS, ref__in=refs).values_list("ref", flat=True))
        records = {
            record.pk: record for record in AnnouncementRecord.objects.filter(pk__in=numbers).iterator(chunk_size=200)
        }
        entries = []
        for number in numbers:
            if str(number) not in known:
                content = simplejson.loads(bytes(records[number].content), use_decimal=True)
                kind = leaf_kind(content["type"], content["fields"])
                entries.append((kind, str(number), records[number].sha256))
        return len(log_append(entries=entries, now=now))
