"""Year on year and program against program: frozen figures where a report was frozen, else those of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from performance.amounts import percent
from performance.models import FiscalYear, ProgramState, ProgramYear, Report, ReportFreeze
from performance.selectors.appraisals import appraised_years
from performance.selectors.frozen import figure_of, freezes_of
from performance.selectors.money import spending_lines, totals
from performance.selectors.scored_many import Judged, judged_years

MOST_YEARS = 5
Key = tuple[int, int | None]
SORTS = {"score": "得分", "rate": "执行率", "adjusted": "预算"}


@dataclass(frozen=True)
class Standing:
    """What an object of a year came to; amounts in yuan, rate in per cent, None where it is unknown.

    Attributes:
        frozen: whether the figures are those of a frozen report; url: its report's or its own page.
    """

    label: str
    year: int
    initial: Decimal | None
    adjusted: Decimal | None
    executed: Decimal | None
    rate: Decimal | None
    score: Decimal | None
    grade: str
    frozen: bool
    url: str


@dataclass(frozen=True)
class Comparison:
    """A page of comparisons.

    Attributes:
        years: those there are, the newest first; year: the chosen one of the second part.
        department: a line a year, the oldest first; names: of programs that can be chosen.
        program: the chosen name, its lines in ``history`` (None: it had no money in that year).
        programs: of the chosen year, sorted.
    """

    years: list[FiscalYear]
    year: FiscalYear | None
    department: list[Standing]
    names: list[str]
    program: str
    history: list[Standing]
    programs: list[Standing]


@dataclass(frozen=True)
class _Known:
    """Everything that was read, by fiscal year and program year."""

    sums: dict[Key, Any]
    judged: dict[Key, Judged]
    reports: dict[Key, Report]
    freezes: dict[int, ReportFreeze]

    @classmethod
    def of(cls, years: Iterable[int]) -> _Known:
        """Thirteen queries."""
        numbers = list(years)
        reports = {
            (one.fiscal_year_id, one.program_year_id): one for one in Report.objects.filter(fiscal_year__in=numbers)
        }
        lines: dict[Key, list[Any]] = defaultdict(list)
        for line in spending_lines().filter(fiscal_year__in=numbers):
            lines[(line.fiscal_year_id, None)].append(line)
            if line.program_year_id:
                lines[(line.fiscal_year_id, line.program_year_id)].append(line)
        sums = {key: totals(rows) for key, rows in lines.items()}
        return cls(sums, judged_years(numbers, reports), reports, freezes_of(reports.values()))

    def standing(self, key: Key, label: str, year: int, url: str) -> Standing:
        report = self.reports.get(key)
        address = reverse("staff_report", args=[report.pk]) if report else url
        freeze = self.freezes.get(report.pk) if report else None
        if freeze is not None:
            return Standing(
                label, year, figure_of(freeze, "initial"), figure_of(freeze, "adjusted"),
                figure_of(freeze, "executed"), figure_of(freeze, "rate"), figure_of(freeze, "score"),
                freeze.figures.get("grade") or "", True, address,
            )  # fmt: skip
        sums, judged = self.sums.get(key), self.judged.get(key)
        scored = judged.scored if judged else None
        rate = scored.scores.rate_printed if scored else percent(sums.executed, sums.adjusted) if sums else None
        return Standing(
            label, year, sums.initial if sums else None, sums.adjusted if sums else None,
            sums.executed if sums else None, rate, scored.total if scored else None,
            (scored.grade or "") if scored else "", False, address,
        )  # fmt: skip


def _programs(years: Iterable[FiscalYear]) -> list[ProgramYear]:
    rows = ProgramYear.objects.filter(
        fiscal_year__in=[one.pk for one in years], state__in=(ProgramState.APPROVED, ProgramState.CLOSED)
    )
    return list(rows.select_related("program", "fiscal_year").order_by("-fiscal_year__year", "program__code"))


def _sorted(rows: Iterable[Standing], sort: str) -> list[Standing]:
    """The highest first; what is unknown comes last, by name."""
    return sorted(rows, key=lambda one: (-(getattr(one, sort) if getattr(one, sort) is not None else -1), one.label))


def comparison(*, year: int = 0, program: str = "", sort: str = "score") -> Comparison:
    """The years and programs of the center side by side; a fixed number of queries.

    Args:
        year: the year of the second part, 0 or an unknown one: the newest.
        program: name of a program, the same in every year; an unknown one: the first.
        sort: one of SORTS.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    years = list(appraised_years()[:MOST_YEARS])
    known = _Known.of(one.pk for one in years)
    rows = _programs(years)
    chosen = next((one for one in years if one.year == year), years[0] if years else None)
    names = list(dict.fromkeys(one.program.name for one in rows))
    name = program if program in names else names[0] if names else ""

    def of(row: ProgramYear, label: str) -> Standing:
        url = reverse("staff_program_year", args=[row.pk])
        return known.standing((row.fiscal_year_id, row.pk), label, row.fiscal_year.year, url)

    department = [
        known.standing((one.pk, None), f"{one.year}年", one.year, reverse("staff_budget_year", args=[one.pk]))
        for one in reversed(years)
    ]
    return Comparison(
        years, chosen, department, names, name,
        [of(row, f"{row.fiscal_year.year}年") for row in reversed(rows) if row.program.name == name],
        _sorted((of(row, row.program.name) for row in rows if row.fiscal_year == chosen), sort),
    )  # fmt: skip
