"""Making a report's PDF, waiting for it, taking it; the form as Excel."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from documents.selectors import file_open
from performance.document.fonts import pdf_require
from performance.document.workbook import form_workbook
from performance.models import ReportFile, ReportRun
from performance.selectors.frozen import report_document
from performance.services.report_files import file_name, report_taken
from performance.services.runs import PROGRESS, report_run
from performance.views.reports import report_of
from workflow.views.common import address_of, person

TAKERS = (Duty.FINANCE, Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)
FILES_SHOWN = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNFINISHED = (ReportRun.State.WAITING, ReportRun.State.RUNNING)


def now_of(request: HttpRequest) -> Any:
    """The moment of the request."""
    return request.now  # type: ignore[attr-defined]


def _obstacle() -> str:
    """Why no PDF can be made on this machine; empty when it can."""
    try:
        pdf_require()
    except BusinessError as error:
        return error.message
    return ""


@duty_required(*TAKERS)
@require_http_methods(["GET", "POST"])
def report_make(request: HttpRequest, pk: int) -> HttpResponse:
    """The files made so far; POST wishes for one of the report as it stands."""
    report, obstacle = report_of(pk), _obstacle()
    if request.method == "POST" and not obstacle:
        run = report_run(report=report, by=person(request), now=now_of(request))
        return HttpResponseRedirect(reverse("staff_run", args=[run.pk]))
    files = report.files.select_related("file")[:FILES_SHOWN]
    waiting = report.runs.filter(state__in=UNFINISHED).select_related("by")[:FILES_SHOWN]
    context = {"report": report, "files": files, "waiting": waiting, "obstacle": obstacle}
    return render(request, "performance/report_make.html", context, status=409 if request.method == "POST" else 200)


@duty_required(*TAKERS)
@require_GET
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is: asks again by itself, without a script, too."""
    rows = ReportRun.objects.select_related("report__fiscal_year", "result__file", "by")
    run = rows.filter(pk=pk).first() if pk < 2**63 else None
    if run is None:
        raise Http404
    ahead = ReportRun.objects.filter(state__in=UNFINISHED, pk__lt=run.pk).count() if run.state == "waiting" else 0
    context = {"run": run, "report": run.report, "ahead": ahead, "unfinished": run.state in UNFINISHED,
               "steps": list(PROGRESS)}  # fmt: skip
    response = render(request, "performance/run_detail.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@duty_required(*TAKERS)
@require_GET
def report_pdf(request: HttpRequest, pk: int) -> Any:
    """A file made; who took it is noted."""
    rows = ReportFile.objects.select_related("report__fiscal_year", "file")
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    content = file_open(found.file)
    report_taken(report=found.report, what=f"PDF {found.code}", by=request.user, now=now_of(request),
                 address=address_of(request))  # fmt: skip
    return FileResponse(
        content, as_attachment=True, filename=file_name(found.report, "pdf"), content_type="application/pdf"
    )


@duty_required(*TAKERS)
@require_GET
def report_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The 自评表 as Excel, with the figures of now, or as it was frozen."""
    report = report_of(pk)
    form = report_document(report).form
    if form is None:
        raise BusinessError("没有导出自评表：这份报告还没有批准的绩效目标表，请先建立并批准目标表。", "no_form")
    content = form_workbook(form)
    report_taken(report=report, what="自评表 Excel", by=request.user, now=now_of(request), address=address_of(request))
    name = file_name(report, "xlsx").replace(".xlsx", "（自评表）.xlsx")
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})
