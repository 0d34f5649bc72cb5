"""Writes of handed-out tasks; their states are moved by ``workflow.services.move``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Department, User
from core.errors import BusinessError
from core.text import first_not_typed
from workflow.models import AssignedTask, StateChange, TaskAnswer
from workflow.moves import day_end
from workflow.services.moves import create
from workflow.services.papers import KeptPaper, papers_add


def task_create(
    *,
    title: str,
    text: str,
    source: str,
    lead_office: Department,
    due_on: date,
    by: User,
    now: datetime,
    reference: str = "",
    helping_offices: Iterable[Department] = (),
    person: User | None = None,
    papers: Sequence[KeptPaper] = (),
    address: str = "",
) -> AssignedTask:
    """Draft a task; it is handed out by the move ``assign``.

    Args:
        title, text: what is to be done, in one line and in full.
        source: of ``AssignedTask.Source``; reference: the meeting's name or the paper's number.
        lead_office, helping_offices: the lead office is left out of the helping ones.
        person: who is to do it, or None: then anybody in the lead office.
        due_on: the last day, in Asia/Shanghai.
        papers: what goes with it, stored before (``papers_store``).

    Raises:
        BusinessError: as ``workflow.services.create``; ``too_many`` papers.
    """
    for value in (title, text, reference):
        if first_not_typed(value):
            raise BusinessError("不能新建：文字里有不能保存的控制字符，请删去后重写。", "invalid")
    task = AssignedTask(
        title=title.strip(),
        text=text.strip(),
        source=source,
        reference=reference.strip(),
        giver=by,
        lead_office=lead_office,
        person=person,
        due_on=due_on,
        first_due_on=due_on,
        created_at=now,
    )
    with transaction.atomic():
        create(task, by=by, now=now, address=address)
        task.helping_offices.set([office for office in helping_offices if office.pk != lead_office.pk])
        papers_add(task=task, papers=papers, by=by, now=now)
    return task


def answer_record(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``answer``: the text is a row of its own, also the second time, with the papers stored before."""
    answer = TaskAnswer.objects.create(task=task, text=str(data["text"]).strip(), by=by, at=now)
    papers_add(task=task, papers=data.get("papers", ()), by=by, now=now, answer=answer)


def due_extend(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``extend``: the change keeps both dates."""
    task.due_on = data["due_on"]
    task.save(update_fields=["due_on"])


def giver_change(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``take_over``: from now on the director is the giver."""
    task.giver = by
    task.save(update_fields=["giver"])


def task_late_at(task: AssignedTask) -> datetime:
    """The first moment at which the task is late."""
    return day_end(task.due_on)
