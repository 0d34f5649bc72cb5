"""Reminders of the months' work: shares without a word of what was done, answers that are overdue."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Department, User
from core.moments import SHANGHAI, day_words
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.models import FiscalYear, LagNotice, LagState
from performance.progress_rulebook import OVERDUE_EVERY_DAYS
from performance.selectors.goal_progress import works_of
from performance.selectors.lags import answerers_at, lag_rows, lag_title, lag_url
from performance.selectors.offices import members_of
from performance.services.lags import months_over, years_asked
from upkeep.gates import hold_is_on


def _silent(year: FiscalYear, month: int) -> dict[int, list[str]]:
    """Offices that had something to do in a month and told nothing of it, with the indicators' names."""
    found: dict[int, list[str]] = defaultdict(list)
    for work in works_of(year):
        for (office, number), cell in sorted(work.cells.items()):
            if number == month and cell.asked and not cell.told:
                found[office].append(work.indicator.name)
    return found


def _told(users: Any, *, dedup: str, now: datetime, **what: Any) -> int:
    """One message for each, once; how many are new."""
    before = Notice.objects.filter(dedup_key__startswith=dedup).count()
    for user in users:
        notice_create(channel=Notice.Channel.IN_SITE, user=user, now=now, dedup_key=f"{dedup}{user.pk}", **what)
    return Notice.objects.filter(dedup_key__startswith=dedup).count() - before


def _shares_remind(year: FiscalYear, month: int, *, now: datetime) -> int:
    count, offices = 0, Department.objects.in_bulk()
    for office, names in _silent(year, month).items():
        count += _told(
            members_of([office], now=now), dedup=f"performance.progress:{year.pk}:{month}:{office}:user:", now=now,
            subject=f"请填报{month}月目标进度：{offices[office]}有 {len(names)} 项没有填",
            text=f"{offices[office]} {year.year}年{month}月分到的目标还没有填完成情况：{'、'.join(names)}。"
            "请在“本科室本月”里填完成数和完成情况。",
            link=f"/staff/performance/goals/shares/own/?year={year.pk}&month={month}",
            cause=("performance.fiscalyear", year.pk),
        )  # fmt: skip
    return count


def _overdue_remind(notice: LagNotice, *, today: date, now: datetime) -> int:
    week = (today - notice.due_on).days // OVERDUE_EVERY_DAYS
    people = [user for user in _users(notice, now=now) if user.is_active]
    return _told(
        people, dedup=f"performance.lag:{notice.pk}:overdue:{week}:user:", now=now,
        subject=f"逾期未说明：{lag_title(notice)}",
        text=f"{lag_title(notice)}，说明期限是{day_words(notice.due_on)}，已经逾期 {(today - notice.due_on).days} 天，"
        "请尽快说明原因、措施和新的支付时间。",
        link=lag_url(notice), cause=("performance.lagnotice", notice.pk),
    )  # fmt: skip


def _users(notice: LagNotice, *, now: datetime) -> Any:
    return User.objects.filter(pk__in=answerers_at(notice, now=now)).order_by("pk")


def performance_remind(*, now: datetime) -> int:
    """Remind offices whose shares of the month before have no progress by the 5th, and of answers overdue, weekly.

    May run any number of times: every message has a name of its own. Nothing while a recovery hold is on.

    Returns:
        How many messages are new.
    """
    if hold_is_on():
        return 0
    today, count = now.astimezone(SHANGHAI).date(), 0
    with transaction.atomic():
        for year in years_asked(today):
            if month := months_over(year.year, today):
                count += _shares_remind(year, month, now=now)
        for notice in lag_rows(now=now).filter(state=LagState.ASKED, due_on__lt=today).order_by("pk"):
            count += _overdue_remind(notice, today=today, now=now)
    return count
