"""Publication: a draft becomes an announcement, at its time, once, with its leaf in the same transaction."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from accounts.models import User
from core.errors import BusinessError
from core.moments import SHANGHAI, minute_words
from notices.models import Notice
from notices.services import notice_create
from tenders.drafts import draft_url
from tenders.lines import AnnouncementLine, RefusedLine, announcement_line
from tenders.models import Announcement, AnnouncementDraft, Category
from tenders.models.drafts import DraftState
from tenders.services.announcements import IMPORTED, announcements_put
from tenders.version import content_version_bump
from workflow.models import StateChange
from workflow.selectors import changes_of
from workflow.services import move

log = logging.getLogger(__name__)
# A large import holds the lock for a batch; a publication waits for it, but not for ever.
LOCK_SECONDS = 60
LOCK_TIMEOUT = "55P03"


def external_id_of(draft: AnnouncementDraft) -> str:
    """The identity of what a draft publishes, in the center's own name: a second attempt meets the first one's."""
    return f"own-{draft.pk}"


def draft_fields(draft: AnnouncementDraft) -> dict[str, Any]:
    """The structured fields as they are published: what has a value, the region, the medium, what it is about."""
    fields: dict[str, Any] = {name: value for name, value in draft.fields.items() if str(value or "").strip()}
    if "new_deadline" in fields:
        fields["deadline"] = fields.pop("new_deadline")
    if draft.region:
        fields["region"] = draft.region
    if draft.medium_name and draft.medium_url and draft.medium_at:
        at = draft.medium_at.astimezone(SHANGHAI).isoformat(timespec="minutes")
        fields["medium"] = {"name": draft.medium_name, "url": draft.medium_url, "first_published": at}
    if draft.target is not None:
        fields["corrects"] = draft.target.external_id
        fields["corrects_announcement"] = draft.target.pk
        fields["relation"] = draft.template.relation
        fields["change"] = draft.target_change
    return fields


def draft_line(draft: AnnouncementDraft, *, now: datetime) -> AnnouncementLine:
    """The announcement that a draft would be, as an import would bring it.

    Raises:
        BusinessError: ``invalid``: what no import would take either.
    """
    value = {
        "id": external_id_of(draft),
        "category": draft.category,
        "type": draft.template.type,
        "title": draft.title,
        "published": now.astimezone(SHANGHAI).replace(microsecond=0).isoformat(),
        "text": draft.text,
        "fields": draft_fields(draft),
        "source": {"name": settings.CONFIG.SITE_NAME},
        "attachments": [
            {"name": one.name, "sha256": one.file.sha256, "size": one.file.size, "file": one.name}
            for one in draft.attachments.select_related("file")
            if not one.is_paper
        ],
    }
    try:
        return announcement_line(value, frozenset(Category.objects.values_list("name", flat=True)))
    except RefusedLine as refusal:
        raise BusinessError(f"不能发布：{refusal.reason}", "invalid") from refusal


def publish_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``publish``: the announcement, its canonical bytes, search entry and leaf, in the move's transaction.

    Raises:
        BusinessError: ``busy`` when an import holds the lock for too long; ``invalid``, ``differs``.
    """
    line = draft_line(draft, now=now)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        outcome = announcements_put(lines=[line], now=now)[0]
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_TIMEOUT:
            raise
        raise BusinessError("不能发布：正在导入大批公告，请过几分钟再试。", "busy") from error
    if outcome != IMPORTED:
        raise BusinessError(f"不能发布：编号 {line.external_id} 的公告已经在库，请联系信息科核对。", outcome)
    draft.announcement = Announcement.objects.get(source_name=line.source_name, external_id=line.external_id)
    draft.save(update_fields=["announcement"])
    transaction.on_commit(content_version_bump, robust=True)


def drafts_due(*, now: datetime) -> list[int]:
    """Numbers of the drafts whose time has come, in order of their time: whatever was missed is among them."""
    rows = AnnouncementDraft.objects.filter(state=DraftState.SCHEDULED, publish_at__lte=now)
    return list(rows.order_by("publish_at", "pk").values_list("pk", flat=True))


def _refusal_tell(draft: AnnouncementDraft, sentence: str, now: datetime) -> None:
    """Tell drafter and checker, once a day, that what they wait for is not published, and why."""
    history = changes_of(draft)
    hands = {pk for one in history for pk in (one.by_id, one.on_behalf_of_id) if pk}
    day = now.astimezone(SHANGHAI).date().isoformat()
    with transaction.atomic():
        for user in User.objects.filter(pk__in=hands, is_active=True).order_by("pk"):
            notice_create(
                channel=Notice.Channel.IN_SITE,
                user=user,
                subject=f"到时间没有发布：{draft.title}"[:200],
                text=f"公告稿“{draft.title}”定于 {minute_words(draft.publish_at or now)} 发布，没有发布。{sentence}\n"
                "请打开查看；需要修改的，由复核人退回，改好后重新提交。",
                cause=("tenders.announcementdraft", draft.pk),
                dedup_key=f"tenders.announcementdraft:{draft.pk}:refused:{day}:user:{user.pk}",
                link=draft_url(draft),
                now=now,
            )


def drafts_publish_due(*, now: datetime) -> tuple[list[int], list[tuple[int, str]]]:
    """Publish what is due, each in its own transaction: one that may not be published holds up no other.

    Safe to run at any time, twice, and in several processes: a draft that another one published is passed over.

    Args:
        now: the moment of the run; dates are judged by it, so that a late run publishes nothing unlawful.

    Returns:
        Numbers of the drafts published, and of those that could not be, with the sentence.
    """
    done: list[int] = []
    refused: list[tuple[int, str]] = []
    for pk in drafts_due(now=now):
        draft = AnnouncementDraft.objects.filter(pk=pk).first()
        if draft is None:
            continue
        try:
            move(draft, "publish", by=None, now=now)
            done.append(pk)
        except BusinessError as error:
            if error.code in ("wrong_state", "gone"):
                continue  # another process was quicker
            log.warning("draft %s is not published: %s", pk, error.code)
            _refusal_tell(draft, error.message, now)
            refused.append((pk, error.message))
    return done, refused
