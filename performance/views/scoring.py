"""The form scored: line by line, manual scores and reasons, the contract's file out and in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from performance.document.model import document_read
from performance.forms.scores import ReasonForm, ScoreForm, SelfevalFileForm
from performance.models import GoalTable, Indicator, LineReason, ManualScore, Report, ReportState
from performance.scoring.export import form_json
from performance.selectors.file_compare import LARGEST, file_compared
from performance.selectors.forms import report_of, score_form, scored
from performance.selectors.frozen import freeze_of
from performance.selectors.goals import goal_title, subject_of
from performance.selectors.score_lines import ScoreLine, line_found, score_page
from performance.services.scores import reason_set, report_begin, score_set
from performance.views.goal_common import READERS, attempt, goal_of, manages, seen_anew, who
from workflow.services.exports import export_record


def drafting(report: Report | None) -> bool:
    """Whether scores and reasons may still be written."""
    return report is None or report.state == ReportState.DRAFTING


@duty_required(*READERS)
@require_GET
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line: computed and manual score, the gap to what is reported, reasons, findings; or what was frozen."""
    table = goal_of(request, pk)
    report = report_of(table)
    about = {"goal": table, "title": goal_title(table), "subject": subject_of(table), "report": report}
    freeze = freeze_of(report) if report is not None else None
    if freeze is not None and (form := document_read(freeze.source).form) is not None:
        more = {"form": form, "freeze": freeze, "figures": freeze.figures}
        return render(request, "performance/score_frozen.html", about | more)
    context = about | {
        "page": score_page(table, report, scored(table, report)), "drafting": drafting(report),
        "manages": manages(request) and drafting(report),
    }  # fmt: skip
    return render(request, "performance/score.html", context)


@duty_required(Duty.PERFORMANCE)
@require_POST
def score_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the self-evaluation, to which manual scores and reasons belong."""
    try:
        report_begin(goal_table=goal_of(request, pk), **who(request))
        messages.success(request, "已开始自评，可以填写人工评分和偏差原因。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reverse("staff_score", args=[pk]))


def _line(table: GoalTable, report: Report, slug: str) -> tuple[ScoreLine, Any]:
    """A line of the form as it stands, and the row behind it. Raises Http404."""
    found = line_found(table, slug)
    page = score_page(table, report, scored(table, report))
    line = next((one for one in (*page.lines, *page.expenses) if found and one.line == found[0]), None)
    if found is None or line is None:
        raise Http404("没有这一行")
    return line, found[1]


def _histories(report: Report, line: ScoreLine, key: Any) -> tuple[list[ManualScore], list[LineReason]]:
    scores = ManualScore.objects.filter(report=report, indicator_key=key).select_related("by").order_by("-id")
    reasons = LineReason.objects.filter(report=report, line=line.line).select_related("by").order_by("-id")
    return list(scores) if line.weight is not None else [], list(reasons)


def _line_forms(request: HttpRequest, line: ScoreLine, scores: list[Any], reasons: list[Any]) -> tuple[Any, Any]:
    """Both forms; the one that was sent is bound."""
    do, newest = request.POST.get("do", ""), (scores[0].pk if scores else 0, reasons[0].pk if reasons else 0)
    held = scores[0].score if scores and scores[0].score is not None else None
    first = ScoreForm(
        request.POST if do == "score" else None, weight=line.weight or Decimal(0), prefix="s",
        initial={"seen": newest[0], "score": held},
    )  # fmt: skip
    start = {
        "seen": newest[1], "text": reasons[0].text if reasons else "", "cause": reasons[0].cause if reasons else ""
    }  # fmt: skip
    return first, ReasonForm(request.POST if do == "reason" else None, prefix="r", initial=start)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def score_line(request: HttpRequest, pk: int, line: str) -> HttpResponse:
    """One line: its manual score and 偏差原因, with everything that was written before."""
    table = goal_of(request, pk)
    report = report_of(table)
    if report is None:
        return HttpResponseRedirect(reverse("staff_score", args=[pk]))
    found, row = _line(table, report, line)
    key = row.key if isinstance(row, Indicator) else None
    scores, reasons = _histories(report, found, key)
    first, second = _line_forms(request, found, scores, reasons)
    error, status = "", 200
    if request.method == "POST":
        saved, error, status = _saved(request, report, found, key, (first, second))
        if saved is not None:
            messages.success(request, f"“{found.name}”已保存。")
            return HttpResponseRedirect(f"{reverse('staff_score', args=[pk])}#{found.slug}")
    context = {"goal": table, "title": goal_title(table), "line": found, "first": first, "second": second,
               "scores": scores, "reasons": reasons, "error": error, "drafting": drafting(report),
               "report": report}  # fmt: skip
    return render(request, "performance/score_line.html", context, status=status)


def _saved(request: HttpRequest, report: Report, line: ScoreLine, key: Any, forms: tuple[Any, Any]) -> Any:
    """Do what the sent form asks for; after a refusal its form has seen what is so now."""
    first, second = forms
    if request.POST.get("do") == "score" and line.weight is not None:
        act: Any = lambda: score_set(report=report, indicator_key=key, **first.cleaned_data, **who(request))  # noqa: E731 (a deed)
        form: Any = first
    else:
        act = lambda: reason_set(report=report, line=line.line, **second.cleaned_data, **who(request))  # noqa: E731 (a deed)
        form = second
    found = attempt(request, form, act)
    if found[0] is None and form.is_bound:
        scores, reasons = _histories(report, line, key)
        rows: list[Any] = [*scores] if form is first else [*reasons]
        seen_anew(form, rows[0].pk if rows else 0)
    return found


@duty_required(*READERS)
@require_GET
def score_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The contract's file of this form, as ``selfeval_score`` reads it."""
    table = goal_of(request, pk)
    form = score_form(table, report_of(table))
    export_record(**who(request), subject=f"performance.goaltable:{table.pk}", count=len(form.indicators))
    answer = HttpResponse(form_json(form, organisation=str(table.fiscal_year.unit)), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="selfeval-{form.year}-{table.pk}.json"'
    return answer


@duty_required(*READERS)
@require_http_methods(["GET", "POST"])
def score_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Score a file that was sent, beside the portal's own form; nothing is stored."""
    table = goal_of(request, pk)
    form = SelfevalFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    found, error, status = None, "", 200
    if request.method == "POST":
        read = lambda: form.cleaned_data["file"].read(LARGEST + 1)  # noqa: E731 (read when the form is valid)
        act = lambda: file_compared(read(), scored(table, report_of(table)))  # noqa: E731 (a deed)
        found, error, status = attempt(request, form, act)
    context = {"form": form, "error": error, "goal": table, "title": goal_title(table), "found": found}
    return render(request, "performance/score_compare.html", context, status=status)
