"""What the labels of a form speak for: suggestions that a person confirms, where the words are the same exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from performance.scoring.values import normalised
from performance.selectors.workbook_fields import Field, field_find, fields_of, key_only, key_parts, kinds_of_rows
from performance.sheets.form_book import FormSheet
from performance.sheets.form_xml import Place, address_of

_MARKS = re.compile(r"[:：、，,.。\-—_*（）()\[\]【】“”\"'0-9①②③④⑤]")
_UNITS = re.compile(r"\((单位[:：])?(万元|元|%|分)\)$")
# Rows of a form's money, and the column heads above them.
_TOTAL = ("年度资金总额", "资金总额", "合计", "项目资金", "部门预算资金")
_SOURCES = {
    "appropriation": ("当年财政拨款", "其中当年财政拨款", "财政拨款", "其中财政拨款"),
    "carry_over": ("上年结转资金", "其中上年结转资金", "上年结转"), "other": ("其他资金",),
}  # fmt: skip
_HEADS = {
    "initial": ("年初预算数",), "adjusted": ("全年预算数", "全年预算数A"), "executed": ("全年执行数", "全年执行数B"),
    "rate": ("执行率", "预算执行率", "执行率B/A"), "score": ("得分",), "weight": ("分值",),
    "spent": ("执行数", "1—7月执行数", "1-7月执行数"), "expected": ("全年预计执行数",),
}  # fmt: skip
MOST_ROWS = 100


@dataclass(frozen=True)
class Suggestion:
    """A cell with the field that its labels speak for; ``rows`` below each other."""

    address: str
    place: Place
    field: Field
    rows: int = 1

    @property
    def value(self) -> str:
        """As the page's form sends it."""
        return f"{self.address}|{self.field.key}|{self.rows}"


def plain(words: str) -> str:
    """A label without spaces, marks, numbers and units."""
    text = normalised(words)
    return _MARKS.sub("", _UNITS.sub("", text)) or _MARKS.sub("", text)


def _same(label: str, words: Iterable[str]) -> bool:
    return bool(label) and label in {plain(one) for one in words}


def _left(sheet: FormSheet, place: Place) -> str:
    """The words of the cell that ends where this one begins."""
    row, column = place
    if column == 1:
        return ""
    area = sheet.map.area_of((row, column - 1))
    return sheet.texts.get((area[1], area[0]), "")


def _row_label(sheet: FormSheet, place: Place) -> str:
    """The nearest words to the left in the same row; blank cells between are columns of a table."""
    row, column = place
    while column > 1:
        area = sheet.map.area_of((row, column - 1))
        if text := sheet.texts.get((area[1], area[0]), ""):
            return text
        column = area[0]
    return ""


def _above(sheet: FormSheet, place: Place) -> tuple[str, Place | None]:
    """The nearest words above in the same column, and where they stand; blank cells between are rows of a table."""
    row, column = place
    while row > 1:
        area = sheet.map.area_of((row - 1, column))
        anchor = (area[1], area[0])
        if text := sheet.texts.get(anchor, ""):
            return text, anchor
        if sheet.is_formula(anchor):
            return "", None
        row = area[1]
    return "", None


def _blank(sheet: FormSheet, place: Place) -> bool:
    return not sheet.texts.get(place) and not sheet.is_formula(place) and not sheet.is_inner(place)


def _heads(sheet: FormSheet, row: int) -> set[str]:
    """The words of a row, of cells that reach into it from above, too."""
    areas = (sheet.map.area_of((row, column)) for column in range(1, sheet.size[1] + 1))
    return {plain(sheet.texts[(top, left)]) for left, top, _, _ in areas if (top, left) in sheet.texts}


def _money(left: str, above: str, known: Mapping[str, Field]) -> Field | None:
    """A cell of the table of the money: its row's label and its column's head."""
    name = next((key for key, words in _HEADS.items() if _same(above, words)), "")
    if not name:
        return None
    if _same(left, _TOTAL):
        return known.get(f"funds.{name}")
    source = next((key for key, words in _SOURCES.items() if _same(left, words)), "")
    return known.get(f"{source}.{name}") if source else None


def _rows_below(sheet: FormSheet, place: Place) -> int:
    """How many blank rows a table has from here on."""
    last, count, at = sheet.size[0], 0, place
    while at[0] <= last and count < MOST_ROWS and _blank(sheet, at) and at in sheet.map.by_place:
        count, at = count + 1, (sheet.map.area_of(at)[3] + 1, at[1])
    return max(count, 1)


def _kind(sheet: FormSheet, place: Place, kinds: Mapping[str, str]) -> tuple[str, int]:
    """The level (产出指标 …) that stands to the left, and how many rows it spans from here; empty without one."""
    row, column = place
    for left in range(column - 1, 0, -1):
        area = sheet.map.area_of((row, left))
        words = sheet.texts.get((area[1], area[0]), "")
        if words and (found := kinds.get(plain(words).removesuffix("指标"))):
            return found, area[3] - row + 1
    return "", 0


def suggestions_of(sheet: FormSheet, purpose: str, taken: Iterable[Place]) -> list[Suggestion]:
    """Blank cells with the field of the same name: labels to the left, heads above, rows by columns.

    Args:
        taken: places that take something already.
    """
    fields = fields_of(purpose)
    known = {one.key: one for one in fields}
    kinds = {plain(one).removesuffix("指标"): one for one in kinds_of_rows()}
    taken_all, found = set(taken), list[Suggestion]()
    used: set[str] = set()
    for cell in sheet.map.cells():
        place = cell.place
        if place in taken_all or not _blank(sheet, place) or place[0] > sheet.size[0]:
            continue
        one = _suggestion(sheet, place, (fields, known, kinds), purpose)
        if one is not None and one.field.key not in used:
            used.add(one.field.key)
            taken_all.update(sheet.below(place, one.rows))
            found.append(one)
    return found


def _suggestion(
    sheet: FormSheet, place: Place, words: tuple[list[Field], dict[str, Field], Mapping[str, str]], purpose: str
) -> Suggestion | None:
    fields, known, kinds = words
    left = plain(_left(sheet, place))
    above_words, anchor = _above(sheet, place)
    above = plain(above_words)
    if one := _money(plain(_row_label(sheet, place)), above, known):
        return Suggestion(address_of(place), place, one)
    if one := next((one for one in fields if not one.repeats and _same(left, one.words)), None):
        return Suggestion(address_of(place), place, one)
    column = next((one for one in fields if one.repeats and _same(above, one.words)), None)
    if column is None or anchor is None:
        return None
    # 得分, 备注 and the like head columns of other tables, too: where its rows are named, it is this one.
    named = known[f"{key_parts(column.key)[0]}.name"]
    if _heads(sheet, anchor[0]).isdisjoint({plain(one) for one in named.words}):
        return None
    kind, rows = _kind(sheet, place, kinds)
    if kind and key_parts(column.key)[0] in ("indicators", "lines"):
        only = field_find(purpose, key_only(column.key, kind))
        return Suggestion(address_of(place), place, only, max(rows, 1)) if only else None
    return Suggestion(address_of(place), place, column, _rows_below(sheet, place))
