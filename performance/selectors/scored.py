"""The form of a report scored, with the goal table it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from performance.models import ActualValue, GoalTable, Indicator, Report
from performance.models.goals import GoalState
from performance.scoring.findings import Finding
from performance.scoring.form import Form
from performance.scoring.scores import Scores, grade_of
from performance.selectors import forms


@dataclass(frozen=True)
class Scored:
    """A scored form and its goal table.

    Args:
        table: the goal table; found: its form, scores, findings, indicators and newest actual values.
    """

    table: GoalTable
    found: forms.Scored

    @property
    def form(self) -> Form:
        """The form, amounts in 万元."""
        return self.found.form

    @property
    def scores(self) -> Scores:
        """Its scores by the scheme of the table."""
        return self.found.scores

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that the command has, too."""
        return self.found.findings

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The rows behind ``form.indicators``, in their order."""
        return self.found.indicators

    @property
    def actuals(self) -> dict[Any, ActualValue]:
        """The newest actual values by the indicators' keys."""
        return dict(self.found.actuals)

    @property
    def total(self) -> Decimal | None:
        """The total that holds: with manual scores where there are any."""
        return self.scores.total if self.scores.total_with_manual is None else self.scores.total_with_manual

    @property
    def grade(self) -> str | None:
        """The grade of the total that holds."""
        return grade_of(self.total, self.found.bands)


def report_table(report: Report) -> GoalTable | None:
    """The goal table that a report is judged by: the approved one, else the newest under way."""
    rows = GoalTable.objects.filter(fiscal_year=report.fiscal_year, program_year=report.program_year)
    rows = rows.exclude(state__in=(GoalState.DISCARDED, GoalState.SUPERSEDED)).select_related(
        "scheme", "fiscal_year__unit", "program_year__program"
    )
    return rows.filter(state=GoalState.APPROVED).first() or rows.order_by("-number").first()


def report_scored(report: Report) -> Scored | None:
    """The report's form scored, or None without a goal table."""
    table = report_table(report)
    return None if table is None else Scored(table, forms.scored(table, report))
