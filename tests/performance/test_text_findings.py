"""Checks of the narrative: general ones, that also find what was not thought of when they were written."""

from __future__ import annotations

import pytest

from performance.findings.text import (
    blames_projects,
    claims,
    empty_sections,
    foreign_units,
    foreign_years,
    leftovers,
    typed_figures,
)
from performance.narrative.fields import Figure

OWN = frozenset({"云泽县公共资源交易中心", "云泽县行政审批局"})


def one(text: str) -> list[tuple[str, str, str]]:
    return [("goals", "目标实现情况", text)]


@pytest.mark.parametrize("text", ["", "  \n ", "略", "待补充"])
def test_an_empty_section(text: str) -> None:
    assert [found.code for found in empty_sections(one(text))] == ["empty_section"]


@pytest.mark.parametrize("text", ["无", "全部按计划办理。"])
def test_a_section_that_says_something(text: str) -> None:
    assert list(empty_sections(one(text))) == []


@pytest.mark.parametrize(
    "text",
    ["[bookmark: OLE_LINK2]项目执行", "见&nbsp;表", "<b>重点</b>", "【请在此处填写】", "单位XXXX", "**加粗**",
     "总额××××元", "a\ufffdb", "_GoBack"],
)  # fmt: skip
def test_leftovers_of_other_programs(text: str) -> None:
    assert [found.code for found in leftovers(one(text))] == ["leftover_markup"]


@pytest.mark.parametrize("text", ["依据云财预〔2022〕15号", "满意度≥95%，3×4米展牌", "5<6 且 7>3", "【公告】栏目"])
def test_honest_text_is_no_leftover(text: str) -> None:
    assert list(leftovers(one(text))) == []


@pytest.mark.parametrize("text", ["2021年完成交易100宗", "本中心2023年预算", "2022年和2021年预算收入"])
def test_another_year(text: str) -> None:
    assert [found.code for found in foreign_years(one(text), 2022)] == ["wrong_year_or_unit_in_text"]


@pytest.mark.parametrize(
    "text", ["2022年完成", "依据财预〔2021〕10号", "自2014年成立以来", "2022年结余，2023年压减安排", "全年12022年"]
)
def test_the_own_year(text: str) -> None:
    assert list(foreign_years(one(text), 2022)) == []


@pytest.mark.parametrize("text", ["青川县公共资源交易中心严格执行", "东河区公共资源交易中心"])
def test_another_unit_like_ours(text: str) -> None:
    assert [found.code for found in foreign_units(one(text), OWN, frozenset())] == ["wrong_year_or_unit_in_text"]


def test_a_unit_that_the_portal_knows() -> None:
    found = list(foreign_units(one("开发区分中心的项目"), OWN, frozenset({"开发区分中心"})))
    assert [each.code for each in found] == ["wrong_year_or_unit_in_text"]


@pytest.mark.parametrize(
    "text",
    [
        "云泽县公共资源交易中心严格执行",
        "上缴市公共资源交易中心运维经费",
        "各公共资源交易中心",
        "清河市公共资源交易中心",
    ],
)
def test_own_and_superior_units(text: str) -> None:
    assert list(foreign_units(one(text), OWN, frozenset())) == []


def test_a_claim_without_a_record() -> None:
    said = one("能专款专用，无截留、无挪用等现象")
    found = list(claims(said, inspected=False, unmet=[], own_purpose=True))
    assert [each.code for each in found] == ["claim_without_evidence"]
    assert list(claims(said, inspected=True, unmet=[], own_purpose=True)) == []


def test_a_claim_that_the_entries_contradict() -> None:
    found = list(claims(one("本着专款专用的原则"), inspected=True, unmet=[], own_purpose=False))
    assert [each.code for each in found] == ["purpose_differs"]


def test_all_goals_reached_beside_what_was_not() -> None:
    said = one("以上各项目标均已达到年初预期目标。")
    assert [each.code for each in claims(said, inspected=True, unmet=["预算执行率只有 72.74%"], own_purpose=True)] == [
        "claim_without_evidence"
    ]
    assert list(claims(said, inspected=True, unmet=[], own_purpose=True)) == []


def test_the_cause_is_looked_for_in_one_sentence() -> None:
    assert blames_projects("比年初减少44.95万元，主要原因是项目资金并未完全使用。")
    assert not blames_projects("主要原因是人员减少。项目资金按计划使用。")


def typed(text: str) -> list[str]:
    figure = Figure("spent", "实际支出", "316.63万元")
    return [one.message for one in typed_figures([("goals", "目标实现情况", text)], {"spent": figure})]


def test_figures_typed_by_hand_are_told_with_the_field_that_says_them() -> None:
    (said,) = typed("支出合计412.34万元，执行率12.34%，424宗，实际支出316.63万元。")
    assert all(one in said for one in ("412.34万元", "12.34%", "424宗", "316.63万元（可用“实际支出”）"))


@pytest.mark.parametrize(
    "text",
    ["支出{{spent|316.63万元}}", "执行率低于90%，指标值≥95%", "响应不超过30分钟", "2022年完成3项", "依据〔2022〕15号"],
)
def test_fields_limits_and_other_numbers_are_no_typed_figures(text: str) -> None:
    assert typed(text) == []


@pytest.mark.parametrize("text", ["2019年支出偏低。", "见TODO", "{%x%}"])
def test_old_years_and_other_marks_are_found(text: str) -> None:
    assert [*foreign_years(one(text), 2025), *leftovers(one(text))] != []
