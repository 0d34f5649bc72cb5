"""Why a move of a year's 自评工作方案 may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from performance.models import EvaluationPlan, YearState
from performance.selectors.evaluation import programs_unlisted

CHANGES = ("plan", "programs")
LEADER = "组长"


def budget_approved(plan: EvaluationPlan, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What was never approved is not evaluated."""
    year = plan.fiscal_year
    if year.state in (YearState.APPROVED, YearState.CLOSED):
        return []
    return [f"{year.year} 年度预算还没有批复，批复以后再编制自评工作方案"]


def change_told(plan: EvaluationPlan, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change is made on its page, which says what it is."""
    return [] if data.get("do") in CHANGES and "write" in data else ["请在修改页面上填写"]


def plan_whole(plan: EvaluationPlan, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A leading group, a method, a timetable after the year, every program with its reason (财预〔2020〕10号)."""
    found = [] if plan.method.strip() else ["还没有写评价方法"]
    if not any(one.role == LEADER for one in plan.members.all()):
        found.append(f"领导小组还没有{LEADER}")
    steps = list(plan.steps.all())
    if not steps:
        found.append("还没有进度安排")
    elif max(one.due_on for one in steps) <= date(plan.fiscal_year.year, 12, 31):
        found.append("进度安排在年度结束以前就完了，请核对日期")
    if missing := programs_unlisted(plan):
        found.append(f"项目名单里还没有{'、'.join(f'“{one.program}”' for one in missing[:5])}，请更新项目名单")
    return found + _reasons(plan)


def _reasons(plan: EvaluationPlan) -> list[str]:
    rows = plan.programs.select_related("program_year__program")
    bare = [one for one in rows if (one.focus or not one.chosen) and not one.reason.strip()]
    return [
        f"“{one.program_year.program}”{'列为重点评价' if one.focus else '不列入自评'}，还没有写理由" for one in bare
    ]
