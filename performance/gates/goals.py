"""Why a move of a goal table may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.measures import measure_find
from performance.models import GoalState, GoalTable, Indicator, YearState
from performance.scoring.target_words import target_words
from performance.scoring.values import is_qualitative
from performance.selectors.goals import indicators_of, sums_of

OPEN = (GoalState.DRAFTING, GoalState.SUBMITTED)
# What a change of a draft may be (performance.services.goals).
CHANGES = ("goal", "add", "edit", "delete", "shift", "scheme")


def year_open(table: GoalTable, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Goals are set before the year is over and counted: not after the final accounts."""
    closed = table.fiscal_year.state == YearState.CLOSED
    return [f"{table.fiscal_year.year} 年度决算已经确认，绩效目标不能再编制或调整"] if closed else []


def one_at_a_time(table: GoalTable, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """One version is written at a time; a further version says why."""
    rows = GoalTable.objects.filter(fiscal_year=table.fiscal_year, program_year=table.program_year)
    open_one = rows.filter(state__in=OPEN).first()
    if open_one is not None:
        return [f"第 {open_one.number} 版还没有办完（{open_one.get_state_display()}），请在那一版上改"]
    if table.program_year and table.program_year.fiscal_year_id != table.fiscal_year_id:
        return ["项目和预算年度不是同一年的"]
    if rows.filter(state=GoalState.APPROVED).exists() and not table.reason.strip():
        return ["已有批准的版本，调整绩效目标要写明理由"]
    return []


def change_told(table: GoalTable, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change is made on its page, which says what it is."""
    return [] if data.get("do") in CHANGES else ["请在修改页面上填写"]


def _scheme(table: GoalTable) -> list[str]:
    if table.scheme.is_active:
        return []
    return [f"评分方案“{table.scheme}”已经停用，请点“改用现行方案”，再核对分值"]


def _indicator(one: Indicator) -> list[str]:
    found = []
    said = target_words(one.target)
    if not said.readable:
        found.append(f"“{one.name}”的指标值“{one.target}”{said.words.rstrip('。')}")
    if one.measure and is_qualitative(one.target):
        found.append(f"“{one.name}”是定性指标，不能自动取数")
    if one.measure and measure_find(one.measure) is None:
        found.append(f"“{one.name}”的自动取数项目已经没有了，请重新选择")
    if not one.weight:
        found.append(f"“{one.name}”的分值是 0")
    return found


def goals_whole(table: GoalTable, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Goal, targets that can be read, weights and groups as in the scheme (财预〔2020〕10号 art 14)."""
    found = [] if table.overall_goal.strip() else ["还没有写年度总体目标"]
    if table.number > 1 and not table.reason.strip():
        found.append("还没有写调整理由")
    indicators = indicators_of(table)
    if not indicators:
        return [*found, *_scheme(table), "还没有指标"]
    found += _scheme(table)
    found += [reason for one in indicators for reason in _indicator(one)]
    return found + sums_of(table, indicators).faults
