"""Excel lists: upload, watch them being read, see line by line what will happen, confirm."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from performance.forms.entries import ImportForm
from performance.models import SpendingImport
from performance.selectors import imports as reads
from performance.selectors.matching import entries_missing
from performance.services import imports as writes
from performance.sheets.template import template_write
from performance.views.common import (
    READERS,
    WRITERS,
    XLSX,
    acted,
    acting,
    download,
    form_page,
    may,
    now_of,
    row_of,
    sent,
    year_of,
)
from performance.views.years import crumbs, to_year
from workflow.views.common import number_of

GET_POST = require_http_methods(["GET", "POST"])


@duty_required(*READERS)
@require_GET
def import_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The year's lists, newest first."""
    year, before = year_of(request, pk), number_of(request.GET.get("before"))
    found, following = reads.imports_page(year, before)
    context = {
        "year": year, "imports": found, "next": following, "may_write": may(request, *WRITERS),
        "open": year.state != "closed", "crumbs": crumbs(to_year(year)),
    }  # fmt: skip
    return render(request, "performance/import_list.html", context)


@duty_required(*WRITERS)
@GET_POST
def import_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload a list."""
    year = year_of(request, pk)

    def save(form: Any) -> str:
        file = form.cleaned_data["file"]
        made = writes.import_start(
            year=year, kind=form.cleaned_data["kind"], content=file, name=str(file.name), **acting(request)
        )
        return reverse("staff_import", args=[made.pk])

    links = [
        (f"下载模板：{label}", reverse("staff_import_template", args=[year.pk]) + f"?kind={kind}")
        for kind, label in SpendingImport.Kind.choices
    ]
    return form_page(request, ImportForm(*sent(request)), save, verb="上传", upload=True, links=links,
                     title=f"导入支出（{year.year}年度）", back=reverse("staff_imports", args=[year.pk]),
                     crumbs=crumbs(to_year(year)))  # fmt: skip


def _batch(pk: int) -> SpendingImport:
    found: SpendingImport = row_of(SpendingImport.objects.select_related("fiscal_year__unit", "by", "applied_by"), pk)
    return found


@duty_required(*READERS)
@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress, then the preview."""
    batch = _batch(pk)
    verdict, after = request.GET.get("verdict", ""), number_of(request.GET.get("after"))
    preview = reads.preview_of(batch, verdict=verdict, after=after, now=now_of(request))
    context = {
        "batch": batch, "preview": preview, "may_write": may(request, *WRITERS), "year": batch.fiscal_year,
        "missing": entries_missing(batch) if batch.state in ("read", "applied") else None,
        "crumbs": crumbs(to_year(batch.fiscal_year), ("导入", reverse("staff_imports", args=[batch.fiscal_year_id]))),
    }  # fmt: skip
    return render(request, "performance/import.html", context)


def _address(pk: int) -> str:
    return reverse("staff_import", args=[pk])


@duty_required(*WRITERS)
@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter all of it."""
    batch = _batch(pk)
    return acted(
        request, lambda: writes.import_apply(batch=batch, **acting(request)), address=_address(pk), said="已登记。"
    )


@duty_required(*WRITERS)
@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up."""
    batch = _batch(pk)
    return acted(
        request,
        lambda: writes.import_discard(batch=batch, **acting(request)),
        address=_address(pk),
        said="已放弃，没有登记任何一行。",
    )


@duty_required(*WRITERS)
@require_POST
def import_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it anew."""
    batch = _batch(pk)
    return acted(
        request, lambda: writes.import_again(batch=batch, **acting(request)), address=_address(pk), said="重新读取中。"
    )


@duty_required(*READERS)
@require_GET
def import_template(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An empty list to fill in, with the year's own lines as a second sheet."""
    year, kind = year_of(request, pk), request.GET.get("kind", SpendingImport.Kind.ENTRIES)
    if kind not in SpendingImport.Kind.values:
        raise Http404
    label = SpendingImport.Kind(kind).label
    return download(template_write(year, kind), f"{year.year}年{label}模板.xlsx", XLSX)
