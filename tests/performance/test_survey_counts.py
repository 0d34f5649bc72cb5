"""Shares, their interval, and the rules of validity: plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from performance.survey_counts import Form, Share, answers_digest, tally, tally_read, wilson
from performance.survey_rulebook import RULES, answer_fits, is_satisfied, is_valid, rule_on

COUNTS = st.integers(0, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
DAY = date(2026, 3, 2)
RULE = rule_on(DAY)


@dataclass
class Question:
    """As the rules read one."""

    pk: int
    kind: str = "scale"
    counts: bool = True
    options: list[str] = field(default_factory=list)


def form(values: dict[str, Any], *, valid: bool = True, channel: str = "link", number: str = "a") -> Form:
    return Form(number, DAY, channel, valid, values)


# R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I,
# method 3: score without continuity correction.
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, "25.53", "36.62"), (15, 148, "6.24", "16.05"), (0, 20, "0.00", "16.11"), (1, 29, "0.61", "17.18")],
)
def test_the_interval_is_the_published_one(hits: int, of: int, low: str, high: str) -> None:
    assert wilson(hits, of) == (Decimal(low), Decimal(high))


@given(COUNTS)
def test_the_interval_holds_the_share_and_stays_within_bounds(counts: tuple[int, int]) -> None:
    hits, of = counts
    found = wilson(hits, of)
    if not of:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= Decimal(hits * 100) / of + Decimal("0.01")
    assert Decimal(hits * 100) / of - Decimal("0.01") <= high <= 100


@given(COUNTS)
def test_the_interval_of_the_rest_is_the_mirror(counts: tuple[int, int]) -> None:
    hits, of = counts
    found, rest = wilson(hits, of), wilson(of - hits, of)
    if found is not None and rest is not None:
        assert abs(found[0] - (100 - rest[1])) <= Decimal("0.01")


@given(COUNTS.filter(lambda counts: counts[1] > 0), st.integers(2, 20))
def test_more_forms_of_the_same_share_narrow_the_interval(counts: tuple[int, int], times: int) -> None:
    few, many = wilson(*counts), wilson(counts[0] * times, counts[1] * times)
    assert few is not None and many is not None and many[1] - many[0] <= few[1] - few[0]


@pytest.mark.parametrize(("hits", "of"), [(-1, 5), (6, 5), (1, 0)])
def test_what_is_no_share_has_no_interval(hits: int, of: int) -> None:
    with pytest.raises(ValueError):
        wilson(hits, of)


def test_three_satisfied_forms_are_no_proof_of_everybody() -> None:
    share = Share(3, 3)
    assert (share.words, share.interval) == ("100.00%", (Decimal("43.85"), Decimal("100.00")))


def test_nothing_of_nothing_is_a_dash_and_not_low() -> None:
    share = Share(0, 0)
    assert (share.words, share.interval_words, share.percent, share.below(Decimal(85))) == ("—", "—", None, False)


def test_a_share_is_compared_with_its_bound_exactly() -> None:
    assert not Share(17, 20).below(Decimal("85.00"))
    assert Share(84_999, 100_000).below(Decimal(85))
    assert Share(84_999, 100_000).words == "85.00%"


def test_better_by_more_than_chance_means_that_the_intervals_lie_apart() -> None:
    assert Share(80, 100).clearly_above(Share(50, 100))
    assert not Share(60, 100).clearly_above(Share(50, 100))
    assert not Share(50, 100).clearly_above(Share(80, 100))
    assert not Share(1, 1).clearly_above(Share(0, 0))


def test_rules_are_dated_in_order() -> None:
    assert [rule.since for rule in RULES] == sorted(rule.since for rule in RULES)
    assert rule_on(date(1999, 1, 1)) == RULES[0]


def test_a_form_is_valid_when_all_that_counts_is_answered() -> None:
    questions = [Question(1), Question(2, "yesno"), Question(3, "text", counts=False)]
    assert is_valid(questions, {"1": "3", "2": "no"})
    assert not is_valid(questions, {"1": "3", "3": "很好"})


@pytest.mark.parametrize(
    ("values", "satisfied"),
    [
        ({"1": "4", "2": "4", "3": "4"}, True),
        ({"1": "5", "2": "5", "3": "2"}, True),
        ({"1": "5", "2": "4", "3": "2"}, False),
        ({"1": "3", "2": "4", "3": "yes"}, True),
        ({"1": "4", "2": "4", "3": "no"}, False),
    ],
)
def test_a_form_is_satisfied_when_its_mean_reaches_four(values: dict[str, str], satisfied: bool) -> None:
    kind = "yesno" if values["3"] in ("yes", "no") else "scale"
    assert is_satisfied([Question(1), Question(2), Question(3, kind)], values, RULE) is satisfied


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("scale", "5", True), ("scale", "0", False), ("scale", 5, False), ("yesno", "yes", True),
        ("yesno", "5", False), ("choice", "1", True), ("choice", "2", False), ("choices", ["0", "1"], True),
        ("choices", ["0", "0"], False), ("choices", "0", False), ("text", "好", True), ("text", " ", True),
        ("text", "x" * 501, False), ("text", None, False),
    ],
)  # fmt: skip
def test_an_answer_is_one_of_those_offered(kind: str, value: Any, fits: bool) -> None:
    assert answer_fits(Question(1, kind, options=["甲", "乙"]), value) is fits


def test_invalid_forms_are_returned_but_count_for_nothing() -> None:
    questions = [Question(1), Question(2, "choices", counts=False, options=["甲", "乙"])]
    found = tally(questions, [
        form({"1": "5", "2": ["0", "1"]}), form({"1": "2"}, channel="poster"), form({"2": ["1"]}, valid=False),
    ], RULE)  # fmt: skip
    assert (found.returned, found.valid, found.satisfied) == (3, 2, 1)
    assert found.options == {"1": {"5": 1, "2": 1}, "2": {"0": 1, "1": 1}} and found.answered == {"1": 2, "2": 1}
    assert found.question_share(1) == Share(1, 2) and found.question_share(9) == Share(0, 0)
    assert tally_read(3, 2, 1, found.json()) == found


def test_the_digest_is_of_all_answers_whatever_their_order() -> None:
    one, two = form({"1": "5"}, number="a"), form({"1": "4"}, number="b")
    assert answers_digest([one, two]) == answers_digest([two, one]) != answers_digest([one])
    assert answers_digest([one, two]) != answers_digest([one, form({"1": "3"}, number="b")])
