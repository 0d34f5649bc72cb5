"""偏差原因 of a report's money, line by line: of the department by kind of spending, of a program by expense line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from core.errors import BusinessError
from performance.models import Report, SpendingLine
from performance.models.common import REASON_LENGTH
from performance.narrative.facts import Facts
from performance.selectors.score_lines import line_reasons
from performance.services.scores import reason_set
from performance.views.reports import WRITERS, draft_of
from workflow.views.common import address_of, number_of, person, status_of


@dataclass(frozen=True)
class ReasonLine:
    """A line with its money (yuan) and reason; ``seen`` is the number of the reason shown, 0 for none."""

    line: str
    field: str
    name: str
    budget: Any
    spent: Any
    text: str
    seen: int

    @property
    def left(self) -> Any:
        """What was not spent; None where the line has no budget of its own."""
        return None if self.budget is None else self.budget - self.spent


def _lines(report: Report) -> list[ReasonLine]:
    facts, reasons = Facts(report), line_reasons(report)
    if facts.program is None:
        sums = [(f"category:{one}", one.label, facts.spent(one)) for one in SpendingLine.Category]
        rows = [(line, str(label), found.adjusted, found.executed) for line, label, found in sums]
    else:
        rows = [(f"expense:{one.pk}", one.name, one.adjusted, one.executed) for one in facts.expenses]
    return [
        ReasonLine(line, line.replace(":", "-"), name, budget, spent,
                   reasons[line].text if line in reasons else "", reasons[line].pk if line in reasons else 0)
        for line, name, budget, spent in rows
    ]  # fmt: skip


def _saved(request: HttpRequest, report: Report, lines: list[ReasonLine]) -> int:
    """Write those that were changed. Raises BusinessError."""
    changed = [(one, request.POST.get(one.field, "").strip()) for one in lines]
    changed = [(one, text) for one, text in changed if " ".join(text.split()) != " ".join(one.text.split())]
    for one, text in changed:
        reason_set(
            report=report, line=one.line, text=text, seen=number_of(request.POST.get(f"{one.field}-seen"), "版本"),
            by=person(request), now=request.now, address=address_of(request),  # type: ignore[attr-defined]
        )  # fmt: skip
    return len(changed)


@duty_required(*WRITERS)
@require_http_methods(["GET", "POST"])
def report_reasons(request: HttpRequest, pk: int) -> HttpResponse:
    """Why money was not spent, line by line."""
    report = draft_of(request, pk)
    lines, error, status = _lines(report), "", 200
    if request.method == "POST":
        try:
            count = _saved(request, report, lines)
            messages.success(request, f"已保存 {count} 项。" if count else "没有改动。")
            return HttpResponseRedirect(reverse("staff_report", args=[pk]) + "#findings")
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    typed = [(one, request.POST.get(one.field, one.text)) for one in lines]
    context = {"report": report, "lines": typed, "error": error, "longest": REASON_LENGTH}
    return render(request, "performance/report_reasons.html", context, status=status)
