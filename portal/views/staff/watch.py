"""网站巡查: what the last look at the site found and what to do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from portal.rulebook import FRESHNESS
from portal.selectors.watch import watch_page
from portal.tasks import site_watch_asked
from portal.views.staff.common import now_of

WATCH = (Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD)


@duty_required(*WATCH)
@require_GET
def site_watch(request: HttpRequest) -> HttpResponse:
    """The last finished run with its findings by kind."""
    page = watch_page(now=now_of(request))
    return render(request, "portal/staff/site_watch.html", {"page": page, "rules": FRESHNESS, "now": now_of(request)})


@duty_required(*WATCH)
@require_POST
def site_watch_now(request: HttpRequest) -> HttpResponse:
    """Ask the worker for a look now."""
    site_watch_asked.delay()
    messages.success(request, "已通知后台开始巡查，几分钟后刷新本页看结果。")
    return HttpResponseRedirect(reverse("staff_site_watch"))
