"""Writes of the bureau's workbooks: uploaded once, its cells pointed once, then filled every year."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.base import File

from accounts.models import User
from core.errors import BusinessError
from documents.selectors import content_open
from documents.services import file_store
from performance.models import BureauWorkbook, WorkbookCell
from performance.selectors.workbook_data import FormData
from performance.selectors.workbook_fields import field_find
from performance.selectors.workbooks import Plan, book_of_workbook, mapped_places, plan_of
from performance.services.common import checked, refuse, told, writing
from performance.services.files import LONGEST_NAME
from performance.sheets.form_book import FormBook, FormSheet, book_filled, book_read
from performance.sheets.form_xml import address_of, place_of
from workflow.services.exports import export_record

NOT_SAVED = "没有保存"
MOST_CELLS = 2_000


def workbook_upload(
    *, name: str, purpose: str, content: File[Any], file_name: str, first_year: int, by: User, now: datetime,
    last_year: int | None = None, copy_from: BureauWorkbook | None = None, address: str = "",
) -> tuple[BureauWorkbook, int]:  # fmt: skip
    """Take a blank workbook in; not inside a transaction (the file is stored before its row).

    Args:
        purpose: one of BureauWorkbook.Purpose.
        content: the .xlsx file; kept as it is, byte for byte.
        first_year, last_year: the budget years whose form it is, both inclusive; None: until another comes.
        copy_from: a workbook whose pointed cells are taken over where they still fit.

    Returns:
        The workbook, and how many cells were taken over.

    Raises:
        BusinessError: no plain workbook, too large, encrypted, with macros (``performance.sheets``); ``invalid``.
    """
    if not file_name.lower().endswith(".xlsx") or len(file_name) > LONGEST_NAME:
        raise refuse(
            "没有上传", "只收 .xlsx 文件，其他格式请在 Excel 或 WPS 里另存为“Excel 工作簿（.xlsx）”", field="file"
        )
    content.seek(0)
    data = content.read()
    book = _read(data)
    stored = file_store(content=io.BytesIO(data), now=now, name=file_name)
    workbook = BureauWorkbook(
        name=name.strip(), purpose=purpose, file=stored, file_name=file_name, first_year=first_year,
        last_year=last_year, uploaded_by=by, uploaded_at=now,
    )  # fmt: skip
    checked(workbook, "没有上传")
    with writing("没有上传"):
        workbook.save(force_insert=True)
        copied = _cells_copy(workbook, book, copy_from) if copy_from is not None else 0
        told(what="workbook_upload", obj=workbook, by=by, now=now, address=address, document=workbook.name)
    return workbook, copied


def _read(data: bytes) -> FormBook:
    try:
        return book_read(io.BytesIO(data))
    except BusinessError as error:
        raise BusinessError(error.message.replace("文件没有读", "没有上传", 1), error.code, field="file") from error


def _cells_copy(workbook: BureauWorkbook, book: FormBook, source: BureauWorkbook) -> int:
    copied = 0
    for one in source.cells.order_by("id"):
        cell = WorkbookCell(
            workbook=workbook, sheet=one.sheet, cell=one.cell, field=one.field, rows=one.rows, format=one.format
        )
        if not _obstacles(workbook, book, cell, lenient=False):
            cell.save(force_insert=True)
            copied += 1
    return copied


def workbook_save(
    *, workbook: BureauWorkbook, name: str, first_year: int, last_year: int | None, by: User, now: datetime,
    address: str = "",
) -> BureauWorkbook:  # fmt: skip
    """Change the name and the years. Raises BusinessError ``invalid``."""
    with writing(NOT_SAVED):
        locked = BureauWorkbook.objects.select_for_update().get(pk=workbook.pk)
        locked.name, locked.first_year, locked.last_year = name.strip(), first_year, last_year
        checked(locked, NOT_SAVED)
        locked.save(update_fields=["name", "first_year", "last_year"])
        told(what="workbook_save", obj=locked, by=by, now=now, address=address, document=locked.name)
    return locked


def workbook_use(*, workbook: BureauWorkbook, active: bool, by: User, now: datetime, address: str = "") -> None:
    """Take a workbook out of use, or into it again. Raises BusinessError: another one in use has its name."""
    with writing(NOT_SAVED):
        locked = BureauWorkbook.objects.select_for_update().get(pk=workbook.pk)
        if locked.is_active == active:
            return
        locked.is_active = active
        checked(locked, NOT_SAVED)
        locked.save(update_fields=["is_active"])
        what = "workbook_start" if active else "workbook_stop"
        told(what=what, obj=locked, by=by, now=now, address=address, document=locked.name)


def workbook_remove(*, workbook: BureauWorkbook, by: User, now: datetime, address: str = "") -> None:
    """Remove a workbook that was never filled, with its pointed cells. Raises BusinessError: it was."""
    what = "没有删除"
    with writing(what):
        locked = BureauWorkbook.objects.select_for_update().get(pk=workbook.pk)
        if locked.filled_at is not None:
            raise refuse(what, "已经用这份表格填过表，留作记录；不再用的请停用", code="blocked")
        told(what="workbook_remove", obj=locked, by=by, now=now, address=address, document=locked.name)
        locked.delete()


def _sheet(book: FormBook, title: str) -> FormSheet:
    found = book.sheet(title)
    if found is None:
        raise refuse(NOT_SAVED, "表格里没有这张工作表，请从页面上打开", field="sheet")
    return found


def _obstacles(workbook: BureauWorkbook, book: FormBook, cell: WorkbookCell, *, lenient: bool) -> list[str]:
    """Why a cell cannot take its field, sentences without a full stop.

    Args:
        lenient: whether words that stand in the cell may be written over.
    """
    sheet, named = book.sheet(cell.sheet), field_find(workbook.purpose, cell.field)
    if named is None or sheet is None:
        return ["没有这项内容，请从列出的里选" if sheet else "表格里没有这张工作表"]
    if not named.repeats and cell.rows != 1:
        return [f"“{named.label}”只有一个，行数应是 1"]
    others = [
        one for one in workbook.cells.all() if one.pk != cell.pk and (one.sheet, one.cell) != (cell.sheet, cell.cell)
    ]
    taken = mapped_places(sheet, others, workbook.purpose)
    found = []
    for place in sheet.below(place_of(cell.cell), cell.rows):
        address = address_of(place)
        if sheet.is_formula(place):
            found.append(f"{address} 是公式，由表格自己计算，不能指定")
        elif sheet.is_inner(place):
            found.append(f"{address} 在合并单元格里面，请指定它左上角的一格")
        elif place in taken:
            found.append(f"{address} 已经用于“{taken[place].label}”，请先取消")
        elif not lenient and sheet.texts.get(place):
            found.append(f"{address} 里已经有文字“{sheet.texts[place][:20]}”")
    return found[:3]


def cell_map(
    *, workbook: BureauWorkbook, sheet: str, cell: str, field: str, by: User, now: datetime, rows: int = 1,
    format: str = WorkbookCell.Format.AUTO, overwrite: bool = False, address: str = "",
) -> WorkbookCell:  # fmt: skip
    """Say what a cell takes; said anew, the new word holds.

    Args:
        sheet: its title; cell: like ``C7``.
        field: a key of ``performance.selectors.workbook_fields``.
        rows: how many cells below each other there are for a column of rows that repeat.
        overwrite: whether words in the cell may be replaced.

    Raises:
        BusinessError: ``blocked`` (a formula, inside a merged area, taken), ``invalid``.
    """
    book = book_of_workbook(workbook)
    _sheet(book, sheet)
    with writing(NOT_SAVED):
        locked = BureauWorkbook.objects.select_for_update().get(pk=workbook.pk)
        if locked.cells.count() >= MOST_CELLS:
            raise refuse(NOT_SAVED, f"一份表格最多指定 {MOST_CELLS:,} 格")
        found = locked.cells.filter(sheet=sheet, cell=cell).first() or WorkbookCell(
            workbook=locked, sheet=sheet, cell=cell
        )
        found.field, found.rows, found.format = field, rows, format
        _checked(found)
        if reasons := _obstacles(locked, book, found, lenient=overwrite):
            raise refuse(NOT_SAVED, *reasons, code="blocked", field="field")
        found.save()
        told(what="cell_map", obj=locked, by=by, now=now, address=address, document=f"{sheet}!{cell} {field}"[:200])
    return found


def _checked(cell: WorkbookCell) -> None:
    """Fields and constraints, but the uniqueness that the lock already gives."""
    checked(cell, NOT_SAVED)


def cell_unmap(*, cell: WorkbookCell, by: User, now: datetime, address: str = "") -> None:
    """A cell takes nothing any more; twice is once."""
    with writing(NOT_SAVED):
        workbook = BureauWorkbook.objects.select_for_update().get(pk=cell.workbook_id)
        gone, _ = workbook.cells.filter(pk=cell.pk).delete()
        if gone:
            where = f"{cell.sheet}!{cell.cell}"
            told(what="cell_unmap", obj=workbook, by=by, now=now, address=address, document=where)


def suggestions_take(
    *, workbook: BureauWorkbook, sheet: str, wanted: Iterable[tuple[str, str, int]], by: User, now: datetime,
    address: str = "",
) -> int:  # fmt: skip
    """Take over the suggestions that a person confirmed: (cell, field, rows) each. All of them or none.

    Raises:
        BusinessError: as :func:`cell_map`.
    """
    count = 0
    with writing(NOT_SAVED):
        for cell, field, rows in wanted:
            cell_map(workbook=workbook, sheet=sheet, cell=cell, field=field, rows=rows, by=by, now=now, address=address)
            count += 1
    return count


def workbook_fill(workbook: BureauWorkbook, data: FormData) -> tuple[bytes, Plan]:
    """A filled copy: the same form, cells and figures give the same bytes. The blank one is never changed.

    Raises:
        BusinessError: ``too_long`` where the figures have more rows than there is room: nothing is made then.
            ``blocked`` when no cell was pointed.
    """
    plan = plan_of(workbook, data)
    if plan.faults:
        raise refuse("没有生成", *plan.faults, code="too_long")
    if not plan.cells:
        raise refuse("没有生成", "还没有指定任何一格填什么，请先打开工作表逐格指定", code="blocked")
    with content_open(workbook.file.sha256) as stream:
        content = stream.read()
    return book_filled(content, plan.values), plan


def filled_taken(*, workbook: BureauWorkbook, content: bytes, by: User, now: datetime, cells: int, address: str) -> str:
    """Note that a filled copy left the portal. Returns the copy's SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    BureauWorkbook.objects.filter(pk=workbook.pk, filled_at=None).update(filled_at=now)
    export_record(by=by, now=now, subject=f"performance.bureauworkbook:{workbook.pk}", count=cells, address=address)
    return digest
