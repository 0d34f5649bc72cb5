"""Search: what LIKE would find is found, nothing else, each once, in the promised order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BusinessError
from core.text import fold
from tenders import search
from tenders.highlight import excerpt, highlight
from tenders.lines import announcement_line
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery
from tenders.selectors import announcement_page
from tenders.services.announcements import announcements_store
from tenders.services.search import search_index_flush
from tenders.tokens import is_short
from tests.tenders.factories import CATEGORIES, NOW, line_of, make_announcement

pytestmark = pytest.mark.django_db


def found(q: str = "", limit: int = 20, **params: Any) -> list[Announcement]:
    """All hits over all pages; pages fit together, the count agrees."""
    query = AnnouncementQuery.parse({"q": q, **params})
    rows: list[Announcement] = []
    hits = None
    while True:
        page = announcement_page(query, now=NOW, limit=limit)
        rows += page.rows
        hits = hits if hits is not None else page.hits
        assert page.hits_exact
        if not page.next:
            break
        assert len(page.rows) == limit
        query = AnnouncementQuery.parse({**query.params(), "after": page.next})
    assert len({row.id for row in rows}) == len(rows) == hits
    return rows


def titles(q: str = "", **params: Any) -> list[str]:
    return [row.title for row in found(q, **params)]


def store(*lines: dict[str, Any]) -> None:
    outcomes = announcements_store(lines=[announcement_line(line, CATEGORIES) for line in lines], now=NOW)
    assert set(outcomes) == {"imported"}
    search_index_flush()


def test_search_any_two_characters_of_a_title(db: None) -> None:
    title = "云泽县第一中学2026年ＬＥＤ“智慧”教室(二期)A-1包 采购〔2026〕5号"
    mine = make_announcement(title=title)
    make_announcement(title="无关标题")
    for start in range(len(title) - 1):
        piece = title[start : start + 2]
        for sort in ("time", "relevance"):
            assert mine.id in [row.id for row in found(piece, sort=sort)], piece


def test_search_two_words_anywhere_in_any_order() -> None:
    both = make_announcement(title="县中学设备", text="竞争性采购").title
    make_announcement(title="县中学设备甲", text="维修", fields={})
    make_announcement(title="县医院设备乙", text="采购", fields={})
    assert titles("采购 中学") == [both] == titles("中学　采购")


def test_search_quoted_text_is_a_phrase() -> None:
    phrase = make_announcement(title="第三中学采购课桌", text="").title
    make_announcement(title="采购第三中学的课桌", text="")
    assert titles('"中学采购"') == [phrase] == titles("“中学采购”")
    assert len(titles("中学 采购")) == 2


def test_search_phrase_with_a_space() -> None:
    mine = make_announcement(title="设备 LED\n屏 采购").title
    make_announcement(title="设备LED屏采购")
    assert titles('"led 屏"') == [mine]


@pytest.mark.parametrize("q", ["ABC-1", "ａｂｃ－１", "abc-1"])
def test_search_code_in_full_finds_exactly_it(q: str) -> None:
    mine = make_announcement(title="甲项目", fields={"project_code": "ABC-1"}).title
    mention = make_announcement(title="乙通知", text="见项目(ABC-1)。", published="2026-03-16").title
    others = ("ABC-10", "ABC-11", "XABC-1", "ABC-1-2", "ABC-1_2", "YZ-ABC-1", "ABC-1.2", "ABC-1/2", "ABC-1（二次）")
    for other in others:
        make_announcement(title=other, fields={"project_code": other})
    assert titles(q) == [mine, mention]
    assert len(titles("BC-1")) == 2 + len(others)


def test_search_code_with_brackets_spaces_and_chinese() -> None:
    code = "云财采 [2026]-03296号-1"
    mine = make_announcement(title="甲", fields={"project_code": code}).title
    make_announcement(title="乙", fields={"project_code": "云财采 [2026]-03296号-12"})
    assert titles(code) == [mine]


def test_search_two_lots_with_one_code_are_both_found() -> None:
    for lot in ("一包", "二包"):
        make_announcement(title=f"项目{lot}", fields={"project_code": "LOT-7"})
    assert sorted(titles("LOT-7")) == ["项目一包", "项目二包"]


@pytest.mark.parametrize("key", ["purchaser", "agency", "supplier", "tenderer", "seller"])
def test_search_company_name_in_full(key: str) -> None:
    mine = make_announcement(title="甲", text="", fields={key: "云泽 Bright (中国) 建设有限公司"}).title
    make_announcement(title="乙 建设有限公司 云泽", text="(中国) Bright", fields={})
    assert titles("云泽 bright （中国） 建设有限公司") == [mine]


def test_search_attachment_names() -> None:
    mine = make_announcement(attachments=[{"name": "工程量清单.xlsx", "url": "https://e.test/1"}])
    assert [row.id for row in found("量清")] == [mine.id]


def test_search_relevance_puts_titles_before_texts() -> None:
    make_announcement(title="新:正文提到", text="路灯", published="2026-03-19")
    make_announcement(title="旧路灯", text="", published="2020-01-01")
    make_announcement(title="新路灯", text="", published="2026-01-01")
    assert titles("路灯") == ["新:正文提到", "新路灯", "旧路灯"]
    for limit in (1, 2, 3, 20):
        assert titles("路灯", sort="relevance", limit=limit) == ["新路灯", "旧路灯", "新:正文提到"]


def test_search_relevance_without_query_is_time() -> None:
    make_announcement(title="旧", published="2020-01-01")
    make_announcement(title="新", published="2026-01-01")
    assert titles("", sort="relevance") == ["新", "旧"]


def test_search_filters_combine() -> None:
    a = make_announcement(category="工程建设", type="招标公告", fields={"region": "甲镇"}, published="2026-03-01 23:59")
    make_announcement(category="工程建设", type="招标公告", fields={"region": "乙镇"}, published="2026-03-01")
    make_announcement(category="工程建设", type="中标公告", fields={"region": "甲镇"}, published="2026-03-01")
    make_announcement(category="政府采购", type="招标公告", fields={"region": "甲镇"}, published="2026-03-01")
    make_announcement(category="工程建设", type="招标公告", fields={"region": "甲镇"}, published="2026-03-02")
    filters = {
        "category": "工程建设",
        "type": "招标公告",
        "region": "甲镇",
        "since": "2026-03-01",
        "until": "2026-03-01",
    }
    assert [row.id for row in found(**filters)] == [a.id] == [row.id for row in found("食堂", **filters)]


@pytest.mark.parametrize("name", ["category", "type", "region"])
def test_search_unknown_name_gives_an_empty_list(name: str) -> None:
    make_announcement()
    assert titles(**{name: "没有这个"}) == []


def test_search_until_the_last_day_there_is() -> None:
    make_announcement()
    assert len(titles(until="9999-12-31", since="0001-01-01")) == 1


def test_search_beyond_the_newest_rows_and_over_empty_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NEWEST_ROWS", 3)
    lines = [
        line_of(
            title=f"古词第{n}号" if n % 7 == 0 else f"今词第{n}号", published=f"{1950 + n}-05-0{n % 9 + 1}", text=""
        )
        for n in range(77)
    ]
    store(*lines)
    old = [line["title"] for line in reversed(lines) if "古词" in line["title"]]
    for limit in (1, 2, 5, 20):
        assert titles("古词", limit=limit) == old
        assert titles("古词第", limit=limit, sort="relevance") == old


def test_search_many_rows_of_one_moment_keep_their_order() -> None:
    store(*[line_of(title=f"同时{n}", published="2026-03-17 09:00") for n in range(45)])
    assert titles("同时", limit=7) == [f"同时{n}" for n in reversed(range(45))]
    assert titles("", limit=7) == [f"同时{n}" for n in reversed(range(45))]


def test_search_count_beyond_a_thousand_is_an_estimate() -> None:
    store(*[line_of(title=f"批量{n}") for n in range(1_010)])
    page = announcement_page(AnnouncementQuery.parse({"q": "批量"}), now=NOW)
    assert page.hits >= 1_000
    assert not page.hits_exact


_ALPHABET = "云泽采购中学路灯AaＢ1２3-（、 \n\u200b𠮷ß①é"
_DAYS = [
    "1989-07-01",
    "2019-06-30 23:59",
    "2019-07-01",
    "2025-12-31 23:59:59",
    "2026-01-01",
    "2026-03-17",
    "2100-05-05",
]


def _holds(line: dict[str, Any], word: str) -> bool:
    """What search promises: a single character or separators alone in the title, anything else anywhere."""
    title, text = fold(line["title"]), fold(line["text"])
    return word in title or (word in text and not is_short(word))


@settings(max_examples=100, deadline=None)
@given(
    texts=st.lists(
        st.tuples(st.text(_ALPHABET, min_size=1, max_size=12), st.text(_ALPHABET, max_size=30), st.sampled_from(_DAYS)),
        max_size=8,
    ),
    piece=st.text(_ALPHABET.replace("\n", ""), min_size=2, max_size=4),
    newest=st.sampled_from((1, 3, 400)),
)
def test_search_finds_what_like_finds(texts: list[tuple[str, str, str]], piece: str, newest: int) -> None:
    mark = f"批{hash((tuple(texts), piece, newest)) & 0xFFFFFFFF:x}x"
    source = {"name": mark}
    lines = [
        line_of(title=t, text=x, published=day, fields={"region": mark}, source=source)
        for t, x, day in texts
        if t.strip()
    ]
    if lines:
        announcements_store(lines=[announcement_line(line, CATEGORIES) for line in lines], now=NOW)
    words = fold(piece).split()
    if not words:
        return
    want = {line["id"] for line in lines if all(_holds(line, word) for word in words)}
    with patch.object(search, "NEWEST_ROWS", newest):
        for sort in ("time", "relevance"):
            assert {row.external_id for row in found(piece, region=mark, sort=sort, limit=3)} == want


@pytest.mark.parametrize("q", ["桥，", "（二", "5，", "，采"])
def test_search_character_beside_a_separator(q: str) -> None:
    """No token stands for it; all texts are read, titles first by relevance, each row once."""
    text = make_announcement(title="通知", text="架桥，（二）共5，采购").title
    title = make_announcement(title="石桥，（二）第5，采石", text="", published="2019-01-01").title
    both = make_announcement(title="木桥，（二）第15，采木", text="桥，（二）5，采", published="2018-01-01").title
    make_announcement(title="桥（三）采，5", text="，桥 二 采")
    for newest in (1, 400):
        with patch.object(search, "NEWEST_ROWS", newest):
            for filters in ({}, {"category": "政府采购"}):
                assert titles(q, **filters) == [text, title, both]
                assert titles(q, sort="relevance", limit=2, **filters) == [title, both, text]


def test_search_title_with_all_pairs_but_not_the_word_is_still_found_once() -> None:
    """Such a title counts as a title's hit when the text has the word; neither phase loses or doubles the row."""
    odd = make_announcement(title="中学门前学采", text="中学采购").title
    plain = make_announcement(title="通知", text="中学采购").title
    whole = make_announcement(title="中学采购课桌", text="").title
    for newest in (1, 400):
        with patch.object(search, "NEWEST_ROWS", newest):
            assert sorted(titles("中学采", sort="relevance")[:2]) == sorted([odd, whole])
            assert titles("中学采", sort="relevance")[2] == plain


def test_search_single_character_is_looked_for_in_titles() -> None:
    mine = make_announcement(title="大桥维修", text="").title
    both = make_announcement(title="石桥", text="采购").title
    make_announcement(title="道路", text="采购桥梁支座")
    for sort in ("time", "relevance"):
        assert sorted(titles("桥", sort=sort)) == sorted([mine, both])
        assert titles("桥 采购", sort=sort) == [both]
        assert titles("桥", sort=sort, category="国有产权") == []


def test_search_reads_the_index_when_the_sample_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word of old rows only, in enough rows that the sample holds some; every page fits the one before."""
    monkeypatch.setattr(search, "NEWEST_ROWS", 5)
    old = [line_of(title=f"旧名{n}", published=f"201{n % 4}-0{n % 9 + 1}-1{n % 8}", text="户外") for n in range(200)]
    store(*old, *[line_of(title=f"新名{n}", published=f"202{n % 6}-11-1{n % 8}", text="户内") for n in range(200)])
    assert len(found("旧名", limit=50)) == len(found("户外", limit=50, sort="relevance")) == 200
    dates = [row.published_at for row in found("户外", limit=50)]
    assert dates == sorted(dates, reverse=True)


def _cursor(**params: str) -> str:
    return announcement_page(AnnouncementQuery.parse(params), now=NOW, limit=1).next


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"since": "2026-02-30"}, "bad_date"),
        ({"until": "20260301"}, "bad_date"),
        ({"until": "２０２６-03-01"}, "bad_date"),
        ({"sort": "title"}, "bad_sort"),
        ({"q": "长" * 201}, "too_long"),
        ({"q": "a\x00"}, "bad_text"),
        ({"category": "\x0b"}, "bad_text"),
        ({"after": "x"}, "bad_cursor"),
        ({"after": "é"}, "bad_cursor"),
        ({"after": "A" * 10_000}, "bad_cursor"),
        ({"after": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "bad_cursor"),
    ],
)
def test_query_that_cannot_be_used_is_refused_with_a_sentence(params: dict[str, str], code: str) -> None:
    with pytest.raises(BusinessError) as caught:
        AnnouncementQuery.parse(params)
    assert caught.value.code == code
    assert caught.value.message.endswith("。")


def test_query_cursor_of_another_query_or_another_instance_is_refused(settings: Any) -> None:
    for _ in range(2):
        make_announcement()
    cursor = _cursor(q="食堂")
    assert AnnouncementQuery.parse({"q": "食堂", "after": cursor}).after is not None
    with pytest.raises(BusinessError):
        AnnouncementQuery.parse({"q": "食", "after": cursor})
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(BusinessError):
        AnnouncementQuery.parse({"q": "食堂", "after": cursor})


def test_query_cursor_keeps_microseconds() -> None:
    moment = datetime(2026, 3, 17, 1, 2, 3, 999_999, tzinfo=UTC)
    query = AnnouncementQuery()
    for at in (moment, moment - timedelta(days=400_000)):
        written = query.position_write(search.Position(1, at, 2**62))
        assert query.position_read(written) == search.Position(1, at, 2**62)


def test_highlight_marks_other_forms_and_escapes() -> None:
    query = AnnouncementQuery.parse({"q": "led 采购"})
    assert highlight("<b>ＬＥＤ屏采购</b>", query) == "&lt;b&gt;<mark>ＬＥＤ</mark>屏<mark>采购</mark>&lt;/b&gt;"
    assert highlight("无", query) == "无"
    assert highlight("<i>", AnnouncementQuery()) == "&lt;i&gt;"


def test_highlight_merges_overlapping_hits() -> None:
    assert highlight("中学采购", AnnouncementQuery.parse({"q": "中学 学采"})) == "<mark>中学采</mark>购"


def test_excerpt_shows_the_surroundings_of_the_first_hit() -> None:
    text = "甲" * 100 + "路灯" + "乙" * 200
    shown = excerpt(text, AnnouncementQuery.parse({"q": "路灯"}))
    assert shown == "…" + "甲" * 24 + "<mark>路灯</mark>" + "乙" * 84 + "…"
    assert excerpt(text, AnnouncementQuery.parse({"q": "没有"})) == ""


def test_search_a_per_cent_among_longer_numbers() -> None:
    make_announcement(title="甲", text="由县财政出资100%")
    make_announcement(title="乙", text="投资1000万元，增长2.00%")
    make_announcement(title="丙", text="增长2100%a")
    assert sorted(titles("100%")) == ["丙", "甲"]
    assert titles("2.00%") == ["乙"]
    assert titles("3100%") == []


@pytest.mark.parametrize("newest", [3, 5, 40])
@pytest.mark.parametrize("sort", ["time", "relevance"])
def test_search_pages_whose_rest_lies_in_older_rows(monkeypatch: pytest.MonkeyPatch, newest: int, sort: str) -> None:
    """Few hits, enough hits to guess how far back the page reaches, and a quiet month at the top."""
    monkeypatch.setattr(search, "NEWEST_ROWS", 12)
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    has = [n % 2 == 0 and (n < newest * 2 or n > 40) for n in range(60)]
    for n, is_hit in enumerate(has):
        day = moment - timedelta(hours=n) + timedelta(days=200 if n < 2 else 0)
        title, text = (f"路灯{n}" if n % 4 == 0 else f"其他{n}", "路灯安装") if is_hit else (f"其他{n}", "别的")
        make_announcement(title=title, text=text, published=day.isoformat())
    search_index_flush()
    assert len(found("路灯", limit=7, sort=sort)) == sum(has)
