"""Measures: found, checked, computed from rows that lead back, the same bytes for the same rows."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import measures
from core.errors import BusinessError
from core.measures import (
    Measure,
    Measured,
    MeasureRow,
    measure_add,
    measure_faults,
    measure_find,
    measure_of,
    measures_all,
    measures_check,
    rows_json,
    rows_read,
    rows_sha256,
    value_words,
)
from performance.models import BudgetAdjustment, DealFigure, Milestone
from performance.services.deals import deal_set
from tests.performance.goals_factories import (
    NOW,
    Cast,
    approve_year,
    make_line,
    make_program,
    make_unit,
    make_year,
    spend,
)
from tests.tenders.factories import make_announcement

TEXTS = st.text(max_size=12)


def compute(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    return Measured(Decimal(1))


def good(**more: object) -> Measure:
    fields: dict[str, object] = {
        "name": "some_rate", "label": "某率", "definition": "甲÷乙", "unit": "%", "compute": compute
    }  # fmt: skip
    return Measure(**(fields | more))  # type: ignore[arg-type]


def value_of(name: str, year: int = 2022, unit: int | None = None, program: int | None = None) -> Measured:
    return measure_of(name).compute(year=year, unit_id=unit, program_year_id=program)


def test_measures_of_every_app_are_found_and_well_formed() -> None:
    names = [one.name for one in measures_all()]
    assert {"announcements_published", "budget_execution_rate", "deal_count", "deal_amount"} <= set(names)
    assert names == sorted(names)
    assert measures_check(None) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Rate"), ("name", "率"), ("name", "a" * 61), ("label", "rate"), ("definition", ""), ("unit", ""),
     ("unit", "2日"), ("unit", "年"), ("compute", None)],
)  # fmt: skip
def test_a_bad_declaration_stops_the_start(field: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = good(**{field: value})
    assert measure_faults(wrong)
    monkeypatch.setitem(measures._measures, "zzz_wrong", wrong)
    assert [one.id for one in measures_check(None)] == ["core.E101"]


def test_one_name_is_one_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "_measures", {})
    first = measure_add(good())
    assert measure_add(good()) is first
    with pytest.raises(ValueError, match="declared twice"):
        measure_add(good(unit="件"))


def test_an_unknown_measure_is_told_in_words() -> None:
    assert measure_find("gone") is None
    with pytest.raises(BusinessError, match="没有这个取数项目"):
        measure_of("gone")


@given(st.lists(st.builds(MeasureRow, TEXTS, TEXTS, TEXTS)))
def test_rows_are_read_back_and_written_the_same(rows: list[MeasureRow]) -> None:
    text = rows_json(rows)
    assert rows_read(text) == tuple(rows)
    assert rows_json(rows_read(text)) == text
    assert len(rows_sha256(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))) == 64


def test_the_digest_is_that_of_these_bytes() -> None:
    text = rows_json([MeasureRow("公告", "/announcements/1/", "1件")])
    assert text == '[["公告","/announcements/1/","1件"]]'
    assert rows_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert json.loads(text) == [["公告", "/announcements/1/", "1件"]]


def test_a_value_is_written_without_exponent_or_needless_zeros() -> None:
    assert value_words(good(), Decimal("85.10")) == "85.1%"
    assert value_words(good(unit="宗"), Decimal("4E+2")) == "400宗"


pytestdb = pytest.mark.django_db


@pytestdb
def test_announcements_of_a_year_are_counted_by_the_day_in_shanghai() -> None:
    for moment in ("2021-12-31 23:59", "2023-01-01 00:00"):
        make_announcement(published=moment)
    inside = [make_announcement(published=moment) for moment in ("2022-01-01 00:00", "2022-12-31 23:59")]
    found = value_of("announcements_published")
    assert found.value == 2
    assert [row.url for row in found.rows] == [f"/announcements/{one.pk}/" for one in inside]
    assert all(inside[0].title not in row.label for row in found.rows)
    assert value_of("announcements_published") == found


@pytestdb
def test_corrections_are_told_apart_by_their_stage() -> None:
    for kind in ("公开招标公告", "更正公告", "中标结果公告"):
        make_announcement(published="2022-05-01 09:00", type=kind)
    assert value_of("announcements_corrected").value == value_of("announcements_results").value == 1
    rate = value_of("announcements_correction_rate")
    assert (rate.value, len(rate.rows)) == (Decimal("33.33"), 2)


@pytestdb
def test_too_many_announcements_are_given_by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in ("2022-05-01 00:30", "2022-05-01 23:30", "2022-05-02 09:00"):
        make_announcement(published=day)
    monkeypatch.setattr("tenders.measures.MOST_ROWS", 2)
    found = value_of("announcements_published")
    assert (found.value, [row.value for row in found.rows]) == (3, ["2件", "1件"])
    assert found.rows[0].url == "/announcements/?since=2022-05-01&until=2022-05-01"


@pytestdb
def test_a_rate_of_nothing_is_unknown_not_zero() -> None:
    assert value_of("announcements_correction_rate").value is None
    assert value_of("budget_execution_rate").value is None
    assert value_of("deal_count").value is None


@pytestdb
def test_rates_of_seed_a() -> None:
    fiscal = make_year()
    personnel = make_line(fiscal, "2555600.00", category="personnel")
    routine = make_line(fiscal, "273800.00", economic="30217")
    project = make_line(fiscal, "200000.00", program=make_program(fiscal))
    for line, amount in ((personnel, "2200000.00"), (routine, "247000.00"), (project, "132900.00")):
        spend(line, amount)
    assert value_of("budget_execution_rate").value == Decimal("85.16")
    assert value_of("balance_rate").value == Decimal("14.84")
    assert value_of("project_execution_rate").value == Decimal("66.45")
    assert value_of("routine_control_rate").value == Decimal("90.21")
    assert value_of("three_public_rate").value == Decimal("90.21")
    program = project.program_year_id
    assert value_of("budget_execution_rate", program=program).value == Decimal("66.45")
    assert len(value_of("budget_execution_rate").rows) == 3


@pytestdb
def test_adjustments_count_by_their_size() -> None:
    fiscal = make_year()
    line = make_line(fiscal, "100000.00")
    approve_year(fiscal)
    for amount in ("10000.00", "-10000.00"):
        BudgetAdjustment.objects.create(
            fiscal_year=fiscal, spending_line=line, amount=Decimal(amount), document_number="云财〔2022〕1号",
            reason="调整", adjusted_on=date(2022, 6, 1), by=fiscal.created_by, at=NOW,
        )  # fmt: skip
    assert value_of("budget_adjustment_rate").value == Decimal("20.00")


@pytestdb
def test_progress_is_paid_of_planned() -> None:
    program = make_program(make_year())
    line = make_line(program.fiscal_year, "1000.00", program=program)
    assert value_of("payment_progress").value is None
    Milestone.objects.create(program_year=program, name="采购", due_on=date(2022, 9, 1), planned_amount=Decimal(400))
    spend(line, "300.00")
    assert value_of("payment_progress", program=program.pk).value == Decimal("75.00")


@pytestdb
def test_deals_are_the_newest_of_each_category_of_that_unit() -> None:
    cast, fiscal = Cast(), make_year()
    for count, amount in ((1, "1.00"), (262, "561000000.00")):
        deal_set(fiscal_year=fiscal, category="procurement", deal_count=count, amount=Decimal(amount),
                 evidence="年报", by=cast.maker, now=NOW)  # fmt: skip
    deal_set(fiscal_year=fiscal, category="land", deal_count=29, amount=Decimal("800000000.00"), evidence="年报",
             by=cast.maker, now=NOW)  # fmt: skip
    assert value_of("deal_count").value == 291
    assert value_of("deal_amount").value == Decimal("13.61")
    assert value_of("deal_count", unit=make_unit().pk).value is None
    assert DealFigure.objects.count() == 3
