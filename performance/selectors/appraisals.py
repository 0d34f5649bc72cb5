"""Reads of schemes and kept scores of the department's own 绩效管理工作."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from core.errors import BusinessError
from core.measures import rows_sha256
from core.moments import SHANGHAI
from performance.appraisal.score import Appraisal, appraisal_read
from performance.models import FiscalYear, ManagementScheme, ManagementScore


def management_schemes() -> QuerySet[ManagementScheme]:
    """Every scheme with its items, those in use first, the newest first."""
    return ManagementScheme.objects.select_related("created_by").prefetch_related("items")


def management_scheme_for(year: int) -> ManagementScheme:
    """The scheme in force for a budget year. Raises BusinessError ``no_scheme``."""
    found = management_schemes().filter(is_active=True, first_year__lte=year).order_by("-first_year").first()
    if found is None:
        raise BusinessError(
            f"{year} 年还没有可用的绩效管理评分方案，请在“评分方案”里新建一个从这一年或更早起用的。", "no_scheme"
        )
    return found


def appraised_years() -> QuerySet[FiscalYear]:
    """The center's own budget years, the newest first."""
    return FiscalYear.objects.filter(unit__is_home=True).select_related("unit").order_by("-year")


@dataclass(frozen=True)
class YearRow:
    """A year of the list with the score that holds, or None."""

    year: FiscalYear
    kept: ManagementScore | None


def year_rows() -> list[YearRow]:
    """Every year of the center with its newest kept score; two queries."""
    scores = ManagementScore.objects.order_by("fiscal_year_id", "-id").distinct("fiscal_year_id")
    kept = {one.fiscal_year_id: one for one in scores.select_related("by", "scheme").defer("lines")}
    return [YearRow(one, kept.get(one.pk)) for one in appraised_years()]


def scores_of(fiscal_year: FiscalYear) -> list[ManagementScore]:
    """Every score kept of a year, the newest first."""
    return list(ManagementScore.objects.filter(fiscal_year=fiscal_year).select_related("by", "scheme").defer("lines"))


def year_running(fiscal_year: FiscalYear, now: datetime) -> bool:
    """Whether the year is not over: what it comes to is not known yet."""
    return now.astimezone(SHANGHAI).year <= fiscal_year.year


def score_held(fiscal_year: FiscalYear | int) -> ManagementScore | None:
    """The score that holds of a year."""
    return ManagementScore.objects.filter(fiscal_year=fiscal_year).order_by("-id").first()


def score_read(score: ManagementScore) -> tuple[Appraisal, bool]:
    """The items of a kept score, and whether their digest is the stored one."""
    return appraisal_read(score.lines), rows_sha256(score.lines) == score.lines_sha256
