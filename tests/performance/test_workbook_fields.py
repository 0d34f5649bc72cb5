"""What a cell can take, and how a figure stands in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from performance.models import BureauWorkbook
from performance.selectors.workbook_data import AMOUNT, DAY, PERCENT, QUANTITY, FormData, Row, Value, number, text
from performance.selectors.workbook_fields import field_find, fields_of, key_only
from performance.selectors.workbooks import written
from performance.sheets.form_book import FormBook

BOOK = FormBook((), ())


@pytest.mark.parametrize(
    ("value", "code", "wish", "said"),
    [
        (Value(AMOUNT, "23.93", Decimal("239300.00")), "#,##0.00", "auto", ("23.93", True)),
        (Value(AMOUNT, "12.35", Decimal("123456.78")), "General", "auto", ("12.35", True)),
        (Value(AMOUNT, "12.35", Decimal("123456.78")), "0.00", "yuan", ("123456.78", True)),
        (Value(AMOUNT, "12.35", Decimal("123456.78")), "0.00", "text", ("12.35", False)),
        (Value(AMOUNT, "12.35", Decimal("123456.78")), "@", "auto", ("12.35", False)),
        (Value(PERCENT, "72.74%", Decimal("72.74")), "0.00%", "auto", ("0.7274", True)),
        (Value(PERCENT, "72.74%", Decimal("72.74")), "0.00", "auto", ("72.74", True)),
        (Value(PERCENT, "72.74%", Decimal("72.74")), "General", "auto", ("72.74%", False)),
        (Value(PERCENT, "72.74%", Decimal("72.74")), "General", "number", ("72.74", True)),
        (Value(QUANTITY, "98.5%"), "0.0%", "auto", ("0.985", True)),
        (Value(QUANTITY, "424宗"), "0", "auto", ("424", True)),
        (Value(QUANTITY, "≥95%"), "0.00%", "auto", ("≥95%", False)),
        (Value(QUANTITY, "95%以上"), "0.00%", "auto", ("95%以上", False)),
        (Value(QUANTITY, "达成预期指标"), "0.00", "auto", ("达成预期指标", False)),
        (Value(QUANTITY, "424宗"), "0.00%", "auto", ("424宗", False)),
        (Value(QUANTITY, "5"), "yyyy-mm-dd", "auto", ("5", False)),
    ],
)  # fmt: skip
def test_a_figure_stands_as_the_cell_wants_it(value: Value, code: str, wish: str, said: tuple[str, bool]) -> None:
    found = written(value, code, wish, BOOK)
    assert (found.text, found.number) == said


def test_every_field_is_found_by_its_key_and_by_nothing_else() -> None:
    for purpose in BureauWorkbook.Purpose.values:
        keys = [one.key for one in fields_of(purpose)]
        assert len(keys) == len(set(keys)) and all(field_find(purpose, key) for key in keys)
    assert field_find("project", "indicators@产出指标.name") and not field_find("project", "funds@产出指标.initial")
    assert not field_find("monitoring", "indicators.name") and not field_find("project", "lines.name")
    assert key_only("indicators.name", "") == "indicators.name" and not field_find("project", "a'; drop")


def test_rows_of_one_level_are_picked_by_either_name() -> None:
    rows: list[Row] = [
            {"level1": text("产出指标"), "level2": text("数量指标"), "name": text("甲"), "weight": number(3)},
            {"level1": text("产出"), "level2": text("质量指标"), "name": text("乙"), "weight": None}]  # fmt: skip
    data = FormData({}, {"indicators": rows})
    assert [one.words for one in data.column("indicators@产出指标.name") if one] == ["甲", "乙"]
    assert [one.words for one in data.column("indicators@数量指标.name") if one] == ["甲"]
    assert data.column("indicators@产出指标.weight")[1] is None and data.column("expenses.name") == []


@pytest.mark.parametrize(
    ("code", "from_1904", "said"),
    [
        ("yyyy年m月d日", False, ("44977", True)), ("yyyy-mm-dd", True, ("43515", True)),
        ("General", False, ("2023年2月20日", False)), ("@", False, ("2023年2月20日", False)),
        ("0.00", False, ("2023年2月20日", False)),
    ],
)  # fmt: skip
def test_a_day_is_a_day_where_the_cell_shows_days(code: str, from_1904: bool, said: tuple[str, bool]) -> None:
    value = Value(DAY, "2023年2月20日", day=date(2023, 2, 20))
    found = written(value, code, "auto", FormBook((), (), from_1904))
    assert (found.text, found.number) == said
