"""Reads of reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import day_words
from performance.models import FiscalYear, ProgramYear, Report, ReportFile
from performance.selectors.editions import disclosed_file
from workflow.actors import Actor

PROGRAM_PREFIX = "project:"
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


def report_rows() -> QuerySet[Report]:
    """Reports with what their titles and pages read."""
    return Report.objects.select_related("fiscal_year__unit", "program_year__program", "program_year__fiscal_year")


def report_desk(*, now: datetime) -> QuerySet[Report]:
    """The same, as the desk asks for them."""
    return report_rows().order_by("-id")


def reports_visible(rows: QuerySet[Any], *, actor: Actor) -> QuerySet[Any]:
    """Everything, for those who write, keep the money or lead the center."""
    return rows if actor.user is None or not actor.duties.isdisjoint(READERS) else rows.none()


def report_title(report: Report) -> str:
    """One line."""
    return report.title


def report_url(report: Report) -> str:
    """The report's page."""
    return reverse("staff_report", args=[report.pk])


def report_facts_told(report: Report) -> list[tuple[str, str]]:
    """What one decides on; the report itself is on its page."""
    about = report.program_year.program.name if report.program_year else str(report.fiscal_year.unit)
    return [
        ("评价对象", f"{about}，{report.fiscal_year.year}年度，{report.get_kind_display()}"),
        ("预算年度", str(report.fiscal_year.get_state_display())), ("落款日期", day_words(report.dated_on)),
        ("填表人", report.filled_by or "没有写"), ("单位负责人", report.head or "没有写"),
    ]  # fmt: skip


def report_kind(report: Report) -> str:
    """How the command names a report: ``department`` or ``project:<program code>`` (contracts/commands.md)."""
    return f"{PROGRAM_PREFIX}{report.program_year.program.code}" if report.program_year else "department"


def report_find(kind: str, year: int) -> Report:
    """The report that the command names; of the home unit where it is the department's.

    Raises:
        BusinessError: ``unknown_kind`` or ``no_data``.
    """
    rows = report_rows().filter(fiscal_year__year=year)
    if kind == "department":
        found = rows.filter(kind=Report.Kind.DEPARTMENT, fiscal_year__unit__is_home=True).first()
    elif kind.startswith(PROGRAM_PREFIX) and len(kind) > len(PROGRAM_PREFIX):
        found = rows.filter(program_year__program__code=kind.removeprefix(PROGRAM_PREFIX)).first()
    else:
        raise BusinessError(
            f"没有导出：不认识的报告种类“{kind[:40]}”，应是 department 或者 project:项目代码。", "unknown_kind"
        )
    if found is None:
        raise BusinessError(f"没有导出：没有 {year} 年度的这份报告。report_export --list 列出有的报告。", "no_data")
    return found


def programs_without_report(year: FiscalYear) -> QuerySet[ProgramYear]:
    """Programs of a year for which no report was begun."""
    return year.programs.filter(reports__isnull=True).select_related("program").order_by("program__code")


def subjects_without_report() -> list[tuple[str, str]]:
    """What a report could be begun of: ``year:<pk>`` or ``program:<pk>``, and its words."""
    years = FiscalYear.objects.exclude(reports__kind=Report.Kind.DEPARTMENT).filter(unit__is_home=True)
    found = [
        (f"year:{year.pk}", f"{year.year}年度 部门整体支出（{year.unit}）") for year in years.select_related("unit")
    ]
    programs = ProgramYear.objects.filter(reports__isnull=True).select_related("program__unit", "fiscal_year")
    return found + [
        (f"program:{one.pk}", f"{one.fiscal_year.year}年度 {one.program.name}（{one.program.unit}）")
        for one in programs
    ]


@dataclass(frozen=True)
class FileFacts:
    """What the public may know of a file that was made: as it stood in the file, whatever the report says now."""

    code: str
    kind: str
    year: int
    unit: str
    title: str
    sha256: str
    size: int
    pages: int
    made_at: datetime
    edition: str
    disclosed_at: datetime | None


def file_facts(code: str) -> FileFacts | None:
    """The file with a verification code in its one form (performance.codes.code_read); None where there is none."""
    found = ReportFile.objects.select_related("report", "file").filter(code=code).first() if code else None
    if found is None:
        return None
    source = json.loads(found.source)
    shown = disclosed_file(found.code)
    return FileFacts(
        found.code, Report.Kind(source["kind"]).label, source["year"], source["cover"]["unit"],
        source["cover"]["title"], found.file.sha256, found.file.size, found.pages, found.made_at,
        str(found.get_edition_display()), shown.at if shown else None,
    )  # fmt: skip
