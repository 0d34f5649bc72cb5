"""Parts of a program's year: expense lines, milestones, inspections and their remedies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import duty_required
from performance.forms.programs import DoneForm, ExpenseForm, InspectionForm, MilestoneForm, RemedyForm
from performance.models import ExpenseLine, Inspection, Milestone, ProgramYear
from performance.selectors import budget_desk as desk
from performance.services import programs as writes
from performance.views.common import MAKERS, acted, acting, form_page, program_of, row_of, sent, today_of
from performance.views.programs import to_program, tree_crumbs

GET_POST = require_http_methods(["GET", "POST"])
_WITH_PROGRAM = ("program_year__program", "program_year__fiscal_year__unit")


def _expense_page(request: HttpRequest, program: ProgramYear, row: ExpenseLine | None) -> HttpResponse:
    back = desk.program_url(program) + "#expenses"

    def save(form: Any) -> str:
        writes.expense_save(program_year=program, expense=row, **acting(request), **form.cleaned_data)
        return back

    initial: dict[str, Any] = {}
    if row:
        initial = {"name": row.name, "initial_amount": row.initial_amount,
                   "economic_codes": " ".join(map(str, row.economic_codes))}  # fmt: skip
    remove = reverse("staff_expense_line_remove", args=[row.pk]) if row else ""
    return form_page(request, ExpenseForm(*sent(request), initial=initial), save, title="支出明细", back=back,
                     crumbs=tree_crumbs(to_program(program)), remove=remove)  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def expense_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new expense line."""
    return _expense_page(request, program_of(request, pk), None)


@duty_required(*MAKERS)
@GET_POST
def expense_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """An expense line of a draft."""
    row = row_of(ExpenseLine.objects.select_related(*_WITH_PROGRAM), pk)
    return _expense_page(request, row.program_year, row)


@duty_required(*MAKERS)
@require_POST
def expense_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an expense line out of a draft."""
    row = row_of(ExpenseLine.objects.select_related(*_WITH_PROGRAM), pk)
    return acted(request, lambda: writes.plan_removed(row=row, **acting(request)),
                 address=desk.program_url(row.program_year) + "#expenses", said="已删除。")  # fmt: skip


def _milestone_page(request: HttpRequest, program: ProgramYear, row: Milestone | None) -> HttpResponse:
    back = desk.program_url(program) + "#plan"

    def save(form: Any) -> str:
        writes.milestone_save(program_year=program, milestone=row, **acting(request), **form.cleaned_data)
        return back

    names = ("name", "due_on", "planned_amount")
    initial = {name: getattr(row, name) for name in names} if row else {}
    remove = reverse("staff_milestone_remove", args=[row.pk]) if row else ""
    return form_page(request, MilestoneForm(*sent(request), initial=initial), save, title="实施节点", back=back,
                     crumbs=tree_crumbs(to_program(program)), remove=remove)  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def milestone_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new step of the plan."""
    return _milestone_page(request, program_of(request, pk), None)


@duty_required(*MAKERS)
@GET_POST
def milestone_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A step of a draft's plan."""
    row = row_of(Milestone.objects.select_related(*_WITH_PROGRAM), pk)
    return _milestone_page(request, row.program_year, row)


@duty_required(*MAKERS)
@require_POST
def milestone_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step out of a draft's plan."""
    row = row_of(Milestone.objects.select_related(*_WITH_PROGRAM), pk)
    return acted(request, lambda: writes.plan_removed(row=row, **acting(request)),
                 address=desk.program_url(row.program_year) + "#plan", said="已删除。")  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def milestone_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a step was done."""
    row = row_of(Milestone.objects.select_related(*_WITH_PROGRAM), pk)
    back = desk.program_url(row.program_year) + "#plan"

    def save(form: Any) -> str:
        writes.milestone_done(milestone=row, **acting(request), **form.cleaned_data)
        return back

    initial = {"done_on": row.done_on or today_of(request), "remark": row.remark}
    return form_page(request, DoneForm(*sent(request), initial=initial), save, title=f"登记完成：{row}", verb="登记",
                     back=back, crumbs=tree_crumbs(to_program(row.program_year)),
                     facts=[("计划完成", f"{row.due_on:%Y-%m-%d}")])  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def inspection_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record an inspection."""
    program = program_of(request, pk)
    back = desk.program_url(program) + "#inspections"

    def save(form: Any) -> str:
        writes.inspection_add(program_year=program, **acting(request), **form.cleaned_data)
        return back

    return form_page(request, InspectionForm(*sent(request)), save, title="登记督查", verb="登记",
                     back=back, crumbs=tree_crumbs(to_program(program)),
                     lead="督查记录登记以后不能修改，整改情况另行登记。")  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def remedy_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was done about an inspection's findings."""
    inspection = row_of(Inspection.objects.select_related(*_WITH_PROGRAM), pk)
    program = inspection.program_year
    back = desk.program_url(program) + "#inspections"

    def save(form: Any) -> str:
        writes.remedy_add(inspection=inspection, **acting(request), **form.cleaned_data)
        return back

    return form_page(request, RemedyForm(*sent(request)), save, title="登记整改", verb="登记", back=back,
                     crumbs=tree_crumbs(to_program(program)), facts=[("督查发现", inspection.findings)])  # fmt: skip
