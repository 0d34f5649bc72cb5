"""Facts read from fields and text; what cannot be read is left out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenders.facts import facts_of, read_amount, read_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-26 09:30", "2026-03-26T09:30:00+08:00"),
        ("2026-03-26T09:30:05", "2026-03-26T09:30:05+08:00"),
        ("20260313 - 09:30:00", "2026-03-13T09:30:00+08:00"),
        ("2026年03月26日 09点30分", "2026-03-26T09:30:00+08:00"),
        ("2026年3月6日9时", "2026-03-06T09:00:00+08:00"),
        ("2026年3月6日下午2时30分", "2026-03-06T14:30:00+08:00"),
        ("2026/3/6 14:30", "2026-03-06T14:30:00+08:00"),
    ],
)
def test_read_moment_forms(text: str, moment: str) -> None:
    found = read_moment(text)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize("text", ["", "2026-03-26", "2026-02-30 09:00", "2026-03-26 25:00", "详见公告", "9" * 40])
def test_read_moment_of_what_is_none(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("750000.00", Decimal("750000.00")),
        ("1,234,567.1", Decimal("1234567.10")),
        ("18，000元", Decimal("18000.00")),
        (5, Decimal("5.00")),
        ("0元", None),
        ("0", None),
        ("-5", None),
        ("65 万元", None),
        ("513360.00元每年", None),
        ("1e5", None),
        ("99999999999999999999", None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_read_amount(value: object, amount: Decimal | None) -> None:
    assert read_amount(value) == amount


def test_facts_take_the_statutory_sentence_where_fields_are_silent() -> None:
    text = (
        "项目概况\n课桌采购项目的潜在供应商应在云泽县公共资源交易平台获取采购文件,"
        "并于 2026年03月26日 09点30分(北京时间)前递交响应文件。\n预算金额:75.5万元\n"
        "五、开启\n时间:2026年03月26日 09点30分\n地点:云泽县公共资源交易中心开标二室\n六、公告期限"
    )
    facts = facts_of({}, text)
    assert facts.deadline is not None
    assert facts.deadline.isoformat() == "2026-03-26T09:30:00+08:00"
    assert facts.budget == Decimal("755000.00")
    assert facts.place == "云泽县公共资源交易中心开标二室"


def test_facts_blank_form_pushed_as_zero_is_unknown_whatever_the_text_says() -> None:
    assert facts_of({"budget_yuan": "0元"}, "预算金额:5万元").budget is None


def test_facts_first_known_key_wins_and_blank_ones_do_not_count() -> None:
    facts = facts_of({"purchaser": "  ", "tenderer": "甲局", "supplier": None, "grantee": "乙公司", "region": 7}, "")
    assert (facts.purchaser, facts.supplier, facts.region) == ("甲局", "乙公司", "7")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
)


@given(
    fields=_json,
    keys=st.lists(st.sampled_from(["deadline", "budget_yuan", "purchaser", "place"])),
    value=_json,
    text=st.text(),
)
def test_facts_never_fail(fields: object, keys: list[str], value: object, text: str) -> None:
    facts_of(fields, text)
    facts = facts_of(dict.fromkeys(keys, value), text)
    assert facts.budget is None or facts.budget > 0
