"""Withheld attachments: encrypted before the masking, removed in the clear after it, read with a reason."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from django.db import IntegrityError, transaction

from accounts.duties import Duty
from accounts.selectors import duties_of
from audit.services import unmask_record
from core.errors import BusinessError
from core.sealing import file_unseal
from documents.models import StoredFile
from documents.selectors import file_open, file_uses
from documents.services import content_remove, content_take_in, file_seal
from tenders.masking import ATTACHMENT, Piece, places, record_read
from tenders.models import Announcement, Attachment, DraftAttachment, MaskingRequest, SealedFile
from tenders.models.masking import MaskingState

log = logging.getLogger(__name__)


def _context(announcement_id: int, position: int) -> str:
    return f"tenders.SealedFile:{announcement_id}:{position}"


def same_content(content: bytes, chosen: Iterable[int]) -> list[int]:
    """``chosen`` attachments of a record, and every other one that is the same bytes; positions from 0."""
    attached = record_read(content).get("attachments", [])
    wanted = set(chosen)
    digests = {attached[n].get("sha256") for n in wanted if n < len(attached)} - {None, ""}
    return sorted(wanted | {n for n, one in enumerate(attached) if one.get("sha256") in digests})


def withheld_positions(content: bytes, pieces: Sequence[Piece]) -> list[int]:
    """Positions of the attachments that pieces withhold as a whole."""
    begins = {begin for begin, _, kind in pieces if kind == ATTACHMENT}
    whole = [one for one in places(record_read(content)) if len(one.path) == 2 and one.path[0] == "attachments"]
    return [int(one.path[1]) for one in whole if one.begin in begins]


def _kept(announcement_id: int, positions: Iterable[int]) -> list[tuple[int, StoredFile]]:
    """Those of the attachments whose content is kept here, with it."""
    rows = Attachment.objects.filter(announcement_id=announcement_id, position__in=list(positions), stored=True)
    files = {one.sha256: one for one in StoredFile.objects.filter(sha256__in=rows.values("sha256"))}
    return [(row.position, files[row.sha256]) for row in rows.order_by("position") if row.sha256 in files]


def files_seal(announcement_id: int, positions: Iterable[int], *, now: datetime) -> list[SealedFile]:
    """Encrypted copies of attachments in the storage, for rows not yet written; not inside a transaction."""
    return [
        SealedFile(
            position=position, clear=stored,
            sealed=file_seal(stored=stored, context=_context(announcement_id, position), now=now),
        )
        for position, stored in _kept(announcement_id, positions)
    ]  # fmt: skip


def files_missing(request: MaskingRequest, positions: Iterable[int]) -> bool:
    """Whether an attachment that is withheld has no encrypted copy (a request of before there were any)."""
    sealed = set(request.sealed_files.values_list("position", "clear_id"))
    return any((position, stored.pk) not in sealed for position, stored in _kept(request.announcement_id, positions))


def uses_elsewhere(request: MaskingRequest) -> list[str]:
    """Where the withheld contents are shown besides this announcement and its own draft: then the clear copy stays."""
    found = []
    for one in request.sealed_files.select_related("clear"):
        for use in file_uses(one.clear.sha256):
            if words := _use_words(use, request.announcement_id):
                found.append(words)
    return list(dict.fromkeys(found))


def _use_words(use: Any, announcement_id: int) -> str:
    if isinstance(use, Attachment):
        other = Announcement.objects.filter(pk=use.announcement_id).exclude(pk=announcement_id).first()
        return f"公告“{other.title}”（编号 {other.pk}）" if other else ""
    if isinstance(use, DraftAttachment):
        return "" if use.draft.announcement_id == announcement_id else f"公告稿“{use.draft.title}”"
    return f"{use._meta.verbose_name}“{use.name}”"


def files_clear(*, now: datetime) -> int:
    """Remove the clear copies of what confirmed maskings withhold, unless somebody else shows the same content.

    Safe to run at any time and twice: after the commit, and again by the task that sweeps.

    Returns:
        How many were removed.
    """
    rows = SealedFile.objects.filter(masking__state=MaskingState.CONFIRMED, clear__removal__isnull=True)
    count = 0
    for one in rows.select_related("clear", "sealed", "masking").order_by("pk"):
        if file_uses(one.clear.sha256):
            continue
        try:
            if not content_remove(stored=one.clear, now=now):
                _put_back(one)
            count += 1
        except BusinessError as error:
            log.warning("clear copy of sealed file %s stays: %s", one.pk, error.code)
    return count


def _put_back(one: SealedFile) -> None:
    """Somebody stored the same content in the moment of its removal: theirs must not be lost."""
    with TemporaryFile() as clear:
        clear.writelines(_pieces(one))
        clear.seek(0)
        content_take_in(content=clear, sha256=one.clear.sha256)


def _pieces(one: SealedFile) -> Iterator[bytes]:
    with file_open(one.sealed) as source:
        yield from file_unseal(source, context=_context(one.masking.announcement_id, one.position))


def sealed_file_read(*, file: SealedFile, by: Any, now: datetime, reason: str, address: str = "") -> Iterator[bytes]:
    """Show a person a sealed attachment; the audit row is written first.

    Raises:
        BusinessError: ``not_allowed``, ``reason_missing``, ``reason_long``, ``key_missing``, ``not_readable``,
            ``file_missing``.
    """
    if Duty.MASKING not in duties_of(by, now=now):
        raise BusinessError("不能查看封存的附件：您没有个人信息遮蔽的职责。", "not_allowed")
    with transaction.atomic():
        unmask_record(
            by=by, now=now, subject=f"tenders.announcement:{file.masking.announcement_id}",
            field=f"封存的第 {file.position + 1} 个附件", reason=reason, address=address,
        )  # fmt: skip
    return _pieces(file)


def open_request_refusal(error: IntegrityError) -> BusinessError | None:
    """Of two requests for one announcement at once the second meets the database: the sentence for it."""
    if "tenders_masking_one_open" not in str(error):
        return None
    return BusinessError("不能申请遮蔽：这份公告已有一份遮蔽申请在等确认，请先办完那一份。", "busy")
