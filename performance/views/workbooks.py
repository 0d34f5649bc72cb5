"""The bureau's workbooks: uploaded, pointed cell by cell, filled and taken."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from core.errors import BusinessError
from documents.selectors import file_open
from performance.forms.workbooks import AddressForm, CellForm, WorkbookForm, WorkbookNewForm
from performance.models import BureauWorkbook, WorkbookCell
from performance.selectors import workbooks as reads
from performance.selectors.workbook_data import FormData
from performance.selectors.workbook_fields import key_only, key_parts
from performance.selectors.workbook_suggestions import Suggestion, suggestions_of
from performance.services import workbooks as writes
from performance.sheets.form_book import FormSheet
from performance.sheets.form_xml import address_of, place_of
from performance.views.common import (
    MAKERS,
    READERS,
    XLSX,
    acted,
    acting,
    download,
    form_page,
    may,
    row_of,
    sent,
    today_of,
)
from workflow.services.exports import export_record

CRUMB = "财政表格"


def workbook_of(pk: int) -> BureauWorkbook:
    """A workbook; 404 otherwise."""
    found: BureauWorkbook = row_of(reads.workbook_rows().prefetch_related("cells"), pk)
    return found


def _crumbs(workbook: BureauWorkbook | None = None) -> list[tuple[str, str]]:
    found = [(CRUMB, reverse("staff_workbooks"))]
    return [*found, (workbook.name, reverse("staff_workbook", args=[workbook.pk]))] if workbook else found


@duty_required(*READERS)
@require_GET
def workbook_list(request: HttpRequest) -> HttpResponse:
    """All workbooks, those in use first."""
    context = {"workbooks": reads.workbook_rows(), "may_make": may(request, *MAKERS)}
    return render(request, "performance/workbook_list.html", context)


@duty_required(*MAKERS)
@require_http_methods(["GET", "POST"])
def workbook_new(request: HttpRequest) -> HttpResponse:
    """Upload a blank workbook."""

    def save(form: Any) -> str:
        found = dict(form.cleaned_data)
        file = found.pop("file")
        workbook, copied = writes.workbook_upload(content=file, file_name=str(file.name), **found, **acting(request))
        if found["copy_from"] is not None:
            messages.info(request, f"沿用了 {copied} 格的对应关系，请逐张工作表核对。")
        return reverse("staff_workbook", args=[workbook.pk])

    form = WorkbookNewForm(*sent(request), initial={"first_year": today_of(request).year})
    return form_page(
        request, form, save, verb="上传", upload=True, title="上传财政部门的空白表格",
        back=reverse("staff_workbooks"), crumbs=_crumbs(),
        lead="上传一次，指定一次哪一格填什么，以后每年自动填好。原来的格式、公式、合并单元格都不动。",
    )  # fmt: skip


@duty_required(*READERS)
@require_GET
def workbook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One workbook: its sheets, what it can be filled for."""
    workbook = workbook_of(pk)
    book = reads.book_of_workbook(workbook)
    counts: dict[str, int] = {}
    for one in workbook.cells.all():
        counts[one.sheet] = counts.get(one.sheet, 0) + 1
    sheets = [(number, one, counts.get(one.title, 0)) for number, one in enumerate(book.sheets, 1)]
    context = {
        "workbook": workbook, "sheets": sheets, "targets": reads.targets_of(workbook), "crumbs": _crumbs(),
        "may_make": may(request, *MAKERS), "formulas": sum(len(one.formulas) for one in book.sheets),
    }  # fmt: skip
    return render(request, "performance/workbook_detail.html", context)


@duty_required(*MAKERS)
@require_http_methods(["GET", "POST"])
def workbook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The name and the years."""
    workbook = workbook_of(pk)
    back = reverse("staff_workbook", args=[pk])

    def save(form: Any) -> str:
        writes.workbook_save(workbook=workbook, **form.cleaned_data, **acting(request))
        return back

    start = {name: getattr(workbook, name) for name in WorkbookForm.base_fields}
    form = WorkbookForm(*sent(request)[:1], initial=start)
    return form_page(request, form, save, title=f"名称和年度：{workbook.name}", back=back, crumbs=_crumbs(workbook))


@duty_required(*MAKERS)
@require_POST
def workbook_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of use, or into it again."""
    active = request.POST.get("do") == "start"
    workbook = workbook_of(pk)
    return acted(
        request, lambda: writes.workbook_use(workbook=workbook, active=active, **acting(request)),
        address=reverse("staff_workbook", args=[pk]), said="已重新启用。" if active else "已停用，填好的文件不受影响。",
    )  # fmt: skip


@duty_required(*MAKERS)
@require_POST
def workbook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one that was never used."""
    workbook = workbook_of(pk)
    deed = lambda: writes.workbook_remove(workbook=workbook, **acting(request))  # noqa: E731 (a deed)
    return acted(request, deed, address=reverse("staff_workbooks"), said=f"已删除“{workbook.name}”。")


@duty_required(*READERS)
@require_GET
def workbook_blank(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The blank workbook as it was uploaded."""
    workbook = workbook_of(pk)
    export_record(**acting(request), subject=f"performance.bureauworkbook:{workbook.pk}", count=1)
    return download(file_open(workbook.file), workbook.file_name, XLSX)


def _sheet_of(workbook: BureauWorkbook, number: int) -> FormSheet:
    """A sheet by its number from 1; 404 otherwise."""
    sheets = reads.book_of_workbook(workbook).sheets
    if not 1 <= number <= len(sheets):
        raise Http404
    return sheets[number - 1]


def _suggested(workbook: BureauWorkbook, sheet: FormSheet, mapped: Any) -> list[Suggestion]:
    return suggestions_of(sheet, workbook.purpose, mapped)


@duty_required(*READERS)
@require_GET
def workbook_sheet(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A sheet as a table: each blank cell leads to what it takes."""
    workbook = workbook_of(pk)
    sheet = _sheet_of(workbook, number)
    form = AddressForm(request.GET if "cell" in request.GET else None)
    if form.is_valid():
        address = form.cleaned_data["cell"].strip().upper()
        return HttpResponseRedirect(reverse("staff_workbook_cell", args=[pk, number, address]))
    mapped = reads.mapped_places(sheet, workbook.cells.all(), workbook.purpose)
    may_make = may(request, *MAKERS)
    found = _suggested(workbook, sheet, mapped) if may_make else []
    view = reads.sheet_view(sheet, mapped, {one.place: one.field.label for one in found})
    titles = [(place, one.title) for place, one in enumerate(reads.book_of_workbook(workbook).sheets, 1)]
    context = {
        "workbook": workbook, "sheet": sheet, "number": number, "view": view, "suggestions": found, "titles": titles,
        "address_error": " ".join(map(str, form.errors.get("cell", ()))),
        "may_make": may_make, "cells": [one for one in mapped.values() if one.first], "crumbs": _crumbs(workbook),
    }  # fmt: skip
    return render(request, "performance/workbook_sheet.html", context)


def _cell(workbook: BureauWorkbook, sheet: FormSheet, address: str) -> tuple[str, WorkbookCell | None]:
    """The address in its one form, and what is pointed there; 404 for what is no cell."""
    try:
        place = place_of(address.upper())
    except ValueError:
        raise Http404 from None
    if place[0] > 100_000 or place[1] > 16_384:
        raise Http404
    known = reads.mapped_places(sheet, workbook.cells.all(), workbook.purpose).get(place)
    if known is not None:
        return known.cell.cell, known.cell
    area = sheet.map.area_of(place)
    return address_of((area[1], area[0])), None


def _cell_start(request: HttpRequest, known: WorkbookCell | None) -> dict[str, Any]:
    """What the form of a cell begins with: what is pointed, else a suggestion from the page before."""
    if known is not None:
        group, only, name = key_parts(known.field)
        return {"field": f"{group}.{name}", "only": only, "rows": known.rows, "format": known.format}
    return {"rows": 1}


def _cell_facts(workbook: BureauWorkbook, sheet: FormSheet, address: str, example: str) -> list[tuple[str, str]]:
    """What one should know of a cell before one says what it takes."""
    place = place_of(address)
    text, code = sheet.texts.get(place, ""), reads.book_of_workbook(workbook).format_of(sheet, place)
    facts = [("工作表", sheet.title), ("单元格", address), ("单元格的格式", "常规" if code == "General" else code)]
    facts += [("里面原来的内容", f"{text}（填表时会被换掉）")] if text else []
    return facts + ([("例子取自", example)] if example else [])


def _cell_saved(request: HttpRequest, workbook: BureauWorkbook, sheet: FormSheet, address: str, form: CellForm) -> None:
    values = form.cleaned_data
    writes.cell_map(
        workbook=workbook, sheet=sheet.title, cell=address, field=_key(values["field"], values["only"]),
        rows=values["rows"], format=values["format"], overwrite=True, **acting(request),
    )  # fmt: skip


def _data(workbook: BureauWorkbook) -> tuple[str, FormData | None]:
    found = reads.example_of(workbook)
    return (found[0].label, found[1]) if found else ("", None)


@duty_required(*MAKERS)
@require_http_methods(["GET", "POST"])
def workbook_cell(request: HttpRequest, pk: int, number: int, cell: str) -> HttpResponse:
    """这一格填什么."""
    workbook = workbook_of(pk)
    sheet = _sheet_of(workbook, number)
    address, known = _cell(workbook, sheet, cell)
    back = reverse("staff_workbook_sheet", args=[pk, number]) + f"#{address}"
    label, data = _data(workbook)
    form = CellForm(*sent(request)[:1], purpose=workbook.purpose, data=data, initial=_cell_start(request, known))

    def save(found: Any) -> str:
        _cell_saved(request, workbook, sheet, address, found)
        return back

    remove = reverse("staff_workbook_cell_remove", args=[pk, number, address]) if known else ""
    return form_page(
        request, form, save, title=f"{sheet.title} {address}：这一格填什么", back=back,
        facts=_cell_facts(workbook, sheet, address, label),
        crumbs=[*_crumbs(workbook), (sheet.title, back)], remove=remove, remove_verb="取消这一格的指定",
    )  # fmt: skip


def _key(key: str, only: str) -> str:
    """Raises BusinessError: one class of indicators was picked for something else."""
    if only and key_parts(key)[0] not in ("indicators", "lines"):
        raise BusinessError(
            "没有保存：“只填哪一类指标”只对绩效指标（逐行）的内容，请选“全部”。", "invalid", field="only"
        )
    return key_only(key, only)


@duty_required(*MAKERS)
@require_POST
def workbook_cell_remove(request: HttpRequest, pk: int, number: int, cell: str) -> HttpResponse:
    """A cell takes nothing any more."""
    workbook = workbook_of(pk)
    sheet = _sheet_of(workbook, number)
    _, known = _cell(workbook, sheet, cell)
    address = reverse("staff_workbook_sheet", args=[pk, number])
    if known is None:
        return HttpResponseRedirect(address)
    deed = lambda: writes.cell_unmap(cell=known, **acting(request))  # noqa: E731 (a deed)
    return acted(request, deed, address=address, said=f"{known.cell} 不再填写。")


def _wanted(request: HttpRequest, workbook: BureauWorkbook, sheet: FormSheet) -> list[tuple[str, str, int]]:
    """The suggestions that were ticked, as the page offers them now."""
    mapped = reads.mapped_places(sheet, workbook.cells.all(), workbook.purpose)
    ticked = set(request.POST.getlist("take"))
    found = _suggested(workbook, sheet, mapped)
    return [(one.address, one.field.key, one.rows) for one in found if one.value in ticked]


@duty_required(*MAKERS)
@require_POST
def workbook_suggestions(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take over the suggestions that were confirmed."""
    workbook = workbook_of(pk)
    sheet = _sheet_of(workbook, number)
    wanted = _wanted(request, workbook, sheet)
    if wanted:
        count = writes.suggestions_take(workbook=workbook, sheet=sheet.title, wanted=wanted, **acting(request))
        messages.success(request, f"已指定 {count} 处，请核对行数。")
    else:
        messages.error(request, "没有采用：没有勾选任何一条建议。")
    return HttpResponseRedirect(reverse("staff_workbook_sheet", args=[pk, number]))


def _target(pk: int, kind: str, number: int) -> tuple[BureauWorkbook, reads.Target, FormData]:
    workbook = workbook_of(pk)
    found = reads.target_find(workbook, kind, number)
    if found is None:
        raise Http404
    return workbook, *found


@duty_required(*READERS)
@require_GET
def workbook_fill(request: HttpRequest, pk: int, kind: str, number: int) -> HttpResponse:
    """What the copy will hold, before it is taken."""
    workbook, target, data = _target(pk, kind, number)
    plan = reads.plan_of(workbook, data)
    context = {
        "workbook": workbook, "target": target, "plan": plan, "suits": workbook.suits(target.year),
        "crumbs": _crumbs(workbook),
    }  # fmt: skip
    return render(request, "performance/workbook_fill.html", context)


@duty_required(*READERS)
@require_GET
def workbook_filled(request: HttpRequest, pk: int, kind: str, number: int) -> HttpResponseBase:
    """The filled copy; who took it is noted."""
    workbook, target, data = _target(pk, kind, number)
    content, plan = writes.workbook_fill(workbook, data)
    writes.filled_taken(workbook=workbook, content=content, cells=len(plan.values), **acting(request))
    return download(io.BytesIO(content), f"{workbook.name}（{target.label}）.xlsx", XLSX)
