"""Figures in a text: they cannot be mistyped, and one that changes afterwards shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from performance.narrative.fields import (
    Figure,
    changes,
    editable,
    field,
    pieces,
    printed,
    refreshed,
    stored,
)

BUDGET = Figure("income_budget", "收入预算", "302.94万元", "收入预算年初数之和")
CHANGE = Figure("income_change", "收入增减", "减少52.06万元")
FIGURES = {one.name: one for one in (BUDGET, CHANGE)}
TEXT = f"批复收入{field(BUDGET)}，比年初{field(CHANGE)}。"


def refusal(text: str, before: str = TEXT) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        stored(text, FIGURES, before=before)
    return caught.value


def test_a_text_is_printed_with_the_figures_of_now() -> None:
    newer = FIGURES | {"income_budget": Figure("income_budget", "收入预算", "310万元")}
    assert printed(TEXT, FIGURES) == "批复收入302.94万元，比年初减少52.06万元。"
    assert printed(TEXT, newer) == "批复收入310万元，比年初减少52.06万元。"


def test_a_figure_that_is_gone_keeps_what_it_was() -> None:
    assert printed(TEXT, {}) == "批复收入302.94万元，比年初减少52.06万元。"
    assert editable(TEXT, {}) == "批复收入302.94万元，比年初减少52.06万元。"


def test_an_officer_edits_the_words_around_the_figures() -> None:
    shown = editable(TEXT, FIGURES)
    assert shown == "批复收入〔收入预算：302.94万元〕，比年初〔收入增减：减少52.06万元〕。"
    assert stored(shown.replace("批复收入", "批复年度收入"), FIGURES, before=TEXT) == TEXT.replace(
        "批复收入", "批复年度收入"
    )


def test_a_figure_may_be_moved_repeated_and_removed() -> None:
    assert (
        stored("〔收入增减：减少52.06万元〕，〔收入增减：减少52.06万元〕", FIGURES)
        == f"{field(CHANGE)}，{field(CHANGE)}"
    )
    assert stored("没有数字", FIGURES, before=TEXT) == "没有数字"


def test_a_mistyped_figure_is_refused_and_the_right_one_told() -> None:
    found = refusal("批复收入〔收入预算：302.49万元〕")
    assert found.code == "figure_changed"
    assert "〔收入预算：302.94万元〕" in found.message


def test_the_older_value_may_stay_until_somebody_refreshes() -> None:
    newer = FIGURES | {"income_budget": Figure("income_budget", "收入预算", "310万元")}
    assert stored("收入〔收入预算：302.94万元〕", newer, before=TEXT) == "收入{{income_budget|310万元}}"
    with pytest.raises(BusinessError, match="310万元"):
        stored("收入〔收入预算：302.94万元〕", newer, before="")


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    found = refusal("〔收入预筭：302.94万元〕")
    assert found.code == "unknown_figure"
    assert "收入预算" in found.message


def test_a_document_number_is_no_figure() -> None:
    text = "依据云财预〔2022〕15号和〔2018〕34号"
    assert stored(text, FIGURES) == text


def test_half_width_colons_and_blanks_are_understood() -> None:
    assert stored("〔收入预算: 302.94万元 〕", FIGURES) == field(BUDGET)


@pytest.mark.parametrize("text", ["{{income_budget|1}}", "}}", "a{{b"])
def test_our_own_marks_cannot_be_written(text: str) -> None:
    assert refusal(text).code == "braces"


def test_changed_figures_are_told_once_and_taken_over_on_demand() -> None:
    newer = {"income_budget": Figure("income_budget", "收入预算", "310万元"), "income_change": CHANGE}
    found = changes(TEXT + TEXT, newer)
    assert [(one.figure.label, one.old) for one in found] == [("收入预算", "302.94万元")]
    assert changes(refreshed(TEXT, newer), newer) == []


def test_a_page_gets_words_and_figures_in_order() -> None:
    assert [one[0] for one in pieces(TEXT, FIGURES)] == ["批复收入", "302.94万元", "，比年初", "减少52.06万元", "。"]


@given(st.lists(st.sampled_from(["甲", "〔", "〕", "：", "\n", "12", "。", field(BUDGET), field(CHANGE)]), max_size=12))
def test_editing_nothing_changes_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    shown = editable(text, FIGURES)
    try:
        kept = stored(shown, FIGURES, before=text)
    except BusinessError:
        return
    assert printed(kept, FIGURES) == printed(text, FIGURES) or "〔" in text
