"""Texts from other sites become readable, and no character of them is lost."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text import text_html
from trading_center.config import ROOT

REAL = ROOT.parent / "shared" / "data" / "announcements.jsonl"


def shown(markup: str) -> str:
    """What a reader sees of the markup, without white space."""
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", markup)))


def test_numbered_headings_labels_and_paragraphs() -> None:
    assert text_html("一、项目概况\n项目名称:食堂设备\n(一)范围\n本项目接受联合体投标。").split("\n") == [
        "<h3>一、项目概况</h3>",
        '<p><span class="label">项目名称:</span>食堂设备</p>',
        '<p class="sub">(一)范围</p>',
        "<p>本项目接受联合体投标。</p>",
    ]


def test_running_text_is_broken_before_headings_and_labels() -> None:
    text = "说明文字" * 40 + "。 一、项目概况 项目名称：食堂设备 项目编号：A-1"
    assert text_html(text).count("<p>") + text_html(text).count("<h3>") == 4


def test_torn_sentences_are_joined() -> None:
    assert (
        text_html("公示期自\n2026\n年\n3\n月\n16\n日起（\n三日\n）\n。")
        == "<p>公示期自</p>\n<p>2026年3月16日起（三日）。</p>"
    )


def test_label_takes_a_single_following_line_for_its_value() -> None:
    assert text_html("项目编号：\nA-1\n项目名称：\n食堂设备") == (
        '<p><span class="label">项目编号：</span>A-1</p>\n<p><span class="label">项目名称：</span>食堂设备</p>'
    )


def test_label_of_a_flattened_table_takes_nothing() -> None:
    assert text_html("采购需求：\n序号\n名称\n数量").count("<p>") == 4


def test_tabs_make_a_table() -> None:
    page = text_html("清单\n序号\t名称\n1\t<b>\n完")
    assert "<tr><td>序号</td><td>名称</td></tr><tr><td>1</td><td>&lt;b&gt;</td></tr>" in page


def test_short_row_of_a_table_is_filled_with_one_cell() -> None:
    assert '<tr><td>1</td><td>甲</td><td colspan="2"></td></tr>' in text_html("序号\t名称\t数量\t单价\n1\t甲")


def test_row_wider_than_a_page_is_a_paragraph() -> None:
    assert text_html("\t".join("甲" * 51)) == "<p>" + " ".join("甲" * 51) + "</p>"
    assert text_html("\t".join("甲" * 50)).count("<td>") == 50


@pytest.mark.parametrize("widest", [50, 51, 6_000])
def test_wide_row_does_not_blow_up_the_others(widest: int) -> None:
    text = "\t" * (widest - 1) + "a\n" + "\tb\n" * 2_000
    assert len(text_html(text)) < 20 * len(text)


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200d\n"])
def test_blank_text_gives_nothing(text: str) -> None:
    assert text_html(text) == ""


@given(st.text(alphabet=st.sampled_from("一二、（）:：。1.\n\t <>&\"'年月日abc项目\u3000"), max_size=300))
def test_no_character_is_lost_and_none_becomes_markup(text: str) -> None:
    assert shown(text_html(text)) == re.sub(r"\s", "", text)


@pytest.mark.skipif(not REAL.exists(), reason="needs ../shared")
def test_real_announcements_keep_every_character() -> None:
    texts = [json.loads(line)["text"] for line in Path(REAL).read_text(encoding="utf-8").splitlines()]
    invisible = re.compile("[\u200b-\u200d\ufeff\\s]")
    assert [i for i, t in enumerate(texts) if invisible.sub("", shown(text_html(t))) != invisible.sub("", t)] == []
