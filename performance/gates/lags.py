"""Why a move of a notice of a lag may not happen: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from accounts.duties import Duty
from core.moments import SHANGHAI
from performance.models import LagNotice, YearState
from performance.models.monthly import TEXT_LENGTH
from performance.money_words import yuan
from workflow.actors import Holding

LONGEST = timedelta(days=5 * 366)


def year_running(notice: LagNotice, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What is approved and not over is asked about, after the month has ended."""
    found = []
    if notice.fiscal_year.state != YearState.APPROVED:
        found.append(
            f"{notice.fiscal_year.year} 年度现在是“{notice.fiscal_year.get_state_display()}”，已批复、未决算才要求说明"
        )
    end = date(notice.fiscal_year.year, notice.month, 1) + timedelta(days=31)
    if now.astimezone(SHANGHAI).date() < end.replace(day=1):
        found.append(f"{notice.month}月还没有结束，月份结束以后再要求说明")
    return found


def lags(notice: LagNotice, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Who spent as planned has nothing to explain."""
    if notice.spent < notice.planned:
        return []
    return [f"截至{notice.month}月末支出 {yuan(notice.spent)}，不少于计划 {yuan(notice.planned)}，没有滞后"]


def answers_for(notice: LagNotice, *, holding: Holding) -> list[str]:
    """The head of the office that is asked, or the program's leader; delegations count."""
    program = notice.program_year
    if program is not None and program.leader_id in (holding.user_id, holding.person_id):
        return []
    if holding.duty == Duty.OFFICE_HEAD and holding.department_id == notice.department_id:
        return []
    return [f"由{notice.department}负责人" + ("或者项目负责人" if program else "") + "说明"]


def answer_whole(notice: LagNotice, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A cause, words, and a day to come on which the money is paid."""
    text = str(data.get("text", "")).strip()
    found = [] if text else ["还没有写情况说明和措施"]
    if len(text) > TEXT_LENGTH:
        found.append(f"情况说明超过 {TEXT_LENGTH} 字，请精简")
    if not data.get("cause"):
        found.append("还没有选原因")
    day, today = data.get("pay_on"), now.astimezone(SHANGHAI).date()
    if day is None:
        found.append("还没有写新的支付时间")
    elif not today <= day <= today + LONGEST:
        found.append("新的支付时间应在今天或以后、五年以内")
    return found
