"""Why a move of a handed-out task may not happen: sentences that complete 不能…：."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from accounts.duties import Duty
from accounts.models import Department
from accounts.selectors import assignments_now
from core.moments import SHANGHAI
from workflow.actors import Holding
from workflow.models.tasks import TEXT_LENGTH, AssignedTask


def task_giver(task: AssignedTask, *, holding: Holding) -> list[str]:
    """Only the giver, or who has the giver's duty by delegation."""
    return [] if holding.person_id == task.giver_id else [f"只有交办人（{task.giver}）才能办"]


def task_not_given(task: AssignedTask, *, holding: Holding) -> list[str]:
    """Taking over is for another than the giver, in one's own name, and not for who is to do it."""
    if task.giver_id in (holding.user_id, holding.person_id):
        return ["您就是交办人"]
    if holding.delegated:
        return ["接管须由主任本人办，不能代办"]
    return ["您是这件事项的经办人"] if task.person_id == holding.user_id else []


def task_doer(task: AssignedTask, *, holding: Holding) -> list[str]:
    """The person named; the head of the lead office; anybody there when no person is named. Never the giver."""
    if task.giver_id in (holding.user_id, holding.person_id):
        return ["您是交办人，要由承办的科室来办"]
    if task.person_id and holding.user_id == task.person_id:
        return []
    if holding.department_id != task.lead_office_id:
        return [f"这件事项由{task.lead_office}承办"]
    if task.person_id and holding.duty != Duty.OFFICE_HEAD:
        return [f"这件事项由{task.person}经办"]
    return []


# Nothing that a center hands out lasts longer; a typing error in the year does.
LONGEST = timedelta(days=5 * 366)


def task_complete(task: AssignedTask, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A task without words, or due before it is given, helps nobody."""
    found = []
    if not task.title.strip() or not task.text.strip():
        found.append("事项和要求都要写明")
    if task.due_on < now.astimezone(SHANGHAI).date():
        found.append("办结期限已经过去，请改到今天或以后")
    return found + _too_far(task.due_on, now)


def person_outside(person: Any, offices: Iterable[Department], *, now: datetime) -> str:
    """Why ``person`` cannot have a task of these offices (the lead one first): a clause; empty when he can.

    Args:
        person: a user with a duty at ``now``.
    """
    lead, *helping = offices
    found = assignments_now(now=now).filter(user_id=person.pk, department__in=[lead, *helping])
    if found.exists():
        return ""
    others = f"，也不在协办的{'、'.join(map(str, helping))}" if helping else ""
    return f"{person}不在{lead}{others}，请另选经办人，或者把他的科室列为协办"


def task_somebody(task: AssignedTask, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """There must be somebody to do it: the person named is at work, or the lead office has somebody but the giver."""
    found = assignments_now(now=now).exclude(user_id=task.giver_id)
    if task.person_id:
        if not found.filter(user_id=task.person_id).exists():
            return [f"{task.person}现在没有职责，请另定经办人"]
        offices = [task.lead_office, *task.helping_offices.all()] if task.pk else [task.lead_office]
        refusal = person_outside(task.person, offices, now=now)
        return [refusal] if refusal else []
    if found.filter(department_id=task.lead_office_id).exists():
        return []
    return [f"{task.lead_office}除交办人外没有在岗人员，请另选牵头科室"]


def answer_written(task: AssignedTask, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An answer says what was done."""
    text = str(data.get("text", "")).strip()
    if not text:
        return ["还没有写办理情况"]
    return [] if len(text) <= TEXT_LENGTH else [f"办理情况超过 {TEXT_LENGTH} 字，请精简，材料可以作附件"]


def due_later(task: AssignedTask, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An extension ends later than what it extends, and not in the past."""
    due_on = data.get("due_on")
    if due_on is None:
        return ["还没有写新的期限"]
    if due_on <= task.due_on:
        return [f"新的期限应晚于现在的期限（{task.due_on:%Y-%m-%d}）"]
    if due_on < now.astimezone(SHANGHAI).date():
        return ["新的期限已经过去"]
    return _too_far(due_on, now)


def _too_far(due_on: date, now: datetime) -> list[str]:
    return ["期限在五年以后，请核对年份"] if due_on > now.astimezone(SHANGHAI).date() + LONGEST else []
