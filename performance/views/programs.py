"""Programs: the tree, applications, plans, inspections, special approvals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from performance.forms.programs import (
    ActivityForm,
    ApplicationForm,
    ApprovalForm,
    NewApplicationForm,
    ProgramForm,
    ResponsibilityForm,
)
from performance.models import Activity, BudgetUnit, FiscalYear, Program, ProgramYear, Responsibility
from performance.selectors import budget_desk as desk
from performance.selectors.programs import program_tree, program_view
from performance.selectors.purse import approvals_left
from performance.selectors.result_uses import earlier_of
from performance.services import programs as writes
from performance.views.common import (
    MAKERS,
    READERS,
    acting,
    form_page,
    may,
    now_of,
    object_context,
    program_of,
    row_of,
    sent,
    today_of,
)

GET_POST = require_http_methods(["GET", "POST"])


def tree_crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the tree."""
    return [("职责—活动—项目", reverse("staff_programs")), *more]


def to_program(program_year: ProgramYear) -> tuple[str, str]:
    """A crumb."""
    return desk.program_title(program_year), desk.program_url(program_year)


@duty_required(*READERS)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """部门职责–工作活动–项目."""
    return render(request, "performance/tree.html", {"branches": program_tree(), "may_make": may(request, *MAKERS)})


def _responsibility_page(request: HttpRequest, unit: BudgetUnit, row: Responsibility | None) -> HttpResponse:
    def save(form: Any) -> str:
        writes.responsibility_save(unit=unit, row=row, **acting(request), **form.cleaned_data)
        return reverse("staff_programs")

    initial = {"name": row.name, "text": row.text} if row else {}
    return form_page(request, ResponsibilityForm(*sent(request), initial=initial), save, title=f"{unit}的部门职责",
                     back=reverse("staff_programs"), crumbs=tree_crumbs())  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def responsibility_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new 部门职责 of a unit."""
    return _responsibility_page(request, row_of(BudgetUnit.objects.all(), pk), None)


@duty_required(*MAKERS)
@GET_POST
def responsibility_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """An existing 部门职责."""
    row = row_of(Responsibility.objects.select_related("unit"), pk)
    return _responsibility_page(request, row.unit, row)


def _activity_page(request: HttpRequest, parent: Responsibility, row: Activity | None) -> HttpResponse:
    def save(form: Any) -> str:
        writes.activity_save(responsibility=parent, row=row, **acting(request), **form.cleaned_data)
        return reverse("staff_programs")

    initial = {"name": row.name} if row else {}
    return form_page(request, ActivityForm(*sent(request), initial=initial), save, title=f"{parent}的工作活动",
                     back=reverse("staff_programs"), crumbs=tree_crumbs())  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def activity_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new 工作活动 of a 部门职责."""
    return _activity_page(request, row_of(Responsibility.objects.all(), pk), None)


@duty_required(*MAKERS)
@GET_POST
def activity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """An existing 工作活动."""
    row = row_of(Activity.objects.select_related("responsibility"), pk)
    return _activity_page(request, row.responsibility, row)


@duty_required(*MAKERS)
@GET_POST
def program_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new program, or an existing one."""
    program = row_of(Program.objects.select_related("unit", "activity"), pk) if pk else None

    def save(form: Any) -> str:
        writes.program_save(program=program, **acting(request), **form.cleaned_data)
        return reverse("staff_programs")

    names = ("unit", "activity", "code", "name")
    initial = {name: getattr(program, name) for name in names} if program else {}
    if not program:
        initial["unit"] = BudgetUnit.objects.filter(is_home=True).first()
    return form_page(request, ProgramForm(*sent(request), initial=initial), save, title="项目",
                     back=reverse("staff_programs"), crumbs=tree_crumbs())  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def program_year_new(request: HttpRequest) -> HttpResponse:
    """Apply for a program's money of a year."""

    def save(form: Any) -> str:
        values = dict(form.cleaned_data)
        made = writes.program_year_create(year=values.pop("fiscal_year"), **values, **acting(request))
        return desk.program_url(made)

    chosen = request.GET.get("program", "")
    year = FiscalYear.objects.exclude(state="closed").order_by("-year").first()
    initial = {"program": chosen if chosen.isascii() and chosen.isdigit() else None, "fiscal_year": year}
    form = NewApplicationForm(*sent(request), now=now_of(request), initial=initial)
    return form_page(request, form, save, title="申报项目资金", verb="建立申报", back=reverse("staff_programs"),
                     crumbs=tree_crumbs())  # fmt: skip


@duty_required(*READERS)
@require_GET
def program_year(request: HttpRequest, pk: int) -> HttpResponse:
    """A program's year: money, plan, inspections."""
    found = program_of(request, pk)
    context = {
        "program": found, "view": program_view(found, today=today_of(request)),
        "inspections": list(found.inspections.select_related("by").prefetch_related("remedies__by")),
        "earlier": earlier_of(found, now=now_of(request)), **object_context(request, found),
    }  # fmt: skip
    return render(request, "performance/program_year.html", context)


@duty_required(*MAKERS)
@GET_POST
def program_year_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The application while it is drafted."""
    found = program_of(request, pk)

    def save(form: Any) -> str:
        writes.program_year_save(program_year=found, **acting(request), **form.cleaned_data)
        return desk.program_url(found)

    initial = {name: getattr(found, name) for name in (*writes.TEXTS, "applied_amount", "leader")}
    form = ApplicationForm(*sent(request), now=now_of(request), initial=initial)
    return form_page(request, form, save, title=f"编辑申报：{desk.program_title(found)}", back=desk.program_url(found),
                     crumbs=tree_crumbs(to_program(found)))  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def approval_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a special approval."""
    found = program_of(request, pk)

    def save(form: Any) -> str:
        made = writes.approval_request(program_year=found, **acting(request), **form.cleaned_data)
        return desk.approval_url(made)

    return form_page(request, ApprovalForm(*sent(request)), save, title=f"申请特别批准：{desk.program_title(found)}",
                     verb="提交申请", back=desk.program_url(found), crumbs=tree_crumbs(to_program(found)),
                     facts=[("规定用途", found.purpose)])  # fmt: skip


@duty_required(*READERS)
@require_GET
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """A special approval and what was spent under it."""
    found = row_of(desk.approval_rows(now=now_of(request)), pk)
    left = approvals_left(found.program_year.fiscal_year).get(pk=found.pk).left
    entries = list(found.entries.select_related("line__economic", "reversal", "reversal_of")[:100])
    context = {
        "approval": found, "facts": desk.approval_facts(found), "left": left, "entries": entries,
        **object_context(request, found),
    }  # fmt: skip
    return render(request, "performance/approval.html", context)
