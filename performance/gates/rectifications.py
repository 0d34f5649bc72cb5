"""Why a move of a line of the 问题整改台账 may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core.moments import SHANGHAI
from performance.models import Rectification
from performance.models.rectification import TEXT_LENGTH
from workflow.actors import Holding


def item_whole(item: Rectification, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A line says what is wrong, what is done about it, by whom, until when (问题 – 措施 – 责任 – 期限)."""
    wanted = (("问题", item.problem), ("整改措施", item.measure))
    found = [f"还没有写{label}" for label, text in wanted if not text.strip()]
    if item.due_on.year < item.fiscal_year.year:
        found.append(f"整改期限早于 {item.fiscal_year.year} 年度，请核对年份")
    if not item.department.is_active:
        found.append(f"{item.department}已经停用，请另选责任科室")
    return found


def answers_for(item: Rectification, *, holding: Holding) -> list[str]:
    """The office answers, whoever of it; or the person who is named."""
    if holding.department_id == item.department_id or item.person_id in (holding.user_id, holding.person_id):
        return []
    named = f"{item.department}（{item.person}）" if item.person_id else str(item.department)
    return [f"这个问题由{named}整改"]


def answer_written(item: Rectification, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An answer says what was done, and when; not before the problem was found, and not in the future."""
    text, day = str(data.get("text", "")).strip(), data.get("done_on")
    found = [] if text else ["还没有写整改情况"]
    if len(text) > TEXT_LENGTH:
        found.append(f"整改情况超过 {TEXT_LENGTH} 字，请精简，材料可以作附件")
    if not isinstance(day, date):
        found.append("还没有写完成日期")
    elif day > now.astimezone(SHANGHAI).date():
        found.append("完成日期还没有到")
    return found
