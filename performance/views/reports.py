"""Reports: list, one report with what needs a word, its cover, its sections."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.diff import text_diff
from core.errors import BusinessError
from performance.forms.reports import ReportForm, ReportNewForm, SectionForm, report_initial
from performance.models import Report, ReportSection, ReportState
from performance.narrative import fields
from performance.narrative.figures import report_facts
from performance.narrative.outline import spec_of
from performance.selectors import reports as reads
from performance.selectors.workbooks import workbook_links
from performance.services import reports as writes
from performance.views.common import may, object_context
from performance.views.report_parts import Clash, clashes_of, frozen_parts, report_parts
from workflow.actors import actor_of
from workflow.judging import judge
from workflow.registry import table_of
from workflow.selectors.changes import changes_of
from workflow.views.common import address_of, number_of, person, status_of

READERS = reads.READERS
# What is done on pages of its own.
RESULT_USERS = (Duty.PERFORMANCE, Duty.DIRECTOR)
OWN_PAGES = frozenset({"save"})
WRITERS = (Duty.PERFORMANCE, Duty.FINANCE)


def report_of(pk: int) -> Report:
    """The report of an address, or 404."""
    found = reads.report_rows().filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def may_write(request: HttpRequest) -> bool:
    """Whether the one who asks edits reports."""
    return not request.duties.isdisjoint(WRITERS)  # type: ignore[attr-defined]


def draft_of(request: HttpRequest, pk: int) -> Report:
    """A report that the visitor may change now. Raises Http404, or BusinessError that says why not."""
    report, now = report_of(pk), request.now  # type: ignore[attr-defined]
    table = table_of(report)
    verdict = judge(table, table.move("save"), report, actor=actor_of(request.user, now=now),
                    history=changes_of(report), now=now)  # fmt: skip
    if not verdict.allowed:
        raise BusinessError(f"不能修改：{'；'.join(verdict.reasons)}。", verdict.code)
    return report


@duty_required(*READERS)
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """All reports by year, and those that could be begun."""
    rows = list(reads.report_rows())
    may = may_write(request)
    context = {"reports": rows, "may_write": may, "has_choices": may and bool(reads.subjects_without_report())}
    return render(request, "performance/report_list.html", context)


def _begun(request: HttpRequest, form: ReportNewForm) -> Report:
    if not form.is_valid():
        raise BusinessError("没有新建：下面有填错的地方，请改好再提交。", "invalid")
    year, program = form.subject_of()
    return writes.report_create(
        year=year, program=program, dated_on=form.cleaned_data["dated_on"], by=person(request),
        now=request.now, address=address_of(request),  # type: ignore[attr-defined]
    )  # fmt: skip


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """Begin a report; its sections are drafted from the data."""
    choices = reads.subjects_without_report()
    today = request.now.date()  # type: ignore[attr-defined]
    form = ReportNewForm(
        request.POST if request.method == "POST" else None, choices=choices,
        initial={"dated_on": date(today.year, today.month, today.day)},
    )  # fmt: skip
    error, status = "", 200
    if request.method == "POST":
        try:
            report = _begun(request, form)
            return HttpResponseRedirect(reverse("staff_report", args=[report.pk]))
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    context = {"form": form, "error": error, "has_choices": bool(choices)}
    return render(request, "performance/report_new.html", context, status=status)


@duty_required(*READERS)
@require_GET
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: what it says, what needs a word, its files."""
    report = report_of(pk)
    about = object_context(request, report)
    about["moves"] = [one for one in about["moves"] if one.move.name not in OWN_PAGES]
    about |= {"report": report, "may_use": may(request, *RESULT_USERS), "workbooks": workbook_links(report)}
    if (frozen := frozen_parts(report, now=about["now"])) is not None:
        return render(request, "performance/report_frozen.html", about | frozen)
    drafting = report.state == ReportState.DRAFTING
    context = {**about, "may_write": may_write(request) and drafting, **report_parts(report)}
    return render(request, "performance/report_detail.html", context)


def _fields_saved(request: HttpRequest, form: ReportForm, report: Report) -> None:
    if not form.is_valid():
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存，已填的内容都还在。", "invalid")
    values = dict(form.cleaned_data)
    members, seen = values.pop("members"), values.pop("seen")
    writes.report_save(
        report=report, values=values, members=members, seen=seen, by=person(request),
        now=request.now, address=address_of(request),  # type: ignore[attr-defined]
    )  # fmt: skip


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def report_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands on the cover and below the form; after a conflict both versions are shown."""
    report = draft_of(request, pk)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=report_initial(report))
    error, status, clashes = "", 200, list[Clash]()
    if request.method == "POST":
        try:
            _fields_saved(request, form, report)
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reverse("staff_report", args=[pk]))
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
            if refusal.code == "changed":
                report = report_of(pk)
                clashes = clashes_of(form, report)
    context = {"report": report, "form": form, "error": error, "clashes": clashes}
    return render(request, "performance/report_edit.html", context, status=status)


def _section(report: Report, key: str) -> ReportSection:
    found = report.sections.filter(key=key).first()
    if found is None or spec_of(report.kind, key) is None:
        raise Http404
    return found


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def section_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One section as a text with figures as fields; nobody's text is lost when two write at once."""
    report = draft_of(request, pk)
    section = _section(report, key)
    _, figures = report_facts(report)
    initial = {"text": fields.editable(section.text, figures), "seen": section.number}
    form = SectionForm(request.POST if request.method == "POST" else None, initial=initial)
    error, status, theirs = "", 200, ""
    if request.method == "POST":
        try:
            _section_saved(request, form, report, key)
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reverse("staff_report", args=[pk]) + f"#{key}")
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
            if refusal.code == "changed":
                theirs, form.data = fields.editable(section.text, figures), _knowing(form.data, section.number)
    context = _section_context(report, section, figures, form)
    return render(request, "performance/section_edit.html", context | {"error": error, "theirs": theirs}, status=status)


def _knowing(data: Any, number: int) -> Any:
    """What was sent, now knowing of what others saved: saving it again is a choice."""
    newer = data.copy()
    newer["seen"] = str(number)
    return newer


def _section_saved(request: HttpRequest, form: SectionForm, report: Report, key: str) -> None:
    if not form.is_valid():
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存，已写的都还在。", "invalid")
    writes.section_save(
        report=report, key=key, text=form.cleaned_data["text"], seen=form.cleaned_data["seen"], by=person(request),
        now=request.now, address=address_of(request),  # type: ignore[attr-defined]
    )  # fmt: skip


def _section_context(report: Report, section: ReportSection, figures: dict[str, Any], form: Any) -> dict[str, Any]:
    spec = spec_of(report.kind, section.key)
    return {
        "report": report, "section": section, "spec": spec, "form": form, "figures": list(figures.values()),
        "changes": fields.changes(section.text, figures),
        "versions": section.versions.select_related("by")[:20],
    }  # fmt: skip


@duty_required(*WRITERS)
@require_POST
def section_renew(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take the figures of now into the text, or (``do=redraft``) draft it anew."""
    report = report_of(pk)
    _section(report, key)
    do = writes.section_redraft if request.POST.get("do") == "redraft" else writes.section_refresh
    do(report=report, key=key, seen=number_of(request.POST.get("seen"), "版本"), by=person(request),
       now=request.now, address=address_of(request))  # type: ignore[attr-defined]  # fmt: skip
    messages.success(request, "已按现在的数据更新。")
    return HttpResponseRedirect(reverse("staff_section_edit", args=[pk, key]))


@duty_required(*READERS)
@require_GET
def section_version(request: HttpRequest, pk: int, key: str, number: int) -> HttpResponse:
    """An older version of a section beside the present one."""
    report = report_of(pk)
    section = _section(report, key)
    version = section.versions.filter(number=number).select_related("by").first() if number < 2**31 else None
    if version is None:
        raise Http404
    _, figures = report_facts(report)
    old = fields.editable(version.text, figures)
    context = {
        "report": report, "section": section, "spec": spec_of(report.kind, key), "version": version, "old": old,
        "lines": text_diff(old, fields.editable(section.text, figures)),
    }  # fmt: skip
    return render(request, "performance/section_version.html", context)
