"""Demonstration tasks: in every state, once, by the real moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.duties import Duty
from accounts.models import Department, Instance
from portal.demo import demo_load
from tests.workflow.people import make_staff
from workflow.demo import SCRIPTS, SIZES, demo_part, scripts_for
from workflow.models import AssignedTask, StateChange
from workflow.states import TaskState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)


def people() -> None:
    make_staff(Duty.DIRECTOR, department="directors")
    for office in Department.objects.exclude(code__in=["directors", "deputies"]):
        make_staff(Duty.OFFICE_HEAD, department=office.code)


def test_every_state_is_shown_and_the_same_size_again_changes_nothing() -> None:
    people()
    assert demo_part(size="small", now=NOW) == f"已写入演示交办事项 {len(SCRIPTS)} 件。"
    assert set(AssignedTask.objects.values_list("state", flat=True)) == set(TaskState.values)
    assert AssignedTask.objects.filter(due_on__lt=NOW.date(), state__in=["assigned", "accepted"]).exists()
    count = StateChange.objects.count()
    assert demo_part(size="small", now=NOW + timedelta(days=3)) == ""
    assert StateChange.objects.count() == count


def test_a_larger_size_adds_to_a_smaller_one() -> None:
    people()
    demo_part(size="small", now=NOW)
    demo_part(size="county", now=NOW)
    assert AssignedTask.objects.count() == SIZES["county"] == len({s.title for s in scripts_for("county")})


def test_the_same_moment_gives_the_same_tasks() -> None:
    people()
    demo_part(size="small", now=NOW)
    rows = list(StateChange.objects.order_by("id").values_list("move", "at", "comment"))
    assert max(at for _, at, _ in rows) <= NOW
    assert len(rows) == sum(1 + len(script.steps) for script in SCRIPTS)


def test_without_people_nothing_is_added() -> None:
    assert demo_part(size="small", now=NOW) == ""


def test_loading_the_demonstration_again_adds_what_a_new_app_brings() -> None:
    Instance.objects.create(kind=Instance.Kind.DEMO)
    assert f"已写入演示交办事项 {len(SCRIPTS)} 件。" in demo_load(
        size="small", now=NOW, progress=lambda done, count: None
    )
    assert "交办" not in demo_load(size="small", now=NOW, progress=lambda done, count: None)
