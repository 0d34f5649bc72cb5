"""What the checks of a year look at, each list read once when it is first asked for: a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Max
from django.urls import reverse

from core.moments import SHANGHAI
from performance.models import (
    ActualPaper,
    FiscalYear,
    GoalState,
    GoalTable,
    LineReason,
    Milestone,
    ProgramState,
    ProgramYear,
    Rectification,
    RectificationAnswer,
    RectificationState,
    Report,
    ReportDisclosure,
)
from performance.selectors.scored_many import Judged, judged_years
from workflow.models import StateChange

Key = tuple[int, int | None]


@dataclass(frozen=True)
class Subject:
    """What goals, reports and forms are of: the department, or a program whose money was approved.

    Attributes:
        program_year_id: None for the department; since: the day from which it was there (None: from the beginning).
    """

    name: str
    program_year_id: int | None
    since: date | None


@dataclass(frozen=True)
class Material:
    """The records of one unit's year, as they stand ``now``."""

    fiscal_year: FiscalYear
    now: datetime

    @property
    def year(self) -> int:
        """The budget year."""
        return self.fiscal_year.year

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return self.now.astimezone(SHANGHAI).date()

    def day(self, moment: datetime) -> date:
        """A moment's day in Asia/Shanghai."""
        return moment.astimezone(SHANGHAI).date()

    @cached_property
    def subjects(self) -> list[Subject]:
        """The department, then every program whose money was approved."""
        rows = ProgramYear.objects.filter(
            fiscal_year=self.fiscal_year, state__in=(ProgramState.APPROVED, ProgramState.CLOSED)
        )
        programs = rows.select_related("program").order_by("program__code")
        found = [Subject(one.program.name, one.pk, one.approved_on) for one in programs]
        return [Subject("部门整体", None, None), *found]

    @cached_property
    def tables(self) -> dict[int | None, list[GoalTable]]:
        """Goal tables by program year, the oldest first; discarded ones are left out."""
        rows = GoalTable.objects.filter(fiscal_year=self.fiscal_year).exclude(state=GoalState.DISCARDED)
        found: dict[int | None, list[GoalTable]] = defaultdict(list)
        for table in rows.order_by("number"):
            found[table.program_year_id].append(table)
        return found

    @cached_property
    def approvals(self) -> dict[int, date]:
        """The day on which each goal table was approved."""
        numbers = [table.pk for rows in self.tables.values() for table in rows]
        return self.moves("performance.goaltable", numbers, target=GoalState.APPROVED)

    def moves(self, subject_type: str, numbers: list[int], *, target: str) -> dict[int, date]:
        """The first day on which each object came into a state.

        Args:
            subject_type: ``app.model`` in small letters; numbers: of the objects; target: the state.
        """
        rows = StateChange.objects.filter(subject_type=subject_type, subject_id__in=numbers, target=target)
        found: dict[int, date] = {}
        for number, at in rows.exclude(source=target).order_by("-number").values_list("subject_id", "at"):
            found[number] = self.day(at)
        return found

    @cached_property
    def reports(self) -> dict[int | None, Report]:
        """Reports by program year."""
        return {one.program_year_id: one for one in Report.objects.filter(fiscal_year=self.fiscal_year)}

    @cached_property
    def judged(self) -> dict[Any, Judged]:
        """Every form of the year, scored."""
        reports = {(self.fiscal_year.pk, key): one for key, one in self.reports.items()}
        return judged_years([self.fiscal_year.pk], reports)

    def scored(self, subject: Subject) -> Any:
        """The scored form of a subject, or None."""
        found = self.judged.get((self.fiscal_year.pk, subject.program_year_id))
        return found.scored if found else None

    @cached_property
    def reasons(self) -> set[tuple[int, str]]:
        """(report, line) of every line that has a reason now."""
        rows = LineReason.objects.filter(report__fiscal_year=self.fiscal_year).order_by("report_id", "line", "-id")
        newest = rows.distinct("report_id", "line").values_list("report_id", "line", "text")
        return {(report, line) for report, line, text in newest if text}

    @cached_property
    def evidenced(self) -> set[int]:
        """Actual values with a paper."""
        rows = ActualPaper.objects.filter(actual__fiscal_year=self.fiscal_year)
        return set(rows.values_list("actual_id", flat=True))

    @cached_property
    def milestones(self) -> list[Milestone]:
        """Steps of the plans of approved programs, by the day they are due."""
        programs = [one.program_year_id for one in self.subjects if one.program_year_id]
        rows = Milestone.objects.filter(program_year__in=programs).select_related("program_year__program")
        return list(rows.order_by("due_on", "id"))

    @cached_property
    def rectifications(self) -> list[tuple[Rectification, date | None]]:
        """Lines of the ledger of this year with the day on which the office says they were done."""
        rows = Rectification.objects.filter(fiscal_year=self.fiscal_year).exclude(state=RectificationState.CANCELLED)
        lines = list(rows.select_related("department").order_by("due_on", "id"))
        answers = RectificationAnswer.objects.filter(rectification__in=[one.pk for one in lines])
        done = dict(answers.order_by().values_list("rectification").annotate(day=Max("done_on")))
        return [(one, done.get(one.pk)) for one in lines]

    @cached_property
    def disclosures(self) -> list[ReportDisclosure]:
        """Disclosures of this year's reports that stand, the oldest first; what was withdrawn is public no more."""
        rows = ReportDisclosure.objects.filter(report__fiscal_year=self.fiscal_year, withdrawal__isnull=True)
        return list(rows.select_related("report").order_by("id"))

    def goals_url(self, subject: Subject) -> str:
        """The page of a subject's newest goal table, or the list."""
        rows = self.tables.get(subject.program_year_id)
        return reverse("staff_goal", args=[rows[-1].pk]) if rows else self.goal_list_url

    @property
    def goal_list_url(self) -> str:
        """The year's goals."""
        return f"{reverse('staff_goals')}?year={self.fiscal_year.pk}"

    def report_url(self, subject: Subject) -> str:
        """The page of a subject's report, or the list."""
        report = self.reports.get(subject.program_year_id)
        return reverse("staff_report", args=[report.pk]) if report else reverse("staff_reports")
