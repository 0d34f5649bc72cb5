"""What the matrix of moves needs to know of the tables of this app (see tests.workflow.move_samples)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import duties_of
from tenders.models import AnnouncementDraft, MaskingRequest
from tenders.services.masking import masking_request
from tests.tenders.drafts import NOW, Cast, draft_move, input_of, make_draft, template_of
from tests.tenders.factories import make_announcement
from tests.workflow.people import make_staff
from workflow.moves import Move
from workflow.services import move

TEXT = "联系人赵试验，身份证号11010519491231002X。"
WAYS = {"requested": "", "confirmed": "confirm", "rejected": "reject", "withdrawn": "withdraw"}


def draft_sample(state: str, step: Move, person: User | None) -> tuple[AnnouncementDraft, dict[str, Any]]:
    """A draft in ``state`` to which ``person`` has written nothing, ready for ``step``."""
    cast = Cast.make()
    if person is not None and step.name == "withdraw" and Duty.ANNOUNCEMENT_DRAFT in duties_of(person, now=NOW):
        cast = replace(cast, maker=person)
    draft = make_draft(state, cast=cast)
    if state == "submitted" and step.name == "check":
        draft_move(draft, "secrecy_check", cast)
    return draft, input_of(step.name, draft)


def draft_unsaved(person: User) -> AnnouncementDraft:
    """A draft that ``person`` is about to begin."""
    template = template_of()
    return AnnouncementDraft(
        template=template, title="公告", text=template.skeleton, drafted_by=person, created_at=NOW, saved_at=NOW
    )


def masking_sample(state: str, step: Move, person: User | None) -> tuple[MaskingRequest, dict[str, Any]]:
    """A request in ``state``; ``person`` asked for it when only the asker may do ``step``."""
    asker = person if person and step.name == "withdraw" and state == "requested" else make_staff(Duty.MASKING)
    announcement = make_announcement(text=TEXT)
    request = masking_request(announcement=announcement, texts=["赵试验"], reason="误公布姓名", by=asker, now=NOW)
    if name := WAYS[state]:
        by = asker if name == "withdraw" else make_staff(Duty.MASKING)
        move(request, name, by=by, now=NOW, comment="不需要")
    return request, {}


def masking_unsaved(person: User) -> MaskingRequest:
    """A request that ``person`` is about to make."""
    return MaskingRequest(
        announcement=make_announcement(), reason="误公布姓名", pieces=[[10, 12, 0]], insert_at=5,
        before_sha256="0" * 64, requested_by=person, requested_at=NOW,
    )  # fmt: skip


IN_STATE = {"tenders.announcementdraft": draft_sample, "tenders.maskingrequest": masking_sample}
UNSAVED = {"tenders.announcementdraft": draft_unsaved, "tenders.maskingrequest": masking_unsaved}
