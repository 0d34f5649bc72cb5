"""Goal tables: the year's page, one table, its words, a new version, two versions compared, the workbook."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from performance.exports import goals_workbook
from performance.forms.goals import GoalForm, GoalNewForm
from performance.models import FiscalYear, GoalState, GoalTable, ProgramYear
from performance.scoring.target_words import target_words
from performance.selectors import goals as reads
from performance.selectors.actuals import newest_actuals
from performance.selectors.forms import report_of
from performance.selectors.versions import field_words, versions_compared
from performance.services.goals import goals_create, goals_save, scheme_renew
from performance.services.indicators import indicator_digest
from performance.views.goal_common import (
    READERS,
    WORKBOOK,
    attempt,
    goal_of,
    manages,
    now_of,
    seen_anew,
    who,
    year_in,
)
from workflow.moves import STAFF
from workflow.registry import table_of
from workflow.selectors.changes import changes_of, moves_for
from workflow.services.exports import export_record

OWN_PAGES = frozenset({"save"})


@duty_required(*STAFF)
@require_GET
def goal_list(request: HttpRequest) -> HttpResponse:
    """The goals of a year: the department, then 部门职责–工作活动–项目."""
    years = reads.years_all()
    year = year_in(request, years)
    department, branches = reads.year_goals(year) if year else (None, [])
    context = {
        "years": years, "year": year, "department": department, "branches": branches, "manages": manages(request),
        "scores": bool(set(READERS) & request.duties),  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "performance/goal_list.html", context)


def _rows(table: GoalTable, actuals: dict[Any, Any]) -> list[dict[str, Any]]:
    """Indicators with how their targets are understood, and what changes them."""
    return [
        {
            "one": one, "target": target_words(one.target), "measure": field_words(one, "measure"),
            "actual": actuals.get(one.key), "seen": indicator_digest(one),
        }
        for one in reads.indicators_of(table)
    ]  # fmt: skip


def table_context(request: HttpRequest, table: GoalTable) -> dict[str, Any]:
    """State, history, buttons, weights and versions of a table."""
    history, indicators = changes_of(table), reads.indicators_of(table)
    verdicts = moves_for(table, by=request.user, now=now_of(request), history=history)
    frozen = table.state in (GoalState.APPROVED, GoalState.SUPERSEDED)
    actuals = newest_actuals(table.fiscal_year_id, [one.key for one in indicators]) if frozen else {}
    return {
        "goal": table, "obj": table, "title": reads.goal_title(table), "subject": reads.subject_of(table),
        "table": table_of(table), "history": history, "seen": history[-1].number if history else 0,
        "moves": [one for one in verdicts if one.move.name not in OWN_PAGES],
        "may_edit": any(one.move.name in OWN_PAGES and one.allowed for one in verdicts),
        "rows": _rows(table, actuals), "sums": reads.sums_of(table, indicators), "frozen": frozen,
        "versions": reads.versions_of(table), "now": now_of(request), "done": request.GET.get("done", ""),
        "manages": manages(request), "scores": bool(set(READERS) & request.duties),  # type: ignore[attr-defined]
    }  # fmt: skip


@duty_required(*STAFF)
@require_GET
def goal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: goal, weights against the scheme, indicators, versions, moves, history."""
    context = table_context(request, goal_of(request, pk))
    goal = context["goal"]
    open_one = next((one for one in context["versions"] if one.state in reads.OPEN), None)
    context |= {"open_one": open_one, "may_adjust": goal.state == GoalState.APPROVED and not open_one}
    return render(request, "performance/goal_detail.html", context)


@duty_required(*STAFF)
@require_GET
def goal_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The table as a form on paper."""
    table = goal_of(request, pk)
    context = table_context(request, table) | {"report": report_of(table)}
    return render(request, "performance/goal_print.html", context)


def _object(year: int, program: int) -> tuple[FiscalYear, ProgramYear | None]:
    fiscal = get_object_or_404(FiscalYear.objects.select_related("unit"), pk=min(year, 2**63 - 1))
    if not program:
        return fiscal, None
    rows = ProgramYear.objects.select_related("program", "fiscal_year__unit")
    return fiscal, get_object_or_404(rows, pk=min(program, 2**63 - 1), fiscal_year=fiscal)


def _made(form: GoalNewForm, year: FiscalYear, program: ProgramYear | None, sources: list[GoalTable], **by: Any) -> Any:
    chosen = next((one for one in sources if one.pk == form.cleaned_data["source"]), None)
    reason = form.cleaned_data.get("reason", "")
    return goals_create(fiscal_year=year, program_year=program, reason=reason, copy_from=chosen, **by)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def goal_new(request: HttpRequest, year: int, program: int = 0) -> HttpResponse:
    """Begin a table or its next version, empty or with the indicators of another."""
    fiscal, program_year = _object(year, program)
    sources = reads.copy_sources(fiscal, program_year)
    further = reads.approved_of(fiscal, program_year) is not None
    form = GoalNewForm(request.POST if request.method == "POST" else None, sources=sources, further=further)
    error, status = "", 200
    if request.method == "POST":
        act = lambda: _made(form, fiscal, program_year, sources, **who(request))  # noqa: E731 (a deed, told once)
        table, error, status = attempt(request, form, act)
        if table is not None:
            return HttpResponseRedirect(reverse("staff_goal", args=[table.pk]) + "?done=create")
    name = program_year.program.name if program_year else fiscal.unit.name
    context = {"form": form, "error": error, "year": fiscal, "subject": name, "further": further, "sources": sources}
    return render(request, "performance/goal_new.html", context, status=status)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def goal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The overall goal, and why a further version is needed."""
    table = goal_of(request, pk)
    number = len(changes_of(table))
    start = {"overall_goal": table.overall_goal, "reason": table.reason, "seen": number}
    form = GoalForm(request.POST if request.method == "POST" else None, initial=start, further=table.number > 1)
    error, status = "", 200
    if request.method == "POST":
        saved, error, status = attempt(request, form, lambda: _save_words(table, form, **who(request)))
        if saved is not None:
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reads.goal_url(table))
        seen_anew(form, number)
    context = {"form": form, "error": error, "goal": table, "title": reads.goal_title(table)}
    return render(request, "performance/goal_edit.html", context, status=status)


def _save_words(table: GoalTable, form: GoalForm, **by: Any) -> GoalTable:
    found = form.cleaned_data
    return goals_save(
        table=table, overall_goal=found["overall_goal"], reason=found.get("reason", table.reason), seen=found["seen"],
        **by,
    )  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@require_POST
def goal_scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a draft be scored by the scheme in use now."""
    table = goal_of(request, pk)
    try:
        scheme_renew(table=table, **who(request))
        messages.success(request, "已改用现行方案，请核对各组分值。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reads.goal_url(table))


@duty_required(*STAFF)
@require_GET
def goal_compare(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """What one version changed against another of the same object and year."""
    before, after = goal_of(request, first), goal_of(request, second)
    if (before.fiscal_year_id, before.program_year_id) != (after.fiscal_year_id, after.program_year_id):
        raise Http404("两个版本不是同一张目标表的")
    context = {
        "before": before, "after": after, "found": versions_compared(before, after), "title": reads.goal_title(after),
    }  # fmt: skip
    return render(request, "performance/goal_compare.html", context)


@duty_required(*STAFF)
@require_GET
def goal_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The indicators as a workbook; every export is told to the audit log."""
    table = goal_of(request, pk)
    content, count = goals_workbook(table)
    taken = who(request)
    export_record(**taken, subject=f"performance.goaltable:{table.pk}", count=count)
    answer = HttpResponse(content, content_type=WORKBOOK)
    answer.headers["Content-Disposition"] = f'attachment; filename="goals-{table.fiscal_year.year}-{table.pk}.xlsx"'
    return answer
