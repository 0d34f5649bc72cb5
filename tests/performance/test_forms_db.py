"""The form built from the database: exact, unknown is not zero, scored by the scheme, the file read back the same."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from performance.models import ExpenseLine, GoalTable
from performance.scoring.export import form_dict, form_json
from performance.scoring.form import ExpenseLine as Expense
from performance.scoring.form import Form, Fund, Indicator, Manual, Reported, form_parse, form_read
from performance.scoring.output import score_json
from performance.selectors.forms import in_wan, report_of, score_form, scored
from performance.selectors.score_lines import score_page
from performance.services.actuals import Survey, actual_set
from performance.services.schemes import scheme_make
from performance.services.scores import reason_set, report_begin, score_set
from tests.performance.goals_factories import (
    NOW,
    Cast,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    receive,
    spend,
)

pytestmark = pytest.mark.django_db
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)


def seed_b(cast: Cast, **more: Any) -> GoalTable:
    """The program of seed B with its expense lines and values."""
    program = make_program(make_year())
    line = make_line(program.fiscal_year, "329000.00", program=program)
    receive(program.fiscal_year, "329000.00", "239300.00", program=program)
    amounts = ("50000", "7500", "10000", "24000", "27800", "120000")
    lines = [
        ExpenseLine.objects.create(program_year=program, name=f"明细{place}", position=place)
        for place in range(len(amounts))
    ]
    for one, amount in zip(lines, amounts, strict=True):
        spend(line, f"{amount}.00", expense=one)
    table = make_goals("approved", cast=cast, program=program, **more)
    for name, value in (("采购招标率", "100%"), ("公共服务水平", "达成预期指标"), ("使用人员满意度", "100%")):
        actual_set(indicator=named(table, name), value=value, evidence="台账", by=cast.maker, now=NOW)
    return table


def test_seed_b_is_scored_as_the_contract_says() -> None:
    table = seed_b(Cast())
    report = report_begin(goal_table=table, by=table.created_by, now=NOW)
    report.reported_rate, report.reported_total, report.reported_grade = "72.74%", "97", "优"
    report.save()
    found = scored(table, report)
    assert (found.scores.total, found.scores.grade, found.scores.rate_printed) == (
        Decimal("97.27"), "优", Decimal("72.74"),
    )  # fmt: skip
    assert {one.code for one in found.findings} == {
        "rate_below_90", "satisfaction_without_survey", "single_indicator_weight", "grade_beside_low_rate",
    }  # fmt: skip
    assert [row.source for row in found.form.funds] == ["年度资金总额", "当年财政拨款"]
    assert sum(one.amount or 0 for one in found.form.expense_lines) == Fraction("23.93")


def test_the_file_of_the_page_scores_the_same_by_the_command() -> None:
    table = seed_b(Cast())
    found = scored(table, report_of(table))
    printed = score_json(form_parse(form_json(found.form, organisation="云泽县公共资源交易中心")))
    assert printed["total"] == f"{found.scores.total}"
    assert [one["code"] for one in printed["findings"]] == [one.code for one in found.findings]


def test_money_of_a_program_names_its_expense_line() -> None:
    table = seed_b(Cast())
    assert table.program_year is not None
    with pytest.raises(IntegrityError, match="the expense line is missing"):
        spend(table.program_year.spending_lines.get(), "1.00")


def test_unknown_money_is_not_zero() -> None:
    form = score_form(make_goals("approved", program=make_program(make_year())))
    assert (form.total.initial, form.total.adjusted, form.total.executed, form.income_actual) == (None,) * 4
    assert scored(make_goals("approved", program=make_program(make_year(2023)))).scores.total is None


def test_seed_a_spends_more_than_it_received() -> None:
    cast, fiscal = Cast(), make_year()
    for amount, spent, category in (
        ("2555600.00", "2200000.00", "personnel"), ("273800.00", "247000.00", "routine"),
    ):  # fmt: skip
        spend(make_line(fiscal, amount, category=category), spent)
    program = make_program(fiscal)
    spend(make_line(fiscal, "200000.00", program=program), "132900.00")
    receive(fiscal, "3029400.00", "2508800.00")
    found = scored(make_goals("approved", cast=cast, fiscal=fiscal))
    total = found.form.total
    assert (total.initial, total.executed, found.form.income_actual) == (
        Fraction("302.94"), Fraction("257.99"), Fraction("250.88"),
    )  # fmt: skip
    assert found.scores.rate_printed == Decimal("85.16")
    # The one source did not bring all of the money, so what of it was spent is unknown.
    assert found.form.funds[1].executed is None
    assert {"spending_exceeds_income", "rate_below_90", "actual_missing"} <= {one.code for one in found.findings}


def test_two_sources_leave_their_spending_unknown() -> None:
    program = make_program(make_year())
    spend(make_line(program.fiscal_year, "100.00", program=program), "50.00")
    receive(program.fiscal_year, "60.00", "60.00", program=program)
    receive(program.fiscal_year, "40.00", "40.00", program=program, source="carry_over")
    form = score_form(make_goals("approved", program=program))
    assert [(row.source, row.executed) for row in form.funds[1:]] == [("当年财政拨款", None), ("上年结转资金", None)]


def _sources(program: Any) -> list[tuple[str, Fraction | None, Fraction | None]]:
    form = score_form(make_goals("approved", program=program))
    return [(row.source, row.adjusted, row.executed) for row in form.funds[1:]]


def _spending(program: Any, budget: str = "300000.00") -> None:
    spend(make_line(program.fiscal_year, budget, program=program), "120000.00")


def test_a_program_without_income_of_its_own_has_the_one_source_of_the_unit() -> None:
    program = make_program(make_year())
    _spending(program)
    receive(program.fiscal_year, "900000.00", "400000.00")
    assert _sources(program) == [("当年财政拨款", Fraction(30), Fraction(12))]


def test_with_more_than_one_source_a_programs_stays_unknown_and_the_page_says_how_to_record_it() -> None:
    program = make_program(make_year())
    _spending(program)
    receive(program.fiscal_year, "600000.00", "0")
    receive(program.fiscal_year, "300000.00", "0", source="other")
    table = make_goals("approved", program=program)
    found = scored(table)
    assert len(found.form.funds) == 1
    assert "当年财政拨款、其他资金" in found.hint and "添加收入预算" in found.hint
    receive(program.fiscal_year, "300000.00", "0", program=program, source="other")
    again = scored(table)
    assert again.hint == "" and [row.source for row in again.form.funds[1:]] == ["其他资金"]


def test_what_a_program_carried_over_leaves_the_rest_to_the_one_other_source() -> None:
    program = make_program(make_year())
    other = make_program(program.fiscal_year, name="别的项目")
    _spending(program)
    _spending(other)
    receive(program.fiscal_year, "500000.00", "0")
    receive(program.fiscal_year, "100000.00", "0", source="carry_over")
    receive(program.fiscal_year, "100000.00", "0", source="carry_over", program=program)
    assert _sources(program) == [("当年财政拨款", Fraction(20), None), ("上年结转资金", Fraction(10), None)]
    assert _sources(other) == [], "nobody recorded whose the money carried over is"


def test_the_scheme_decides_on_bands_weights_and_decimals() -> None:
    cast = Cast()
    groups = [("产出指标", Decimal(40), []), ("效益指标", Decimal(30), []), ("满意度指标", Decimal(10), [])]
    scheme_make(
        name="县里的", kind="project", first_year=2021, basis="文", heading="表", funds_weight=Decimal(20),
        reverse_rule="ratio", denominator="initial", decimals=0, groups=groups,
        bands=[("优秀", Decimal(98)), ("合格", Decimal(60)), ("不合格", Decimal(0))], by=cast.maker, now=NOW,
    )  # fmt: skip
    rows = (
        {"level1": "产出指标", "name": "采购招标率", "target": "≥100%", "weight": Decimal(40)},
        {"level1": "效益指标", "name": "公共服务水平", "target": "定性:提升", "weight": Decimal(30)},
        {"level1": "满意度指标", "name": "使用人员满意度", "target": "≥100%", "weight": Decimal(10)},
    )
    found = scored(seed_b(cast, indicators=rows))
    # 20 × 0.727356 = 14.547 → 15; 15 + 40 + 30 + 10 = 95
    assert (f"{found.scores.total}", found.scores.grade, found.scores.denominator) == ("95", "合格", "initial")


def test_manual_scores_stand_beside_the_computed() -> None:
    cast = Cast()
    table = seed_b(cast)
    report = report_begin(goal_table=table, by=cast.maker, now=NOW)
    score_set(report=report, indicator_key=None, score=Decimal(7), reason="按县里口径", by=cast.maker, now=NOW)
    program = table.program_year
    assert program is not None
    line = program.expense_lines.first()
    assert line is not None
    reason_set(report=report, line=f"expense:{line.pk}", text="印刷减少", by=cast.maker, now=NOW)
    found = scored(table, report)
    page = score_page(table, report, found)
    assert (found.scores.total, found.scores.total_with_manual) == (Decimal("97.27"), Decimal("97.00"))
    assert page.lines[0].gap == Decimal("-0.27") and page.grade_with_manual == "优"
    assert page.expenses[0].reason is not None and page.expenses[0].reason.text == "印刷减少"


def test_the_newest_value_and_its_survey_count() -> None:
    cast = Cast()
    table = seed_b(cast)
    one = named(table, "使用人员满意度")
    actual_set(indicator=one, value="", evidence="问卷", survey=Survey(120, 110, 108, 54), by=cast.maker, now=NOW)
    found = scored(table)
    assert found.scores.indicators[2].printed == Decimal("5.00")
    assert found.form.survey["valid"] == 108
    assert "satisfaction_without_survey" not in {one.code for one in found.findings}


@given(AMOUNTS)
def test_wan_is_exact(amount: Decimal) -> None:
    found = in_wan(amount)
    assert found is not None and found * 10_000 == Fraction(amount)


NUMBERS = st.decimals(min_value=0, max_value=10**6, places=6).map(Fraction)
WORDS = st.text("绩效指标甲乙丙", max_size=6)
MANUALS = st.none() | st.builds(Manual, NUMBERS, WORDS)
REPORTS = st.none() | st.sampled_from([Reported("97", Fraction(97), 0), Reported("72.74%", Fraction("72.74"), 2)])
INDICATOR = st.builds(
    Indicator, level1=WORDS, level2=WORDS, name=WORDS, target=st.sampled_from(["≥95%", "定性:提升"]),
    actual=st.none() | st.sampled_from(["96%", "达成预期指标"]), weight=st.none() | NUMBERS, ratio=st.none() | NUMBERS,
    reported=REPORTS, manual=MANUALS,
)  # fmt: skip
MAYBE = st.none() | NUMBERS
FUND = st.builds(Fund, WORDS, MAYBE, MAYBE, MAYBE, REPORTS, MANUALS)
FORMS = st.builds(
    Form, kind=st.sampled_from(["project", "department"]), year=st.none() | st.integers(2000, 2100), name=WORDS,
    denominator=st.sampled_from(["adjusted", "initial"]), reverse_rule=st.sampled_from(["ratio", "linear"]),
    funds=st.lists(FUND, max_size=3).map(tuple), funds_weight=MAYBE,
    indicators=st.lists(INDICATOR, max_size=3).map(tuple),
    expense_lines=st.lists(st.builds(Expense, WORDS, MAYBE), max_size=3).map(tuple), reported_rate=REPORTS,
    reported_total=REPORTS, reported_grade=st.sampled_from(["", "优"]), income_actual=MAYBE,
    survey=st.just({}) | st.just({"sent": Fraction(9), "returned": None, "valid": Fraction(8), "satisfied": None}),
)  # fmt: skip


@given(FORMS)
def test_a_form_written_as_a_file_is_read_back_the_same(form: Form) -> None:
    assert form_read(form_dict(form)) == form
    assert form_parse(form_json(form)) == form
