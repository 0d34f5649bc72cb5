"""The form of a report scored, with the goal table it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from performance.models import GoalTable, Indicator, Report
from performance.models.goals import GoalState
from performance.scoring.findings import Finding
from performance.scoring.form import Form
from performance.scoring.scores import Scores


@dataclass(frozen=True)
class Scored:
    """A scored form.

    Args:
        table: the goal table; indicators: its rows, in the order of ``form.indicators``.
        form, scores, findings: as the command has them, with the bands of the table's scheme.
    """

    table: GoalTable
    indicators: tuple[Indicator, ...]
    form: Form
    scores: Scores
    findings: tuple[Finding, ...]

    @property
    def total(self) -> Decimal | None:
        """The total that holds: with manual scores where there are any."""
        return self.scores.total if self.scores.total_with_manual is None else self.scores.total_with_manual

    @property
    def grade(self) -> str | None:
        """The grade of the computed total."""
        return self.scores.grade


def report_table(report: Report) -> GoalTable | None:
    """The goal table that a report is judged by: the approved one, else the newest under way."""
    rows = GoalTable.objects.filter(fiscal_year=report.fiscal_year, program_year=report.program_year)
    rows = rows.exclude(state__in=(GoalState.DISCARDED, GoalState.SUPERSEDED)).select_related("scheme")
    return rows.filter(state=GoalState.APPROVED).first() or rows.order_by("-number").first()


def report_scored(report: Report) -> Scored | None:
    """The report's form scored, or None without a goal table."""
    report_table(report)
    return None
