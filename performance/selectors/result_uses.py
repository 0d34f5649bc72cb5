"""Reads of 结果应用: what earlier reports of a program said, what became of it, what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from performance.models import ProgramYear, Rectification, Report, ReportFreeze, ReportState, ResultUse
from performance.result_rulebook import rule_of
from performance.selectors.frozen import figure_of, freeze_of
from performance.selectors.rectifications import OPEN, item_rows

# An application is often written before the last year's report is frozen: then the one before it counts.
YEARS_BACK = 2


@dataclass(frozen=True)
class Earlier:
    """The newest frozen report of a program's earlier year.

    Args:
        report, freeze: the report and what it said; uses: what became of it, the newest first.
        items: lines of the ledger of that year that are still open.
    """

    report: Report
    freeze: ReportFreeze
    uses: Sequence[ResultUse]
    items: Sequence[Rectification]

    @property
    def poor(self) -> list[str]:
        """Why the next application has to say what became of it; empty when it need not."""
        rule, grade, rate = rule_of(self.report.fiscal_year.year), self.freeze.figures.get("grade"), self.rate
        found = [f"等级“{grade}”"] if grade in rule.grades else []
        return found + ([f"预算执行率 {rate}%，低于 {rule.rate}%"] if rate is not None and rate < rule.rate else [])

    @property
    def rate(self) -> Any:
        """Per cent, or None."""
        return figure_of(self.freeze, "rate")

    def uses_for(self, program_year: ProgramYear) -> list[ResultUse]:
        """What became of it in this application, or in general."""
        return [one for one in self.uses if one.program_year_id in (None, program_year.pk)]


def earlier_of(program_year: ProgramYear, *, now: datetime) -> Earlier | None:
    """The newest frozen report of the same program (or of that name in the same unit) of the last two years."""
    year, program = program_year.fiscal_year, program_year.program
    same = Q(program_year__program=program) | Q(
        program_year__program__name=program.name, program_year__program__unit=program.unit_id
    )
    rows = Report.objects.filter(
        same, state=ReportState.FROZEN, fiscal_year__year__lt=year.year, fiscal_year__year__gte=year.year - YEARS_BACK
    )
    report = rows.select_related("fiscal_year__unit", "program_year").order_by("-fiscal_year__year", "-id").first()
    freeze = freeze_of(report) if report else None
    if report is None or freeze is None:
        return None
    mine = Q(department=program_year.department_id) if program_year.department_id else Q()
    items = item_rows(now=now).filter(mine, fiscal_year=report.fiscal_year, state__in=OPEN).order_by("due_on", "id")
    return Earlier(report, freeze, uses_of(report), list(items))


def uses_of(report: Report) -> list[ResultUse]:
    """What became of a report, the newest first; one query."""
    rows = report.uses.select_related("by", "program_year__program", "program_year__fiscal_year")
    return list(rows.order_by("-id"))


def programs_next(report: Report) -> list[ProgramYear]:
    """The programs of the years after a report in whose budget its result can be used; of its unit."""
    year = report.fiscal_year
    rows = ProgramYear.objects.filter(
        fiscal_year__unit=year.unit_id, fiscal_year__year__gt=year.year, fiscal_year__year__lte=year.year + YEARS_BACK
    )
    return list(rows.select_related("program", "fiscal_year").order_by("fiscal_year__year", "program__code"))
