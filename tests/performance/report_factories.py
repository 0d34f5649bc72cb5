"""Reports in the database, of a year that nobody has filled yet: enough to make files of."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from django.db import transaction

from accounts.models import User
from performance.models import BudgetUnit, FiscalYear, Program, ProgramYear, Report
from performance.services.reports import report_create
from workflow.models import StateChange

NOW = datetime(2023, 2, 20, 9, 0, tzinfo=UTC)
UNIT = "云泽县公共资源交易中心"
_numbers = itertools.count(1)


def _born(subject_type: str, number: int, by: User) -> None:
    """The first record of an object's life, which the database asks for."""
    StateChange.objects.create(
        subject_type=subject_type,
        subject_id=number,
        number=1,
        move="begin",
        source="",
        target="drafting",
        by=by,
        at=NOW,
    )


def make_year(by: User, *, year: int = 2022, unit: str = UNIT, is_home: bool = True) -> FiscalYear:
    """A drafted budget year of a unit."""
    owner, _ = BudgetUnit.objects.get_or_create(
        name=unit, defaults={"code": f"{201000 + next(_numbers)}", "is_home": is_home,
                             "competent_department": "云泽县行政审批局"}
    )  # fmt: skip
    with transaction.atomic():
        found = FiscalYear.objects.create(unit=owner, year=year, created_at=NOW, created_by=by)
        _born("performance.fiscalyear", found.pk, by)
    return found


def make_report(by: User, *, year: int = 2022, dated_on: date = date(2023, 2, 20)) -> Report:
    """A department's report with drafted sections."""
    return report_create(year=make_year(by, year=year), program=None, dated_on=dated_on, by=by, now=NOW)


def make_project_report(by: User, *, code: str = "YZ2022-01", year: int = 2022) -> Report:
    """A program's report with drafted sections."""
    fiscal = FiscalYear.objects.filter(year=year, unit__name=UNIT).first() or make_year(by, year=year)
    with transaction.atomic():
        program = Program.objects.create(unit=fiscal.unit, code=code, name="公共资源交易中心运转经费")
        money = ProgramYear.objects.create(
            program=program,
            fiscal_year=fiscal,
            purpose="日常运转",
            applied_amount=329000,
            created_at=NOW,
            created_by=by,
        )
        _born("performance.programyear", money.pk, by)
    return report_create(year=fiscal, program=money, dated_on=date(2023, 2, 20), by=by, now=NOW)
