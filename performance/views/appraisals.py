"""绩效管理评分: the years, one year scored live, the scores that were kept, the schemes."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.moments import SHANGHAI
from performance.appraisal.checks import checks_all, parameter_words
from performance.appraisal.score import appraise
from performance.exports import appraisal_workbook
from performance.forms.appraisals import ManagementSchemeForm
from performance.models import ManagementScheme, ManagementScore
from performance.selectors import appraisals as reads
from performance.services import appraisals as writes
from performance.views.common import XLSX, acted, acting, download, may, now_of, row_of
from performance.views.goal_common import attempt, seen_anew
from workflow.services.exports import export_record
from workflow.views.common import address_of

READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)
# The director confirms what the officers of 绩效管理 are judged by.
KEEPERS = (Duty.DIRECTOR,)


@duty_required(*READERS)
@require_GET
def appraisal_list(request: HttpRequest) -> HttpResponse:
    """Every year of the center with the score that holds."""
    return render(request, "performance/appraisal_list.html", {"rows": reads.year_rows()})


def _live(request: HttpRequest, pk: int) -> dict[str, Any]:
    year = row_of(reads.appraised_years(), pk)
    scheme = reads.management_scheme_for(year.year)
    found = appraise(fiscal_year=year, scheme=scheme, now=now_of(request))
    return {"year": year, "scheme": scheme, "found": found, "now": now_of(request), "kept": None,
            "running": reads.year_running(year, now_of(request))}  # fmt: skip


@duty_required(*READERS)
@require_GET
def appraisal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A year as it stands now, and what was kept of it; ``print``: every row open, for paper."""
    context = _live(request, pk)
    scores = reads.scores_of(context["year"])
    more = {"scores": scores, "may_keep": may(request, *KEEPERS), "printed": "print" in request.GET}
    return render(request, "performance/appraisal.html", context | more)


@duty_required(*KEEPERS)
@require_POST
def appraisal_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the score of now."""
    year = row_of(reads.appraised_years(), pk)
    keep = lambda: writes.management_score_keep(fiscal_year=year, **acting(request))  # noqa: E731 (a deed)
    address = reverse("staff_appraisal", args=[pk])
    return acted(request, keep, address=address, said="已存档。以后的记录再变，存档的评分和依据不变。")


def _kept(pk: int) -> dict[str, Any]:
    score = row_of(ManagementScore.objects.select_related("fiscal_year__unit", "scheme", "by"), pk)
    found, whole = reads.score_read(score)
    return {"year": score.fiscal_year, "scheme": score.scheme, "found": found, "kept": score, "whole": whole}


@duty_required(*READERS)
@require_GET
def appraisal_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """A score as it was kept."""
    return render(request, "performance/appraisal.html", _kept(pk) | {"printed": "print" in request.GET})


def _workbook(request: HttpRequest, context: dict[str, Any]) -> FileResponse:
    year, found = context["year"], context["found"]
    content, count = appraisal_workbook(found, graded=not context.get("running"))
    who = {"by": request.user, "now": now_of(request), "address": address_of(request)}
    export_record(**who, subject=f"performance.fiscalyear:{year.pk}", count=count)
    return download(io.BytesIO(content), f"{year.year}年度绩效管理工作评分.xlsx", XLSX)


@duty_required(*READERS)
@require_GET
def appraisal_xlsx(request: HttpRequest, pk: int) -> FileResponse:
    """The score of now as a workbook."""
    return _workbook(request, _live(request, pk))


@duty_required(*READERS)
@require_GET
def appraisal_kept_xlsx(request: HttpRequest, pk: int) -> FileResponse:
    """A kept score as a workbook."""
    return _workbook(request, _kept(pk))


@duty_required(*READERS)
@require_GET
def management_schemes(request: HttpRequest) -> HttpResponse:
    """Every scheme, those in use first."""
    rows = list(reads.management_schemes())
    return render(request, "performance/appraisal_schemes.html", {"schemes": rows})


@duty_required(*READERS)
@require_GET
def management_scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """One scheme with its items."""
    found = row_of(reads.management_schemes(), pk)
    asked = {one.name: one.parameter for one in checks_all()}
    items = [(one, parameter_words(asked.get(one.check_name, ""), one.parameter)) for one in found.items.all()]
    context = {"scheme": found, "items": items, "manages": may(request, Duty.PERFORMANCE)}
    return render(request, "performance/appraisal_scheme.html", context)


def _in_use(year: Any) -> int:
    text = str(year)
    if not text.isdecimal() or len(text) > 4:
        return 0
    rows = ManagementScheme.objects.filter(is_active=True, first_year=int(text))
    return rows.values_list("pk", flat=True).first() or 0


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def management_scheme_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new scheme that begins with another; that from the same year on is retired by it."""
    base = row_of(reads.management_schemes(), pk)
    year = now_of(request).astimezone(SHANGHAI).year
    start = ManagementSchemeForm.initial_of(base, _in_use(year)) | {"first_year": year}
    form = ManagementSchemeForm(request.POST if request.method == "POST" else None, initial=start)
    error, status = "", 200
    if request.method == "POST":
        made, error, status = attempt(request, form, lambda: _made(request, form))
        if made is not None:
            messages.success(request, f"已建立“{made}”，{made.first_year} 年起用它评分；已存档的评分不变。")
            return HttpResponseRedirect(reverse("staff_management_scheme", args=[made.pk]))
        seen_anew(form, _in_use(form.data.get("first_year", "")))
    context = {"form": form, "error": error, "base": base}
    return render(request, "performance/appraisal_scheme_new.html", context, status=status)


def _made(request: HttpRequest, form: ManagementSchemeForm) -> ManagementScheme:
    values = form.values()
    # The form showed what is in use from the year it began with; another year is asked about when it is saved.
    shown = values.pop("seen")
    asked = shown if str(values["first_year"]) == str(form.initial.get("first_year")) else None
    return writes.management_scheme_make(seen=asked, **values, **acting(request))
