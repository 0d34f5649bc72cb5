"""Pages of the audit administrator, who alone sees them and can change nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST, require_safe

from audit.chain import COLUMNS, row_digest, row_value
from audit.charts import day_read, failure_day
from audit.denials import MOST_MINUTES, denials_of
from audit.exports import actions_export
from audit.models import ActionRow
from audit.selectors import action_page, action_query, chain_summary
from audit.tags import Tag
from audit.words import deed_words, detail_pairs, subject_titles
from core.errors import BusinessError
from core.moments import SHANGHAI

# Who has which duty is known to an app above this one: it is named by a dotted path.
for_audit_admin = import_string(settings.STAFF_ACCESS)("audit_admin")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _list(request: HttpRequest, **more: Any) -> HttpResponse:
    context = {"tags": Tag.choices, "given": request.GET, **chain_summary(), **more}
    return render(request, "audit/list.html", context, status=400 if "message" in more else 200)


@for_audit_admin
@require_safe
def action_list(request: HttpRequest) -> HttpResponse:
    try:
        query = action_query(request.GET)
        page = action_page(query, before=request.GET.get("before", ""))
    except BusinessError as error:
        return _list(request, message=error.message)
    titles = subject_titles(row.subject for row in page.rows)
    for row in page.rows:
        row.title, row.deed = titles.get(row.subject, ""), deed_words(row.detail, row.subject)  # type: ignore[attr-defined]
    older = reverse("audit:list") + query.address(before=page.older) if page.older else ""
    return _list(request, page=page, query=query, older=older, newest=reverse("audit:list") + query.address())


@for_audit_admin
@require_safe
def action_detail(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(ActionRow.objects.select_related("by", "sealed__seal"), pk=number)
    digest = row_digest(row_value([getattr(row, column) for column in COLUMNS]))
    sealed = getattr(row, "sealed", None)
    row.title = subject_titles([row.subject]).get(row.subject, "")  # type: ignore[attr-defined]
    row.deed = deed_words(row.detail, row.subject)  # type: ignore[attr-defined]
    context = {"row": row, "sealed": sealed, "digest": digest, "pairs": detail_pairs(row.detail, row.subject)}
    return render(request, "audit/detail.html", {**context, "same": sealed is not None and sealed.digest == digest})


@for_audit_admin
@require_safe
def failure_list(request: HttpRequest) -> HttpResponse:
    now: datetime = request.now  # type: ignore[attr-defined]
    day = day_read(request.GET.get("day", ""), today=now.astimezone(SHANGHAI).date())
    return render(request, "audit/failures.html", {"failures": failure_day(day, now=now)})


@for_audit_admin
@require_safe
def denial_list(request: HttpRequest) -> HttpResponse:
    now: datetime = request.now  # type: ignore[attr-defined]
    today = now.astimezone(SHANGHAI).date()
    day = day_read(request.GET.get("day", ""), today=today)
    context = {
        "day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < today else None,
        "rows": denials_of(day), "most": MOST_MINUTES,
    }  # fmt: skip
    return render(request, "audit/denials.html", context)


@for_audit_admin
@require_POST
def action_export(request: HttpRequest) -> FileResponse:
    query = action_query(request.POST)
    now, address = request.now, request.address  # type: ignore[attr-defined]
    file, name = actions_export(query=query, by=request.user, now=now, address=address)
    return FileResponse(file, as_attachment=True, filename=name, content_type=SPREADSHEET)
