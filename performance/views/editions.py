"""The three versions of a report: submission, public, stamped scan; disclosure; the package for the bureau."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.moments import SHANGHAI
from documents.selectors import file_open
from performance.document.scans import scan_pages
from performance.forms.editions import ScanForm
from performance.models import Edition, ReportDisclosure, ReportFile, ReportState, StampedScan
from performance.selectors.editions import DISCLOSE_LAW, disclose_by, places_of, versions_of
from performance.services import editions as writes
from performance.services.files import files_keep
from performance.services.packages import package_make
from performance.services.report_files import file_name, report_taken
from performance.services.runs import report_run
from performance.views.common import acting, download, form_page, may, now_of, row_of, sent, today_of
from performance.views.reports import READERS, WRITERS, report_of
from workflow.views.common import address_of, person

DISCLOSERS = (Duty.PERFORMANCE, Duty.DIRECTOR)


@duty_required(*READERS)
@require_GET
def report_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Submission, public edition and scan side by side: what belongs to what."""
    report = report_of(pk)
    found = versions_of(report)
    public = found.public.file if found.public else None
    blocked = writes.disclosure_reasons(public, by=request.user) if public else []
    due = disclose_by(report)
    shown = found.disclosure.at.astimezone(SHANGHAI).date() if found.disclosure else None
    context = {
        "report": report, "found": found, "blocked": blocked, "due": due, "law": DISCLOSE_LAW,
        "late": bool(due and shown and shown > due),
        "today": today_of(request), "frozen": report.state == ReportState.FROZEN,
        "may_disclose": may(request, *DISCLOSERS), "may_scan": may(request, *WRITERS),
    }  # fmt: skip
    return render(request, "performance/report_versions.html", context)


@duty_required(*READERS)
@require_POST
def public_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Wish for the public edition."""
    run = report_run(report=report_of(pk), by=person(request), now=now_of(request), edition=Edition.PUBLIC)
    return HttpResponseRedirect(reverse("staff_run", args=[run.pk]))


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def scan_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in the scan of a signed and stamped print."""
    report, back = report_of(pk), reverse("staff_report_versions", args=[pk])
    form = ScanForm(*sent(request), report=report)
    crumbs = [("自评报告", reverse("staff_reports")), (report.title, back)]
    lead = "签字盖章后的纸质报告扫描成一个 PDF，与它打印所用的报送版放在一起。"
    return form_page(
        request, form, lambda form: _scanned(request, form, back), title="上传盖章扫描件", back=back, verb="上传",
        crumbs=crumbs, lead=lead, upload=True,
    )  # fmt: skip


def _scanned(request: HttpRequest, form: ScanForm, back: str) -> str:
    """The file is asked and stored first, then the row. Raises BusinessError."""
    data = form.cleaned_data
    pages = scan_pages(data["file"])
    (kept,) = files_keep(uploads=[data["file"]], now=now_of(request))
    made = writes.scan_add(
        report_file=data["report_file"], scan=kept, pages=pages, stamped_on=data["stamped_on"], note=data["note"],
        **acting(request),
    )  # fmt: skip
    if pages < made.report_file.pages:
        messages.warning(request, f"扫描件 {pages} 页，报送版 {made.report_file.pages} 页，请核对有没有漏扫。")
    return back


@duty_required(*READERS)
@require_GET
def scan_file(request: HttpRequest, pk: int) -> FileResponse:
    """A scan; who took it is noted."""
    found = row_of(StampedScan.objects.select_related("report_file__report__fiscal_year", "file"), pk)
    content = file_open(found.file)
    report_taken(report=found.report_file.report, what="盖章扫描件", by=request.user, now=now_of(request),
                 address=address_of(request))  # fmt: skip
    return download(content, found.name, "application/pdf")


@duty_required(*DISCLOSERS)
@require_http_methods(["GET", "POST"])
def disclose(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then show a public edition to everybody."""
    file = row_of(ReportFile.objects.select_related("report__fiscal_year__unit", "file").defer("source"), pk)
    back = reverse("staff_report_versions", args=[file.report_id])
    if request.method == "POST":
        writes.report_disclose(file=file, checked=request.POST.getlist("checked"), **acting(request))
        messages.success(request, "已公开，公开网站“绩效自评报告”里可以看到。")
        return HttpResponseRedirect(back)
    reasons = writes.disclosure_reasons(file, by=request.user)
    sentence = (
        f"“{file.report.title}”的公开版（{file.pages} 页，验证码 {file.code}）公开后任何人都能下载；"
        "可以撤下，但别人下载过的不能收回。"
    )
    context: dict[str, Any] = {"title": "公开自评报告", "verb": "公开", "cancel": back, "file": file,
                               "sentence": sentence, "reasons": reasons,
                               "places": None if reasons else places_of(file)}  # fmt: skip
    return render(request, "performance/report_disclose.html", context, status=409 if reasons else 200)


@duty_required(*DISCLOSERS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a disclosed edition back."""
    found = row_of(ReportDisclosure.objects.select_related("report", "report_file"), pk)
    writes.disclosure_withdraw(disclosure=found, reason=request.POST.get("reason", ""), **acting(request))
    messages.success(request, "已撤下，公开网站上不再列出，也不能再下载。")
    return HttpResponseRedirect(reverse("staff_report_versions", args=[found.report_id]))


@duty_required(*READERS)
@require_POST
def package(request: HttpRequest, pk: int) -> FileResponse:
    """The package for the bureau, of a frozen report."""
    report = report_of(pk)
    content = package_make(report=report, **acting(request))
    return download(content, file_name(report, "zip").replace(".zip", "（报送资料）.zip"), "application/zip")
