"""Double clicks and two people at once, with real threads and transactions: one wins, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.duties import Duty
from audit.models import ActionRow
from core.errors import BusinessError
from tests.workflow.factories import NOW, make_task
from tests.workflow.people import make_staff
from workflow.models import AssignedTask, Clock, ClockChange, StateChange, TaskAnswer
from workflow.selectors import changes_of
from workflow.services import clock_start, move
from workflow.states import TaskState

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def together(attempts: list[Callable[[], Any]]) -> Counter[str]:
    """How the attempts ended, all begun at the same moment, each on a connection of its own."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> str:
        try:
            barrier.wait()
            attempt()
            return "done"
        except BusinessError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(run, attempts))


def fresh(task: AssignedTask) -> AssignedTask:
    return AssignedTask.objects.get(pk=task.pk)


def test_a_button_pressed_many_times_does_it_once() -> None:
    task = make_task(TaskState.ACCEPTED)
    doer = changes_of(task)[-1].by
    copies = [fresh(task) for _ in range(AT_ONCE)]
    found = together(
        [lambda c=copy: move(c, "answer", by=doer, now=NOW, data={"text": "办好了"}) for copy in copies]
    )  # fmt: skip
    assert found == {"done": 1, "wrong_state": AT_ONCE - 1}
    assert TaskAnswer.objects.count() == 1
    assert [change.move for change in changes_of(task)] == ["create", "assign", "accept", "answer"]
    assert ActionRow.objects.count() == 4


def test_a_move_that_keeps_the_state_is_done_once_for_one_page_seen() -> None:
    task = make_task(TaskState.ASSIGNED)
    data = {"due_on": task.due_on.replace(day=20)}
    copies = [fresh(task) for _ in range(AT_ONCE)]
    found = together(
        [
            lambda c=copy: move(c, "extend", by=task.giver, now=NOW, data=data, comment="等文件", seen=2)
            for copy in copies
        ]
    )  # fmt: skip
    assert found["done"] == 1
    assert set(found) <= {"done", "changed", "blocked"}
    assert StateChange.objects.filter(move="extend").count() == 1


def test_of_two_decisions_at_once_one_stands() -> None:
    task = make_task(TaskState.ANSWERED)
    other = make_staff(Duty.DIRECTOR, department="deputies", delegated_from=task.giver)
    one, two = fresh(task), fresh(task)
    found = together(
        [
            lambda: move(one, "close", by=task.giver, now=NOW),
            lambda: move(two, "return", by=other, now=NOW, comment="再补"),
        ]
    )
    assert found == {"done": 1, "wrong_state": 1}
    last = changes_of(task)[-1]
    assert fresh(task).state == last.target
    assert len(changes_of(task)) == 5


def test_a_clock_started_many_times_at_once_runs_once() -> None:
    task = make_task()
    starts = [
        lambda: clock_start(subject=task, rule_id="procurement.enquiry_reply", started_at=NOW, by=task.giver, now=NOW)
        for _ in range(AT_ONCE)
    ]
    assert together(starts) == {"done": AT_ONCE}
    assert (Clock.objects.count(), ClockChange.objects.count()) == (1, 1)
