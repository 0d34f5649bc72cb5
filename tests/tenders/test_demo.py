"""The demonstration content: the same for ever, in the import format, lawful, plausible, fictional."""

from __future__ import annotations

import hashlib
import json
import re
import statistics
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tenders.demo.articles import demo_articles
from tenders.demo.generate import SIZES, demo_announcements, demo_live
from tenders.demo.names import COUNTIES, county, firms, uscc
from tenders.demo.projects import BLOCK, OLDEST_TENTH_ENDS, PROJECTS_A_BLOCK, RARE_TERMS, build, locate
from tenders.lines import announcement_line

CATEGORIES = frozenset({"工程建设", "政府采购", "土地使用权", "国有产权"})
FORBIDDEN = (
    "流标",
    "没收",
    "黑名单",
    "市场主体",
    "甲方专家",
    "业主评委",
    "审核通过",
    "手机保管",
    "文件发售",
    "供应商库",
)


def _province_sample() -> list[dict[str, Any]]:
    """Windows of 40 announcements all over the largest size: its ends, and every 20,000."""
    found = []
    for first in (*range(0, SIZES["province"], 20_000), SIZES["province"] - 40):
        found += demo_announcements(first + 40, first=first)
    return found


@pytest.fixture(scope="module")
def county_size() -> list[dict[str, Any]]:
    return list(demo_announcements(SIZES["county"]))


@pytest.fixture(scope="module")
def sample(county_size: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return county_size + _province_sample()


# The same for ever


def test_announcements_of_a_smaller_size_begin_a_larger_one(county_size: list[dict[str, Any]]) -> None:
    assert list(demo_announcements(60)) == county_size[:60]
    assert list(demo_announcements(SIZES["small"])) == county_size[: SIZES["small"]]


def test_announcements_carried_on_from_the_middle_are_the_same(county_size: list[dict[str, Any]]) -> None:
    assert list(demo_announcements(420, first=137)) == county_size[137:420]


def test_announcements_of_known_ids_never_change_their_content() -> None:
    lines = json.dumps(list(demo_announcements(2_000)), ensure_ascii=False, sort_keys=True)
    # An instance holds these under their ids: add kinds for new numbers rather than changing what is there.
    assert (
        hashlib.sha256(lines.encode()).hexdigest() == "13e18936008a4aade52212b0aab9ce0ceb843ca0672a83d6d8f29bd9408906cc"
    )


def test_announcements_are_as_many_as_asked_for() -> None:
    assert [len(list(demo_announcements(n))) for n in (0, 1, 5, 200)] == [0, 1, 5, 200]
    assert SIZES == {"small": 200, "county": 6_000, "province": 1_000_000}


def test_location_of_the_last_announcement_is_the_last_project() -> None:
    number, step = locate(SIZES["province"] - 1)
    assert (number, step) == (SIZES["province"] // BLOCK * PROJECTS_A_BLOCK - 1, len(build(number).items) - 1)


# The import format


def test_lines_have_the_keys_of_the_contract(sample: list[dict[str, Any]]) -> None:
    plain = {"id", "category", "type", "title", "published", "text", "fields", "source"}
    assert {frozenset(line) for line in sample} == {frozenset(plain), frozenset(plain | {"attachments"})}


def test_lines_are_accepted_by_the_import(sample: list[dict[str, Any]]) -> None:
    read = [announcement_line(line, CATEGORIES) for line in sample]
    assert [line.title for line in read] == [line["title"] for line in sample]
    assert {line.category for line in read} == CATEGORIES | {"其他交易"}


def test_lines_hold_no_control_characters_and_no_empty_places(sample: list[dict[str, Any]]) -> None:
    text = "".join(line["title"] + line["text"].replace("\n", "") for line in sample)
    assert [c for c in sorted(set(text)) if ord(c) < 32 or 0x7F <= ord(c) < 0xA0] == []
    assert re.findall(r"[{}]|None|nan|：\n\n|，，|。。|；；", text) == []


def test_ids_are_unique_and_numbered_from_one(county_size: list[dict[str, Any]]) -> None:
    assert [line["id"] for line in county_size] == [f"demo-{n:06d}" for n in range(1, SIZES["county"] + 1)]


def test_corrections_name_an_earlier_announcement_of_their_project(county_size: list[dict[str, Any]]) -> None:
    by_id = {line["id"]: line for line in county_size}
    pairs = [(line, by_id[line["fields"]["corrects"]]) for line in county_size if "corrects" in line["fields"]]
    assert len(pairs) > 300
    for later, earlier in pairs:
        assert later["fields"]["project_code"] == earlier["fields"]["project_code"]
        assert later["published"] > earlier["published"]


def test_project_codes_stay_the_same_along_a_chain_and_differ_between_chains() -> None:
    codes = [{item.fields["project_code"] for item in build(n).items} for n in range(300)]
    assert {len(found) for found in codes} == {1}
    assert len(set.union(*codes)) == 300


def test_unified_deal_codes_have_their_shape(sample: list[dict[str, Any]]) -> None:
    codes = {line["fields"]["unified_deal_code"] for line in sample if "unified_deal_code" in line["fields"]}
    shape = re.compile(r"(A01|A02|A99|B01|C01|D01|D02|D03)-([0-9A-Z]{18})-(\d{8})-\d{6}-[0-9A-Z]")
    read = [shape.fullmatch(code) for code in codes]
    assert [code for code in codes if len(code) != 40] == []
    assert all(found and _valid_uscc(found[2]) and datetime.fromisoformat(found[3]) for found in read)


# Names


def _valid_uscc(code: str) -> bool:
    chars = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(chars.index(c) * 3**i for i, c in enumerate(code[:17]))
    return len(code) == 18 and chars[-total % 31] == code[17]


def test_check_of_uscc_knows_published_codes() -> None:
    codes = ("91350100M000100Y43", "123703003103997747", "12350100MB02709751", "91350100M000100Y44")
    assert [_valid_uscc(code) for code in codes] == [True, True, True, False]


def test_uscc_of_every_supplier_is_valid_and_of_no_real_region(sample: list[dict[str, Any]]) -> None:
    codes = {line["fields"]["supplier_uscc"] for line in sample if "supplier_uscc" in line["fields"]}
    assert [code for code in codes if not _valid_uscc(code)] == []
    assert {code[:8] for code in codes} == {"91000000"}
    assert uscc("12", "000000", 1) == county(0).center_uscc


def test_names_of_firms_are_unique() -> None:
    trades = ("build", "it", "food", "estate", "agency")
    found = [firm for trade in trades for firm in firms(trade)]
    assert len({firm.name for firm in found}) == len({firm.uscc for firm in found}) == 60 * len(trades)


def test_counties_have_different_names() -> None:
    assert COUNTIES == 150
    assert len({county(n).name for n in range(COUNTIES)}) == 150


def test_home_county_has_enough_variety(county_size: list[dict[str, Any]]) -> None:
    def different(key: str) -> int:
        return len({line["fields"][key] for line in county_size if key in line["fields"]})

    assert {line["source"]["name"] for line in county_size} == {"云泽县公共资源交易中心"}
    assert (different("region"), different("agency")) == (13, 24)
    assert different("purchaser") > 80
    assert different("supplier") > 200


def test_telephones_are_fictional(sample: list[dict[str, Any]]) -> None:
    found = {number for line in sample for number in re.findall(r"\d{3,4}-\d{7,8}", line["text"])}
    assert {number[:8] for number in found} == {"0000-555"}


def test_persons_are_surnames_only(sample: list[dict[str, Any]]) -> None:
    contacts = {m for line in sample for m in re.findall(r"联系人：([^\n，；。]+)", line["text"])}
    assert {m for m in contacts if not re.fullmatch(r"[\u4e00-\u9fff]某", m)} == set()


# Good Chinese


def test_words_that_offices_avoid_do_not_occur(sample: list[dict[str, Any]]) -> None:
    texts = [line["title"] + line["text"] for line in sample]
    texts += [article["title"] + article["text"] for article in demo_articles()]
    assert [word for word in FORBIDDEN if any(word in text for text in texts)] == []


def test_types_use_the_words_of_their_trade(sample: list[dict[str, Any]]) -> None:
    results = {(line["category"], line["type"]) for line in sample if "结果公" in line["type"]}
    assert results == {
        ("工程建设", "中标结果公示"),
        ("政府采购", "中标（成交）结果公告"),
        ("政府采购", "履约验收结果公告"),
        ("土地使用权", "挂牌出让结果公示"),
    }


def test_lengths_are_near_those_of_real_announcements() -> None:
    found = _province_sample()
    assert 21 <= statistics.median(len(line["title"]) for line in found) <= 26
    assert 520 <= statistics.median(len(line["text"]) for line in found) <= 640


def test_titles_rarely_repeat(county_size: list[dict[str, Any]]) -> None:
    assert len({line["title"] for line in county_size}) > 0.85 * len(county_size)


# Words for search tests


def test_rare_terms_occur_where_they_are_said_to(county_size: list[dict[str, Any]]) -> None:
    count = {term: sum(term in line["title"] + line["text"] for line in county_size) for term in RARE_TERMS}
    assert count == {
        "古籍修复": 6, "编钟": 6, "天象仪": 6, "盲文": 0, "声呐": 0, "户户通": 0, "三证合一": 0, "国土资源局": 0,
    }  # fmt: skip
    places = ((20_012, "古籍修复"), (240_612, "编钟"), (1_312, "天象仪"), (7_712, "盲文"), (233_312, "声呐"))
    for number, term in places:
        assert all(term in item.text for item in build(number).items)


def test_old_terms_occur_in_old_announcements_only() -> None:
    found = _province_sample()
    last = {term: max(x["published"] for x in found if term in x["text"]) for term in ("三证合一", "国土资源局")}
    assert last["三证合一"] < OLDEST_TENTH_ENDS.isoformat()
    assert last["国土资源局"] < "2020"
    assert all("户户通" in build(n).items[0].title for n in (1_637, 13_637))
    assert build(13_637).items[-1].published < OLDEST_TENTH_ENDS.isoformat()
    assert "户户通" not in build(14_037).items[0].title


# Around the day of the first load


@pytest.mark.parametrize(
    "now", ["2026-11-18 08:00", "2026-11-22 23:30", "2027-01-01 00:00", "2026-02-22 12:00", "2031-10-05 12:00"]
)
def test_live_announcements_stand_around_the_day(now: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    lines = list(demo_live(now=moment))
    today = moment.date().isoformat()
    prefix = f"live-{today.replace('-', '')}"
    assert [line["id"] for line in lines] == [f"{prefix}-{n:02d}" for n in range(1, len(lines) + 1)]
    assert max(line["published"] for line in lines) < today
    assert {line["category"] for line in lines} == CATEGORIES | {"其他交易"}
    ahead = {line["fields"]["deadline"][:10] for line in lines if line["fields"].get("deadline", "") > f"{today} 24"}
    assert len(ahead) >= 5
    assert 40 <= len(lines) <= 70
    assert [announcement_line(line, CATEGORIES).external_id for line in lines] == [line["id"] for line in lines]


def test_live_announcements_depend_on_the_day_alone() -> None:
    morning, evening = (datetime(2026, 11, 18, hour, tzinfo=ZoneInfo("Asia/Shanghai")) for hour in (1, 23))
    assert list(demo_live(now=morning)) == list(demo_live(now=evening))


def test_live_announcements_of_a_working_day_open_bids_that_day() -> None:
    fields = [line["fields"] for line in demo_live(now=datetime(2026, 11, 18, 8, tzinfo=ZoneInfo("Asia/Shanghai")))]
    assert len({f["project_code"] for f in fields if f.get("open_time", "")[:10] == "2026-11-18"}) >= 3
