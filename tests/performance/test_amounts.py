"""Amounts as reports print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from performance.amounts import change_share_words, change_words, percent, trimmed, wan, wan_words, yi_words

YUAN = st.decimals(min_value="0", max_value="99999999999.99", places=2)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [("3029400", "302.94万元"), ("200000.00", "20万元"), ("329000", "32.9万元"), ("7500", "0.75万元"),
     ("49.99", "0万元"), ("50", "0.01万元"), ("-67150", "-6.72万元"), ("0", "0万元")],
)  # fmt: skip
def test_wan(yuan: str, words: str) -> None:
    assert wan_words(Decimal(yuan)) == words


def test_yi() -> None:
    assert yi_words(Decimal("3567000000")) == "35.67亿元"
    assert yi_words(Decimal("2060000000")) == "20.6亿元"


def test_the_seed_s_comparison() -> None:
    new, old = Decimal("2508800"), Decimal("3029400")
    assert change_words(new, old) == "减少52.06万元"
    assert change_share_words(new, old) == "减少17.18%"
    assert change_words(old, new) == "增加52.06万元"
    assert change_words(old, old) == change_share_words(old, old) == "持平"
    assert change_share_words(old, Decimal(0)) == "—"


def test_no_whole_no_share() -> None:
    assert percent(Decimal(1), Decimal(0)) is None


@given(YUAN)
def test_wan_is_never_more_than_half_a_hundred_yuan_off(yuan: Decimal) -> None:
    assert abs(wan(yuan) * 10_000 - yuan) <= 50


@given(YUAN)
def test_trimmed_says_the_same(yuan: Decimal) -> None:
    assert Decimal(trimmed(yuan)) == yuan
