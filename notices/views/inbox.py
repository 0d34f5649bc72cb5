"""The inbox of whoever works here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import duty_required
from core.errors import BusinessError
from notices.selectors import inbox
from notices.services import inbox_read, inbox_read_all


@duty_required(any_staff=True)
@require_safe
def inbox_list(request: HttpRequest) -> HttpResponse:
    page = inbox(request.user, before=request.GET.get("before", ""))
    return render(request, "notices/inbox.html", {"page": page, "first": "before" not in request.GET})


@duty_required(any_staff=True)
@require_POST
def inbox_open(request: HttpRequest, number: int) -> HttpResponse:
    item = inbox_read(number=number, by=request.user, now=request.now)  # type: ignore[attr-defined]
    to_object = item.notice.link and "stay" not in request.POST
    return HttpResponseRedirect(item.notice.link if to_object else reverse("notices:inbox"))


@duty_required(any_staff=True)
@require_POST
def inbox_all_read(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("up_to", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BusinessError("没有标为已读：页面上的内容不完整，请刷新消息列表后再试。", "bad_request")
    inbox_read_all(by=request.user, now=request.now, up_to=int(text))  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("notices:inbox"))
