"""Many forms scored at once, in a fixed number of queries: what stands side by side is read together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from performance.models import ActualValue, ExpenseLine, GoalState, GoalTable, Indicator, ManualScore, Report
from performance.selectors.forms import FormRows, scored_from
from performance.selectors.goals import in_order
from performance.selectors.money import expense_sums, income_lines, spending_lines
from performance.selectors.scored import Scored
from performance.selectors.sources import with_carried

Grouped = dict[Any, list[Any]]


@dataclass(frozen=True)
class Judged:
    """An object of a year (the department without a program) with its report and its scored form, where there are."""

    fiscal_year_id: int
    program_year_id: int | None
    report: Report | None
    scored: Scored | None


def _by(rows: Iterable[Any], *names: str) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in rows:
        found[tuple(getattr(row, name) for name in names)].append(row)
    return found


def _tables(years: list[int]) -> dict[tuple[int, int | None], GoalTable]:
    """The table each object is judged by: the approved one, else the newest under way; three queries."""
    rows = GoalTable.objects.filter(fiscal_year__in=years).exclude(
        state__in=(GoalState.DISCARDED, GoalState.SUPERSEDED)
    )
    rows = rows.select_related("scheme", "fiscal_year__unit", "program_year__program")
    found: dict[tuple[int, int | None], GoalTable] = {}
    for table in rows.prefetch_related("scheme__groups", "scheme__bands").order_by("number"):
        key = (table.fiscal_year_id, table.program_year_id)
        if key not in found or found[key].state != GoalState.APPROVED:
            found[key] = table
    return found


def _actuals(years: list[int]) -> dict[int, dict[Any, ActualValue]]:
    rows = ActualValue.objects.filter(fiscal_year__in=years).order_by("fiscal_year_id", "indicator_key", "-id")
    found: dict[int, dict[Any, ActualValue]] = defaultdict(dict)
    for one in rows.distinct("fiscal_year_id", "indicator_key").defer("rows"):
        found[one.fiscal_year_id][one.indicator_key] = one
    return found


def _manual(reports: Iterable[Report]) -> dict[int, dict[Any, ManualScore]]:
    rows = ManualScore.objects.filter(report__in=[one.pk for one in reports])
    found: dict[int, dict[Any, ManualScore]] = defaultdict(dict)
    for one in rows.order_by("report_id", "indicator_key", "-id").distinct("report_id", "indicator_key"):
        if one.score is not None:
            found[one.report_id][one.indicator_key] = one
    return found


def _money(rows: Grouped, key: tuple[int, int | None], *, all_of: bool) -> list[Any]:
    """The lines of a program; of the whole year all of them, or (income) those of no program."""
    if key[1] is not None or not all_of:
        return list(rows.get(key, ()))
    return [one for place, lines in rows.items() if place[0] == key[0] for one in lines]


def judged_years(years: Iterable[int], reports: Mapping[tuple[int, int | None], Report]) -> dict[Any, Judged]:
    """The forms of every object of some years, scored as its own page scores it; nine queries, whatever there is.

    Args:
        years: numbers of FiscalYear.
        reports: by fiscal year and program year (None: the department).

    Returns:
        By the same key; objects with neither a table nor a report are left out.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    numbers = sorted(set(years))
    tables, actuals, manual = _tables(numbers), _actuals(numbers), _manual(reports.values())
    indicators = _by(
        Indicator.objects.filter(table__in=[one.pk for one in tables.values()]).select_related("office"), "table_id"
    )
    lines = _by(spending_lines().filter(fiscal_year__in=numbers), "fiscal_year_id", "program_year_id")
    income = _by(
        with_carried(income_lines().filter(fiscal_year__in=numbers)).order_by("id"), "fiscal_year_id", "program_year_id"
    )  # fmt: skip
    expenses = _by(
        expense_sums(ExpenseLine.objects.filter(program_year__fiscal_year__in=numbers)).order_by("position", "id"),
        "program_year_id",
    )
    found: dict[Any, Judged] = {}
    for key in {*tables, *reports}:
        table, report = tables.get(key), reports.get(key)
        scored = None
        if table is not None:
            rows = in_order(table, indicators.get((table.pk,), ()))
            values = {one.key: actuals[key[0]][one.key] for one in rows if one.key in actuals[key[0]]}
            scored = Scored(table, scored_from(table, report, FormRows(
                rows, values, _money(lines, key, all_of=True), _money(income, key, all_of=False),
                expenses.get((key[1],), []) if key[1] else [], manual[report.pk] if report else {},
                income.get((key[0], None), []) if key[1] else [],
            )))  # fmt: skip
        found[key] = Judged(key[0], key[1], report, scored)
    return found
