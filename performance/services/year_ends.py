"""At the year's end the portal begins what has to be written: a draft for the department and for every program.

It asks the database what is missing, not the clock what is due: a machine that was off at midnight, or for weeks,
catches up when it is on again, and years that were missed altogether come, too.
"""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.db import transaction

from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import SHANGHAI
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.models import FiscalYear, ProgramYear, Report
from performance.selectors.evaluation import programs_over, years_over
from performance.services.reports import report_create
from upkeep.gates import hold_is_on
from workflow.recipients import actors_with

logger = logging.getLogger(__name__)


def year_end_drafts(*, now: datetime) -> int:
    """Begin the reports of every approved year that is over and has none; safe by several at once, any number of times.

    Args:
        now: aware time; a year is over when the next one has begun in Asia/Shanghai (预算法第十八条). A draft is dated
            the day on which it is begun.

    Returns:
        How many reports were begun; none while the portal is held after a recovery.
    """
    if hold_is_on():
        return 0
    today = now.astimezone(SHANGHAI).date()
    wanted: list[tuple[FiscalYear, ProgramYear | None]] = [(year, None) for year in years_over(today)]
    wanted += [(one.fiscal_year, one) for one in programs_over(today)]
    return sum(_begun(year, program, today, now) for year, program in wanted)


def _begun(year: FiscalYear, program: ProgramYear | None, today: date, now: datetime) -> bool:
    """One draft with its messages, wholly or not at all; what is wrong with one keeps no other from being begun."""
    try:
        with transaction.atomic():
            report = report_create(year=year, program=program, dated_on=today, by=None, now=now)
            _told(year, report, now)
        return True
    except BusinessError as refusal:
        # Somebody else was faster, a person or another worker.
        if refusal.code != "exists":
            logger.warning("no draft of year %s, program %s: %s", year.pk, program and program.pk, refusal.code)
    except Exception:
        logger.exception("no draft of year %s, program %s", year.pk, program and program.pk)
    return False


def _told(year: FiscalYear, report: Report, now: datetime) -> None:
    """Whoever manages the self-evaluation hears of a year once, however many reports were begun."""
    for actor in actors_with([Duty.PERFORMANCE], now=now):
        notice_create(
            channel=Notice.Channel.IN_SITE, user=actor.user, now=now, link="/staff/performance/reports/",
            subject=f"{year.year}年度自评报告已起草",
            text=f"{year}已经结束。系统按登记的数据起草了部门整体和各项目的自评报告，落款日期是起草的日子。"
            "请核对数字，补充正文和偏差原因，再提交主任审核。",
            cause=("performance.fiscalyear", year.pk),
            dedup_key=f"performance.year_end:{year.pk}:{actor.user.pk}",
        )  # fmt: skip
