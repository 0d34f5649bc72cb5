"""The outbox as the system administrator sees it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from notices.selectors import cause_shown, outbox, recipient_shown, subject_shown
from notices.services import holds, notice_cancel, notice_retry

ACTIONS = {"retry": notice_retry, "cancel": notice_cancel}


@duty_required(Duty.SYSTEM_ADMIN)
@require_safe
def outbox_list(request: HttpRequest) -> HttpResponse:
    page = outbox(status=request.GET.get("status", ""), before=request.GET.get("before", ""))
    rows = [(notice, recipient_shown(notice), subject_shown(notice), cause_shown(notice)) for notice in page.rows]
    config = settings.CONFIG
    ways = {"mail": bool(config.NOTICE_EMAIL_URL), "outside": len(config.NOTICE_CHECKPOINT_TO), "holds": holds()}
    return render(
        request, "notices/outbox.html", {"page": page, "rows": rows, "folder": settings.NOTICE_OUTBOX, **ways}
    )


@duty_required(Duty.SYSTEM_ADMIN)
@require_POST
def outbox_act(request: HttpRequest, number: int) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise BusinessError("没有办理：不知道要重新发送还是取消，请回到发件箱再点一次。", "bad_request")
    now, address = request.now, request.address  # type: ignore[attr-defined]
    action(number=number, by=request.user, now=now, address=address)
    return HttpResponseRedirect(reverse("notices:outbox"))
