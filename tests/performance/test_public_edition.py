"""The public edition: no phone and no name of staff below the leaders slips through, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from performance.document import public
from performance.document.model import (
    Chart,
    Cover,
    Document,
    Evidence,
    Form,
    FundRow,
    Heading,
    IndicatorRow,
    Paragraph,
    Table,
    document_json,
)
from performance.document.named import ACCOUNT, doubts
from performance.document.public import EDITION, NUMBER, SOMEBODY, Hider, People, people_named, public_edition

LEADERS = frozenset({"周文博", "唐建业"})
OTHERS = frozenset({"吴婷", "钱树林", "邓凯", "李海", "李海荣"})
PEOPLE = People(LEADERS, OTHERS)
hide = Hider(PEOPLE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("由吴婷核对。", f"由{SOMEBODY}核对。"),
        ("由吴 婷、钱　树林核对，周文博审定。", f"由{SOMEBODY}2人核对，周文博审定。"),
        ("吴\u200b婷", SOMEBODY),
        ("李海荣和李海", f"{SOMEBODY}和{SOMEBODY}"),
        ("组长：周文博；副组长：唐建业；组员：钱树林、吴婷、邓凯",
         f"组长：周文博；副组长：唐建业；组员：{SOMEBODY}3人"),
        ("经办人：赵大有，复核人：周文博", f"经办人：{SOMEBODY}，复核人：周文博"),
        ("成员：财务科、受理科", "成员：财务科、受理科"),
        ("成员为：组长：周文博", "成员为：组长：周文博"),
        ("联系电话0000-5080016。", f"联系电话{NUMBER}。"),
        ("电话：１３９１２３４５６７８", f"电话：{NUMBER}"),
        ("手机139 1234 5678或传真5080016", f"手机{NUMBER}或传真{NUMBER}"),
        ("邮箱wuting@yunze.example.cn", "邮箱（邮箱略）"),
        ("支出1391.23万元，云财预〔2025〕2号", "支出1391.23万元，云财预〔2025〕2号"),
        ("13912345678.00", "13912345678.00"),
        ("3029400.00", "3029400.00"),
        ("", ""),
        ("联系人王小明…；会计张建国（微信 zjg1980）", f"联系人{SOMEBODY}…；会计{SOMEBODY}（微信 {ACCOUNT}）"),
        ("QQ 123456789；座机6212345，由孙工负责", f"QQ {ACCOUNT}；座机{NUMBER}，由{SOMEBODY}负责"),
        ("出纳：李小梅，负责人周文博，经手人 赵磊。", f"出纳：{SOMEBODY}，负责人周文博，经手人 {SOMEBODY}。"),
        ("电话号码为62123456，传真：6212-345", f"电话号码为{NUMBER}，传真：{NUMBER}"),
        ("会计金额核对，由财务科负责，由施工单位负责", "会计金额核对，由财务科负责，由施工单位负责"),
        ("会计制度健全，主任办公会审议，管理员培训2次", "会计制度健全，主任办公会审议，管理员培训2次"),
    ],
)  # fmt: skip
def test_texts(text: str, wanted: str) -> None:
    assert hide(text) == wanted


def document(text: str = "由吴婷、钱树林核对，电话13912345678。") -> Document:
    """A report in which everything that can hold a text holds it."""
    row = IndicatorRow(
        text, text, text, "≥4次", text, "15", "15.00", text, "", text, text, text, text, text, text, text
    )
    fund = FundRow("年度资金总额", "13912345678.00", "16.00", "15.80", "10", "98.75%", "9.88")
    form = Form(
        "项目支出绩效自评表", 2025, text, text, text, text, (fund,), text, text, (row,), "100", "98.00", "优", "",
        (("填报总分", "98"),), "吴婷", "0000-5080016", "周文博",
    )  # fmt: skip
    cover = Cover(
        text, text,
        (("单位名称", text), ("统一社会信用代码", "110101199003070935"), ("填表人", "吴婷"),
         ("联系电话", "0000-5080016"), ("单位负责人", "周文博")),
        date(2026, 2, 26), (("组长", "周文博"), ("副组长", "唐建业"), ("组员", "钱树林"), ("组员", "吴婷")), text, text,
    )  # fmt: skip
    table = Table(text, (text,), ((text, "16.00"),), (1.0, 1.0), (1,))
    chart = Chart("bars", text, text, (text,), ((text, ("1.00",)),))
    return Document(
        "project", 2025, text, cover, (Heading(1, text, (Paragraph(text), table, chart)),), form, (table,),
        (Evidence(text, "吴婷报销单.pdf", "139" + "1" * 61),), (("rate_below_90", text),),
    )  # fmt: skip


def made(text: str = "由吴婷、钱树林核对，电话13912345678。") -> Document:
    whole = document(text)
    return public_edition(whole, people_named(whole, ["邓凯", ""]))


def test_what_only_looks_like_a_name_or_a_number_is_told_to_a_person() -> None:
    said = "主任马林花主持会议；合同20250117号；编号620012345；支出12345678元；1391230.00；联系人工作人员"
    found = [one.words for one in doubts(said, kept=hide.is_public)]
    assert found == ["马林花", "20250117", "620012345"]
    assert list(doubts("周文博主任周文博主持，由财务科负责，2025年度共1234567宗", kept=hide.is_public)) == []


def test_nothing_slips_through_wherever_it_stands() -> None:
    printed = document_json(made())
    for gone in ("吴婷", "钱树林", "5080016"):
        assert gone not in printed
    # Once in the digest of the evidence, which is no text, and once in an amount.
    assert printed.count("13912345678") == 1
    assert "周文博" in printed and "唐建业" in printed and "工作人员报销单.pdf" in printed


def test_what_is_no_text_is_untouched() -> None:
    found, before = made(), document()
    assert found.form is not None and before.form is not None
    assert found.form.funds == before.form.funds and found.form.head == "周文博"
    assert (found.form.filled_by, found.form.phone) == ("", "")
    assert found.evidence[0].sha256 == before.evidence[0].sha256 and found.kind == "project"
    assert found.cover.members == (("组长", "周文博"), ("副组长", "唐建业"), ("组员", "2人"))
    assert EDITION in found.cover.facts and ("统一社会信用代码", "110101199003070935") in found.cover.facts
    assert {label for label, _ in found.cover.facts} & {"填表人", "联系电话"} == set()


def test_a_report_without_anybody_still_is_another_document() -> None:
    plain = replace(document("没有人名。"), form=None, cover=Cover("标题", "单位", (), date(2026, 2, 26)))
    found = public_edition(plain, people_named(plain, []))
    assert document_json(found) != document_json(plain)
    assert found.body == plain.body


def test_the_same_document_gives_the_same_edition() -> None:
    assert document_json(made()) == document_json(made())


NAMES = st.sampled_from(sorted(OTHERS))
WORDS = st.text(st.sampled_from("的由和核对年度资金项目，。、 \u3000\n\u200b周文博唐建业0123456789"), max_size=12)


@given(st.lists(st.tuples(WORDS, NAMES), max_size=6), WORDS)
def test_no_name_is_left_among_any_words(pairs: list[tuple[str, str]], last: str) -> None:
    text = "".join(before + name for before, name in pairs) + last
    shown = hide(text).replace(SOMEBODY, "\n")
    for name in OTHERS:
        assert name not in shown


def test_a_name_that_could_not_be_hidden_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "_mapped", lambda value, change: value)
    with pytest.raises(BusinessError, match="没有生成公开版") as caught:
        made()
    assert caught.value.code == "public_leak"
