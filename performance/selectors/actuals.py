"""Reads of actual values: the newest of each indicator, what is missing, what a measure gives now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from core.measures import Measure, Measured, MeasureRow, measure_find, rows_json, rows_read, rows_sha256, value_words
from performance.models import ActualPaper, ActualValue, FiscalYear, GoalState, Indicator, Report, ReportState
from performance.scoring.values import is_qualitative, normalised
from performance.selectors.offices import offices_of, reads_all
from workflow.actors import Actor

SATISFACTION = "满意度"
PAGE_ROWS = 50


def is_satisfaction(indicator: Indicator) -> bool:
    """Whether its value comes from a survey."""
    return SATISFACTION in normalised(indicator.level1)


def qualitative(indicator: Indicator) -> bool:
    """Whether it is met in words."""
    return is_qualitative(indicator.target)


def newest_actuals(fiscal_year: FiscalYear | int, keys: Iterable[uuid.UUID] | None = None) -> dict[Any, ActualValue]:
    """The value that holds of each indicator of a year, by key; one query."""
    rows = ActualValue.objects.filter(fiscal_year=fiscal_year).select_related("by")
    if keys is not None:
        rows = rows.filter(indicator_key__in=list(keys))
    found = rows.order_by("indicator_key", "-id").distinct("indicator_key").defer("rows")
    return {one.indicator_key: one for one in found}


def actuals_of(indicator: Indicator) -> list[ActualValue]:
    """Every value that an indicator ever had in its year, the newest first, with people and papers."""
    papers = Prefetch("papers", ActualPaper.objects.select_related("file").order_by("id"))
    rows = ActualValue.objects.filter(fiscal_year=indicator.table.fiscal_year_id, indicator_key=indicator.key)
    return list(rows.select_related("by").prefetch_related(papers).defer("rows").order_by("-id"))


def frozen_report(indicator: Indicator) -> Report | None:
    """The frozen report that tells of an indicator; while there is one, no further value is given."""
    table = indicator.table
    rows = Report.objects.filter(fiscal_year=table.fiscal_year_id, program_year=table.program_year_id)
    return rows.filter(state=ReportState.FROZEN).first()


def indicators_in_force() -> QuerySet[Indicator]:
    """The indicators of approved tables, with what their pages read."""
    return Indicator.objects.filter(table__state=GoalState.APPROVED).select_related(
        "office", "table__fiscal_year__unit", "table__program_year__program", "table__scheme"
    )


def indicators_for(actor: Actor) -> QuerySet[Indicator]:
    """Those whose values a person reads on the list: of the own offices, or all."""
    rows = indicators_in_force()
    return rows if reads_all(actor) else rows.filter(office__in=offices_of(actor))


@dataclass(frozen=True)
class OwnRow:
    """An indicator with the value that holds, or without one."""

    indicator: Indicator
    actual: ActualValue | None

    @property
    def missing(self) -> bool:
        """Whether there is no value yet."""
        return self.actual is None


@dataclass(frozen=True)
class OwnPage:
    """A page of indicators of a year; ``left`` are those of all pages without a value."""

    rows: list[OwnRow]
    next: int
    total: int
    left: int


def years_in_force(actor: Actor) -> list[int]:
    """The budget years in which a person has indicators, the newest first."""
    rows = indicators_for(actor).order_by("-table__fiscal_year__year")
    return list(rows.values_list("table__fiscal_year__year", flat=True).distinct())


def own_indicators(
    actor: Actor, *, year: int, office: int | None = None, missing: bool = False, page: int = 1, most: int = PAGE_ROWS
) -> OwnPage:
    """A page of the indicators that a person fills or watches over; two queries.

    Args:
        year: the budget year; office: only this one; missing: only those without a value.
        page: from 1; most: rows of a page.
    """
    rows = indicators_for(actor).filter(table__fiscal_year__year=year)
    if office:
        rows = rows.filter(office=office)
    found = list(rows.order_by("table_id", "position", "id"))
    values = ActualValue.objects.filter(indicator_key__in=[one.key for one in found], fiscal_year__year=year)
    newest = values.order_by("fiscal_year_id", "indicator_key", "-id").distinct("fiscal_year_id", "indicator_key")
    known = {(one.fiscal_year_id, one.indicator_key): one for one in newest.select_related("by").defer("rows")}
    lines = [OwnRow(one, known.get((one.table.fiscal_year_id, one.key))) for one in found]
    left = sum(line.missing for line in lines)
    chosen = [line for line in lines if line.missing] if missing else lines
    begin = (page - 1) * most
    following = page + 1 if len(chosen) > begin + most else 0
    return OwnPage(chosen[begin : begin + most], following, len(lines), left)


def rows_of(actual: ActualValue) -> tuple[tuple[MeasureRow, ...], bool]:
    """The rows a value was computed from, and whether their digest is the stored one."""
    return rows_read(actual.rows), rows_sha256(actual.rows) == actual.rows_sha256


def measured_now(indicator: Indicator) -> tuple[Measure, Measured] | None:
    """What the indicator's measure gives now; None where it has none or no app declares it any more."""
    measure = measure_find(indicator.measure) if indicator.measure else None
    if measure is None:
        return None
    fiscal = indicator.table.fiscal_year
    return measure, measure.compute(
        year=fiscal.year, unit_id=fiscal.unit_id, program_year_id=indicator.table.program_year_id
    )


@dataclass(frozen=True)
class Recount:
    """What a measure gives now beside the stored value."""

    measure: Measure
    words: str
    rows: int
    differs: bool


def recount_of(indicator: Indicator, actual: ActualValue | None) -> Recount | None:
    """The measure's value now; ``differs`` when value or rows are not those of the stored computed value."""
    found = measured_now(indicator)
    if found is None:
        return None
    measure, measured = found
    words = "" if measured.value is None else value_words(measure, measured.value)
    if actual is None or actual.measure != measure.name:
        return Recount(measure, words, len(measured.rows), False)
    text = rows_json(measured.rows)
    return Recount(measure, words, len(measured.rows), words != actual.value or rows_sha256(text) != actual.rows_sha256)


def survey_of(actuals: Iterable[ActualValue]) -> ActualValue | None:
    """The first value that tells of a survey."""
    return next((one for one in actuals if any(v is not None for v in (one.sent, one.returned, one.valid))), None)
