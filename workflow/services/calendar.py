"""Writes of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from workflow.holidays import Notice
from workflow.models import CalendarDay, CalendarYear
from workflow.selectors.calendar import calendar_year_current, notices_stored
from workflow.services.clocks import CALENDAR_LOCK, clocks_recalculate


@dataclass(frozen=True)
class CalendarChange:
    """What an import did to one year.

    Args:
        notice: what is stored now.
        action: ``new``, ``changed`` or ``unchanged``.
        now_off, now_working, now_plain: days that became days off, 调休 working days, or are named no more.
    """

    notice: Notice
    action: Literal["new", "changed", "unchanged"]
    now_off: tuple[date, ...] = ()
    now_working: tuple[date, ...] = ()
    now_plain: tuple[date, ...] = ()


def notice_store(
    notice: Notice, *, by: str, now: datetime, year_model: Any = CalendarYear, day_model: Any = CalendarDay
) -> None:
    """Write one notice with its days; a migration passes the models as they were at its time."""
    row = year_model.objects.create(year=notice.year, source=notice.source, imported_by=by, imported_at=now)
    day_model.objects.bulk_create(
        day_model(calendar_year_id=row.pk, day=day, is_working=is_working) for day, is_working in notice.days.items()
    )


def _change(notice: Notice, old: Notice | None) -> CalendarChange:
    if old is None:
        return CalendarChange(notice, "new")
    if old == notice:
        return CalendarChange(notice, "unchanged")
    named = old.off | old.work
    return CalendarChange(
        notice,
        "changed",
        now_off=tuple(sorted(notice.off - old.off)),
        now_working=tuple(sorted(notice.work - old.work)),
        now_plain=tuple(sorted(named - notice.off - notice.work)),
    )


@transaction.atomic
def calendar_import(
    *, notices: Sequence[Notice], by: AbstractBaseUser | None = None, now: datetime
) -> list[CalendarChange]:
    """Store ``notices``, all or none; a year that is there already is replaced, its history kept.

    Running clocks are recalculated in the same transaction, and what changed is recorded.

    Args:
        notices: as ``workflow.holidays.notices_read`` returns them.
        by: who imports; None for the command line.
        now: the time written as ``imported_at``.

    Returns:
        One change a notice, in the order given. A notice equal to the one stored writes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CALENDAR_LOCK])
    stored = {old.year: old for old in notices_stored(calendar_year_current())}
    changes = []
    for notice in notices:
        change = _change(notice, stored.get(notice.year))
        if change.action != "unchanged":
            notice_store(notice, by=by.get_username() if by else "", now=now)
        changes.append(change)
    years = [str(change.notice.year) for change in changes if change.action != "unchanged"]
    if years:
        clocks_recalculate(cause=f"导入{'、'.join(years)}年节假日安排"[:300], by=by, now=now)
    return changes
