"""The demonstration's chains keep the limits that the law sets, and their figures agree."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from tenders.demo.basics import is_workday
from tenders.demo.projects import EPOCH, build, slot
from workflow.holidays import BUILTIN_PATH


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _chains() -> list[tuple[str, list[Any]]]:
    numbers = (*range(600), *range(1_500, 248_000, 997))
    return [(slot(n)[0], build(n).items) for n in numbers]


@pytest.fixture(scope="module")
def chains() -> list[tuple[str, list[Any]]]:
    return _chains()


def _gaps(chains: list[tuple[str, list[Any]]], kinds: set[str], key: str = "deadline") -> set[int]:
    return {
        (_day(item.fields[key]) - _day(item.published)).days
        for _, items in chains
        for item in items
        if item.type in kinds and key in item.fields
    }


def test_deadlines_leave_the_days_that_the_law_asks(chains: list[tuple[str, list[Any]]]) -> None:
    assert min(_gaps(chains, {"公开招标公告", "招标公告"})) >= 20
    assert min(_gaps(chains, {"竞争性磋商公告"})) >= 10
    assert min(_gaps(chains, {"竞争性谈判公告", "询价公告"})) >= 5
    assert min(_gaps(chains, {"国有建设用地使用权挂牌出让公告"}, "listing_start")) >= 20
    assert min(_gaps(chains, {"公开招租公告", "资产转让公告", "农村产权流转公告"})) >= 14


def test_corrections_leave_fifteen_days_of_a_tender(chains: list[tuple[str, list[Any]]]) -> None:
    left = {
        (_day(item.fields["deadline"]) - _day(item.published)).days
        for _, items in chains
        for item in items
        if item.type == "更正公告" and item.fields["method"] == "公开招标"
    }
    assert min(left) >= 15


def test_listings_last_ten_days(chains: list[tuple[str, list[Any]]]) -> None:
    listed = [item.fields for _, items in chains for item in items if "listing_start" in item.fields]
    assert min((_day(f["listing_end"]) - _day(f["listing_start"])).days for f in listed) >= 10
    assert [f for f in listed if not f["listing_start"] < f["deadline"] < f["listing_end"]] == []


def test_candidates_are_public_for_three_days(chains: list[tuple[str, list[Any]]]) -> None:
    found = [item.fields for _, items in chains for item in items if item.type == "中标候选人公示"]
    assert min((_day(f["notice_end"]) - _day(f["notice_start"])).days for f in found) >= 3


def test_contracts_are_signed_within_thirty_days_of_the_result(chains: list[tuple[str, list[Any]]]) -> None:
    for _, items in chains:
        for before, item in pairwise(items):
            if item.type == "合同公告":
                assert 0 < (_day(item.fields["contract_signed"]) - _day(before.published)).days <= 30
                assert _day(item.published) > _day(item.fields["contract_signed"])


def test_chains_run_forward_on_working_days_in_office_hours(chains: list[tuple[str, list[Any]]]) -> None:
    for _, items in chains:
        times = [item.published for item in items]
        assert times == sorted(times)
        assert len({time[:10] for time in times}) == len(times)
        assert all(is_workday(_day(time).toordinal()) and "09:00" <= time[11:] <= "17:30" for time in times)
        assert max(times)[:10] <= date.fromordinal(EPOCH).isoformat()
        for item in items:
            for key in ("deadline", "open_time"):
                assert key not in item.fields or is_workday(_day(item.fields[key]).toordinal())


def test_days_off_are_those_of_the_yearly_notices() -> None:
    off = {day for year in json.loads(BUILTIN_PATH.read_text(encoding="utf-8")) for day in year["off"]}
    assert len(off) > 80
    assert {day for day in off if is_workday(_day(day).toordinal())} == set()


def test_awards_stay_below_the_ceiling(chains: list[tuple[str, list[Any]]]) -> None:
    wanted = {"award_amount_yuan", "max_price_yuan"}
    fields = [item.fields for _, items in chains for item in items if wanted <= item.fields.keys()]
    pairs = [(float(f["award_amount_yuan"]), float(f["max_price_yuan"])) for f in fields]
    assert len(pairs) > 1_000
    assert [pair for pair in pairs if pair[0] > pair[1]] == []


def test_unit_prices_times_quantities_are_the_awards(chains: list[tuple[str, list[Any]]]) -> None:
    found = 0
    for item in (item for _, items in chains for item in items):
        if parts := re.search(r"数量：(\d+)[^\n]*\n单价：([\d,.]+)元", item.text):
            found += 1
            unit = round(float(parts[2].replace(",", "")) * 100)
            assert int(parts[1]) * unit == round(float(item.fields["award_amount_yuan"]) * 100)
    assert found > 100


def test_committees_are_odd_and_large_enough(chains: list[tuple[str, list[Any]]]) -> None:
    sizes: dict[str, set[int]] = {}
    for item in (item for _, items in chains for item in items):
        if parts := re.search(r"评审专家[^\n]*名单[\n：]([^\n]+)（采购人代表）", item.text):
            large = float(item.fields["max_price_yuan"]) >= 10_000_000
            sizes.setdefault("large" if large else item.fields["method"], set()).add(parts[1].count("、") + 1)
    assert sizes["公开招标"] == {5}
    assert sizes["竞争性磋商"] == {3, 5}
    assert sizes["large"] == {7}
