"""Progress of a year: it agrees with the sums of the budget, days count where they fall, two kinds of plan."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from accounts.models import Department
from performance.models import ProgramYear
from performance.progress_rulebook import BEHIND, ON_TIME, UNPLANNED, rule_of
from performance.selectors.money import spending_lines, totals
from performance.selectors.progress import (
    BY_LINES,
    BY_NOTHING,
    BY_PART,
    BY_STEPS,
    last_month,
    month_over,
    usual_month,
    year_flow,
    year_to_show,
)
from performance.selectors.progress_page import progress_view
from performance.services import entries, years
from performance.services.adjustments import budget_adjust
from performance.services.month_plans import month_plans_set
from performance.services.program_office import program_department_set
from tests.performance.money_factories import NOW, Budget, make_budget, make_program_year, subject
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db
RULE = rule_of(2025)


def plan(budget: Budget, line: Any, **months: str) -> None:
    """Planned months of a line: ``m6="100.00"``."""
    amounts = [Decimal(months.get(f"m{month}", "0")) for month in range(1, 13)]
    month_plans_set(year=budget.year, plans={line.pk: amounts}, by=budget.cast.finance, now=NOW, reason="调整")


def adjust(budget: Budget, line: Any, amount: str, day: date) -> None:
    budget_adjust(line=line, amount=Decimal(amount), document_number="云财预〔2025〕31号", reason="追加任务",
                  adjusted_on=day, by=budget.cast.finance, now=NOW)  # fmt: skip


def test_december_agrees_with_the_sums_of_the_budget() -> None:
    budget = make_budget()
    budget.spend("100.00", spent_on=date(2025, 1, 31))
    budget.spend("250.50", line=budget.personnel, spent_on=date(2025, 12, 31))
    budget.spend("30.00", line=budget.project, spent_on=date(2025, 2, 1))
    adjust(budget, budget.routine, "500.00", date(2025, 4, 30))
    adjust(budget, budget.personnel, "-40.00", date(2025, 5, 1))
    view, sums = year_flow(budget.year), totals(spending_lines(budget.year))
    assert (view.whole.spent_to(12), view.whole.budget_at(12)) == (sums.executed, sums.adjusted)
    for part in view.categories:
        found = totals(spending_lines(budget.year).filter(category=part.key))
        assert (part.flow.spent_to(12), part.flow.budget_at(12)) == (found.executed, found.adjusted), part.label
    for one in view.programs:
        found = totals(spending_lines(program=one.program_year))
        assert (one.flow.spent_to(12), one.flow.budget_at(12)) == (found.executed, found.adjusted)
    assert view.whole.spent_to(1) == Decimal("100.00") and view.whole.spent_to(2) == Decimal("130.00")


def test_a_reversal_counts_in_its_own_month() -> None:
    budget = make_budget()
    entry = budget.spend("100.00", spent_on=date(2025, 3, 5))
    entries.spending_reverse(
        entry=entry, reversed_on=date(2025, 5, 6), reason="发票作废重开", by=budget.cast.finance, now=NOW
    )
    whole = year_flow(budget.year).whole
    assert whole.spent[2:5] == (Decimal("100.00"), Decimal(0), Decimal("-100.00"))
    assert (whole.spent_to(4), whole.spent_to(5)) == (Decimal("100.00"), Decimal("0.00"))


def test_an_adjustment_counts_from_its_date() -> None:
    budget = make_budget()
    budget.spend("1000.00", spent_on=date(2025, 1, 6))
    adjust(budget, budget.routine, "10000.00", date(2025, 7, 1))
    routine = next(part.flow for part in year_flow(budget.year).categories if part.key == "routine")
    assert (routine.budget_at(6), routine.budget_at(7)) == (Decimal("10000.00"), Decimal("20000.00"))
    assert (routine.rate_at(6), routine.rate_at(7)) == (Decimal("10.00"), Decimal("5.00"))


def test_without_month_plans_the_steps_are_the_plan_and_with_neither_nothing_is_made_up() -> None:
    budget = make_budget()
    view = year_flow(budget.year)
    program = view.programs[0]
    assert program.basis == BY_STEPS
    assert (program.flow.planned_to(5), program.flow.planned_to(6)) == (Decimal("0.00"), Decimal("8000.00"))
    assert program.flow.pace_at(6, RULE) == BEHIND
    assert view.whole.pace_at(6, RULE) == UNPLANNED and view.whole.gap_at(6) is None
    assert len(view.unplanned) == 2  # personnel and routine
    bare = make_program_year("drafting", cast=budget.cast, year=make_budget("drafting", program_state="drafting").year)
    bare.milestones.all().delete()
    line(bare, budget)
    found = next(one for one in year_flow(bare.fiscal_year).programs if one.program_year.pk == bare.pk)
    assert (found.basis, found.flow.planned, found.flow.pace_at(6, RULE)) == (BY_NOTHING, None, UNPLANNED)


def line(program: ProgramYear, budget: Budget, economic: str = "30202") -> Any:
    return years.spending_line_save(
        year=program.fiscal_year, category="project", functional=subject("2010350"), economic=subject(economic),
        initial_amount=Decimal("700.00"), program_year=program, by=budget.cast.finance, now=NOW,
    )  # fmt: skip


def test_month_plans_come_before_the_steps_but_only_when_every_line_has_one() -> None:
    budget = make_budget("drafting", program_state="drafting")
    more = line(budget.program, budget)
    plan(budget, budget.project, m3="5000.00", m9="15000.00")
    program = year_flow(budget.year).programs[0]
    assert (program.basis, program.flow.planned_to(6)) == (BY_STEPS, Decimal("8000.00"))
    budget.program.milestones.all().delete()
    assert year_flow(budget.year).programs[0].basis == BY_PART
    assert year_flow(budget.year).programs[0].flow.planned is None
    plan(budget, more, m3="700.00")
    program = year_flow(budget.year).programs[0]
    assert (program.basis, program.flow.planned_to(3)) == (BY_LINES, Decimal("5700.00"))


def test_offices_have_the_programs_they_answer_for() -> None:
    budget = make_budget()
    assert [part.label for part in year_flow(budget.year).offices] == ["未定承办科室"]
    office = Department.objects.get(code="it")
    program_department_set(program_year=budget.program, department=office, by=budget.cast.performance, now=NOW)
    budget.spend("30.00", line=budget.project)
    (part,) = year_flow(budget.year).offices
    assert (part.label, part.flow.spent_to(12)) == (str(office), Decimal("30.00"))


@pytest.mark.parametrize(
    ("now", "months"),
    [
        (datetime(2024, 12, 31, 15, 59, tzinfo=UTC), (0, 0, 1)),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), (1, 0, 1)),
        (datetime(2025, 3, 31, 15, 59, tzinfo=UTC), (3, 2, 2)),
        (datetime(2025, 3, 31, 16, 0, tzinfo=UTC), (4, 3, 3)),
        (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), (12, 12, 12)),
        (datetime(2027, 6, 1, 0, 0, tzinfo=UTC), (12, 12, 12)),
    ],
)
def test_months_begin_and_end_in_shanghai(now: datetime, months: tuple[int, int, int]) -> None:
    assert (last_month(2025, now=now), month_over(2025, now=now), usual_month(2025, now=now)) == months


def test_the_year_to_show_is_the_one_asked_for_else_the_newest_begun() -> None:
    budget = make_budget()
    coming = years.year_create(unit=budget.year.unit, year=2030, by=budget.cast.finance, now=NOW)
    rows = [coming, budget.year]
    assert year_to_show(rows, 0, now=NOW) == budget.year
    assert year_to_show(rows, coming.pk, now=NOW) == coming
    assert year_to_show([coming], 0, now=NOW) == coming and year_to_show([], 0, now=NOW) is None


def test_the_page_asks_the_same_number_of_queries_whatever_the_number_of_programs() -> None:
    budget = make_budget("drafting", program_state="drafting")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            progress_view(year_flow(budget.year), month=6, last=12, over=12)
        return len(caught)

    before = count()
    for _ in range(2):
        program = make_program_year("drafting", cast=budget.cast, year=budget.year)
        program_department_set(
            program_year=program, department=Department.objects.get(code="it"), by=make_staff(Duty.PERFORMANCE), now=NOW
        )
        plan(budget, line(program, budget), m3="700.00")
    assert count() == before <= 12


def test_a_row_tells_word_rate_mark_and_both_forecasts() -> None:
    budget = make_budget()
    plan(budget, budget.project, m3="6000.00", m6="6000.00", m11="8000.00")
    budget.spend("3000.00", line=budget.project, spent_on=date(2025, 3, 10))
    budget.spend("6600.00", line=budget.project, spent_on=date(2025, 6, 10))
    view = progress_view(year_flow(budget.year), month=6, last=12, over=12)
    (row,) = view.programs
    assert (row.pace, row.rate, row.plan_rate) == (ON_TIME, Decimal("48.00"), Decimal("60.00"))
    assert (row.even, row.by_plan, row.over) == (Decimal("19200.00"), Decimal("17600.00"), False)
    assert (row.bar, row.plan_bar, view.lagging) == (48, 60, 0)
    march = progress_view(year_flow(budget.year), month=3, last=12, over=12)
    assert march.programs[0].lags and march.lagging == 1


def test_months_to_come_have_a_plan_and_nothing_else_and_the_running_one_is_not_compared() -> None:
    budget = make_budget("drafting", program_state="drafting")
    for one in (budget.personnel, budget.routine):
        plan(budget, one, m1="10.00", m12="20.00")
    rows = progress_view(year_flow(budget.year), month=3, last=4, over=3).months
    assert rows[2].gap is not None and rows[3].spent is not None and rows[3].gap is None
    assert (rows[4].spent, rows[4].spent_to, rows[4].rate, rows[4].gap) == (None, None, None, None)
    assert rows[11].planned == Decimal("40.00")
