"""Reminds of the mid-year monitoring forms: from August on, of what the database says is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.duties import Duty
from accounts.selectors import people_with
from core.moments import SHANGHAI
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.models import FiscalYear, YearState
from performance.monitoring_rules import REMINDED_AGAIN, REMINDED_FROM
from performance.selectors.monitoring import MonitoringRow, year_monitorings

MOST_NAMED = 5


def monitorings_remind(*, now: datetime) -> int:
    """Tell those who manage performance which forms are missing: once from 1 August, once more from the 25th.

    Safe to run at any time and twice: a year's two notices have names of their own. After a month of no power the
    second one says it.

    Returns:
        How many forms are missing or not approved yet.
    """
    today = now.astimezone(SHANGHAI).date()
    if today < date(today.year, *REMINDED_FROM):
        return 0
    again = today >= date(today.year, *REMINDED_AGAIN)
    left = 0
    for year in FiscalYear.objects.filter(year=today.year, state=YearState.APPROVED).select_related("unit"):
        rows = year_monitorings(year)
        wanted = [one for one in rows if one.missing or (again and one.open)]
        left += len(wanted)
        if wanted:
            _tell(year, wanted, again=again, now=now)
    return left


def _tell(year: FiscalYear, rows: Sequence[MonitoringRow], *, again: bool, now: datetime) -> None:
    names = "、".join(f"“{one.name}”" for one in rows[:MOST_NAMED])
    more = f"等 {len(rows)} 份" if len(rows) > MOST_NAMED else ""
    stage = "again" if again else "first"
    with transaction.atomic():
        for user in people_with(Duty.PERFORMANCE, now=now):
            notice_create(
                channel=Notice.Channel.IN_SITE, user=user, now=now,
                link=f"/staff/performance/monitoring/?year={year.pk}",
                subject=f"请填报{year.year}年度绩效运行监控表：还差 {len(rows)} 份",
                text=f"{year.unit}{year.year}年度的绩效运行监控表还没有办完：{names}{more}。"
                "按财预〔2019〕136号，每年8月填报1—7月的执行情况和全年预计，请从“运行监控”打开填报。",
                cause=("performance.fiscalyear", year.pk),
                dedup_key=f"performance.monitoring:{year.pk}:{stage}:{user.pk}",
            )  # fmt: skip
