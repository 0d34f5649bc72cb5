"""Lines of the budget: one by one, with their history; adjustments and year-end balances."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from performance.forms.entries import income_line_words
from performance.forms.years import AdjustForm, IncomeLineForm, ReverseForm, SettleForm, SpendingLineForm
from performance.models import ExpenseLine, FiscalYear, IncomeLine, SpendingLine, YearEndBalance
from performance.money_words import yuan
from performance.selectors import budget_desk as desk
from performance.selectors.money import ZERO, expense_lines, income_lines, spending_lines
from performance.services import years as writes
from performance.services.adjustments import budget_adjust, line_settle, settle_reverse, year_of
from performance.views.common import (
    MAKERS,
    READERS,
    WRITERS,
    acted,
    acting,
    form_page,
    may,
    row_of,
    sent,
    today_of,
)
from performance.views.common import year_of as year_or_404
from performance.views.years import crumbs, to_year

GET_POST = require_http_methods(["GET", "POST"])
ENTRIES_SHOWN = 20


def line_url(line: Any) -> str:
    """The page of a line of any kind."""
    names = {IncomeLine: "staff_income_line", SpendingLine: "staff_spending_line", ExpenseLine: "staff_expense_line"}
    return reverse(names[type(line)], args=[line.pk])


def _income(pk: int) -> Any:
    return row_of(income_lines().select_related("fiscal_year__unit", "functional", "program_year__program"), pk)


def _spending(pk: int) -> Any:
    rows = spending_lines().select_related(
        "fiscal_year__unit", "functional", "economic", "program_year__program", "program_year__fiscal_year"
    )
    return row_of(rows, pk)


def _expense(pk: int) -> Any:
    found = row_of(ExpenseLine.objects.select_related("program_year__program", "program_year__fiscal_year__unit"), pk)
    line = expense_lines(found.program_year).get(pk=pk)
    line.program_year = found.program_year
    return line


def _context(request: HttpRequest, line: Any, done: str) -> dict[str, Any]:
    year = year_of(line)
    return {
        "line": line, "year": year, "done_sum": getattr(line, done), "crumbs": crumbs(to_year(year)),
        "adjustments": list(line.adjustments.select_related("by")), "may_write": may(request, *WRITERS),
        "may_make": may(request, *MAKERS), "drafting": year.state == "drafting", "adjustable": year.state == "approved",
        "entries": list(line.entries.select_related("by", "reversal_of", "reversal")[:ENTRIES_SHOWN]),
        "adjust_url": reverse(f"staff_{line._meta.model_name.removesuffix('line')}_adjust", args=[line.pk]),
    }  # fmt: skip


@duty_required(*READERS)
@require_GET
def income_line(request: HttpRequest, pk: int) -> HttpResponse:
    """An income line with its adjustments and receipts."""
    line = _income(pk)
    context = {"title": income_line_words(line), **_context(request, line, "received"), "is_income": True}
    return render(request, "performance/line.html", context)


@duty_required(*READERS)
@require_GET
def spending_line(request: HttpRequest, pk: int) -> HttpResponse:
    """A spending line with its adjustments, entries and year-end balances."""
    line = _spending(pk)
    balances = list(line.balances.select_related("by", "reversal_of", "reversal"))
    context = {"title": str(line), **_context(request, line, "executed"), "balances": balances, "is_spending": True}
    context["settleable"] = context["year"].state in ("approved", "closed")
    return render(request, "performance/line.html", context)


@duty_required(*READERS)
@require_GET
def expense_line(request: HttpRequest, pk: int) -> HttpResponse:
    """An expense line of a program."""
    line = _expense(pk)
    context = {"title": line.name, **_context(request, line, "executed"), "is_expense": True}
    context["adjustable"] = context["adjustable"] and line.initial_amount is not None
    context["drafting"] = line.program_year.state == "drafting"
    return render(request, "performance/line.html", context)


@duty_required(*MAKERS)
@GET_POST
def income_line_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new line of income."""
    return _income_page(request, year_or_404(request, pk), None)


@duty_required(*MAKERS)
@GET_POST
def income_line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A line of income while the year is drafted."""
    line = _income(pk)
    return _income_page(request, line.fiscal_year, line)


def _income_page(request: HttpRequest, year: FiscalYear, line: IncomeLine | None) -> HttpResponse:
    fields = ("source", "functional", "program_year", "initial_amount")

    def save(form: Any) -> str:
        writes.income_line_save(year=year, line=line, **acting(request), **form.cleaned_data)
        return desk.year_url(year) + "#income"

    initial = {name: getattr(line, name) for name in fields} if line else {}
    return form_page(request, IncomeLineForm(*sent(request), year=year, initial=initial), save, title="收入预算",
                     back=desk.year_url(year), crumbs=crumbs(to_year(year)),
                     remove=reverse("staff_income_line_remove", args=[line.pk]) if line else "")  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def spending_line_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new line of spending."""
    return _spending_page(request, year_or_404(request, pk), None)


@duty_required(*MAKERS)
@GET_POST
def spending_line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A line of spending while the year is drafted."""
    line = _spending(pk)
    return _spending_page(request, line.fiscal_year, line)


def _spending_page(request: HttpRequest, year: FiscalYear, line: SpendingLine | None) -> HttpResponse:
    fields = ("category", "program_year", "functional", "economic", "initial_amount")

    def save(form: Any) -> str:
        writes.spending_line_save(year=year, line=line, **acting(request), **form.cleaned_data)
        return desk.year_url(year) + "#spending"

    initial = {name: getattr(line, name) for name in fields} if line else {}
    return form_page(request, SpendingLineForm(*sent(request), year=year, initial=initial), save, title="支出预算",
                     back=desk.year_url(year), crumbs=crumbs(to_year(year)),
                     remove=reverse("staff_spending_line_remove", args=[line.pk]) if line else "")  # fmt: skip


@duty_required(*MAKERS)
@require_POST
def income_line_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a line of income out of the draft."""
    line = _income(pk)
    return acted(request, lambda: writes.row_remove(line, what="income_line_remove", **acting(request)),
                 address=desk.year_url(line.fiscal_year) + "#income", said="已删除。")  # fmt: skip


@duty_required(*MAKERS)
@require_POST
def spending_line_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a line of spending out of the draft."""
    line = _spending(pk)
    return acted(request, lambda: writes.row_remove(line, what="spending_line_remove", **acting(request)),
                 address=desk.year_url(line.fiscal_year) + "#spending", said="已删除。")  # fmt: skip


def _adjust_page(request: HttpRequest, line: Any, done: Any) -> HttpResponse:
    year = year_of(line)

    def save(form: Any) -> str:
        budget_adjust(line=line, **acting(request), **form.cleaned_data)
        return line_url(line)

    facts = [
        ("年初预算", yuan(line.initial_amount or ZERO)),
        ("全年", yuan(line.adjusted or ZERO)),
        ("已执行", yuan(done)),
    ]
    form = AdjustForm(*sent(request), initial={"adjusted_on": today_of(request)})
    return form_page(request, form, save, title=f"预算调整：{line}", verb="登记调整", back=line_url(line), facts=facts,
                     open_in=year, crumbs=crumbs(to_year(year)))  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def income_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Adjust income."""
    line = _income(pk)
    return _adjust_page(request, line, line.received)


@duty_required(*MAKERS)
@GET_POST
def spending_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Adjust spending."""
    line = _spending(pk)
    return _adjust_page(request, line, line.executed)


@duty_required(*MAKERS)
@GET_POST
def expense_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Adjust an expense line."""
    line = _expense(pk)
    return _adjust_page(request, line, line.executed)


@duty_required(*WRITERS)
@GET_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Return or carry over what is left of a line."""
    line = _spending(pk)

    def save(form: Any) -> str:
        line_settle(line=line, **acting(request), **form.cleaned_data)
        return line_url(line) + "#balances"

    facts = [("调整后预算", yuan(line.adjusted)), ("已支出", yuan(line.executed)), ("还剩", yuan(line.left))]
    initial = {"amount": f"{line.left:.2f}", "settled_on": today_of(request)}
    return form_page(request, SettleForm(*sent(request), initial=initial), save, verb="登记", back=line_url(line),
                     title=f"年末结余处理：{line}", facts=facts, crumbs=crumbs(to_year(line.fiscal_year)))  # fmt: skip


@duty_required(*WRITERS)
@GET_POST
def balance_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a year-end balance back."""
    rows = YearEndBalance.objects.select_related("line__fiscal_year__unit", "line__functional", "line__economic")
    balance = row_of(rows, pk)

    def save(form: Any) -> str:
        settle_reverse(balance=balance, **acting(request), **form.cleaned_data)
        return line_url(balance.line) + "#balances"

    form = ReverseForm(*sent(request), initial={"reversed_on": today_of(request)})
    return form_page(request, form, save, verb="冲销",
                     title=f"冲销：{balance.get_kind_display()} {yuan(balance.amount)}", back=line_url(balance.line),
                     crumbs=crumbs(to_year(balance.line.fiscal_year)))  # fmt: skip
