"""Planned spending by month: one line, or all lines of a year in one table; both may be filled in with a button."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from performance.flows import even
from performance.forms.month_plans import PlanForm
from performance.models import FiscalYear
from performance.selectors.money import spending_lines
from performance.selectors.progress import LineFlow, YearFlow, steps_plan, year_flow
from performance.services.month_plans import month_plans_set, newest_plan
from performance.views.common import MAKERS, READERS, acting, form_page, row_of, sent, year_of
from performance.views.goal_common import number_in
from performance.views.progress import progress_crumbs, to_progress, workbook_answer

# A year's lines are many: what one form sends stays below Django's limit of 1,000 fields.
PAGE = 30
GET_POST = require_http_methods(["GET", "POST"])
FILLS = {"even": "按月平均", "steps": "按实施节点"}
HEADS = (
    "支出类别", "项目", "经济科目", "全年预算（元）", *(f"{month}月（元）" for month in range(1, 13)), "计划合计（元）",
)  # fmt: skip


def _start(view: YearFlow, rows: Sequence[LineFlow], fill: str) -> dict[int, Sequence[Decimal]]:
    """What stands in the fields at first: what was entered; with a button also a proposal where nothing was."""
    found: dict[int, Sequence[Decimal]] = {}
    for one in rows:
        if one.flow.planned is not None:
            found[one.line.pk] = one.flow.planned
        elif fill == "even":
            found[one.line.pk] = even(one.flow.budget_at(12))
        elif fill == "steps" and (proposed := _by_steps(view, one)) is not None:
            found[one.line.pk] = proposed
    return found


def _by_steps(view: YearFlow, one: LineFlow) -> Sequence[Decimal] | None:
    """The payments of a program's steps, where it has one line of the budget alone: nobody says which line pays."""
    program = next((o for o in view.programs if o.program_year.pk == one.line.program_year_id), None)
    if program is None or len(program.lines) != 1:
        return None
    return steps_plan(program.steps, view.year.year)


def _form(request: HttpRequest, view: YearFlow, rows: Sequence[LineFlow], fill: str) -> PlanForm:
    seen = newest_plan([one.line.pk for one in rows])
    return PlanForm(*sent(request), rows=rows, start=_start(view, rows, fill), seen=seen)


def _save(request: HttpRequest, year: FiscalYear, form: PlanForm) -> None:
    month_plans_set(
        year=year, plans=form.plans(), seen=form.seen(), reason=form.cleaned_data["reason"], **acting(request)
    )


@duty_required(*MAKERS)
@GET_POST
def plans(request: HttpRequest, pk: int) -> HttpResponse:
    """All lines of a year in one table, thirty on a page."""
    year = year_of(request, pk)
    view, number = year_flow(year), max(number_in(request, "page"), 1)
    rows = view.lines[(number - 1) * PAGE : number * PAGE]
    here = reverse("staff_month_plans", args=[pk])

    def save(form: Any) -> str:
        _save(request, year, form)
        return reverse("staff_progress_year", args=[pk])

    form = _form(request, view, rows, request.GET.get("fill", ""))
    return form_page(
        request, form, save, title=f"{year.year}年度月度用款计划", back=reverse("staff_progress_year", args=[pk]),
        template="performance/month_plans.html", crumbs=progress_crumbs(to_progress(year)), year=year, page=number,
        next=number + 1 if len(view.lines) > number * PAGE else 0, fills=FILLS, here=here, months=range(1, 13),
        open_in=year,
    )  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def line_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The twelve months of one line."""
    line = row_of(spending_lines().select_related("fiscal_year__unit", "economic", "program_year__program"), pk)
    year: FiscalYear = line.fiscal_year
    view = year_flow(year)
    one = next(found for found in view.lines if found.line.pk == pk)
    back = reverse("staff_spending_line", args=[pk])

    def save(form: Any) -> str:
        _save(request, year, form)
        return back

    form = _form(request, view, [one], request.GET.get("fill", ""))
    program = f"{line.program_year.program} " if line.program_year else ""
    return form_page(
        request, form, save, title=f"月度用款计划：{program}{line.economic.name}", back=back,
        template="performance/month_plan.html", crumbs=progress_crumbs(to_progress(year)), year=year, one=one,
        open_in=year, fills=FILLS, here=reverse("staff_month_plan", args=[pk]),
        history=list(line.month_plans.select_related("by").order_by("-id")[:50]),
    )  # fmt: skip


@duty_required(*READERS)
@require_GET
def plans_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The plans of all lines as Excel; told to the audit log."""
    year = year_of(request, pk)
    rows = [
        (
            str(one.line.get_category_display()), str(one.line.program_year.program) if one.line.program_year else "",
            str(one.line.economic), f"{one.flow.budget_at(12):.2f}",
            *((f"{amount:.2f}" for amount in one.flow.planned) if one.flow.planned else [""] * 12),
            f"{one.flow.planned_to(12):.2f}" if one.flow.planned else "",
        )
        for one in year_flow(year).lines
    ]  # fmt: skip
    return workbook_answer(request, f"plans-{year.year}", name="月度用款计划", heads=HEADS, rows=rows,
                           subject=f"performance.fiscalyear:{year.pk}")  # fmt: skip
