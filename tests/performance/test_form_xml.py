"""Cells replaced in a sheet's XML: what was there before and after them stays byte for byte."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from performance.sheets.form_book import book_filled, book_read
from performance.sheets.form_formulas import dependents
from performance.sheets.form_xml import Place, Written, address_of, place_of, sheet_filled, sheet_scan
from tests.performance.bureau_books import blank_form, packed, parts_of

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(data: str, *, prefix: str = "") -> bytes:
    name = f'xmlns:{prefix[:-1]}="{NS}"' if prefix else f'xmlns="{NS}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{prefix}worksheet {name}><{prefix}cols>'
        f'<{prefix}col min="1" max="3" width="12.5" style="4"/></{prefix}cols>{data}</{prefix}worksheet>'
    ).encode()


def test_a_cell_is_replaced_and_nothing_else() -> None:
    before = sheet(
        '<sheetData><row r="2" spans="1:3"><c r="A2" s="1" t="s"><v>0</v></c><c r="B2" s="7"/>'
        '<c r="C2"><f>A2+1</f><v>1</v></c></row></sheetData>'
        '<extLst><ext uri="{x}"><a:c xmlns:a="y" r="B2"/></ext></extLst>'
    )
    after = sheet_filled(before, {(2, 2): Written("12.5", True)})
    assert after == before.replace(b'<c r="B2" s="7"/>', b'<c r="B2" s="7"><v>12.5</v></c>')


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("<sheetData/>", b'<sheetData><row r="3"><c r="B3" s="4"><v>1</v></c></row></sheetData>'),
        ('<sheetData><row r="3" ht="20"/></sheetData>', b'<row r="3" ht="20"><c r="B3" s="4"><v>1</v></c></row>'),
        ('<sheetData><row r="5"/></sheetData>', b'<row r="3"><c r="B3" s="4"><v>1</v></c></row><row r="5"/>'),
        ('<sheetData><row r="3"><c r="A3"/><c r="C3"/></row></sheetData>',
         b'<c r="A3"/><c r="B3" s="4"><v>1</v></c><c r="C3"/>'),
        ('<sheetData><row r="3" s="6" customFormat="1"><c r="A3"/></row></sheetData>',
         b'<c r="A3"/><c r="B3" s="6"><v>1</v></c></row>'),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_there_yet_stands_where_it_belongs(data: str, wanted: bytes) -> None:
    assert wanted in sheet_filled(sheet(data), {(3, 2): Written("1", True)})


def test_names_with_a_prefix_keep_it() -> None:
    before = sheet('<x:sheetData><x:row r="1"><x:c r="A1" s="2"/></x:row></x:sheetData>', prefix="x:")
    after = sheet_filled(before, {(1, 1): Written("你好")})
    assert '<x:c r="A1" s="2" t="inlineStr"><x:is><x:t xml:space="preserve">你好</x:t></x:is></x:c>'.encode() in after


def test_text_is_never_a_formula_nor_an_escape() -> None:
    after = sheet_filled(sheet("<sheetData/>"), {(1, 1): Written("=SUM(A1) <b>&_x0041_\x01")})
    assert b"=SUM(A1) &lt;b&gt;&amp;_x005F_x0041_" in after and b"\x01" not in after and b"<f>" not in after


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE worksheet [<!ENTITY a "b">]>' + sheet("<sheetData/>").partition(b"\n")[2],
        sheet("<sheetData><row><c r=\"A1\"/></row></sheetData>"),
        sheet('<sheetData><row r="1"><c/></row></sheetData>'),
        sheet(""),
        sheet("<sheetData/>").replace(b"UTF-8", b"GB18030"),
    ],
)  # fmt: skip
def test_what_excel_does_not_write_is_refused(xml: bytes) -> None:
    with pytest.raises(BusinessError) as refusal:
        sheet_scan(xml)
    assert refusal.value.code == "damaged"


FULL = {True: "><v>77</v></c>", False: "/>"}
PLACES = st.tuples(st.integers(1, 5), st.integers(1, 5))


@given(st.dictionaries(PLACES, st.booleans(), max_size=12), st.dictionaries(PLACES, st.integers(-9, 9), max_size=6))
def test_any_cells_are_filled_and_the_others_stay(held: dict[Place, bool], new: dict[Place, int]) -> None:
    rows: dict[int, list[tuple[int, int]]] = {}
    for place in sorted(held):
        rows.setdefault(place[0], []).append(place)
    data = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{address_of(one)}" s="{one[1]}"' + ("><v>77</v></c>" if held[one] else "/>") for one in places
        )
        + "</row>"
        for row, places in rows.items()
    )
    after = sheet_filled(
        sheet(f"<sheetData>{data}</sheetData>"), {one: Written(str(n), True) for one, n in new.items()}
    )
    found = sheet_scan(after)
    values = {
        cell.place: after[cell.value[0] : cell.value[1]].decode().removeprefix("<v>").removesuffix("</v>")
        for cell in found.cells()
        if cell.value
    }
    assert values == {one: "77" for one, full in held.items() if full} | {one: str(n) for one, n in new.items()}
    numbers = [row.number for row in found.rows]
    assert numbers == sorted(set(numbers)) and all(
        [cell.place for cell in row.cells] == sorted({cell.place for cell in row.cells}) for row in found.rows
    )
    assert all(cell.style == str(cell.place[1]) for cell in found.cells() if cell.place in held)


def test_addresses_are_read_and_written() -> None:
    assert place_of("AB12") == (12, 28) and address_of((12, 28)) == "AB12"
    for wrong in ("甲", "7C", "c7", "A0", "ABCD1"):
        with pytest.raises(ValueError, match=wrong):
            place_of(wrong)


def test_formulas_that_depend_are_found_across_sheets() -> None:
    formulas = {
        ("一", (1, 1)): "SUM(B1:B9)", ("一", (2, 1)): "'二'!C3*2", ("二", (3, 3)): "一!A1", ("二", (4, 4)): "1+1",
        ("二", (5, 5)): "INDIRECT(\"A1\")", ("二", (6, 6)): "合计分", ("二", (7, 7)): "$D$4", ("二", (8, 8)): "",
    }  # fmt: skip
    found = dependents(formulas, [("一", (4, 2))])
    assert {place for _, place in found} == {(1, 1), (3, 3), (2, 1), (5, 5), (6, 6), (8, 8)}
    assert {place for _, place in dependents(formulas, [("三", (4, 2))])} == {(5, 5), (6, 6), (8, 8)}


def test_a_book_is_filled_and_everything_else_stays() -> None:
    blank = blank_form()
    values = {("自评表", (2, 3)): Written("运转经费"), ("自评表", (5, 8)): Written("7.27", True),
              ("自评表", (11, 7)): Written("50", True)}  # fmt: skip
    filled = book_filled(blank, values)
    assert filled == book_filled(blank, values)
    before, after = parts_of(blank), parts_of(filled)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}
    assert b"fullCalcOnLoad" not in before["xl/workbook.xml"]
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]
    book = openpyxl.load_workbook(io.BytesIO(filled))
    assert book["自评表"]["C2"].value == "运转经费" and book["自评表"]["G22"].value == "=G20+H5"
    stale = openpyxl.load_workbook(io.BytesIO(filled), data_only=True)
    # What depends has no result until it is computed; what does not keeps its own.
    assert stale["自评表"]["G22"].value is None and stale["封面"]["B11"].value is None
    assert stale["自评表"]["A30"].value == 2 and stale["自评表"]["F20"].value == 0


def test_a_book_without_calculation_settings_gets_them() -> None:
    parts = parts_of(blank_form())
    plain = parts["xl/workbook.xml"]
    start = plain.index(b"<calcPr")
    parts["xl/workbook.xml"] = plain[:start] + plain[plain.index(b">", start) + 1 :]
    filled = parts_of(book_filled(packed(parts), {("封面", (3, 2)): Written("单位")}))
    assert b'</definedNames><calcPr fullCalcOnLoad="1"/>' in filled["xl/workbook.xml"]


def test_days_from_1904_are_known() -> None:
    parts = parts_of(blank_form())
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    assert book_read(io.BytesIO(packed(parts))).from_1904 and not book_read(io.BytesIO(blank_form())).from_1904
