"""Entries of spending and income: the list, one of them, a new one, reversals, files."""

from __future__ import annotations

import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from audit.services import export_record
from core.errors import BusinessError
from core.fields import not_plain
from core.sheets import sheet_write
from documents.selectors import file_open
from performance.forms.entries import EntryForm, IncomeEntryForm, PapersOnlyForm
from performance.forms.years import ReverseForm
from performance.models import EntryPaper, FiscalYear, IncomeEntry, ProgramYear, SpendingEntry, SpendingLine
from performance.money_words import yuan
from performance.selectors import entries as reads
from performance.services import entries as writes
from performance.services.files import files_keep
from performance.views.common import (
    READERS,
    WRITERS,
    XLSX,
    acting,
    download,
    filters_kept,
    form_page,
    may,
    now_of,
    row_of,
    sent,
    today_of,
    year_of,
)
from performance.views.years import crumbs, to_year
from workflow.views.common import address_of, number_of, person

GET_POST = require_http_methods(["GET", "POST"])
WIDTHS = (8, 12, 16, 14, 24, 18, 22, 22, 30, 18, 26, 18, 18, 10, 10, 24, 12, 20)


def _query(request: HttpRequest) -> reads.EntryQuery:
    words, category = request.GET.get("q", "").strip(), request.GET.get("category", "")
    if len(words) > 100 or not_plain(words):
        raise BusinessError("查找的文字不能超过 100 字，也不能含控制字符和尖括号。", "bad_query")
    only = request.GET.get("only", "")
    return reads.EntryQuery(
        category=category if category in SpendingLine.Category.values else "",
        program=number_of(request.GET.get("program"), "项目"), line=number_of(request.GET.get("line"), "支出预算"),
        words=words, month=min(number_of(request.GET.get("month"), "月份"), 13),
        only=only if only in ("reversed", "special") else "", after=request.GET.get("after", "")[:40],
    )  # fmt: skip


@duty_required(*READERS)
@require_GET
def entry_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The year's spending, newest first."""
    year, query = year_of(request, pk), _query(request)
    try:
        rows, following = reads.entries_page(year, query)
    except ValueError:
        raise BusinessError("翻页位置无法识别，请从第一页重新开始。", "bad_cursor") from None
    count, whole = reads.entries_sum(year, query)
    context = {
        "year": year, "entries": rows, "next": following, "query": query, "count": count, "sum": whole,
        "kept": filters_kept(request), "months": range(1, 13), "categories": SpendingLine.Category.choices,
        "programs": list(ProgramYear.objects.filter(fiscal_year=year).select_related("program", "fiscal_year")),
        "may_write": may(request, *WRITERS), "open": year.state != "closed", "crumbs": crumbs(to_year(year)),
        "now": now_of(request),
    }  # fmt: skip
    return render(request, "performance/entry_list.html", context)


@duty_required(*READERS)
@require_GET
def entries_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as Excel, wholly; what leaves the house is told to the audit log."""
    year, query = year_of(request, pk), _query(request)
    rows = reads.entries_of(year, query)
    title = f"{year.year}年支出登记"
    with sheet_write(title=title, heads=reads.HEADS, widths=WIDTHS, rows=reads.entry_cells(rows)) as file:
        content = file.read()
    export_record(by=person(request), now=now_of(request), what=title, rows=rows.count(),
                  address=address_of(request))  # fmt: skip
    return download(io.BytesIO(content), f"{title}.xlsx", XLSX)


@duty_required(*WRITERS)
@GET_POST
def entry_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter one payment."""
    year = year_of(request, pk)

    def save(form: Any) -> str:
        values = dict(form.cleaned_data)
        uploads = values.pop("papers")
        papers = files_keep(uploads=uploads, now=now_of(request))
        entry = writes.spending_enter(**values, papers=papers, **acting(request))
        return reverse("staff_entry", args=[entry.pk])

    chosen = request.GET.get("line", "")
    initial = {"line": chosen if chosen.isascii() and chosen.isdigit() else None}
    form = EntryForm(*sent(request), year=year, initial=initial)
    return form_page(request, form, save, title=f"登记支出（{year.year}年度）", verb="登记", upload=True, open_in=year,
                     back=reverse("staff_entries", args=[year.pk]), crumbs=crumbs(to_year(year)))  # fmt: skip


def _entry(pk: int) -> SpendingEntry:
    found: SpendingEntry = row_of(reads.entry_rows().select_related("fiscal_year__unit"), pk)
    return found


@duty_required(*READERS)
@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its files, its reversal, the list it came from."""
    found = _entry(pk)
    context = {
        "entry": found, "papers": list(found.papers.select_related("file", "by").order_by("pk")),
        "imports": list(found.import_lines.filter(batch__state="applied").select_related("batch")[:5]),
        "back": found.reversal if hasattr(found, "reversal") else None, "may_write": may(request, *WRITERS),
        "year": found.fiscal_year, "crumbs": crumbs(to_year(found.fiscal_year)), "form": PapersOnlyForm(),
    }  # fmt: skip
    context["reversible"] = not context["back"] and not found.reversal_of_id and found.fiscal_year.state != "closed"
    return render(request, "performance/entry.html", context)


@duty_required(*WRITERS)
@GET_POST
def entry_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry back."""
    found = _entry(pk)

    def save(form: Any) -> str:
        back = writes.spending_reverse(entry=found, **acting(request), **form.cleaned_data)
        return reverse("staff_entry", args=[back.pk])

    form = ReverseForm(*sent(request), initial={"reversed_on": today_of(request)})
    facts = [
        ("日期", f"{found.spent_on:%Y-%m-%d}"),
        ("金额", yuan(found.amount)),
        ("用途", found.purpose),
        ("收款人", found.payee),
    ]
    return form_page(request, form, save, title=f"冲销第 {found.pk} 号支出", verb="冲销", facts=facts,
                     back=reverse("staff_entry", args=[pk]), crumbs=crumbs(to_year(found.fiscal_year)))  # fmt: skip


@duty_required(*WRITERS)
@GET_POST
def entry_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Add files to an entry."""
    found = _entry(pk)

    def save(form: Any) -> str:
        papers = files_keep(uploads=form.cleaned_data["papers"], now=now_of(request))
        writes.entry_papers_add(entry=found, papers=papers, **acting(request))
        return reverse("staff_entry", args=[pk])

    return form_page(request, PapersOnlyForm(*sent(request)), save, verb="上传", upload=True,
                     title=f"第 {found.pk} 号支出的附件", back=reverse("staff_entry", args=[pk]),
                     crumbs=crumbs(to_year(found.fiscal_year)))  # fmt: skip


@duty_required(*READERS)
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of an entry as a download."""
    found: EntryPaper = row_of(EntryPaper.objects.select_related("file"), pk)
    return download(file_open(found.file), found.name)


@duty_required(*READERS)
@require_GET
def income_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The year's receipts, newest first."""
    year, before = year_of(request, pk), number_of(request.GET.get("before"))
    rows = reads.income_entries_of(year).order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: reads.PAGE + 1])
    context = {
        "year": year, "entries": found[: reads.PAGE], "may_write": may(request, *WRITERS),
        "next": found[reads.PAGE - 1].pk if len(found) > reads.PAGE else 0, "open": year.state != "closed",
        "crumbs": crumbs(to_year(year)),
    }  # fmt: skip
    return render(request, "performance/income_list.html", context)


@duty_required(*WRITERS)
@GET_POST
def income_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter one receipt."""
    year: FiscalYear = year_of(request, pk)
    back = reverse("staff_income_entries", args=[pk])

    def save(form: Any) -> str:
        writes.income_enter(**acting(request), **form.cleaned_data)
        return back

    return form_page(request, IncomeEntryForm(*sent(request), year=year), save, verb="登记", back=back,
                     title=f"登记收入（{year.year}年度）", crumbs=crumbs(to_year(year)))  # fmt: skip


@duty_required(*WRITERS)
@GET_POST
def income_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a receipt back."""
    found = row_of(IncomeEntry.objects.select_related("fiscal_year__unit", "line"), pk)
    back = reverse("staff_income_entries", args=[found.fiscal_year_id])

    def save(form: Any) -> str:
        writes.income_reverse(entry=found, **acting(request), **form.cleaned_data)
        return back

    form = ReverseForm(*sent(request), initial={"reversed_on": today_of(request)})
    facts = [("日期", f"{found.received_on:%Y-%m-%d}"), ("金额", yuan(found.amount)), ("摘要", found.summary)]
    return form_page(request, form, save, title="冲销收入", verb="冲销", back=back, facts=facts,
                     crumbs=crumbs(to_year(found.fiscal_year)))  # fmt: skip
