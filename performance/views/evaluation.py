"""自评工作方案: the list of years, one plan with where each program stands, its words, its programs."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from core.sheets import sheet_write
from performance.forms.evaluation import PlanForm, PlanNewForm, choice_forms, step_words
from performance.forms.reports import members_words
from performance.models import EvaluationPlan, PlanState
from performance.selectors import evaluation as reads
from performance.selectors.reports import READERS
from performance.services.evaluation import plan_create, plan_save, programs_save
from performance.views.common import (
    XLSX,
    acting,
    download,
    form_page,
    may,
    now_of,
    object_context,
    row_of,
    sent,
)
from performance.views.goal_common import seen_anew
from workflow.selectors.changes import changes_of
from workflow.services.exports import export_record
from workflow.views.common import number_of, status_of

GET_POST = require_http_methods(["GET", "POST"])
OWN_PAGES = frozenset({"save"})
WIDTHS = (28, 10, 10, 36, 16, 12, 12, 14, 14, 12)


def plan_of(request: HttpRequest, pk: int) -> EvaluationPlan:
    """A plan by its number; 404 otherwise."""
    found: EvaluationPlan = row_of(reads.plan_rows(now=now_of(request)), pk)
    return found


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("自评工作方案", reverse("staff_plans")), *more]


@duty_required(*READERS)
@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """Approved years with their plans."""
    years = reads.years_for_plans()
    context = {
        "years": years, "may_plan": may(request, Duty.PERFORMANCE), "has_choices": any(not plan for _, plan in years)
    }  # fmt: skip
    return render(request, "performance/plan_list.html", context)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def plan_new(request: HttpRequest) -> HttpResponse:
    """Begin a year's plan with what is usual."""
    years = [year for year, plan in reads.years_for_plans() if plan is None]

    def save(form: Any) -> str:
        return reads.plan_url(plan_create(**form.cleaned_data, **acting(request))) + "?done=create"

    form = PlanNewForm(*sent(request), years=years)
    return form_page(request, form, save, title="编制自评工作方案", verb="编制", back=reverse("staff_plans"),
                     crumbs=_crumbs())  # fmt: skip


def _about(request: HttpRequest, plan: EvaluationPlan) -> dict[str, Any]:
    context = object_context(request, plan)
    context["moves"] = [one for one in context["moves"] if one.move.name not in OWN_PAGES]
    return context | {
        "plan": plan, "title": reads.plan_title(plan), "stands": reads.stands_of(plan.fiscal_year, plan),
        "steps": reads.steps_of(plan, now=context["now"]), "members": list(plan.members.all()),
        "may_edit": plan.state == PlanState.DRAFTING and may(request, Duty.PERFORMANCE),
    }  # fmt: skip


@duty_required(*READERS)
@require_GET
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: group, timetable, programs with where each stands, moves, history."""
    return render(request, "performance/plan.html", _about(request, plan_of(request, pk)))


@duty_required(*READERS)
@require_GET
def plan_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan on paper."""
    return render(request, "performance/plan_print.html", _about(request, plan_of(request, pk)))


@duty_required(*READERS)
@require_GET
def plan_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The programs and where each stands, as Excel."""
    plan = plan_of(request, pk)
    stands = reads.stands_of(plan.fiscal_year, plan)
    title = f"{plan.fiscal_year.year}年自评项目"
    with sheet_write(title=title, heads=reads.HEADS, widths=WIDTHS, rows=reads.stand_cells(stands)) as file:
        content = file.read()
    export_record(**acting(request), subject=f"performance.evaluationplan:{plan.pk}", count=len(stands))
    return download(io.BytesIO(content), f"{title}.xlsx", XLSX)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Document number, group, timetable, method."""
    plan = _draft_of(request, pk)
    start, back = _words_of(plan), reads.plan_url(plan)

    def save(form: Any) -> str:
        try:
            plan_save(plan=plan, **form.cleaned_data, **acting(request))
        except BusinessError as refusal:
            if refusal.code == "changed":
                seen_anew(form, start["seen"])
            raise
        return back

    return form_page(request, PlanForm(*sent(request), initial=start), save, title="修改方案", back=back,
                     crumbs=_crumbs((reads.plan_title(plan), back)))  # fmt: skip


def _words_of(plan: EvaluationPlan) -> dict[str, Any]:
    """What the form of a stored plan shows."""
    return {
        "document_number": plan.document_number, "method": plan.method, "members": members_words(plan.members.all()),
        "steps": "\n".join(step_words(one) for one in plan.steps.select_related("office")),
        "seen": len(changes_of(plan)),
    }  # fmt: skip


def _draft_of(request: HttpRequest, pk: int) -> EvaluationPlan:
    """A plan that is being drafted. Raises Http404, or BusinessError."""
    plan = plan_of(request, pk)
    if plan.state != PlanState.DRAFTING:
        raise BusinessError(
            f"不能修改：这个方案{plan.get_state_display()}；已提交的先收回，已批准的先“调整方案”。", "wrong_state"
        )
    return plan


def _choices(forms: list[Any]) -> dict[int, tuple[bool, bool, str]]:
    # Every form is asked, so that each shows what is wrong with it.
    valid = [form.is_valid() for _, form in forms]
    if not all(valid):
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存。", "invalid")
    return {
        one.pk: (form.cleaned_data["chosen"], form.cleaned_data["focus"], form.cleaned_data["reason"])
        for one, form in forms
    }


@duty_required(Duty.PERFORMANCE)
@GET_POST
def plan_programs(request: HttpRequest, pk: int) -> HttpResponse:
    """Which programs are evaluated, which with weight, and why."""
    plan = _draft_of(request, pk)
    forms = choice_forms(plan, reads.programs_of_year(plan.fiscal_year), *sent(request)[:1])
    seen, error, status = len(changes_of(plan)), "", 200
    if request.method == "POST":
        try:
            known = number_of(request.POST.get("seen"), "页面")
            programs_save(plan=plan, choices=_choices(forms), seen=known or None, **acting(request))
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reads.plan_url(plan) + "#programs")
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    proposed = reads.proposals(plan.fiscal_year)
    rows = [(one, form, proposed.get(one.pk, "")) for one, form in forms]
    context = {"plan": plan, "title": reads.plan_title(plan), "rows": rows, "seen": seen, "error": error}
    return render(request, "performance/plan_programs.html", context, status=status)
