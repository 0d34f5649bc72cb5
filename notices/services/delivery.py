"""Delivery: claim by conditional update, send outside of any transaction, note it; and the sweep behind it.

A worker may be killed anywhere. Before the claim nothing happened; after it the lease runs out and the sweep gives the
notice back; what a channel makes of a message that it gets twice is written in its module.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from core.errors import BusinessError
from notices.broker import notice_enqueue
from notices.channels import Later, Never, way_for
from notices.models import InboxItem, Notice
from notices.sealed import Message, message_open

logger = logging.getLogger(__name__)
# Longer than any channel may take (EMAIL_TIMEOUT is 20 s a step).
LEASE = timedelta(minutes=3)
# Waits after the first, second… attempt; after the last one the notice has failed.
PAUSES = tuple(timedelta(seconds=s) for s in (10, 30, 120, 600, 1_800, 7_200, 21_600, 43_200))
# What was enqueued so long ago and still waits may have been lost by the broker.
LOST_AFTER = timedelta(seconds=60)
SWEPT_AT_ONCE = 500
EXPIRED = "到失效时间仍未送达。"


def holds() -> list[str]:
    """Why nothing may be sent now (a recovery hold): the sentences of settings.NOTICE_GATES; empty when all is well."""
    return [reason for path in settings.NOTICE_GATES for reason in import_string(path)()]


def _free_now(now: datetime) -> Q:
    """Notices that may be claimed: waiting and due, or claimed by somebody whose lease is over."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    waiting = Q(status=Notice.Status.WAITING, next_try_at__lte=now)
    return unexpired & (waiting | Q(status=Notice.Status.CLAIMED, claimed_until__lte=now))


def _claim(number: int, now: datetime) -> Notice | None:
    token = uuid.uuid4()
    claimed = Notice.objects.filter(_free_now(now), pk=number).update(
        status=Notice.Status.CLAIMED, claim=token, claimed_until=now + LEASE, attempts=F("attempts") + 1
    )
    return Notice.objects.get(pk=number) if claimed else None


def _note_sent(notice: Notice, now: datetime, by: str) -> bool:
    """Mark it as sent; False when the lease was over and somebody else has it."""
    held = Notice.objects.filter(pk=notice.pk, status=Notice.Status.CLAIMED, claim=notice.claim)
    noted = held.update(status=Notice.Status.SENT, claim=None, claimed_until=None, sent_at=now, sent_by=by, problem="")
    return bool(noted)


def _note_failure(notice: Notice, now: datetime, problem: str, *, final: bool) -> None:
    over = final or notice.attempts > len(PAUSES)
    pause = timedelta(0) if over else PAUSES[notice.attempts - 1]
    Notice.objects.filter(pk=notice.pk, status=Notice.Status.CLAIMED, claim=notice.claim).update(
        status=Notice.Status.FAILED if over else Notice.Status.WAITING,
        claim=None,
        claimed_until=None,
        next_try_at=now + pause,
        problem=problem[:300],
    )


def _to_inbox(notice: Notice, message: Message, now: datetime) -> None:
    """The inbox is in the same database: arriving and noting it are one transaction, so it is exactly once."""
    with transaction.atomic():
        if _note_sent(notice, now, "in_site"):
            InboxItem.objects.create(notice=notice, user_id=message.user_id, arrived_at=now)


def notice_deliver(*, number: int, now: datetime) -> bool:
    """Try to send one notice; safe to call for any number, any number of times, by several at once.

    Args:
        number: the notice.
        now: aware time.

    Returns:
        Whether it was this call that sent it.
    """
    notice = None if holds() else _claim(number, now)
    if notice is None:
        return False
    try:
        message = message_open(notice)
        if notice.channel == Notice.Channel.IN_SITE:
            _to_inbox(notice, message, now)
            return True
        way = way_for(notice.channel)
        way.send(message)
        return _note_sent(notice, now, way.name)
    except Later as reason:
        _note_failure(notice, now, str(reason), final=False)
    except Never as reason:
        _note_failure(notice, now, str(reason), final=True)
    except BusinessError as error:
        # A key that is not at hand may come back (keys_import).
        _note_failure(notice, now, error.message, final=False)
    except Exception:
        # A fault of ours must not block the queue: it is told, and tried again like any other.
        logger.exception("notice %s could not be sent", number)
        _note_failure(notice, now, "发送程序出错，详见任务进程的日志。", final=False)
    return False


def _expire(now: datetime) -> int:
    stale = Notice.objects.filter(status=Notice.Status.WAITING, expires_at__lte=now)
    return stale.update(status=Notice.Status.FAILED, problem=EXPIRED)


def _release(now: datetime) -> int:
    """Give back what a dead worker had claimed."""
    over = Notice.objects.filter(status=Notice.Status.CLAIMED, claimed_until__lte=now)
    return over.update(status=Notice.Status.WAITING, claim=None, claimed_until=None)


def _lost(now: datetime) -> Q:
    """Due, and not in the queue: never was since it became due, or so long ago that the broker may have lost it."""
    due = Q(status=Notice.Status.WAITING, next_try_at__lte=now)
    return due & (Q(enqueued_at__lte=now - LOST_AFTER) | Q(enqueued_at__lt=F("next_try_at")))


def notices_sweep(*, now: datetime) -> int:
    """Pick up what was forgotten: expired ones end, dead workers' go back, due ones are enqueued (again).

    Two sweeps at once enqueue each notice once, for the mark is a conditional update.

    Args:
        now: aware time.

    Returns:
        How many were enqueued.
    """
    _expire(now)
    _release(now)
    if holds():
        return 0
    found = Notice.objects.filter(_lost(now)).order_by("next_try_at", "pk").values_list("pk", flat=True)
    enqueued = 0
    for number in list(found[:SWEPT_AT_ONCE]):
        if Notice.objects.filter(_lost(now), pk=number).update(enqueued_at=now):
            if not notice_enqueue(number):
                break
            enqueued += 1
    return enqueued
