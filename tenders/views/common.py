"""What the staff views of this app share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from accounts.duties import Duty
from tenders import drafts as reads
from tenders.models import AnnouncementDraft, MaskingRequest
from workflow.actors import actor_of
from workflow.registry import table_of
from workflow.selectors import changes_of, moves_for

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
