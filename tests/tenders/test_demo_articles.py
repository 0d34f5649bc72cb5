"""The demonstration's articles: all columns filled, and what they say of the law is what the law says."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.conf import settings

from tenders.demo.articles import demo_articles

LAW = settings.BASE_DIR.parent / "shared" / "law"
LAWS = {
    "《中华人民共和国招标投标法》": "招标投标法(2017-12-27)",
    "《招标投标法实施条例》": "招标投标法实施条例(2019-03-02)",
    "《中华人民共和国政府采购法》": "中华人民共和国政府采购法",
    "《政府采购法实施条例》": "政府采购法实施条例(2015-01-30)",
    "《政府采购货物和服务招标投标管理办法》": "政府采购货物和服务招标投标管理办法",
    "《政府采购质疑和投诉办法》": "政府采购质疑和投诉办法",
    "《政府采购信息发布管理办法》": "政府采购信息发布管理办法",
}


def test_articles_fill_the_columns() -> None:
    columns = [article["column"] for article in demo_articles()]
    assert {name: columns.count(name) for name in columns} == {
        "通知公告": 8,
        "政策法规": 8,
        "办事指南": 8,
        "中心动态": 4,
    }
    assert all(datetime.fromisoformat(article["published"]) for article in demo_articles())
    guides = [len(article["text"]) for article in demo_articles() if article["column"] == "办事指南"]
    assert [length for length in guides if not 250 <= length <= 800] == []


_BLANK = r"[\s\u200e\u200f\u3000]*"
_NUMERALS = "〇一二三四五六七八九"


def _in_figures(text: str) -> str:
    """Chinese numerals up to 99 as figures, blanks and full-width forms away, so that 十五日 equals 15日."""

    def figure(found: re.Match[str]) -> str:
        tens, ten, ones = found[1], found[2], found[3]
        if not ten:
            return str(_NUMERALS.index(found[0])) if len(found[0]) == 1 else found[0]
        return str((_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0))

    text = re.sub(r"[\s\u3000\u200e\u200f]", "", text).translate(str.maketrans("０１２３４５６７８９％", "0123456789%"))
    return re.sub(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=日|个工作日|年)", figure, text)


@pytest.mark.skipif(not LAW.exists(), reason="../shared is absent")
def test_articles_of_law_say_what_the_law_says() -> None:
    checked = 0
    for article in demo_articles():
        if article["column"] != "政策法规":
            continue
        name = next(file for title, file in LAWS.items() if article["title"].startswith(title))
        law = (LAW / f"{name}.txt").read_text(encoding="utf-8")
        paragraphs = re.findall(r"([^\n]+)（(第[一二三四五六七八九十]+条)）", article["text"])
        for said, number in paragraphs:
            body = re.search(rf"(?:^|\n){_BLANK}{number}\s(.*?)(?=\n{_BLANK}第\S+条\s|$)", law, re.S)
            limits = re.findall(r"\d+(?:日|个工作日|%|年)", _in_figures(said.split("、", 1)[-1]))
            assert body and [limit for limit in limits if limit not in _in_figures(body[1])] == []
            checked += len(limits)
    assert checked >= 30
