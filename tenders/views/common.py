"""What the staff views of this app share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from accounts.duties import Duty
from core.errors import BusinessError
from tenders import drafts as reads
from tenders.models import Announcement, AnnouncementDraft, MaskingRequest
from tenders.models.drafts import DraftState
from workflow.actors import actor_of
from workflow.registry import table_of
from workflow.selectors import changes_of, moves_for
from workflow.views.common import number_of

DRAFTERS = (Duty.ANNOUNCEMENT_DRAFT,)
READERS = (
    Duty.ANNOUNCEMENT_DRAFT, Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR,
)  # fmt: skip
# Moves that have pages of their own.
OWN_PAGES = frozenset({"save", "check"})
ENDINGS = frozenset({"withdraw"})


def now_of(request: HttpRequest) -> Any:
    """The moment of the request."""
    return request.now  # type: ignore[attr-defined]


def draft_of(request: HttpRequest, pk: int) -> AnnouncementDraft:
    """A draft that the visitor may see; 404 otherwise."""
    now = now_of(request)
    rows = reads.drafts_visible(reads.draft_rows(now=now), actor=actor_of(request.user, now=now))
    found: AnnouncementDraft | None = rows.select_related("secrecy_by").filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def masking_of(request: HttpRequest, pk: int) -> MaskingRequest:
    """A masking request that the visitor may see; 404 otherwise."""
    now = now_of(request)
    rows = reads.maskings_visible(reads.masking_rows(now=now), actor=actor_of(request.user, now=now))
    found: MaskingRequest | None = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def target_of(given: str | None) -> Announcement | None:
    """The published announcement of a number in a request; None when none is given.

    Raises:
        BusinessError: it is no number, or there is no such announcement.
    """
    if not (given or "").strip():
        return None
    try:
        number = number_of(given)
    except BusinessError as refusal:
        raise BusinessError("公告编号应是数字；不知道编号的，按标题或者项目编号查找。", "invalid") from refusal
    found: Announcement | None = Announcement.objects.filter(pk=number).first()
    if found is None:
        raise BusinessError(f"没有编号为 {number} 的已发布公告，请按标题或者项目编号查找。", "invalid")
    return found


# Why a draft is not edited any more, and what to do.
CLOSED = {
    DraftState.SUBMITTED: "已提交复核，复核期间不能修改；需要修改的，请复核人退回",
    DraftState.CHECKED: "已复核通过，不能修改；需要修改的，请复核人退回",
    DraftState.SCHEDULED: "等待发布，不能修改；需要修改的，请复核人退回",
    DraftState.PUBLISHED: "已经发布，不能修改；有错的，请另发更正公告",
    DraftState.WITHDRAWN: "已经撤回，不再办理；仍需发布的，请另拟一份",
}


def closed_words(draft: AnnouncementDraft) -> str:
    """Why this draft cannot be edited, with what to do; empty while it can."""
    found = CLOSED.get(DraftState(draft.state))
    return f"这份公告稿{found}。" if found else ""


def object_context(request: HttpRequest, obj: Any) -> dict[str, Any]:
    """State, history and buttons of an object."""
    now, history, table = now_of(request), changes_of(obj), table_of(obj)
    verdicts = moves_for(obj, by=request.user, now=now, history=history)
    return {
        "table": table, "history": history, "now": now, "state": table.state_label(obj.state),
        "seen": history[-1].number if history else 0, "done": request.GET.get("done", ""),
        "moves": [one for one in verdicts if one.move.name not in OWN_PAGES],
        # What goes on with it comes first, what ends it stands apart.
        "steps": [one for one in verdicts if one.move.name not in OWN_PAGES | ENDINGS],
        "endings": [one for one in verdicts if one.move.name in ENDINGS],
        "own_moves": {one.move.name: one for one in verdicts if one.move.name in OWN_PAGES},
    }  # fmt: skip
