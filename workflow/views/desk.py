"""The desk, the director's page, the day sheet, and the desk as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import duty_required
from accounts.duties import Duty
from accounts.models import Department
from audit.log_selectors import day_end_printed
from core.errors import BusinessError
from workflow.actors import Actor, actor_of
from workflow.exports import desk_workbook
from workflow.moves import LEADERS
from workflow.selectors import desk as reads
from workflow.services.exports import export_record
from workflow.views.common import address_of, number_of

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VIEWS = {"today": "今天到期", "overdue": "已经逾期", "awaited": "别人在等您办", "waiting": "等别人办"}


def _tab(request: HttpRequest, actor: Actor) -> str:
    tab = request.GET.get("tab", "todo")
    return tab if tab in reads.TABS and (tab != "watch" or reads.may_watch(actor)) else "todo"


def _rows(desk: reads.Desk, tab: str, only: str) -> list[reads.Row]:
    if tab == "todo":
        parts = {"today": desk.due_today, "overdue": desk.overdue, "awaited": desk.awaited}
        return parts.get(only, desk.todo)
    if tab == "watch":
        return desk.watch
    return desk.waiting if only == "waiting" else desk.active


def _tabs(desk: reads.Desk, tab: str, watching: bool) -> list[dict[str, Any]]:
    counts = {
        "todo": len(desk.todo), "active": len(desk.active), "done": desk.done_count, "watch": len(desk.watch),
    }  # fmt: skip
    return [
        {"name": name, "label": label, "count": counts[name], "chosen": name == tab}
        for name, label in reads.TABS.items()
        if name != "watch" or watching
    ]


@duty_required(any_staff=True)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The desk: four tabs, what is due today and what is late on top."""
    now = timezone.now()
    actor = actor_of(request.user, now=now)
    desk, tab, only = reads.desk_of(actor, now=now), _tab(request, actor), request.GET.get("only", "")
    context: dict[str, Any] = {
        "desk": desk, "tab": tab, "only": only if only in VIEWS else "", "view": VIEWS.get(only, ""), "now": now,
        "tabs": _tabs(desk, tab, reads.may_watch(actor)), "label": reads.TABS[tab], "actor": actor,
        "leader": reads.may_watch(actor), "offices": reads.offices_of(actor),
    }  # fmt: skip
    if tab == "done":
        context["done"], context["next"] = reads.done_list(actor, now=now, before=number_of(request.GET.get("after")))
    else:
        context["rows"], context["next"] = reads.page_of(_rows(desk, tab, only), request.GET.get("after", ""))
        context["bars"] = reads.late_by_office(desk.watch) if tab == "watch" else []
    return render(request, "workflow/desk.html", context)


@duty_required(any_staff=True)
@require_GET
def desk_xlsx(request: HttpRequest) -> HttpResponse:
    """The chosen tab as a workbook; every export is told to the audit log."""
    now = timezone.now()
    actor = actor_of(request.user, now=now)
    tab = _tab(request, actor)
    if tab == "done":
        content, count = desk_workbook(done=reads.done_list(actor, now=now, most=reads.MOST)[0], now=now)
    else:
        rows = _rows(reads.desk_of(actor, now=now), tab, request.GET.get("only", ""))
        content, count = desk_workbook(rows=rows, now=now)
    export_record(by=request.user, now=now, subject=f"desk:{tab}", count=count, address=address_of(request))
    response = HttpResponse(content, content_type=WORKBOOK)
    response.headers["Content-Disposition"] = f'attachment; filename="desk-{tab}.xlsx"'
    return response


@duty_required(*LEADERS)
@require_GET
def approve(request: HttpRequest) -> HttpResponse:
    """What waits for the director's word, at a tap on a phone."""
    now = timezone.now()
    rows = reads.approvals(actor_of(request.user, now=now), now=now)
    page, following = reads.page_of(rows, request.GET.get("after", ""))
    context = {"rows": page, "count": len(rows), "next": following, "now": now, "done": request.GET.get("done", "")}
    return render(request, "workflow/approve.html", context)


@duty_required(any_staff=True)
@require_GET
def day_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """今日工作单 of one's own office; the directors see every office's."""
    now = timezone.now()
    department = get_object_or_404(Department, code=code)
    actor = actor_of(request.user, now=now)
    if department.pk not in actor.departments and actor.duties.isdisjoint({Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}):
        raise Http404
    sheet = reads.day_sheet(department, actor, now=now)
    context = {"sheet": sheet, "now": now, **_day_end()}
    return render(request, "workflow/day_sheet.html", context)


def _day_end() -> dict[str, Any]:
    """The last day's checkpoint, which the sheet carries out of the house; or why there is none."""
    try:
        return {"last": day_end_printed()}
    except BusinessError as error:
        return {"last": None, "log_error": error.message}
