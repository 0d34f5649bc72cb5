"""Reads of the calendar."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet

from core.workdays import Calendar
from workflow.holidays import Notice, calendar_of
from workflow.models import CalendarDay, CalendarYear


def calendar_year_current() -> QuerySet[CalendarYear]:
    """The row that counts of each imported year, by year."""
    return CalendarYear.objects.order_by("year", "-id").distinct("year")


def calendar_year_history(year: int) -> QuerySet[CalendarYear]:
    """Every import of ``year``, newest first."""
    return CalendarYear.objects.filter(year=year).order_by("-id")


def notices_stored(rows: QuerySet[CalendarYear]) -> list[Notice]:
    """The notices held by ``rows``, in their order; two queries."""
    found = list(rows)
    days: dict[int, dict[date, bool]] = defaultdict(dict)
    for key, day, is_working in CalendarDay.objects.filter(calendar_year__in=[row.pk for row in found]).values_list(
        "calendar_year_id", "day", "is_working"
    ):
        days[key][day] = is_working
    return [
        Notice(
            row.year,
            off=frozenset(day for day, is_working in days[row.pk].items() if not is_working),
            work=frozenset(day for day, is_working in days[row.pk].items() if is_working),
            source=row.source,
        )
        for row in found
    ]


def calendar_current() -> Calendar:
    """The calendar as imported today, for ``core.workdays``; two queries."""
    return calendar_of(notices_stored(calendar_year_current()))
