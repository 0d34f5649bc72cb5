"""The outbox: a message is a row written in the transaction of its cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_storable, one_line
from notices.broker import notice_enqueue
from notices.models import Notice
from notices.sealed import fields_stored

LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_KEY = 200, 20_000, 200


def _refuse(what: str, field: str) -> BusinessError:
    return BusinessError(f"通知没有生成：{what}。", "bad_notice", field=field)


def _check(*, channel: str, user: Any, address: str, subject: str, text: str, link: str, dedup_key: str) -> None:
    if channel not in Notice.Channel.values:
        raise _refuse("没有这种渠道", "channel")
    if channel == Notice.Channel.IN_SITE and (user is None or address):
        raise _refuse("站内消息要发给一个用户，不用地址", "user")
    if channel != Notice.Channel.IN_SITE and (user is not None or not address):
        raise _refuse("这种渠道要写明收件地址", "address")
    if not 0 < len(subject) <= LONGEST_SUBJECT or not 0 < len(text) <= LONGEST_TEXT:
        raise _refuse(f"标题和正文都要写，标题不超过 {LONGEST_SUBJECT} 字，正文不超过 {LONGEST_TEXT:,} 字", "text")
    if any(map(first_not_storable, (address, subject, text, link, dedup_key))):
        raise _refuse("标题、正文或地址里有不能使用的字符", "text")
    if not 0 < len(dedup_key) <= LONGEST_KEY:
        raise _refuse(f"去重标识应有 1 到 {LONGEST_KEY} 个字符", "dedup_key")
    if link and (not link.startswith("/") or link.startswith("//") or "\\" in link or len(link) > 300):
        raise _refuse("办理页面应是本站的地址", "link")
    if channel == Notice.Channel.EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            raise _refuse("电子邮件地址写得不对", "address") from None


def notice_create(
    *,
    channel: str,
    subject: str,
    text: str,
    cause: tuple[str, object],
    dedup_key: str,
    now: datetime,
    user: Any = None,
    address: str = "",
    link: str = "",
    confidential: bool = False,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    asks: bool = False,
) -> Notice:
    """Write a message, in the caller's transaction: what is rolled back is not sent. It leaves after the commit.

    Args:
        channel: one of Notice.Channel.
        subject: one line, at most 200 characters.
        text: plain text, at most 20,000 characters.
        cause: what it is about, as (``app.model``, number).
        dedup_key: names this message for ever, e.g. ``announcement:17:published:user:5``; a second one of the same
            name is not written.
        now: aware time.
        user: the recipient in the inbox.
        address: the recipient elsewhere (an e-mail address; for files whatever names it).
        link: the page on which one acts on it, an address of this site (``/staff/…``).
        confidential: recipient, subject and text are encrypted, and shown to no administrator. Whose inbox it
            arrives in can be seen in the database all the same: what must not be known is not sent in-site.
        not_before: not sent earlier.
        expires_at: not sent later.
        asks: it asks its reader to do the next step of what it is about (``notices.services.moves`` settles it).

    Returns:
        The notice, or the one that has this ``dedup_key`` already.

    Raises:
        BusinessError: ``bad_notice``: it could not be sent as it is.
    """
    subject = one_line(subject)
    _check(channel=channel, user=user, address=address, subject=subject, text=text, link=link, dedup_key=dedup_key)
    begin = max(now, not_before or now)
    if expires_at is not None and expires_at <= begin:
        raise _refuse("失效时间应晚于发送时间", "expires_at")
    stored = fields_stored(
        user=user, address=address, subject=subject, text=text, dedup_key=dedup_key, confidential=confidential
    )
    times = {"created_at": now, "not_before": begin, "next_try_at": begin, "enqueued_at": now, "expires_at": expires_at}
    fixed = {"channel": channel, "confidential": confidential, "link": link, "asks": asks}
    about = {"cause_type": cause[0], "cause_id": str(cause[1])}
    notice, created = Notice.objects.get_or_create(dedup_key=dedup_key, defaults={**stored, **times, **fixed, **about})
    if created and begin <= now:
        transaction.on_commit(lambda: notice_enqueue(notice.pk))
    return notice


def _record(notice: Notice, action: str, *, by: Any, now: datetime, address: str) -> None:
    action_record(
        tag=Tag.UPKEEP,
        by=by,
        now=now,
        subject=f"notices.notice:{notice.pk}",
        detail={"action": action, "channel": str(notice.channel), "cause": f"{notice.cause_type}:{notice.cause_id}"},
        address=address,
    )


def notice_retry(*, number: int, by: Any, now: datetime, address: str = "") -> None:
    """Send a failed notice again, with as many attempts as a new one; for the system administrator, logged.

    Raises:
        BusinessError: ``wrong_state``: it has not failed; ``expired``: its time is over.
    """
    with transaction.atomic():
        failed = Notice.objects.filter(pk=number, status=Notice.Status.FAILED)
        if failed.filter(expires_at__lte=now).exists():
            raise BusinessError("没有重新发送：这条通知已过失效时间，发出去也没有用了。", "expired")
        if not failed.update(status=Notice.Status.WAITING, attempts=0, next_try_at=now, enqueued_at=now, problem=""):
            raise BusinessError("没有重新发送：只有未送达的通知才能重新发送，请刷新页面看现在的状态。", "wrong_state")
        notice = Notice.objects.get(pk=number)
        _record(notice, "retry", by=by, now=now, address=address)
        transaction.on_commit(lambda: notice_enqueue(number))


def notice_cancel(*, number: int, by: Any, now: datetime, address: str = "") -> None:
    """Give up a notice that waits or has failed; for the system administrator, logged.

    Raises:
        BusinessError: ``wrong_state``: it is being sent, sent, or cancelled.
    """
    with transaction.atomic():
        open_ones = Notice.objects.filter(pk=number, status__in=[Notice.Status.WAITING, Notice.Status.FAILED])
        if not open_ones.update(status=Notice.Status.CANCELLED):
            raise BusinessError(
                "没有取消：只有待发送或未送达的通知才能取消，这一条正在发送、已发送或已取消，请刷新页面。",
                "wrong_state",
            )
        _record(Notice.objects.get(pk=number), "cancel", by=by, now=now, address=address)
