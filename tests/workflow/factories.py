"""Tasks for tests, taken to any state through the real moves; and the samples that the matrix of moves asks for."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from accounts.duties import Duty
from accounts.models import Department, User
from tests.workflow.people import make_staff
from workflow.models import AssignedTask
from workflow.moves import LEADERS, Move
from workflow.services import move
from workflow.services.tasks import task_create
from workflow.states import TaskState

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DUE = date(2026, 3, 10)
_numbers = itertools.count(1)
# What leads to each state, after the draft.
WAYS: dict[str, tuple[str, ...]] = {
    TaskState.DRAFT: (),
    TaskState.ASSIGNED: ("assign",),
    TaskState.ACCEPTED: ("assign", "accept"),
    TaskState.ANSWERED: ("assign", "accept", "answer"),
    TaskState.RETURNED: ("assign", "accept", "answer", "return"),
    TaskState.CLOSED: ("assign", "accept", "answer", "close"),
    TaskState.CANCELLED: ("assign", "cancel"),
}
INPUT: dict[str, dict[str, Any]] = {"answer": {"text": "已经办好。"}, "extend": {"due_on": date(2026, 4, 1)}}


def make_task(
    state: str = TaskState.DRAFT,
    *,
    giver: User | None = None,
    doer: User | None = None,
    office: str = "intake",
    due_on: date = DUE,
    now: datetime = NOW,
    **fields: Any,
) -> AssignedTask:
    """A task in ``state``; giver and doer are made when not given."""
    giver = giver or make_staff(Duty.DIRECTOR, department="directors")
    doer = doer or make_staff(Duty.INTAKE, department=office)
    given = {
        "title": f"清点归档项目（{next(_numbers)}）", "text": "对照清单逐一清点，缺件的列明。", "source": "meeting",
        **fields,
    }  # fmt: skip
    task = task_create(
        lead_office=Department.objects.get(code=office), due_on=due_on, by=giver, now=now, **given
    )  # fmt: skip
    for name in WAYS[state]:
        by = doer if name in ("accept", "answer") else giver
        move(task, name, by=by, now=now, data=INPUT.get(name), comment="请照此办理。")
    return task


def task_sample(state: str, step: Move, person: User | None) -> tuple[AssignedTask, dict[str, Any]]:
    """A task in ``state`` of which ``person`` is the giver or the doer, as ``step`` needs it; and the input."""
    data = INPUT.get(step.name, {})
    if person is None or step.name == "take_over":
        return make_task(state), data
    if step.duties == LEADERS:
        return make_task(state, giver=person, office="witness"), data
    return make_task(state, doer=None, office="intake"), data


def task_unsaved(person: User) -> AssignedTask:
    """A task that ``person`` is about to draft."""
    return AssignedTask(
        title="清点归档项目", text="逐一清点。", source="meeting", giver=person, created_at=NOW,
        lead_office=Department.objects.get(code="witness"), due_on=DUE, first_due_on=DUE,
    )  # fmt: skip
