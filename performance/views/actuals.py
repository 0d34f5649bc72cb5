"""Actual values: an office's list, one indicator, its rows, its papers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.models import Department
from core.errors import BusinessError
from core.measures import measure_find
from performance.exports import own_workbook
from performance.forms.actuals import ActualForm
from performance.models import ActualPaper, ActualValue, Indicator
from performance.scoring.target_words import target_words
from performance.selectors import actuals as reads
from performance.selectors.offices import may_fill, reads_all
from performance.services.actuals import actual_compute, actual_set
from performance.services.files import files_keep
from performance.views.goal_common import (
    MOST_PK,
    READERS,
    WORKBOOK,
    actor,
    attempt,
    download,
    indicator_of,
    now_of,
    number_in,
    seen_anew,
    who,
)
from workflow.moves import STAFF
from workflow.services.exports import export_record

ALL_ROWS = 100_000


def _page(request: HttpRequest, most: int = reads.PAGE_ROWS) -> dict[str, Any]:
    """The visitor's indicators of the chosen year, office and page."""
    me = actor(request)
    years = reads.years_in_force(me)
    wanted, office = number_in(request, "year"), number_in(request, "office")
    year = wanted if wanted in years else years[0] if years else 0
    number = max(number_in(request, "page"), 1) if most == reads.PAGE_ROWS else 1
    missing = request.GET.get("missing") == "1"
    found = (
        reads.own_indicators(me, year=year, office=office, missing=missing, page=number, most=most) if year else None
    )
    return {"years": years, "year": year, "office": office, "missing": missing, "page": number, "found": found,
            "all": reads_all(me)}  # fmt: skip


@duty_required(*STAFF)
@require_GET
def own_list(request: HttpRequest) -> HttpResponse:
    """The indicators that the visitor's offices fill, what is missing first in sight."""
    context = _page(request) | {"offices": list(Department.objects.filter(is_active=True))}
    return render(request, "performance/own_list.html", context)


@duty_required(*STAFF)
@require_GET
def own_xlsx(request: HttpRequest) -> HttpResponse:
    """The same as a workbook, all pages; every export is told to the audit log."""
    found = _page(request, ALL_ROWS)["found"]
    content, count = own_workbook(found.rows if found else [])
    export_record(**who(request), subject="performance:indicators", count=count)
    answer = HttpResponse(content, content_type=WORKBOOK)
    answer.headers["Content-Disposition"] = 'attachment; filename="indicators.xlsx"'
    return answer


def _set(request: HttpRequest, one: Indicator, form: ActualForm) -> ActualValue:
    """Store the files, then the value."""
    # Files come before their rows, and only for who may give the value.
    may = may_fill(actor(request), one)
    kept = files_keep(uploads=form.cleaned_data["papers"], now=now_of(request)) if may else []
    return actual_set(indicator=one, files=kept, **form.values(), **who(request))


@duty_required(*STAFF)
@require_http_methods(["GET", "POST"])
def indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """One indicator: what it asks, the value that holds, a form to give it, what its measure says now, history."""
    one = indicator_of(pk)
    history = reads.actuals_of(one)
    newest = history[0].pk if history else 0
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ActualForm(*sent, indicator=one, initial={"seen": newest})
    error, status = "", 200
    if request.method == "POST":
        saved, error, status = attempt(request, form, lambda: _set(request, one, form))
        if saved is not None:
            messages.success(request, f"已填报：{saved.value}。")
            return HttpResponseRedirect(reverse("staff_indicator", args=[pk]))
        history = reads.actuals_of(one)
        seen_anew(form, history[0].pk if history else 0)
    return render(request, "performance/indicator.html", _about(request, one, history, form, error), status=status)


def _about(
    request: HttpRequest, one: Indicator, history: list[ActualValue], form: ActualForm, error: str
) -> dict[str, Any]:
    me, newest = actor(request), history[0] if history else None
    may, frozen = may_fill(me, one), reads.frozen_report(one)
    return {
        "one": one, "history": history, "newest": newest, "form": form, "error": error,
        "may_fill": may and frozen is None, "frozen": frozen,
        "may_papers": may or not me.duties.isdisjoint(READERS), "target": target_words(one.target),
        "recount": reads.recount_of(one, newest), "measure": measure_find(one.measure) if one.measure else None,
    }  # fmt: skip


@duty_required(*STAFF)
@require_POST
def compute(request: HttpRequest, pk: int) -> HttpResponse:
    """取数."""
    one = indicator_of(pk)
    try:
        seen = int(request.POST["seen"]) if request.POST.get("seen", "").isdecimal() else None
        made = actual_compute(indicator=one, seen=seen, **who(request))
        messages.success(request, f"已取数：{made.value}，依据的明细一并保存。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reverse("staff_indicator", args=[pk]))


def _value_of(request: HttpRequest, pk: int) -> tuple[ActualValue, Indicator]:
    value = get_object_or_404(ActualValue.objects.select_related("by", "fiscal_year"), pk=min(pk, MOST_PK - 1))
    rows = Indicator.objects.select_related("office", "table__fiscal_year__unit", "table__program_year__program")
    found = rows.filter(key=value.indicator_key, table__fiscal_year=value.fiscal_year).order_by("-table_id").first()
    if found is None:
        raise Http404("这个值的指标已经不在了")
    return value, found


@duty_required(*STAFF)
@require_GET
def value_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that a value was computed from, and whether they are still what was stored."""
    value, one = _value_of(request, pk)
    rows, whole = reads.rows_of(value)
    context = {"value": value, "one": one, "rows": rows, "whole": whole, "measure": measure_find(value.measure)}
    return render(request, "performance/value_rows.html", context)


@duty_required(*STAFF)
@require_GET
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """A paper, for those who fill the value and those who read every office's."""
    found = get_object_or_404(ActualPaper.objects.select_related("file"), pk=min(pk, MOST_PK - 1))
    _, one = _value_of(request, found.actual_id)
    me = actor(request)
    if not may_fill(me, one) and me.duties.isdisjoint(READERS):
        raise Http404("没有这份材料")
    return download(found.file, found.name)
