"""Workbooks: what is text stays text."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core.sheets import workbook


def cells(*row: object) -> list[object]:
    """The cells of the one row written."""
    content = workbook(name="表", heads=["列"] * len(row), rows=[row])  # type: ignore[list-item]
    return list(load_workbook(io.BytesIO(content)).active[2])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")', "https://x.test/"])
def test_no_text_becomes_a_formula_or_a_link(text: str) -> None:
    (cell,) = cells(text)
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert bool(cell.quotePrefix) == (text[0] in "=+-@\t")


def test_numbers_and_moments_are_what_they_are() -> None:
    found = cells(7, datetime(2026, 3, 2, 1, 0, tzinfo=UTC), None, "", "甲")
    assert [cell.value for cell in found] == [7, datetime(2026, 3, 2, 9, 0), None, None, "甲"]  # noqa: DTZ001 (a cell)


def test_amounts_are_numbers_unless_they_would_lose_a_fen() -> None:
    found = cells(Decimal("-1234567.89"), Decimal("9999999999999.99"), Decimal("10000000000000.01"), Decimal("0.125"))
    assert [cell.value for cell in found] == [-1234567.89, 9999999999999.99, "10000000000000.01", "0.125"]
    assert found[0].number_format == "#,##0.00"


def test_what_xml_cannot_hold_is_replaced_and_too_long_is_cut() -> None:
    (one, two) = cells("甲\x00\ud800乙", "长" * 40_000)
    assert (one.value, len(two.value)) == ("甲\ufffd\ufffd乙", 32_767)
