"""年度对比: frozen figures where a report was frozen, those of now else; charts, sorting, one number of queries."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from core.errors import BusinessError
from performance.compare_charts import BOTTOM, TOP, columns_chart, lines_chart
from performance.models import FiscalYear, GoalTable, Program, ProgramYear
from performance.selectors.compare import comparison
from performance.selectors.forms import scored
from performance.selectors.scored_many import judged_years
from performance.services.actuals import actual_set
from performance.services.freezing import freeze_record
from performance.services.reports import report_create
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    close_year,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    receive,
    spend,
    told,
)
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person
from workflow.models import StateChange

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def year_with(cast: Cast, year: int, *, spent: str = "800.00", name: str = "运转经费") -> ProgramYear:
    """A year with a scored program of 1,000 yuan."""
    program = make_program(make_year(year), name=name)
    line = make_line(program.fiscal_year, "1000.00", program=program)
    receive(program.fiscal_year, "1000.00", "1000.00", program=program)
    approve_program(program)
    spend(line, spent)
    table = make_goals("approved", cast=cast, program=program)
    for indicator, value in (("采购招标率", "100%"), ("公共服务水平", "达成预期指标"), ("使用人员满意度", "100%")):
        actual_set(indicator=named(table, indicator), value=value, evidence="台账", by=cast.maker, now=NOW)
    return ProgramYear.objects.select_related("program", "fiscal_year").get(pk=program.pk)


def test_what_is_read_together_is_what_each_page_reads_alone(cast: Cast) -> None:
    programs = [year_with(cast, 2023), year_with(cast, 2024, spent="500.00")]
    make_goals("approved", cast=cast, fiscal=programs[0].fiscal_year)
    make_goals("submitted", cast=cast, program=make_program(programs[1].fiscal_year, name="另一个"))
    found = judged_years([one.fiscal_year_id for one in programs], {})
    tables = list(GoalTable.objects.select_related("scheme", "fiscal_year__unit", "program_year__program"))
    assert len(found) == len(tables) == 4
    for table in tables:
        together = found[(table.fiscal_year_id, table.program_year_id)].scored
        alone = scored(table)
        assert together is not None
        assert (together.form, together.scores, together.findings) == (alone.form, alone.scores, alone.findings)


def test_a_frozen_report_gives_its_figures_whatever_is_entered_later(cast: Cast) -> None:
    row = year_with(cast, 2022)
    fiscal = close_year(FiscalYear.objects.get(pk=row.fiscal_year_id))
    report = report_create(year=fiscal, program=row, dated_on=date(2023, 2, 1), members=[], by=cast.maker, now=NOW)
    live = comparison(year=2022).programs[0]
    assert (live.rate, live.score, live.grade, live.frozen) == (Decimal("80.00"), Decimal("98.00"), "优", False)
    with transaction.atomic():
        told(report, "reviewed", by=cast.director, now=NOW)
        told(report, "frozen", by=cast.director, now=NOW)
        freeze_record(report, change=StateChange.objects.latest("pk"), by=cast.director, now=NOW, data={})
    table = row.goal_tables.get()
    with pytest.raises(BusinessError, match="已经定稿"):
        actual_set(indicator=named(table, "采购招标率"), value="50%", evidence="台账", by=cast.maker, now=NOW)
    kept = comparison(year=2022).programs[0]
    assert (kept.rate, kept.score, kept.grade, kept.frozen) == (Decimal("80.00"), Decimal("98.00"), "优", True)
    assert kept.executed == Decimal("800.00") and kept.url == reverse("staff_report", args=[report.pk])


def test_a_program_is_followed_by_its_name_over_five_years(cast: Cast) -> None:
    for year in range(2019, 2026):
        year_with(cast, year) if year > 2020 else make_year(year)
    found = comparison(program="运转经费")
    assert [one.year for one in found.department] == [2021, 2022, 2023, 2024, 2025]
    assert [one.label for one in found.history] == [f"{year}年" for year in range(2021, 2026)]
    assert found.year is not None and found.year.year == 2025 and found.program == "运转经费"
    assert comparison(program="没有的", year=1).program == "运转经费"
    assert comparison(year=2022).programs[0].year == 2022


def test_programs_are_sorted_and_the_unknown_come_last(cast: Cast) -> None:
    row = year_with(cast, 2024, spent="700.00", name="甲")
    for name, spent in (("乙", "900.00"), ("丙", "")):
        program = make_program(row.fiscal_year, name=name)
        line = make_line(row.fiscal_year, "1000.00", program=program)
        approve_program(program)
        if spent:
            spend(line, spent)
    make_program(row.fiscal_year, name="没有批复的")
    assert [one.label for one in comparison(sort="rate").programs] == ["乙", "甲", "丙"]
    assert [one.label for one in comparison(sort="score").programs] == ["甲", "丙", "乙"]


def test_an_empty_house_says_what_to_do() -> None:
    page = client_of(make_person(Duty.FINANCE)).get(reverse("staff_compare"))
    assert page.status_code == 200 and "还没有预算年度" in page.content.decode()


def test_the_page_has_charts_with_tables_and_a_workbook(cast: Cast) -> None:
    for year in (2023, 2024):
        year_with(cast, year)
    client = client_of(make_person(Duty.DIRECTOR))
    page = client.get(reverse("staff_compare"), {"program": "运转经费", "year": "2023"}).content.decode()
    assert page.count("<figure") == 4 and "未定稿" in page and "98.00" in page and "2023年度各项目" in page
    content = b"".join(client.get(reverse("staff_compare_xlsx")).streaming_content)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert (
        rows[0][0] == "对象"
        and ("运转经费", 2024, "1000.00", "1000.00", "800.00", "80.00", "98.00", "优", "未定稿") in rows
    )


@pytest.mark.parametrize(
    "query", ["year=abc", "year=99999999999999999999", "program=%00", "sort=__class__", "program=" + "x" * 500]
)
def test_strange_addresses_show_the_page(cast: Cast, query: str) -> None:
    year_with(cast, 2024)
    assert client_of(make_person(Duty.FINANCE)).get(f"{reverse('staff_compare')}?{query}").status_code == 200


def test_only_those_who_keep_the_money_or_lead_compare() -> None:
    for duty in Duty:
        client = client_of(make_person(duty))
        for name in ("staff_compare", "staff_compare_xlsx"):
            assert client.get(reverse(name)).status_code == (200 if duty in READERS else 403), duty


def test_it_costs_the_same_for_one_year_and_for_three(cast: Cast, django_assert_num_queries: Any) -> None:
    year_with(cast, 2022)
    client, url = client_of(make_person(Duty.FINANCE)), reverse("staff_compare")
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    for year in (2023, 2024):
        row = year_with(cast, year)
        for number in range(2):
            program = make_program(row.fiscal_year, name=f"又一个{number}")
            approve_program(program)
            make_goals("approved", cast=cast, program=program)
    with django_assert_num_queries(len(first)):
        client.get(url)
    assert Program.objects.count() == 7


def test_missing_years_leave_a_gap_the_running_one_is_striped_and_figures_keep_their_side() -> None:
    low, high, half = Decimal("85.16"), Decimal("99.88"), Decimal("79.88")
    lines = lines_chart(
        caption="图", unit="", labels=["2022年", "2023年", "2024年", "2025年"],
        series=[("执行率", [low, None, Decimal("98.76"), half]), ("得分", [None, None, high, None])],
    )  # fmt: skip
    rate, score = lines.series
    assert len(rate.paths) == 1 and rate.paths[0].count(",") == 2, "no line over the year that is missing"
    assert rate.marks[1].text_y > rate.marks[1].y and score.marks[0].text_y < score.marks[0].y
    assert all(mark.text_y < mark.y for mark in (rate.marks[0], rate.marks[2]))
    columns = columns_chart(
        caption="图",
        unit="万元",
        labels=["甲", "乙"],
        series=[("预算", [Decimal("320.6"), Decimal("316.48")])],
        running=1,
    )
    assert [text for _, text in columns.grid] == ["0", "100", "200", "300", "400"]
    assert [bool(mark.stripes) for mark in columns.series[0].marks] == [False, True] and columns.running


def test_the_charts_have_a_place_for_each_year(cast: Cast) -> None:
    for year in (2022, 2024):
        year_with(cast, year)
    page = client_of(make_person(Duty.DIRECTOR)).get(reverse("staff_compare")).content.decode()
    assert page.count(">2023年</text>") == 4 and "2024年</text>" in page


VALUES = st.lists(st.none() | st.decimals(0, 150, places=2), min_size=1, max_size=5)


@given(VALUES)
def test_charts_stay_in_their_frame(values: list[Any]) -> None:
    labels = [f"{number}" for number in range(len(values))]
    for chart in (
        lines_chart(caption="图", unit="", labels=labels, series=[("甲", values), ("乙", values[::-1])]),
        columns_chart(caption="图", unit="", labels=labels, series=[("甲", values)]),
    ):
        for series in chart.series:
            for mark in series.marks:
                assert TOP <= mark.y <= BOTTOM and mark.y + mark.height <= BOTTOM and 0 <= mark.x <= 420
        assert sum(len(one.marks) for one in chart.series) == len(chart.series) * sum(v is not None for v in values)
