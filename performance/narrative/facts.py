"""What a report speaks of, read once: sums in yuan, people, programs, deals, the scored form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Sum, prefetch_related_objects

from performance.models import (
    ActualValue,
    DealFigure,
    Establishment,
    IncomeSource,
    Inspection,
    ManagementScore,
    ProgramYear,
    Report,
    SpendingEntry,
    SpendingLine,
    YearEndBalance,
)
from performance.selectors.appraisals import score_held
from performance.selectors.money import ZERO, Totals, expense_lines, income_lines, spending_lines, totals
from performance.selectors.scored import Scored, report_scored

_Category = SpendingLine.Category


@dataclass(frozen=True)
class Facts:
    """A report's data; every list is read when it is first asked for."""

    report: Report

    @property
    def program(self) -> ProgramYear | None:
        """The program of a project report."""
        return self.report.program_year

    @cached_property
    def spending(self) -> list[Any]:
        """The spending lines of the year or of the program, with their sums."""
        year = None if self.program else self.report.fiscal_year
        return list(spending_lines(year, self.program).order_by("id"))

    @cached_property
    def income(self) -> list[Any]:
        """The income lines: of the program where it has its own, else of the unit (those of no program)."""
        if self.program:
            return list(income_lines(program=self.program).order_by("id"))
        return list(income_lines(self.report.fiscal_year).filter(program_year__isnull=True).order_by("id"))

    def spent(self, *categories: str) -> Totals:
        """The sums of some categories, or of all."""
        return totals(line for line in self.spending if not categories or line.category in categories)

    @cached_property
    def received(self) -> Totals:
        """The sums of the income; ``executed`` is what came in."""
        return totals(self.income, "received")

    def received_of(self, source: str) -> Totals:
        """The income of one source."""
        return totals((line for line in self.income if line.source == source), "received")

    @property
    def only_appropriation(self) -> bool:
        """Whether all income is this year's 财政拨款."""
        return all(line.source == IncomeSource.APPROPRIATION for line in self.income)

    @cached_property
    def expenses(self) -> list[Any]:
        """The expense lines of the program, with their sums."""
        return list(expense_lines(self.program)) if self.program else []

    @cached_property
    def posts(self) -> list[Establishment]:
        """Approved posts by kind."""
        return list(self.report.fiscal_year.posts.all())

    @cached_property
    def programs(self) -> list[ProgramYear]:
        """The programs of the year, for the department."""
        return list(self.report.fiscal_year.programs.select_related("program").order_by("program__code"))

    @property
    def earmarked(self) -> list[ProgramYear]:
        """The programs that the report speaks of: its own, or all of the year."""
        return [self.program] if self.program else self.programs

    @cached_property
    def spent_elsewhere(self) -> dict[int, Decimal]:
        """What of each program's money went elsewhere than it was meant to, yuan, by the number of its year."""
        rows = SpendingEntry.objects.filter(line__program_year__in=self.earmarked)
        sums = (
            rows.exclude(used_for=SpendingEntry.Use.OWN).values_list("line__program_year").annotate(all=Sum("amount"))
        )
        return {number: amount for number, amount in sums.order_by() if number}

    @cached_property
    def inspections(self) -> list[Inspection]:
        """Inspections of the programs' money, in the order of their days."""
        return list(Inspection.objects.filter(program_year__in=self.earmarked).order_by("inspected_on", "id"))

    @cached_property
    def deals(self) -> list[DealFigure]:
        """The newest deal figures of each category, in the order of the categories."""
        newest: dict[str, DealFigure] = {}
        for row in self.report.fiscal_year.deals.order_by("id"):
            newest[row.category] = row
        return [newest[category] for category in DealFigure.Category.values if category in newest]

    @cached_property
    def returned(self) -> Decimal:
        """What the treasury took back of the projects' money, yuan."""
        return self._settled(YearEndBalance.Kind.RETURNED)

    @cached_property
    def carried(self) -> Decimal:
        """What was carried over of the projects' money, yuan."""
        return self._settled(YearEndBalance.Kind.CARRIED)

    def _settled(self, kind: str) -> Decimal:
        lines = [line.pk for line in self.spending if line.category == _Category.PROJECT]
        amounts = YearEndBalance.objects.filter(line__in=lines, kind=kind).values_list("amount", flat=True)
        return sum(amounts, ZERO)

    @cached_property
    def actuals(self) -> dict[Any, ActualValue]:
        """The newest value of each indicator by key, with its papers."""
        found = self.scored.actuals if self.scored else {}
        prefetch_related_objects(list(found.values()), "papers__file")
        return found

    @cached_property
    def management(self) -> ManagementScore | None:
        """The kept score of the department's own 绩效管理工作; None of a program, or before one was kept."""
        return None if self.program else score_held(self.report.fiscal_year_id)

    @cached_property
    def scored(self) -> Scored | None:
        """The form scored, or None without a goal table."""
        return report_scored(self.report)
