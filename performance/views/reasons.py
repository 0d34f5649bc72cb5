"""偏差原因 of a report, line by line: money by kind of spending or expense line, indicators, what differs in all."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from core.errors import BusinessError
from performance.findings.checks import report_findings
from performance.findings.explanations import Explained, explained_lines
from performance.models import LineReason, Report
from performance.models.common import REASON_LENGTH
from performance.narrative.figures import report_facts
from performance.services.scores import reason_set
from performance.views.common import acting
from performance.views.reports import WRITERS, draft_of
from workflow.views.common import number_of, status_of


@dataclass(frozen=True)
class ReasonLine:
    """A line as the form asks for it; ``seen`` is the number of the reason shown, 0 for none."""

    explained: Explained
    text: str
    cause: str
    seen: int

    @property
    def field(self) -> str:
        """The name of its fields."""
        return self.explained.line.replace(":", "-")


def _lines(report: Report) -> list[ReasonLine]:
    facts, figures = report_facts(report)
    rows = explained_lines(report, facts, report_findings(report, facts, figures))
    return [
        ReasonLine(one, one.reason.text if one.reason else "", one.reason.cause if one.reason else "",
                   one.reason.pk if one.reason else 0)
        for one in rows
    ]  # fmt: skip


def _typed(request: HttpRequest, one: ReasonLine) -> tuple[str, str]:
    """Text and cause as they were sent, else as they are stored."""
    if request.method != "POST":
        return one.text, one.cause
    return request.POST.get(one.field, "").strip(), request.POST.get(f"{one.field}-cause", "")


def _saved(request: HttpRequest, report: Report, lines: list[ReasonLine]) -> int:
    """Write those that were changed. Raises BusinessError."""
    count = 0
    for one in lines:
        text, cause = _typed(request, one)
        if (" ".join(text.split()), cause) == (" ".join(one.text.split()), one.cause):
            continue
        reason_set(
            report=report, line=one.explained.line, text=text, cause=cause,
            seen=number_of(request.POST.get(f"{one.field}-seen"), "版本"), **acting(request),
        )  # fmt: skip
        count += 1
    return count


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def report_reasons(request: HttpRequest, pk: int) -> HttpResponse:
    """Why money was not spent and goals were not reached, line by line."""
    report = draft_of(request, pk)
    lines, error, status = _lines(report), "", 200
    if request.method == "POST":
        try:
            count = _saved(request, report, lines)
            messages.success(request, f"已保存 {count} 项。" if count else "没有改动。")
            return HttpResponseRedirect(reverse("staff_report", args=[pk]) + "#findings")
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    typed = [(one.explained, one, *_typed(request, one)) for one in lines]
    context = {"report": report, "lines": typed, "error": error, "longest": REASON_LENGTH,
               "causes": LineReason.Cause.choices}  # fmt: skip
    return render(request, "performance/report_reasons.html", context, status=status)
