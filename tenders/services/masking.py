"""Masking (遮蔽) by two persons: gone at once from everywhere, the original sealed, a leaf of its own.

Sources: 个人信息保护法 arts 47, 51, 57; contracts: transparency log (``redaction``), announcements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.duties import Duty
from accounts.selectors import duties_of
from audit.log_services import log_append
from audit.services import unmask_record
from core import keys
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.text import one_line
from notices.services import notices_rewrite
from tenders.drafts import draft_parts, words_active
from tenders.facts import Facts, facts_of
from tenders.log import REDACTION
from tenders.masking import (
    ATTACHMENT,
    Piece,
    insert_at,
    masked,
    piece_texts,
    pieces_find,
    record_read,
    without,
)
from tenders.models import (
    Announcement,
    AnnouncementDraft,
    AnnouncementRecord,
    MaskingRequest,
    Region,
    SealedFile,
    SealedOriginal,
)
from tenders.models.masking import MaskingState
from tenders.scan import digits_of, matters, scan, scan_parts
from tenders.services.sealed_files import (
    files_clear,
    files_missing,
    files_seal,
    open_request_refusal,
    same_content,
    withheld_positions,
)
from tenders.services.search import search_entry_renew
from tenders.version import content_version_bump
from workflow.models import StateChange
from workflow.services import create

SHORTEST_REASON = 4
# Fewer digits are an amount or a date as well.
SHORTEST_NUMBER = 6
REFUSED = "42501"
# How long a masking is told to the caches again, should the process have died right after its commit.
TOLD = timedelta(minutes=3)


def _context(announcement_id: int) -> str:
    return f"tenders.SealedOriginal:{announcement_id}"


def reason_read(reason: str, texts: Sequence[str], *, today: date) -> str:
    """The reason of a request, which stays for ever: it tells why, and nothing of what is masked.

    Args:
        reason: as entered.
        texts: that are to be masked.
        today: no identity number is of somebody born later.

    Raises:
        BusinessError: ``reason_missing``, ``reason_tells``.
    """
    said = one_line(reason)
    if len(said) < SHORTEST_REASON or len(said) > 500:
        raise BusinessError("不能申请遮蔽：请写明理由，4 至 500 个字。", "reason_missing", field="reason")
    numbers = [number for number in map(digits_of, texts) if len(number) >= SHORTEST_NUMBER]
    written = digits_of(said)
    if (
        any(text in said for text in texts)
        or any(number in written for number in numbers)
        or scan(said, [], today=today)
    ):
        raise BusinessError(
            "不能申请遮蔽：理由里写着要遮蔽的内容或号码。理由会一直保留，"
            "请只写是哪一类信息、为什么遮蔽，例如“误公布身份证号”。",
            "reason_tells",
            field="reason",
        )
    return said


def masking_request(
    *,
    announcement: Announcement,
    texts: Sequence[str],
    attachments: Sequence[int] = (),
    reason: str,
    by: Any,
    now: datetime,
    address: str = "",
) -> MaskingRequest:
    """Ask for the masking of some texts of a published announcement, wherever they stand in it.

    Args:
        announcement: the announcement.
        texts: exactly as published; every occurrence in title, text, structured fields and names of attachments.
        attachments: positions (from 0) of attachments that are withheld as a whole.
        reason: why, in a person's words.
        by: who asks (duty masking).
        now: aware time of the request.
        address: the visitor's IP address.

    Raises:
        BusinessError: ``reason_missing``, ``reason_tells``, ``not_found``, ``too_short``, ``nothing``, ``too_many``; as
            workflow.services.create (``busy`` when another request for it is open).
    """
    content = bytes(AnnouncementRecord.objects.get(pk=announcement.pk).content)
    chosen = same_content(content, attachments)
    pieces = pieces_find(content, texts, chosen)
    said = reason_read(reason, piece_texts(content, pieces), today=now.astimezone(SHANGHAI).date())
    if MaskingRequest.objects.filter(announcement=announcement, state=MaskingState.REQUESTED).exists():
        raise BusinessError("不能申请遮蔽：这份公告已有一份遮蔽申请在等确认，请先办完那一份。", "busy")
    # The storage is no part of a transaction: sealed copies come first, a request that fails leaves nothing readable.
    sealed = files_seal(announcement.pk, chosen, now=now) if chosen else []
    request = MaskingRequest(
        announcement=announcement,
        reason=said,
        pieces=[list(piece) for piece in pieces],
        insert_at=insert_at(content),
        before_sha256=hashlib.sha256(content).hexdigest(),
        requested_by=by,
        requested_at=now,
    )
    try:
        with transaction.atomic():
            create(request, by=by, now=now, address=address)
            for one in sealed:
                one.masking = request
            SealedFile.objects.bulk_create(sealed)
    except IntegrityError as error:
        if refusal := open_request_refusal(error):
            raise refusal from error
        raise
    return request


def pieces_of(request: MaskingRequest) -> list[Piece]:
    """The pieces of a request as tenders.masking has them."""
    return [(begin, end, kind) for begin, end, kind in request.pieces]


def confirm_record(
    request: MaskingRequest, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``confirm``: seal, mask, enter into search anew, append the leaf; all in the move's transaction."""
    content = bytes(AnnouncementRecord.objects.get(pk=request.announcement_id).content)
    before, pieces = hashlib.sha256(content).hexdigest(), pieces_of(request)
    if before != request.before_sha256:
        raise BusinessError("不能确认遮蔽：申请之后这份公告又做过遮蔽，请撤回后重新申请。", "blocked")
    positions = withheld_positions(content, pieces)
    if files_missing(request, positions):
        raise BusinessError("不能确认遮蔽：要整份遮蔽的附件还没有封存件，请撤回后重新申请。", "blocked")
    texts = piece_texts(content, pieces)
    new = masked(content, pieces, record_read(content).get("original_sha256", before))
    digest = hashlib.sha256(new).hexdigest()
    request.confirmed_by, request.confirmed_at = by, now
    request.save(update_fields=["confirmed_by", "confirmed_at"])
    SealedOriginal.objects.create(
        masking=request,
        announcement_id=request.announcement_id,
        content=keys.encrypt(content.decode(), context=_context(request.announcement_id)),
        sha256=before,
        masked_sha256=digest,
        sealed_at=now,
    )
    record = record_read(new)
    _mask_rows(request, facts_of(record["fields"], record["text"]), digest)
    search_entry_renew(number=request.announcement_id)
    _mask_reasons(request, texts)
    _mask_drafts(request, texts, any(kind == ATTACHMENT for _, _, kind in pieces))
    log_append(entries=[(REDACTION, str(request.announcement_id), digest)], now=now)
    transaction.on_commit(content_version_bump, robust=True)
    transaction.on_commit(lambda: files_clear(now=now), robust=True)


def _mask_rows(request: MaskingRequest, facts: Facts, digest: str) -> None:
    """Have the database mask exactly what the request says (migration 0009); it computes the bytes itself."""
    if facts.region:
        Region.objects.get_or_create(name=facts.region)
    values = (
        facts.project_code, facts.unified_deal_code, facts.purchaser, facts.agency, facts.supplier, facts.place,
        facts.deadline, facts.budget, facts.region or None,
    )  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tenders_mask(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [request.pk, *values, request.confirmed_at],
            )
            found = cursor.fetchone()[0]
    except ProgrammingError as error:
        if getattr(error.__cause__, "pgcode", "") != REFUSED:
            raise
        raise BusinessError("不能确认遮蔽：数据库核对后没有同意，请把要遮蔽的文字选得更准些。", "refused") from error
    if found != digest:
        raise BusinessError("不能确认遮蔽：数据库算出的内容与预览不同，请联系信息科。", "refused")


def _mask_reasons(request: MaskingRequest, texts: Sequence[str]) -> None:
    """What earlier requests about the announcement, given up ones too, say of it in their reasons."""
    for pk, reason in MaskingRequest.objects.filter(announcement_id=request.announcement_id).values_list(
        "pk", "reason"
    ):
        if (left := without(reason, texts)) != reason:
            MaskingRequest.objects.filter(pk=pk).update(reason=left[:500])


def _mask_drafts(request: MaskingRequest, texts: Sequence[str], withheld: bool) -> None:
    """Copies in the drafts: of the announcement itself, and of those about it."""
    own = AnnouncementDraft.objects.filter(announcement_id=request.announcement_id)
    about = AnnouncementDraft.objects.filter(target_id=request.announcement_id)
    words = words_active()
    gone = set(request.sealed_files.values_list("clear_id", flat=True))
    told = MaskingRequest.objects.filter(announcement_id=request.announcement_id).values_list("pk", flat=True)
    notices_rewrite(cause_type="tenders.maskingrequest", cause_ids=told, change=lambda text: without(text, texts))
    for draft in own.union(about):
        notices_rewrite(
            cause_type="tenders.announcementdraft", cause_ids=[draft.pk], change=lambda text: without(text, texts)
        )
        for name in ("title", "text", "target_change", "exception_reason", "secrecy_conclusion"):
            setattr(draft, name, without(getattr(draft, name), texts))
        draft.fields = {name: without(str(value), texts) for name, value in draft.fields.items()}
        draft.save(update_fields=["title", "text", "target_change", "exception_reason", "secrecy_conclusion", "fields"])
        for file in draft.attachments.all():
            if file.file_id in gone or (withheld and file.name in texts and draft.announcement_id):
                file.delete()
            elif (name := without(file.name, texts)) != file.name:
                file.name = name
                file.save(update_fields=["name"])
        left = matters(scan_parts(draft_parts(draft), words, today=request.requested_at.date()))
        draft.answers.exclude(key__in=[one.key for one in left]).delete()


def sealed_open(sealed: SealedOriginal) -> bytes:
    """The canonical record as it was, for checks by the machine (log_verify); people go through original_read.

    Raises:
        BusinessError: the key is missing (``key_missing``) or the text is damaged (``not_readable``).
    """
    return keys.decrypt(sealed.content, context=_context(sealed.announcement_id)).encode()


def original_read(*, sealed: SealedOriginal, by: Any, now: datetime, reason: str, address: str = "") -> dict[str, Any]:
    """Show a person the sealed original; the audit row is written first, and stays whatever happens then.

    Args:
        sealed: which one.
        by: who reads it (duty masking).
        now: aware time.
        reason: why, a sentence.
        address: the visitor's IP address.

    Returns:
        The canonical record as it was.

    Raises:
        BusinessError: ``not_allowed`` (written to the audit log as well), ``reason_missing``, ``reason_long``,
            ``key_missing``, ``not_readable``.
    """
    if Duty.MASKING not in duties_of(by, now=now):
        raise BusinessError("不能查看封存的原文：您没有个人信息遮蔽的职责。", "not_allowed")
    with transaction.atomic():
        unmask_record(
            by=by, now=now, subject=f"tenders.announcement:{sealed.announcement_id}", field="封存的公告原文",
            reason=reason, address=address,
        )  # fmt: skip
    return record_read(sealed_open(sealed))


def maskings_told(*, now: datetime) -> bool:
    """Tell the caches once more of maskings of the last minutes: a process may have died between commit and telling."""
    recent = MaskingRequest.objects.filter(state=MaskingState.CONFIRMED, confirmed_at__gt=now - TOLD).exists()
    if recent:
        content_version_bump()
    files_clear(now=now)
    return recent
