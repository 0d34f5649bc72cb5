"""The page of the second person: what the draft says beside what was found, the required ticked by the program."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from tenders.drafts import published_at_of
from tenders.models import AnnouncementDraft
from tenders.models.drafts import DraftState
from tenders.preview import published_parts
from tenders.services.publication import draft_line
from tenders.views.common import closed_words, draft_of, now_of
from tenders.views.drafts import draft_context
from workflow.services import move
from workflow.views.common import address_of, number_of, status_of


def _published(request: HttpRequest, draft: AnnouncementDraft) -> dict[str, Any]:
    """Everything that will be public, as the record will have it; or why it cannot be."""
    try:
        line = draft_line(draft, now=published_at_of(draft, now_of(request)))
        return {"parts": published_parts(draft, line)}
    except BusinessError as refusal:
        return {"parts": [], "parts_error": refusal.message}


@duty_required(Duty.ANNOUNCEMENT_CHECK)
@require_http_methods(["GET", "POST"])
def draft_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a draft; what is serious is confirmed one by one."""
    draft, error, status = draft_of(request, pk), "", 200
    if request.method == "GET" and draft.state in (DraftState.PUBLISHED, DraftState.WITHDRAWN):
        messages.warning(request, f"不必再复核：{closed_words(draft)}")
        return HttpResponseRedirect(reverse("staff_draft", args=[pk]))
    confirmed = request.POST.getlist("confirmed")
    if request.method == "POST":
        try:
            move(
                draft, "check", by=request.user, now=now_of(request), data={"confirmed": confirmed},
                comment=request.POST.get("comment", ""), address=address_of(request),
                seen=number_of(request.POST.get("seen"), "页面") or None,
            )  # fmt: skip
            return HttpResponseRedirect(reverse("staff_draft", args=[pk]) + "?done=check")
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    context = draft_context(request, draft) | {"error": error, "confirmed": confirmed} | _published(request, draft)
    return render(request, "tenders/draft_check.html", context, status=status)
