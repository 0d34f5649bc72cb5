"""Why a move of a monitoring form may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.moments import SHANGHAI
from performance.models import GoalState, Monitoring, MonitoringState
from performance.monitoring_rules import faults, month_end

# What a change of a draft may be (performance.services.monitoring).
CHANGES = ("lines", "take")
MOST_TOLD = 8


def month_over(monitoring: Monitoring, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Figures up to a month's last day are known when it is over."""
    last = month_end(monitoring.fiscal_year.year, monitoring.through_month)
    if now.astimezone(SHANGHAI).date() > last:
        return []
    return [f"{last.year} 年 {last.month} 月还没有结束，数字不全，请在下月初再填"]


def goals_in_force(monitoring: Monitoring, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The form is about approved goals of its own program and year."""
    table, program = monitoring.goal_table, monitoring.program_year
    if program is not None and program.fiscal_year_id != monitoring.fiscal_year_id:
        return ["项目和预算年度不是同一年的"]
    same = (table.fiscal_year_id, table.program_year_id) == (monitoring.fiscal_year_id, monitoring.program_year_id)
    return [] if same and table.state == GoalState.APPROVED else ["绩效目标表还没有批准，请先批准目标再填监控表"]


def one_a_month(monitoring: Monitoring, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """There is one form of an object and month."""
    rows = Monitoring.objects.filter(
        fiscal_year=monitoring.fiscal_year, program_year=monitoring.program_year, through_month=monitoring.through_month
    )
    known = rows.exclude(state=MonitoringState.DISCARDED).first()
    return [f"{known.months}的监控表已经有了（{known.get_state_display()}）"] if known else []


def change_told(monitoring: Monitoring, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change is made on its page, which says what it is."""
    return [] if data.get("do") in CHANGES else ["请在填报页面上修改"]


def lines_whole(monitoring: Monitoring, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Every line has its expectation and likelihood, and a reason where one is needed (财预〔2019〕136号)."""
    found = [fault for line in monitoring.lines.all() for fault in faults(line)]
    rest = len(found) - MOST_TOLD
    return found if rest <= 0 else [*found[:MOST_TOLD], f"还有 {rest} 处没有填好"]
