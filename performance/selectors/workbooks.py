"""Reads of the bureau's workbooks: a sheet as a table, what its cells take, what a copy will hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet
from django.urls import reverse

from core.sheets import LONGEST_CELL
from performance.amounts import wan
from performance.models import (
    BureauWorkbook,
    FiscalYear,
    Monitoring,
    MonitoringState,
    ProgramYear,
    Report,
    WorkbookCell,
)
from performance.scoring.values import normalised, quantity_read
from performance.selectors import workbook_data as data_of
from performance.selectors.monitoring import monitoring_title
from performance.selectors.workbook_data import FormData, Value
from performance.selectors.workbook_fields import field_find
from performance.selectors.workbook_frozen import form_data
from performance.sheets.form_book import GENERAL, TEXT, FormBook, FormSheet, book_of, is_date, is_percent
from performance.sheets.form_xml import Place, Written, address_of, place_of

EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
Format = WorkbookCell.Format
Purpose = BureauWorkbook.Purpose
TARGETS_SHOWN = 60
# Of a character of a column's width.
PIXELS, NARROWEST, WIDEST = 7.0, 4, 40


def workbook_rows() -> QuerySet[BureauWorkbook]:
    """Workbooks with what their pages read, those in use first, and how many cells are pointed (``pointed``)."""
    rows = BureauWorkbook.objects.select_related("file", "uploaded_by").annotate(pointed=Count("cells"))
    return rows.order_by("-is_active", "purpose", "-first_year", "-id")


def workbooks_for(year: FiscalYear, purpose: str) -> list[BureauWorkbook]:
    """The workbooks in use for a purpose and a budget year; one query."""
    rows = BureauWorkbook.objects.filter(purpose=purpose, is_active=True, first_year__lte=year.year)
    return [one for one in rows if one.suits(year)]


def workbook_links(report: Report) -> list[tuple[str, str]]:
    """Name and address of filling each workbook that is in use for a report's kind and year; one query."""
    kind, number = ("program", report.program_year_id) if report.program_year_id else ("year", report.fiscal_year_id)
    rows = workbooks_for(report.fiscal_year, report.kind)
    return [(one.name, reverse("staff_workbook_fill", args=[one.pk, kind, number])) for one in rows]


def book_of_workbook(workbook: BureauWorkbook) -> FormBook:
    """The blank form read. Raises BusinessError: the storage has lost it."""
    return book_of(workbook.file.sha256)


@dataclass(frozen=True)
class Mapped:
    """A cell that takes a figure, or one of the rows below a pointed one."""

    cell: WorkbookCell
    label: str
    place: Place
    first: bool


def mapped_places(sheet: FormSheet, cells: Iterable[WorkbookCell], purpose: str) -> dict[Place, Mapped]:
    """Every place of a sheet that takes a figure."""
    found: dict[Place, Mapped] = {}
    for one in cells:
        if one.sheet != sheet.title:
            continue
        named = field_find(purpose, one.field)
        label = named.label if named else "已停用的内容"
        for number, place in enumerate(sheet.below(place_of(one.cell), one.rows)):
            found[place] = Mapped(one, label, place, number == 0)
    return found


@dataclass(frozen=True)
class ViewCell:
    """A cell of the page's table.

    Args:
        kind: ``label`` (has words), ``formula``, ``empty``, ``mapped``, ``below`` (a further row of a mapped one).
        text: what it shows; suggestion: label of the field that its neighbours speak for.
    """

    address: str
    columns: int
    rows: int
    kind: str
    text: str = ""
    suggestion: str = ""


@dataclass(frozen=True)
class SheetView:
    """A sheet as a table: letters of its columns with their widths in steps of ten pixels (classes ``w4`` to ``w40`` of
    the style sheet), rows of cells with their numbers; cut: rows left out.
    """

    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[int, tuple[ViewCell, ...]], ...]
    cut: bool


def _columns(sheet: FormSheet, last: int) -> list[tuple[int, float]]:
    """The columns that are seen, with their widths in characters."""
    found = []
    for column in range(1, last + 1):
        known = next((one for one in sheet.map.columns if one[0] <= column <= one[1]), None)
        if known is None or not known[3]:
            found.append((column, known[2] if known is not None and known[2] else 9.0))
    return found


def sheet_view(sheet: FormSheet, mapped: Mapping[Place, Mapped], suggested: Mapping[Place, str]) -> SheetView:
    """The table of a sheet, true to its merged cells and widths."""
    last_row, last_column = sheet.size
    columns = _columns(sheet, last_column)
    seen = [one for one, _ in columns]
    hidden = {one.number for one in sheet.map.rows if one.hidden}
    numbers = [one for one in range(1, last_row + 1) if one not in hidden]
    areas = {(top, left): (left, top, right, bottom) for left, top, right, bottom in sheet.map.merged}
    covered = {
        (row, column)
        for left, top, right, bottom in sheet.map.merged
        for row in range(top, min(bottom, last_row) + 1)
        for column in range(left, min(right, last_column) + 1)
    } - set(areas)  # fmt: skip
    rows = []
    for row in numbers:
        cells = [
            _view_cell(sheet, (row, column), areas.get((row, column)), (seen, numbers), mapped, suggested)
            for column in seen
            if (row, column) not in covered
        ]
        rows.append((row, tuple(cells)))
    named = tuple(
        (address_of((1, one))[:-1], min(max(round(width * PIXELS / 10), NARROWEST), WIDEST)) for one, width in columns
    )
    most = max((one.number for one in sheet.map.rows), default=0)
    return SheetView(named, tuple(rows), most > last_row)


def _view_cell(
    sheet: FormSheet, place: Place, area: tuple[int, int, int, int] | None, seen: tuple[Sequence[int], Sequence[int]],
    mapped: Mapping[Place, Mapped], suggested: Mapping[Place, str],
) -> ViewCell:  # fmt: skip
    wide, high = 1, 1
    if area is not None:
        wide = sum(area[0] <= one <= area[2] for one in seen[0]) or 1
        high = sum(area[1] <= one <= area[3] for one in seen[1]) or 1
    address, text = address_of(place), sheet.texts.get(place, "")
    if place in mapped:
        one = mapped[place]
        return ViewCell(address, wide, high, "mapped" if one.first else "below", one.label)
    if sheet.is_formula(place):
        return ViewCell(address, wide, high, "formula", f"={sheet.formulas.get(place, '')}"[:80])
    kind = "label" if text else "empty"
    return ViewCell(address, wide, high, kind, text, suggested.get(place, ""))


def _serial(day: date, book: FormBook) -> int:
    return (day - (EPOCH_1904 if book.from_1904 else EPOCH)).days


def _plain(value: Decimal) -> Written:
    text = f"{value:f}"
    return Written(text.rstrip("0").rstrip(".") if "." in text else text, True)


def written(value: Value, code: str, wish: str, book: FormBook) -> Written:
    """How a figure stands in a cell.

    Args:
        code: the cell's number format. wish: one of WorkbookCell.Format.

    Returns:
        Numbers for cells of numbers (amounts in 万元, exact where the format rounds; per cent as the format wants),
        the report's own words for the rest.
    """
    words = Written(value.words)
    if wish == Format.TEXT or (code == TEXT and wish == Format.AUTO):
        return words
    if value.kind == data_of.DAY and value.day is not None:
        return Written(str(_serial(value.day, book)), True) if is_date(code) else words
    if value.kind == data_of.AMOUNT and value.number is not None:
        if wish == Format.YUAN:
            return _plain(value.number)
        return _plain(wan(value.number) if code == GENERAL else value.number / 10_000)
    if value.kind == data_of.NUMBER and value.number is not None:
        return _plain(value.number)
    return _share(value, code, wish) or words


def _share(value: Value, code: str, wish: str) -> Written | None:
    """Per cent, and values that people wrote: numbers where the cell is one of numbers; None: words."""
    number, unit = value.number, "%"
    if value.kind == data_of.QUANTITY:
        plain = normalised(value.words)
        found = quantity_read(plain) if plain[:1].isdigit() else None
        if found is None or plain[-1:] in "上下内":
            return None
        number, unit = Decimal(found.number.numerator) / Decimal(found.number.denominator), found.unit
    if number is None or (code == GENERAL and wish == Format.AUTO):
        return None
    if is_percent(code):
        return _plain(number / 100) if unit in ("%", "") else None
    return None if is_date(code) or (code == TEXT and wish == Format.AUTO) else _plain(number)


def _seen(value: Value, put: Written, code: str, wish: str) -> str:
    """A written cell as people read it: days and per cent are plain numbers in the file."""
    if not put.number:
        return put.text
    if value.kind == data_of.DAY:
        return f"{value.words}（日期）"
    if is_percent(code):
        return f"{Decimal(put.text) * 100:,.2f}%（百分数）"
    if value.kind == data_of.AMOUNT:
        return f"{Decimal(put.text):,}（{'元' if wish == Format.YUAN else '万元'}，数字）"
    return f"{put.text}（数字）"


@dataclass(frozen=True)
class Planned:
    """A cell of the copy: what it takes, and what will stand in it (None: there is no such figure, it stays blank).

    ``shown`` is what people see of it when the book is opened.
    """

    sheet: str
    address: str
    label: str
    value: Value | None
    written: Written | None
    place: Place
    shown: str = ""


@dataclass(frozen=True)
class Plan:
    """What a copy will hold; ``faults`` are sentences why it cannot be made."""

    cells: tuple[Planned, ...]
    faults: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """What has no figure, each once."""
        return list(dict.fromkeys(one.label for one in self.cells if one.value is None))

    @property
    def values(self) -> dict[tuple[str, Place], Written]:
        """The cells that are written."""
        return {(one.sheet, one.place): one.written for one in self.cells if one.written is not None}


def _of_cell(
    one: WorkbookCell, sheet: FormSheet, label: str, repeats: bool, data: FormData
) -> tuple[list[tuple[Place, Value | None]], str]:
    """Places with their figures, and why they do not fit."""
    if not repeats:
        return [(place_of(one.cell), data.value(one.field))], ""
    values = data.column(one.field)
    if len(values) > one.rows:
        why = f"“{label}”有 {len(values)} 行，表格“{one.sheet}”里从 {one.cell} 起只指定了 {one.rows} 行"
        return [], why
    return list(zip(sheet.below(place_of(one.cell), len(values)), values, strict=True)), ""


def plan_of(workbook: BureauWorkbook, data: FormData) -> Plan:
    """Every cell that will be filled, in the order of sheets and cells; nothing is written yet."""
    book = book_of_workbook(workbook)
    planned, faults = list[Planned](), list[str]()
    for one in workbook.cells.all():
        sheet, named = book.sheet(one.sheet), field_find(workbook.purpose, one.field)
        if sheet is None or named is None:
            faults.append(f"“{one.sheet}”的 {one.cell} 指定的内容已经没有了，请重新指定")
            continue
        places, why = _of_cell(one, sheet, named.label, named.repeats, data)
        faults += [why] if why else []
        for place, value in places:
            code = book.format_of(sheet, place)
            put = None if value is None else written(value, code, one.format, book)
            if put is not None and len(put.text) > LONGEST_CELL:
                faults.append(f"“{named.label}”超过 {LONGEST_CELL:,} 字，一个单元格放不下")
            seen = "" if value is None or put is None else _seen(value, put, code, one.format)
            planned.append(Planned(one.sheet, address_of(place), named.label, value, put, place, seen))
    order = {one.title: number for number, one in enumerate(book.sheets)}
    return Plan(tuple(sorted(planned, key=lambda one: (order[one.sheet], one.place))), tuple(faults))


@dataclass(frozen=True)
class Target:
    """Something that a workbook can be filled for: ``kind`` and ``number`` stand in its address."""

    kind: str
    number: int
    label: str
    year: FiscalYear


def targets_of(workbook: BureauWorkbook) -> list[Target]:
    """What of the workbook's years it can be filled for, the newest first."""
    if workbook.purpose == Purpose.MONITORING:
        forms = Monitoring.objects.exclude(state=MonitoringState.DISCARDED).select_related(
            "fiscal_year__unit", "program_year__program"
        )
        found = [Target("monitoring", one.pk, monitoring_title(one), one.fiscal_year) for one in forms]
    elif workbook.purpose == Purpose.PROJECT:
        programs = ProgramYear.objects.select_related("program__unit", "fiscal_year__unit").order_by(
            "-fiscal_year__year", "program__code"
        )
        found = [
            Target(
                "program", one.pk, f"{one.fiscal_year.year}年度 {one.program}（{one.program.unit}）", one.fiscal_year
            )
            for one in programs
        ]
    else:
        years = FiscalYear.objects.select_related("unit").order_by("-year", "unit__code")
        found = [Target("year", one.pk, f"{one.year}年度 {one.unit}", one) for one in years]
    return [one for one in found if workbook.suits(one.year)][:TARGETS_SHOWN]


def target_find(workbook: BureauWorkbook, kind: str, number: int) -> tuple[Target, FormData] | None:
    """What is to be filled with its figures; None where there is no such thing."""
    if number >= 2**63:
        return None
    if kind == "monitoring" and workbook.purpose == Purpose.MONITORING:
        rows = Monitoring.objects.select_related("fiscal_year__unit", "program_year__program", "goal_table")
        one = rows.exclude(state=MonitoringState.DISCARDED).filter(pk=number).first()
        if one is None:
            return None
        return Target(kind, number, monitoring_title(one), one.fiscal_year), data_of.monitoring_data(one)
    return _report_target(workbook, kind, number)


def _report_target(workbook: BureauWorkbook, kind: str, number: int) -> tuple[Target, FormData] | None:
    program: ProgramYear | None = None
    year: FiscalYear | None = None
    if kind == "program" and workbook.purpose == Purpose.PROJECT:
        program = ProgramYear.objects.select_related("program__unit", "fiscal_year__unit").filter(pk=number).first()
        year = program.fiscal_year if program else None
    elif kind == "year" and workbook.purpose == Purpose.DEPARTMENT:
        year = FiscalYear.objects.select_related("unit").filter(pk=number).first()
    if year is None:
        return None
    report = Report.objects.filter(fiscal_year=year, program_year=program).prefetch_related("members").first()
    name = program.program.name if program else year.unit.name
    return Target(kind, number, f"{year.year}年度 {name}", year), form_data(year, program, report)


def example_of(workbook: BureauWorkbook) -> tuple[Target, FormData] | None:
    """The newest thing of the workbook's years, for examples; None before there is one."""
    targets = targets_of(workbook)
    begun = _begun(targets)
    return target_find(workbook, begun.kind, begun.number) if begun else None


def _begun(targets: Sequence[Target]) -> Target | None:
    """One of which there is most to show: with a report, else the newest."""
    programs = [one.number for one in targets if one.kind == "program"]
    years = [one.number for one in targets if one.kind == "year"]
    known = {
        *Report.objects.filter(program_year__in=programs).values_list("program_year_id", flat=True),
        *Report.objects.filter(program_year=None, fiscal_year__in=years).values_list("fiscal_year_id", flat=True),
    }
    return next((one for one in targets if one.number in known), targets[0] if targets else None)
