"""The sealer: chains the action rows, and hands the day's head to the transparency log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from audit.chain import COLUMNS, NOTHING, day_object, row_digest, row_value, seal_head
from audit.models import ActionRow, DayDigest, Seal, SealedRow, WaitingRow
from core.moments import SHANGHAI

ROWS_PER_SEAL = 1_000
# One number for the whole house: one sealer at a time, on however many hosts.
ADVISORY_LOCK = 7_305_011
# Rows of any age that stand neither in a seal nor in the queue: somebody took them out of the queue.
_REQUEUE = """
INSERT INTO audit_waitingrow (row_id)
SELECT id FROM audit_actionrow r
WHERE NOT EXISTS (SELECT FROM audit_sealedrow s WHERE s.row_id = r.id)
  AND NOT EXISTS (SELECT FROM audit_waitingrow w WHERE w.row_id = r.id)
ON CONFLICT DO NOTHING
"""


def day_end(day: date) -> datetime:
    """The moment at which a day of Asia/Shanghai ends."""
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)


def _the_only_sealer(*, wait: bool) -> bool:
    """Take the lock until the transaction's end; False when another has it."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])


def _seal_some(now: datetime) -> int:
    """One seal in the running transaction, whose lock is held; how many rows it holds."""
    numbers = list(WaitingRow.objects.order_by("row_id").values_list("row_id", flat=True)[:ROWS_PER_SEAL])
    found = ActionRow.objects.filter(pk__in=numbers).exclude(sealed__isnull=False).order_by("pk")
    values = [row_value(columns) for columns in found.values_list(*COLUMNS)]
    if values:
        last = Seal.objects.order_by("-no").first()
        digested = DayDigest.objects.aggregate(day=Max("day"))["day"]
        # A clock that was set back must not put a seal into a day whose head is already published.
        at = max([now, *([last.at] if last else []), *([day_end(digested)] if digested else [])])
        no, previous = (last.no + 1, last.head) if last else (1, NOTHING)
        head = seal_head(previous=previous, no=no, at=at, rows=values)
        seal = Seal.objects.create(no=no, at=at, previous=previous, head=head, count=len(values))
        SealedRow.objects.bulk_create(SealedRow(row_id=v["id"], seal=seal, digest=row_digest(v)) for v in values)
    WaitingRow.objects.filter(pk__in=numbers).delete()
    return len(numbers)


def actions_seal(*, now: datetime) -> int:
    """Seal the rows that wait, by number, in as many seals as it takes.

    What a seal takes is an explicit set of rows, those whose transactions have ended: a row that commits late waits
    in its own right and goes into a later seal. A seal, its rows' entries and their leaving of the queue are one
    transaction, so that it may be killed at any moment and run any number of times; writers of rows take no lock of it.

    Args:
        now: aware time; the seal's time is never before that of the seal before it.

    Returns:
        How many rows left the queue; 0 also when another sealer is at work.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            done = _seal_some(now) if _the_only_sealer(wait=False) else 0
        sealed += done
        if done < ROWS_PER_SEAL:
            return sealed


def actions_requeue() -> int:
    """Put rows back into the queue that stand neither there nor in a seal; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE)
        return cursor.rowcount


def _first_day() -> date | None:
    last = DayDigest.objects.aggregate(day=Max("day"))["day"]
    if last:
        return last + timedelta(days=1)
    first = Seal.objects.order_by("no").first()
    return first.at.astimezone(SHANGHAI).date() if first else None


def _digest_day(day: date, now: datetime) -> DayDigest:
    seal = Seal.objects.filter(at__lt=day_end(day)).order_by("-no")[0]
    log_append = import_string(settings.AUDIT_LOG_APPEND)
    content = day_object(day=day, seal_no=seal.no, head=seal.head)
    digest = DayDigest.objects.create(day=day, seal_no=seal.no, head=seal.head, at=now)
    log_append(entries=[("audit_digest", day.isoformat(), content)], now=now)
    return digest


def days_digest(*, now: datetime) -> list[date]:
    """Hand the head of every past day that has not been handed over to the transparency log, oldest first.

    Every day gets one from that of the first seal on, the quiet ones too: their head says that nothing was added.
    The digest and its leaf are one transaction a day (the log's lock is taken last).

    Returns:
        The days that were added.
    """
    done: list[date] = []
    while True:
        with transaction.atomic():
            _the_only_sealer(wait=True)
            day = _first_day()
            if day is None or day_end(day) > now:
                return done
            done.append(_digest_day(day, now).day)


def chain_state() -> dict[str, Any]:
    """The last seal (or None), how many rows wait, in two queries."""
    return {"last": Seal.objects.order_by("-no").first(), "waiting": WaitingRow.objects.count()}
