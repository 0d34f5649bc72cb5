"""问题整改台账: the list, one line, a new one, its papers."""

from __future__ import annotations

import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.models import Department
from core.sheets import sheet_write
from documents.selectors import file_open
from performance.forms.rectifications import RectificationForm
from performance.models import Rectification, RectificationPaper, RectificationState
from performance.selectors import rectifications as reads
from performance.selectors.monitoring import impossible_line
from performance.selectors.origins import origin_of
from performance.selectors.rectifications import OPENERS
from performance.services.rectifications import rectification_open
from performance.views.common import (
    XLSX,
    acting,
    download,
    filters_kept,
    form_page,
    may,
    now_of,
    object_context,
    row_of,
    sent,
    today_of,
)
from performance.views.goal_common import actor, number_in
from workflow.moves import STAFF
from workflow.services.exports import export_record

WIDTHS = (10, 10, 16, 40, 40, 14, 12, 14, 14, 12, 8, 14, 40)


def _query(request: HttpRequest) -> reads.LedgerQuery:
    state, source = request.GET.get("state", ""), request.GET.get("source", "")
    years = reads.ledger_years()
    wanted = number_in(request, "year")
    # The running year is the one that is worked in.
    year = wanted if wanted in years else next((one for one in years if one <= today_of(request).year), 0)
    return reads.LedgerQuery(
        year=0 if request.GET.get("year") == "all" else year,
        state=state if state in (*RectificationState.values, "late") else "", office=number_in(request, "office"),
        source=source if source in Rectification.Source.values else "", page=max(1, number_in(request, "page")),
    )  # fmt: skip


@duty_required(*STAFF)
@require_GET
def rectification_list(request: HttpRequest) -> HttpResponse:
    """The ledger of a year, what is open first."""
    query = _query(request)
    context = {
        "query": query, "ledger": reads.ledger(query, actor=actor(request), now=now_of(request)),
        "years": reads.ledger_years(), "offices": list(Department.objects.filter(is_active=True)),
        "states": [("late", "已逾期"), *RectificationState.choices], "sources": Rectification.Source.choices,
        "may_open": may(request, *OPENERS), "now": now_of(request), "kept": filters_kept(request, "page"),
    }  # fmt: skip
    return render(request, "performance/remedy_list.html", context)


def _whole(request: HttpRequest) -> reads.Ledger:
    query = reads.LedgerQuery(**{**vars(_query(request)), "page": 1})
    return reads.ledger(query, actor=actor(request), now=now_of(request), most=reads.ALL_ROWS)


@duty_required(*STAFF)
@require_GET
def rectifications_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The same as Excel, all pages."""
    found = _whole(request).rows
    rows = reads.ledger_cells(found)
    with sheet_write(title="问题整改台账", heads=reads.HEADS, widths=WIDTHS, rows=rows) as file:
        content = file.read()
    export_record(**acting(request), subject=reads.SUBJECT, count=len(found))
    return download(io.BytesIO(content), "问题整改台账.xlsx", XLSX)


@duty_required(*STAFF)
@require_GET
def rectifications_print(request: HttpRequest) -> HttpResponse:
    """The same on paper, all pages."""
    context = {
        "query": _query(request), "ledger": _whole(request), "now": now_of(request),
        "kept": filters_kept(request, "page"),
    }  # fmt: skip
    return render(request, "performance/remedy_print.html", context)


def item_of(request: HttpRequest, pk: int) -> Rectification:
    """A line that the visitor may see; 404 otherwise."""
    found: Rectification = row_of(reads.items_visible(reads.item_rows(now=now_of(request)), actor=actor(request)), pk)
    return found


@duty_required(*STAFF)
@require_GET
def rectification(request: HttpRequest, pk: int) -> HttpResponse:
    """One line: problem, measure, who, until when, what was done, its history and buttons."""
    item = item_of(request, pk)
    context = {
        "item": item, "title": reads.item_title(item), "answers": reads.answers_of(item),
        "entry": reads.entry_of(item, now=now_of(request)), "origin": origin_of(item), **object_context(request, item),
    }  # fmt: skip
    return render(request, "performance/remedy.html", context)


def _begun_from(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form begins with, and what the line of the ledger comes from: the line of an approved monitoring form
    that the address names, if any."""
    found = impossible_line(number_in(request, "line"))
    if found is None:
        return {"fiscal_year": number_in(request, "year") or None}, {}
    line, problem = found
    initial = {
        "fiscal_year": line.monitoring.fiscal_year_id,
        "source": Rectification.Source.MONITORING,
        "problem": problem,
    }
    return initial, {"origin_type": line._meta.label_lower, "origin_id": line.pk}


@duty_required(*OPENERS)
@require_http_methods(["GET", "POST"])
def rectification_new(request: HttpRequest) -> HttpResponse:
    """Enter a problem by hand."""

    initial, origin = _begun_from(request)

    def save(form: Any) -> str:
        return reads.item_url(rectification_open(**form.cleaned_data, **origin, **acting(request)))

    form = RectificationForm(*sent(request), now=now_of(request), initial=initial)
    back = reverse("staff_rectifications")
    return form_page(request, form, save, title="列入问题整改台账", verb="列入台账", back=back,
                     crumbs=[("问题整改台账", back)])  # fmt: skip


@duty_required(*STAFF)
@require_GET
def rectification_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A paper of an answer, for who may see the line."""
    found = RectificationPaper.objects.select_related("file", "answer").filter(pk=min(pk, 2**63 - 1)).first()
    if found is None:
        raise Http404
    item_of(request, found.answer.rectification_id)
    return download(file_open(found.file), found.name)
