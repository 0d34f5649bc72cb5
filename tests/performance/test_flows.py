"""Money month by month: sums, rates, forecasts, the word for the pace, the chart; without the database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from performance.flows import NOTHING, ZERO, Flow, budgets, even, flows_sum
from performance.progress_chart import BOTTOM, TOP, chart_of, tick_step
from performance.progress_rulebook import AHEAD, BEHIND, ON_TIME, RULES, UNPLANNED, LagRule, pace_of, rule_of

AMOUNT = st.integers(-(10**12), 10**12).map(lambda fen: Decimal(fen) / 100)
SUM = st.integers(0, 10**12).map(lambda fen: Decimal(fen) / 100)
YEARS = st.lists(AMOUNT, min_size=12, max_size=12).map(tuple)
PLANS = st.none() | st.lists(SUM, min_size=12, max_size=12).map(tuple)
FLOWS = st.builds(Flow, planned=PLANS, spent=YEARS, budget=st.lists(SUM, min_size=12, max_size=12).map(tuple))
MONTHS = st.integers(1, 12)
# The first draws of a machine under load are slow, whatever is drawn.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULE = rule_of(2026)


@UNTIMED
@given(SUM)
def test_equal_parts_are_the_whole_and_differ_by_less_than_a_fen_a_month(amount: Decimal) -> None:
    parts = even(amount)
    assert len(parts) == 12 and sum(parts) == amount
    assert len(set(parts[:11])) == 1 and 0 <= parts[11] - parts[0] < Decimal("0.12")


@UNTIMED
@given(SUM, st.lists(st.tuples(st.integers(-3, 15), AMOUNT), max_size=8))
def test_the_budget_of_december_has_every_change_and_each_counts_from_its_month(
    initial: Decimal, changes: list[tuple[int, Decimal]]
) -> None:
    found = budgets(initial, changes)
    assert found[11] == initial + sum((amount for _, amount in changes), ZERO)
    for month in range(1, 12):
        assert found[month - 1] == initial + sum((a for m, a in changes if m <= month), ZERO)


@UNTIMED
@given(st.lists(FLOWS, max_size=5), MONTHS)
def test_the_sum_of_flows_is_the_sum_of_their_months(flows: list[Flow], month: int) -> None:
    whole = flows_sum(flows)
    assert whole.spent_to(month) == sum((one.spent_to(month) for one in flows), ZERO)
    assert whole.budget_at(month) == sum((one.budget_at(month) for one in flows), ZERO)
    known = [one for one in flows if one.planned is not None]
    assert (whole.planned is None) == (not known)
    if known:
        assert whole.planned_to(month) == sum((one.planned_to(month) or ZERO for one in known), ZERO)
    bare = any(one.planned is None and (any(one.budget) or any(one.spent)) for one in flows)
    assert whole.whole == (not bare)
    if bare:
        assert whole.gap_at(month) is None and whole.pace_at(month, RULE) == UNPLANNED


@UNTIMED
@given(FLOWS)
def test_in_december_both_forecasts_are_what_was_spent(flow: Flow) -> None:
    assert flow.forecast_even(12) == flow.spent_to(12)
    assert flow.forecast_plan(12) == (None if flow.planned is None else flow.spent_to(12))


@UNTIMED
@given(FLOWS, MONTHS)
def test_the_forecast_by_the_plan_is_spent_and_the_rest_of_the_plan(flow: Flow, month: int) -> None:
    if flow.planned is not None:
        rest = (flow.planned_to(12) or ZERO) - (flow.planned_to(month) or ZERO)
        assert flow.forecast_plan(month) == flow.spent_to(month) + rest
        assert flow.gap_at(month) == flow.spent_to(month) - (flow.planned_to(month) or ZERO)


def test_a_third_is_rounded_half_up_and_no_budget_has_no_rate() -> None:
    flow = Flow(None, (Decimal("1.00"), *NOTHING[1:]), (Decimal(3),) * 12)
    assert (flow.rate_at(1), flow.forecast_even(7)) == (Decimal("33.33"), Decimal("1.71"))
    assert Flow(None, NOTHING, NOTHING).rate_at(1) is None


@pytest.mark.parametrize(
    ("planned", "spent", "word"),
    [
        ("100.00", "79.99", BEHIND), ("100.00", "80.00", ON_TIME), ("100.00", "120.00", ON_TIME),
        ("100.00", "120.01", AHEAD), ("0", "0", ON_TIME), ("0", "0.01", AHEAD), ("0", "-1", ON_TIME),
        ("100.00", "-5", BEHIND),
    ],
)  # fmt: skip
def test_the_pace_has_its_edges_where_the_rule_says(planned: str, spent: str, word: str) -> None:
    assert pace_of(Decimal(planned), Decimal(spent), RULE) == word
    assert pace_of(None, Decimal(spent), RULE) == UNPLANNED


def test_the_rule_of_a_year_is_the_newest_that_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    later = LagRule(2030, Decimal(90), Decimal(110), "试验")
    monkeypatch.setattr("performance.progress_rulebook.RULES", (*RULES, later))
    assert [rule_of(year) for year in (1999, 2029, 2030, 2031)] == [RULES[0], RULES[0], later, later]
    assert "80%" in RULES[0].words and "2000 年" in RULES[0].words


@UNTIMED
@given(FLOWS, MONTHS)
def test_the_chart_stays_within_its_frame(flow: Flow, month: int) -> None:
    chart = chart_of(flow, month)
    ys = [int(point.split(",")[1]) for line in (chart.planned, chart.spent) for point in line.split()]
    assert all(TOP <= y <= BOTTOM for y in ys)
    assert len(chart.dots) == month and bool(chart.planned) == (flow.planned is not None)
    assert 2 <= len(chart.ticks) <= 6 and chart.ticks[0] == (BOTTOM, "0")
    assert all(TOP <= y <= BOTTOM for y, _ in chart.ticks)


@UNTIMED
@given(st.integers(1, 10**12).map(lambda number: Decimal(number) / 100))
def test_at_most_five_round_steps_reach_the_top(most: Decimal) -> None:
    step = tick_step(most)
    assert step * 5 >= most and step.normalize().as_tuple().digits in ((1,), (2,), (2, 5), (5,))
