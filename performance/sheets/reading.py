"""Rows of a list as values: each with its number, what it says, and what is wrong with it in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from performance.budget_rulebook import MOST_ROWS
from performance.money_words import yuan
from performance.sheets.book import refused
from performance.sheets.cells import amount_of, day_of, kind_of, shown, text_of
from performance.sheets.layout import COLUMNS, Column, Layout

_TOTAL = re.compile(r"^(本页|本月|本年|累计)?(合计|总计|小计|累计)")
_CODE = re.compile(r"^\s*(\d{3,7})(?=\D|$)", re.ASCII)


@dataclass
class ReadRow:
    """One row.

    Args:
        number: as Excel numbers it; cells: label -> text as it stands there.
        values: key -> str, Decimal or date, for what could be read.
        faults: sentences, without a full stop; empty when all was read.
    """

    number: int
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def code_of(text: str) -> str:
    """The code with which a subject begins: ``2010301 行政运行`` → ``2010301``; the text itself where there is none."""
    found = _CODE.match(text)
    return found[1] if found else text


def _value(column: Column, cell: Any, factor: int) -> Any:
    """Raises ValueError: what is wrong, to follow the column's name."""
    if column.key == "amount":
        return amount_of(cell, factor)
    if column.key == "spent_on":
        return day_of(cell)
    text = text_of(cell, column.longest)
    if not text and column.required:
        raise ValueError("没有填")
    return text


def _merged_in(layout: Layout, number: int) -> list[str]:
    """The columns whose cell of the row is merged with others."""
    labels = {place: layout.labels[key] for key, place in layout.places.items()}
    return [
        label
        for first, top, last, bottom in layout.sheet.scan.merged
        if top <= number <= bottom
        for place, label in labels.items()
        if first <= place <= last
    ]


def _row(layout: Layout, kind: str, number: int, cells: tuple[Any, ...]) -> ReadRow:
    at = {key: cells[place - 1] if place <= len(cells) else None for key, place in layout.places.items()}
    row = ReadRow(number, {layout.labels[key]: shown(cell) for key, cell in at.items()})
    if number in layout.sheet.scan.hidden_rows:
        row.faults.append("这一行是隐藏的，请取消隐藏并核对，不要的请删去")
    if merged := _merged_in(layout, number):
        row.faults.append(f"“{'”“'.join(dict.fromkeys(merged))}”是合并单元格，请取消合并，每一行都填上")
    for column in COLUMNS[kind]:
        if column.key in at:
            try:
                row.values[column.key] = _value(column, at[column.key], layout.factor)
            except ValueError as error:
                if not (merged and kind_of(at[column.key]) == "empty"):
                    row.faults.append(f"“{layout.labels[column.key]}”{error}")
    return row


def _is_total(layout: Layout, cells: tuple[Any, ...]) -> bool:
    first = next((shown(cell) for cell in cells if kind_of(cell) != "empty"), "")
    return bool(_TOTAL.match("".join(first.split())))


def _total_row(layout: Layout, number: int, cells: tuple[Any, ...], whole: Decimal) -> ReadRow | None:
    """A total is no entry; one that is not the sum of the rows is told."""
    cell = cells[layout.places["amount"] - 1] if layout.places["amount"] <= len(cells) else None
    if kind_of(cell) in ("empty", "formula"):
        return None
    try:
        said = amount_of(cell, layout.factor)
    except ValueError:
        return None
    if said == whole:
        return None
    row = ReadRow(number, {layout.labels["amount"]: shown(cell)})
    row.faults.append(f"合计 {yuan(said)} 与上面各行之和 {yuan(whole)} 相差 {yuan(said - whole)}，请核对有没有漏行")
    return row


def rows_read(layout: Layout, kind: str, *, progress: Callable[[int], None] = lambda read: None) -> Iterator[ReadRow]:
    """Every row below the header that holds something; totals are left out when they are right.

    Args:
        kind: of ``SpendingImport.Kind``.
        progress: called with the row's number now and then.

    Raises:
        BusinessError: more rows than MOST_ROWS.
    """
    count, whole, part = 0, Decimal(0), Decimal(0)
    for number, cells in enumerate(layout.sheet.rows(), 1):
        if number <= layout.header or all(kind_of(cell) == "empty" for cell in cells):
            continue
        if _is_total(layout, cells):
            told = _total_row(layout, number, cells, whole)
            # The sum of the rows since the last total is right, too (本月合计).
            if told and _total_row(layout, number, cells, part):
                yield told
            part = Decimal(0)
            continue
        count += 1
        if count > MOST_ROWS:
            raise refused(f"清单超过 {MOST_ROWS:,} 行，请按月份拆开再传", "too_large")
        row = _row(layout, kind, number, cells)
        amount = row.values.get("amount", Decimal(0))
        whole, part = whole + amount, part + amount
        if count % 500 == 0:
            progress(number)
        yield row
