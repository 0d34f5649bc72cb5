"""Reads of the notices app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from audit.words import subject_words
from core.errors import BusinessError
from notices.models import InboxItem, Notice
from notices.sealed import message_open

PAGE = 20
MOST_UNREAD = 100
OPEN = (Notice.Status.FAILED, Notice.Status.CLAIMED, Notice.Status.WAITING)


@dataclass(frozen=True)
class Letter:
    """A message of the inbox in the clear."""

    number: int
    subject: str
    text: str
    link: str
    arrived_at: datetime
    read_at: datetime | None
    settled: bool
    asks: bool


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox: all unread ones (the newest 100), then the others; ``older`` is the next page's cursor."""

    unread: list[Letter]
    read: list[Letter]
    older: int
    newest: int


@dataclass(frozen=True)
class Outbox:
    """What an administrator sees of the outbox: numbers by status, and a page of rows of one of them."""

    counts: list[tuple[str, str, int]]
    status: str
    rows: list[Notice]
    older: int


def unread_count(user: Any) -> int:
    """How many messages ``user`` has not read, but for those that ask for what is done; one query, on an index."""
    return _unread(user).count()


def _unread(user: Any) -> QuerySet[InboxItem]:
    return InboxItem.objects.filter(user_id=user.pk, read_at__isnull=True, notice__settled_at__isnull=True)


def unread_of(*, user: Any, now: datetime) -> int:
    """The same as the staff navigation asks for it (accounts.navigation)."""
    return unread_count(user)


def _cursor(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BusinessError("翻页位置有误，请从第一页重新翻看。", "bad_cursor")
    return int(text)


def _letter(item: InboxItem) -> Letter:
    try:
        message = message_open(item.notice)
        subject, text = message.subject, message.text
    except BusinessError as error:
        subject, text = "（保密消息，暂时读不出）", error.message
    settled = item.notice.settled_at is not None
    return Letter(item.pk, subject, text, item.notice.link, item.arrived_at, item.read_at, settled, item.notice.asks)


def inbox(user: Any, *, before: str = "") -> Inbox:
    """A page of a person's inbox, in two queries.

    Args:
        user: whose.
        before: the cursor of the page, empty for the first.

    Raises:
        BusinessError: ``bad_cursor``.
    """
    own = InboxItem.objects.filter(user_id=user.pk).select_related("notice").order_by("-pk")
    number = _cursor(before)
    unread = [] if number else list(_unread(user).select_related("notice").order_by("-pk")[:MOST_UNREAD])
    read = own.filter(Q(read_at__isnull=False) | Q(notice__settled_at__isnull=False))
    rows = list((read.filter(pk__lt=number) if number else read)[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else 0
    newest = unread[0].pk if unread else 0
    return Inbox([_letter(i) for i in unread], [_letter(i) for i in rows[:PAGE]], older, newest)


def outbox(*, status: str = "", before: str = "") -> Outbox:
    """A page of the outbox for the system administrator, in two queries; no texts, addresses shortened.

    Args:
        status: one of Notice.Status; by default the failed ones, where there are any, else those that wait, else the
            sent ones.
        before: the cursor of the page.

    Raises:
        BusinessError: ``bad_cursor``, ``bad_filter``.
    """
    if status and status not in Notice.Status.values:
        raise BusinessError("没有这种状态，请从页面上选择。", "bad_filter")
    number = _cursor(before)
    found = dict(Notice.objects.order_by().values_list("status").annotate(Count("pk")))
    first = (one for one in (Notice.Status.FAILED, Notice.Status.WAITING) if found.get(one))
    chosen = status or next(first, Notice.Status.SENT)
    rows = Notice.objects.filter(status=chosen).select_related("user").order_by("-pk").defer("text")
    page = list((rows.filter(pk__lt=number) if number else rows)[: PAGE + 1])
    counts = [(value, str(label), found.get(value, 0)) for value, label in Notice.Status.choices]
    return Outbox(counts, str(chosen), page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else 0)


def outbox_waiting() -> float:
    """Messages that are not sent yet, for /metrics."""
    return float(Notice.objects.filter(status__in=(Notice.Status.WAITING, Notice.Status.CLAIMED)).count())


def outbox_failed() -> float:
    """Messages that were given up, for /metrics."""
    return float(Notice.objects.filter(status=Notice.Status.FAILED).count())


def recipient_shown(notice: Notice) -> str:
    """To whom, as an administrator may see it: a confidential one not at all, an address shortened."""
    if notice.confidential:
        return "（保密）"
    if notice.user is not None:
        return str(notice.user)
    name, at, domain = notice.recipient.partition("@")
    return f"{name[:2]}***{at}{domain}" if at else f"{notice.recipient[:3]}***"


def subject_shown(notice: Notice) -> str:
    """The subject, where an administrator may see it."""
    return "（保密）" if notice.confidential else notice.subject


def cause_shown(notice: Notice) -> str:
    """What it is about, by the Chinese name of its model."""
    if notice.cause_type == "audit.checkpoint":
        return f"存证日志检查点 {notice.cause_id}"
    return subject_words(f"{notice.cause_type}:{notice.cause_id}")
