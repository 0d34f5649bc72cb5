"""Deal figures of a year: four categories, sum, shares; one category with its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from performance.forms.actuals import DealForm
from performance.models import DealFigure, FiscalYear
from performance.selectors.deals import deal_sums, deals_history
from performance.selectors.goals import years_all
from performance.services.deals import deal_set
from performance.services.files import files_keep
from performance.views.goal_common import (
    MOST_PK,
    READERS,
    attempt,
    download,
    manages,
    now_of,
    number_in,
    seen_anew,
    who,
)


@duty_required(*READERS)
@require_GET
def deal_list(request: HttpRequest) -> HttpResponse:
    """A year's deals with their sum and shares."""
    years = years_all()
    wanted = number_in(request, "year")
    year = next((one for one in years if one.pk == wanted), years[0] if years else None)
    context = {"years": years, "year": year, "sums": deal_sums(year) if year else None, "manages": manages(request)}
    return render(request, "performance/deal_list.html", context)


def _set(request: HttpRequest, year: FiscalYear, category: str, form: DealForm) -> DealFigure:
    found = form.cleaned_data
    uploads = [found["paper"]] if found["paper"] else []
    kept = files_keep(uploads=uploads, now=now_of(request))
    return deal_set(
        fiscal_year=year, category=category, deal_count=found["deal_count"], amount=found["yuan"],
        evidence=found["evidence"], file=kept[0] if kept else None, seen=found["seen"], **who(request),
    )  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def deal(request: HttpRequest, year: int, category: str) -> HttpResponse:
    """Give a category's figures; a correction is a further row."""
    labels: dict[str, Any] = dict(DealFigure.Category.choices)
    if category not in labels:
        raise Http404("没有这个交易类别")
    fiscal = get_object_or_404(FiscalYear.objects.select_related("unit"), pk=min(year, MOST_PK - 1))
    history = deals_history(fiscal, category)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DealForm(*sent, initial={"seen": history[0].pk if history else 0})
    error, status = "", 200
    if request.method == "POST":
        saved, error, status = attempt(request, form, lambda: _set(request, fiscal, category, form))
        if saved is not None:
            messages.success(request, f"已保存：{labels[category]} {saved.deal_count} 宗。")
            return HttpResponseRedirect(f"{reverse('staff_deals')}?year={fiscal.pk}")
        history = deals_history(fiscal, category)
        seen_anew(form, history[0].pk if history else 0)
    context = {"form": form, "error": error, "year": fiscal, "label": labels[category], "history": history}
    return render(request, "performance/deal.html", context, status=status)


@duty_required(*READERS)
@require_GET
def deal_paper(request: HttpRequest, pk: int) -> FileResponse:
    """The paper of a figure."""
    found = get_object_or_404(DealFigure.objects.select_related("file"), pk=min(pk, MOST_PK - 1))
    if found.file is None:
        raise Http404("没有附材料")
    return download(found.file, found.file_name)
