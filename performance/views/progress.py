"""Progress of a year's spending and work, month by month; the office of a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.sheets import workbook
from performance.forms.lags import ProgramOfficeForm
from performance.models import FiscalYear
from performance.progress_chart import chart_of
from performance.selectors import budget_desk as desk
from performance.selectors import progress_page as page
from performance.selectors.goal_progress import DEFINITION
from performance.selectors.goals import years_all
from performance.selectors.progress import last_month, month_over, usual_month, year_flow, year_to_show
from performance.services.program_office import program_department_set
from performance.views.common import (
    MAKERS,
    READERS,
    XLSX,
    acting,
    form_page,
    may,
    now_of,
    program_of,
    sent,
    year_of,
)
from performance.views.goal_common import number_in
from performance.views.programs import to_program, tree_crumbs
from workflow.services.exports import export_record


def workbook_answer(
    request: HttpRequest, file: str, *, name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], subject: str
) -> HttpResponse:
    """Rows as an Excel file, told to the audit log.

    Args:
        file: its name without the ending, in ASCII; name: the sheet's; subject: what it is of, for the log.
    """
    export_record(**acting(request), subject=subject, count=len(rows))
    answer = HttpResponse(workbook(name=name, heads=heads, rows=rows), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}.xlsx"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def progress_crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the page of progress."""
    return [("执行进度", reverse("staff_progress")), *more]


def to_progress(year: FiscalYear, month: int = 0) -> tuple[str, str]:
    """A crumb."""
    address = reverse("staff_progress_year", args=[year.pk])
    return f"{year.year}年度", address + (f"?month={month}" if month else "")


@duty_required(*READERS)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """The newest year of the center that has begun, or of a neighbour; before there is one, what to do."""
    year = year_to_show(years_all(), number_in(request, "year"), now=now_of(request))
    if year is None:
        return render(request, "performance/progress_none.html", {"may_make": may(request, *MAKERS)})
    return _page(request, year.pk)


def month_in(request: HttpRequest, year: int, *, last: int) -> int:
    """The month of the address, within those that have begun; else the usual one."""
    wanted = number_in(request, "month")
    return wanted if 1 <= wanted <= max(last, 1) else usual_month(year, now=now_of(request))


def _view(request: HttpRequest, pk: int) -> page.ProgressView:
    year = year_of(request, pk)
    last = last_month(year.year, now=now_of(request))
    month = month_in(request, year.year, last=last)
    over = month_over(year.year, now=now_of(request))
    return page.progress_view(year_flow(year), month=month, last=last, over=over)


def _page(request: HttpRequest, pk: int) -> HttpResponse:
    view = _view(request, pk)
    year = view.flow.year
    last = last_month(year.year, now=now_of(request))
    context: dict[str, Any] = {
        "view": view, "year": year, "years": years_all(), "month": view.month, "months": range(1, max(last, 1) + 1),
        "chart": chart_of(view.flow.whole, min(view.month, max(last, 1))), "definition": DEFINITION,
        "over": month_over(year.year, now=now_of(request)), "last": last, "may_make": may(request, *MAKERS),
        "now": now_of(request), "crumbs": progress_crumbs(),
        "may_ask": may(request, Duty.PERFORMANCE, Duty.DIRECTOR) and year.state == "approved",
    }  # fmt: skip
    return render(request, "performance/progress.html", context)


@duty_required(*READERS)
@require_GET
def progress_year(request: HttpRequest, pk: int) -> HttpResponse:
    """A year: months with their chart, programs with money and work side by side, categories, offices."""
    return _page(request, pk)


@duty_required(*READERS)
@require_GET
def progress_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The tables of the page as Excel: programs, or the months (``table=months``); told to the audit log."""
    view = _view(request, pk)
    year, months = view.flow.year, request.GET.get("table") == "months"
    rows = page.month_cells(view.months) if months else page.money_cells([view.whole, *view.categories, *view.programs])
    heads, name = (page.MONTH_HEADS, "各月") if months else (page.PROGRAM_HEADS, f"至{view.month}月")
    return workbook_answer(request, f"progress-{year.year}-{view.month:02}", name=name, heads=heads, rows=rows,
                           subject=f"performance.fiscalyear:{year.pk}")  # fmt: skip


@duty_required(*MAKERS)
@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """The office that answers for a program, also after the approval."""
    found = program_of(request, pk)

    def save(form: Any) -> str:
        program_department_set(program_year=found, **acting(request), **form.cleaned_data)
        return desk.program_url(found)

    form = ProgramOfficeForm(*sent(request), initial={"department": found.department_id})
    return form_page(request, form, save, title=f"承办科室：{desk.program_title(found)}", back=desk.program_url(found),
                     crumbs=tree_crumbs(to_program(found)))  # fmt: skip
