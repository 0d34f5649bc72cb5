"""At the year's end every program and the department get a draft, also when the machine was off at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from notices.models import Notice
from performance.models import ProgramYear, Report
from performance.services.evaluation import programs_save
from performance.services.year_ends import year_end_drafts
from tests.performance.goals_factories import (
    approve_program,
    approve_year,
    make_program,
    make_unit,
    make_year,
    told,
)
from tests.performance.process_samples import make_plan
from tests.workflow.people import enter, make_staff
from tests.workflow.test_move_race import together
from upkeep.models import HoldEvent
from workflow.models import StateChange
from workflow.services import move

pytestmark = pytest.mark.django_db
# 23:59:59 of 31 December 2025 and 00:00 of 1 January 2026 in Asia/Shanghai.
LAST_SECOND = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
# The machine was off over New Year and is on again on 3 January.
ON_AGAIN = datetime(2026, 1, 3, 0, 30, tzinfo=UTC)


def begun(year: int = 2025) -> set[tuple[str, str]]:
    """Kind and day of the reports of a year."""
    return {(one.kind, f"{one.dated_on}") for one in Report.objects.filter(fiscal_year__year=year)}


def approved_year(year: int = 2025, *, programs: int = 1) -> list[ProgramYear]:
    fiscal = make_year(year, unit=make_unit(home=True))
    found = [make_program(fiscal, name=f"项目{number}") for number in range(programs)]
    for one in found:
        approve_program(one)
    approve_year(fiscal)
    return found


def test_nothing_is_begun_before_the_year_is_over_and_all_at_midnight() -> None:
    approved_year(programs=2)
    assert year_end_drafts(now=LAST_SECOND) == 0
    assert begun() == set()
    assert year_end_drafts(now=MIDNIGHT) == 3
    assert begun() == {("department", "2026-01-01"), ("project", "2026-01-01")}
    assert Report.objects.count() == 3


def test_a_machine_that_was_off_at_midnight_catches_up_and_dates_the_day_it_runs() -> None:
    approved_year()
    assert year_end_drafts(now=ON_AGAIN) == 2
    assert begun() == {("department", "2026-01-03"), ("project", "2026-01-03")}
    assert year_end_drafts(now=ON_AGAIN) == 0
    assert Report.objects.count() == 2


def test_years_that_were_missed_altogether_come_too() -> None:
    approved_year(2023)
    approved_year(2024)
    approved_year(2025)
    assert year_end_drafts(now=ON_AGAIN) == 6
    assert {one.fiscal_year.year for one in Report.objects.select_related("fiscal_year")} == {2023, 2024, 2025}


def test_a_draft_is_the_portals_own_whole_and_moved_by_people() -> None:
    (program,) = approved_year()
    year_end_drafts(now=ON_AGAIN)
    report = Report.objects.get(program_year=program)
    assert (report.created_by, report.state) == (None, "drafting")
    assert report.sections.filter(text__contains="项目0").exists()
    change = StateChange.objects.get(subject_type="performance.report", subject_id=report.pk)
    assert (change.move, change.by, change.at) == ("create", None, ON_AGAIN)
    client = Client()
    enter(client, make_staff(Duty.PERFORMANCE))
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "系统" in page
    assert "提交审核" in page


def test_what_is_not_approved_or_left_out_or_of_another_unit_is_not_begun() -> None:
    drafted = make_year(2025, unit=make_unit(home=True))
    make_program(drafted)
    assert year_end_drafts(now=ON_AGAIN) == 0
    (listed, left) = approved_year(2024, programs=2)
    make_program(listed.fiscal_year, name="没有批复的项目")
    plan = make_plan(fiscal=listed.fiscal_year)
    maker = StateChange.objects.filter(subject_type="performance.evaluationplan").earliest("id").by
    programs_save(plan=plan, choices={left.pk: (False, False, "资金没有下达")}, by=maker, now=ON_AGAIN)
    for name, by in (("submit", maker), ("approve", make_staff(Duty.DIRECTOR))):
        move(plan, name, by=by, now=ON_AGAIN)
    assert year_end_drafts(now=ON_AGAIN) == 2
    assert set(Report.objects.values_list("program_year", flat=True)) == {None, listed.pk}
    # A branch has programs, but no report of the whole department.
    branch = approve_year(make_year(2024, unit=make_unit()))
    program = make_program(branch, name="分中心运转")
    program.approved_amount, program.approved_on = program.applied_amount, date(2024, 2, 1)
    program.save()
    told(program, "approved", by=branch.created_by)
    assert year_end_drafts(now=ON_AGAIN) == 1
    assert Report.objects.latest("id").program_year == program


def test_who_manages_the_evaluation_hears_of_a_year_once() -> None:
    manager = make_staff(Duty.PERFORMANCE)
    make_staff(Duty.FINANCE)
    approved_year(programs=2)
    year_end_drafts(now=MIDNIGHT)
    late = make_program(ProgramYear.objects.first().fiscal_year, name="晚批复的项目")  # type: ignore[union-attr]
    approve_program(late)
    assert year_end_drafts(now=ON_AGAIN) == 1
    notices = Notice.objects.filter(subject="2025年度自评报告已起草")
    assert [one.user for one in notices] == [manager]


def test_members_are_those_of_the_approved_plan() -> None:
    (program,) = approved_year()
    make_plan("approved", fiscal=program.fiscal_year)
    year_end_drafts(now=ON_AGAIN)
    report = Report.objects.get(program_year=program)
    assert list(report.members.values_list("role", "name")) == [("组长", "周文博"), ("组员", "吴婷")]


def test_nothing_is_begun_while_the_portal_is_held() -> None:
    approved_year()
    HoldEvent.objects.create(kind=HoldEvent.Kind.BEGUN, at=ON_AGAIN, reason="恢复")
    assert year_end_drafts(now=ON_AGAIN) == 0
    HoldEvent.objects.create(kind=HoldEvent.Kind.ENDED, at=ON_AGAIN, reason="核对")
    assert year_end_drafts(now=ON_AGAIN) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_begin_each_report_once() -> None:
    approved_year(programs=3)
    make_staff(Duty.PERFORMANCE)
    counts: list[int] = []
    assert together([lambda: counts.append(year_end_drafts(now=ON_AGAIN))] * 3) == {"done": 3}
    assert (len(counts), sum(counts), Report.objects.count()) == (3, 4, 4)
    assert Notice.objects.filter(subject="2025年度自评报告已起草").count() == 1
