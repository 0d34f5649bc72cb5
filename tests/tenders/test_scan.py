"""What the scan finds before publication, and what it leaves alone."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from tenders.scan import Word, digits_of, identity_is_valid, marked, matters, scan

TODAY = date(2026, 3, 2)
IDENTITY = "11010519491231002X"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in scan(text, [], today=TODAY)]


@pytest.mark.parametrize(
    "text",
    ["11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X",
     "110105-19491231-002X"],
)  # fmt: skip
def test_an_identity_number_is_found_however_it_is_written(text: str) -> None:
    assert found(f"法定代表人，身份证{text}。") == [("identity", text)]


@pytest.mark.parametrize(
    "text",
    ["110105194912310021",  # wrong check digit
     "99010519491231002X",  # no such province
     "YZ11010519491231002X",  # part of a code
     "11010519491231002X8",
     "123703003103997747"],  # a unified social credit code
)  # fmt: skip
def test_what_is_no_identity_number_is_left_alone(text: str) -> None:
    assert "identity" not in [kind for kind, _ in found(f"编号{text}，")]


def test_nobody_is_born_tomorrow() -> None:
    number = "11010520260303001"
    number += ric.calc_check_digit(number + "0")
    assert not identity_is_valid(number, TODAY)
    assert identity_is_valid(number, date(2026, 3, 3))


def test_an_old_number_is_found_where_the_text_says_what_it_is() -> None:
    assert found("身份证号：130503670401001") == [("identity", "130503670401001")]
    assert found("项目编号：130503670401001") == []
    assert found("身份证号：130503671301001") == []


@pytest.mark.parametrize(
    "text", ["13900001111", "139 0000 1111", "139-0000-1111", "+8613900001111", "１３９００００１１１１"]
)
def test_a_mobile_number_is_found_however_it_is_written(text: str) -> None:
    assert found(f"联系电话：{text}。") == [("mobile", text)]


@pytest.mark.parametrize(
    "text",
    ["0311-88880000", "（0311）88880000", "03118888000", "0311-88880000-12", "400-810-0000", "010 62345678"],
)
def test_a_phone_number_is_found_however_it_is_written(text: str) -> None:
    assert [kind for kind, _ in found(f"联系电话：{text}。")] == ["phone"]


@pytest.mark.parametrize(
    "text", ["预算金额1380000000元", "12900001111", "1.13900001111", "2026030200001", "采购13900套"]
)
def test_other_numbers_are_no_phone_numbers(text: str) -> None:
    assert [kind for kind, _ in found(text) if kind in ("mobile", "phone")] == []


def test_a_card_number_is_found_by_itself_and_another_account_by_its_name() -> None:
    assert found("请汇入6222021001116248") == [("account", "6222021001116248")]
    assert found("请汇入6222021001116247") == []
    assert found("保证金账号：1300 1234 5678 9012") == [("account", "1300 1234 5678 9012")]
    assert found("统一社会信用代码（账户名称）：123703003103997747") == []


def test_words_of_the_list_are_found_each_time_with_the_advice() -> None:
    words = [Word("帐号", "wrong", "账号"), Word("", "wrong", "")]
    given_ = scan("帐号一，帐号二", words, today=TODAY)
    assert [(one.kind, one.begin, one.advice) for one in given_] == [("wrong", 0, "账号"), ("wrong", 4, "账号")]
    assert [(one.count, one.places) for one in matters(given_)] == [(2, ("text",))]


def test_one_number_in_two_shapes_is_one_matter() -> None:
    found_ = scan("电话139 0000 1111，手机13900001111", [], today=TODAY)
    assert [one.count for one in matters(found_)] == [2]


def test_what_was_found_is_marked_in_its_place_and_escaped() -> None:
    text = "<b>电话13900001111</b>"
    shown = marked(text, scan(text, [], today=TODAY))
    assert shown == ('&lt;b&gt;电话<mark class="finding mobile" title="手机号码">13900001111</mark>&lt;/b&gt;')


PLAIN = st.text("甲乙丙，。：\n 号", max_size=20)


@given(PLAIN, st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(1, 999), PLAIN)
def test_every_valid_identity_number_is_found(before: str, born: date, order: int, after: str) -> None:
    number = f"130730{born:%Y%m%d}{order:03d}"
    number += ric.calc_check_digit(number + "0")
    assert ("identity", number) in found(before + number + after)


@given(PLAIN, st.sampled_from("3456789"), st.integers(0, 10**9 - 1), PLAIN)
def test_every_mobile_number_is_found(before: str, second: str, rest: int, after: str) -> None:
    number = f"1{second}{rest:09d}"
    assert ("mobile", number) in found(before + number + after)


@given(PLAIN, st.integers(0, 10**13 - 1), PLAIN)
def test_every_card_number_is_found(before: str, rest: int, after: str) -> None:
    number = f"62{rest:013d}"
    number += luhn.calc_check_digit(number)
    assert ("account", number) in found(before + number + after)


@given(st.text(max_size=200))
def test_any_text_is_scanned_and_its_marks_say_the_same(text: str) -> None:
    given_ = scan(text, [Word("号", "wording")], today=TODAY)
    assert all(text[one.begin : one.end] == one.text for one in given_)
    assert unescape(re.sub(r"</?mark[^>]*>", "", str(marked(text, given_)))) == text


def test_digits_of_a_word_are_none() -> None:
    assert digits_of("帐号") == ""
