"""What a cell says: amounts exact to the fen, days, texts; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from performance.money_words import amount_read, figures, yuan
from performance.sheets.cells import amount_of, day_of, text_of


def cell(value: Any, kind: str = "") -> Any:
    return SimpleNamespace(value=value, data_type=kind or ("s" if isinstance(value, str) else "n"))


@pytest.mark.parametrize(
    ("value", "yuan_found"),
    [
        (100, "100.00"),
        (1234.56, "1234.56"),
        (0.1 + 0.2, "0.30"),
        (1280.0000000000002, "1280.00"),
        (123456789012.34, "123456789012.34"),
        ("1,234,567.80", "1234567.80"),
        ("１２３４．５０", "1234.50"),
        ("¥ 88.8", "88.80"),
        ("￥88.80元", "88.80"),
        ("1.2万元", "12000.00"),
        ("302.94 万", "3029400.00"),
        ("+5", "5.00"),
        ("12.500", "12.50"),
    ],
)
def test_amounts_are_exact(value: Any, yuan_found: str) -> None:
    assert amount_of(cell(value)) == Decimal(yuan_found)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (None, "", "没有填"),
        ("待定", "", "“待定”不是金额"),
        (-5.5, "", "负数"),
        ("(1,200.00)", "", "负数"),
        ("-3", "", "负数"),
        (0, "", "是 0"),
        (1.005, "", "不是整分"),
        (1234.567, "", "不是整分"),
        ("1.005", "", "两位小数"),
        (1e300, "", "太大"),
        (1e13, "", "太大"),
        ("9" * 40, "", "太大"),
        ("1e3", "", "不是金额"),
        ("NaN", "", "不是金额"),
        ("1,23", "", "不是金额"),
        ("=SUM(A1:A9)", "f", "是公式"),
        ("#REF!", "e", "错误值"),
        (True, "b", "逻辑值"),
        (datetime(2025, 6, 1, tzinfo=UTC), "d", "是日期"),
        ("Infinity", "", "不是金额"),
        ("1 2 3元4", "", "不是金额"),
        ("", "", "没有填"),
        ("1..2万元", "", "不是金额"),
        ("٣٤", "", "不是金额"),
    ],
)
def test_what_is_no_amount_is_told(value: Any, kind: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        amount_of(cell(value, kind))


@given(st.integers(1, 10**14))
def test_every_fen_that_excel_keeps_as_a_binary_fraction_comes_back(fen: int) -> None:
    exact = Decimal(fen) / 100
    assert amount_of(cell(float(exact))) == exact if exact < 10**13 else True


@given(st.decimals("0.01", "9999999999999999.99", places=2))
def test_what_is_written_is_read_back(amount: Decimal) -> None:
    assert amount_read(figures(amount)) == amount_read(yuan(amount)) == amount_read(str(amount)) == amount


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_amounts(text: str) -> None:
    try:
        assert amount_read(text) == amount_read(text).quantize(Decimal("0.01"))
    except ValueError as error:
        assert str(error)


def test_wan_in_the_header_multiplies_exactly() -> None:
    assert amount_of(cell(302.94), 10_000) == Decimal("3029400.00")
    assert amount_of(cell("13.29"), 10_000) == Decimal("132900.00")
    with pytest.raises(ValueError, match="不是整分"):
        amount_of(cell(1.23456789), 10_000)


@pytest.mark.parametrize(
    "value",
    [
        date(2025, 6, 10),
        datetime(2025, 6, 10, 15, 30, tzinfo=UTC),
        45818,
        45818.0,
        "2025-06-10",
        "2025/6/10",
        "2025.6.10",
        "2025年6月10日",
        "20250610",
        20250610,
        "２０２５-０６-１０",
        "2025-06-10 09:30:00",
    ],
)
def test_days_in_every_writing(value: Any) -> None:
    assert day_of(cell(value, "d" if isinstance(value, date) else "")) == date(2025, 6, 10)


@pytest.mark.parametrize(
    "value", ["6月10日", "2025-13-01", "2025-02-30", "1899-01-01", 12, 45818.5, "昨天", 3_000_000, "2101-01-01"]
)
def test_what_is_no_day_is_told(value: Any) -> None:
    with pytest.raises(ValueError, match="不是日期"):
        day_of(cell(value))


def test_texts_keep_their_digits_or_say_that_they_were_lost() -> None:
    assert text_of(cell(20250015), 60) == "20250015"
    assert text_of(cell("  记 - 15\n号 "), 60) == "记 - 15 号"
    for lost in (6.22e18, 6228480012345678901, 1.5):
        with pytest.raises(ValueError, match="丢了位数"):
            text_of(cell(lost), 60)
    with pytest.raises(ValueError, match="超过 5 字"):
        text_of(cell("六个字的文本"), 5)
    with pytest.raises(ValueError, match="是公式"):
        text_of(cell("=A1", "f"), 60)
