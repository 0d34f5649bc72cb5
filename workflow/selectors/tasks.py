"""Reads of handed-out tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from accounts.duties import Duty
from accounts.models import Department, User
from accounts.selectors import assignments_now
from core.moments import SHANGHAI, day_words
from workflow.actors import Actor
from workflow.models import AssignedTask, StateChange
from workflow.moves import LEADERS, STAFF
from workflow.states import TaskState

OPEN = tuple(state for state in TaskState if state not in (TaskState.DRAFT, TaskState.CLOSED, TaskState.CANCELLED))


def people_at_work(*, now: datetime) -> QuerySet[User]:
    """Staff with a business duty at ``now``, by number."""
    at_work = assignments_now(now=now).filter(duty__in=STAFF).values("user")
    return User.objects.filter(pk__in=at_work, kind=User.Kind.STAFF).order_by("id")


def task_rows(*, now: datetime) -> QuerySet[AssignedTask]:
    """Tasks with the names that lists show, their answers and papers; three queries."""
    return AssignedTask.objects.select_related("giver", "lead_office", "person").prefetch_related("answers", "papers")


def tasks_visible(rows: QuerySet[AssignedTask], *, actor: Actor) -> QuerySet[AssignedTask]:
    """What a person may see: given by them, or handed out and for them, for their office, or for a director.

    A draft is seen by its giver alone (or who has the giver's duty by delegation).
    """
    given = Q(giver__in=actor.people_for(LEADERS))
    if actor.duties & {Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}:
        return rows.filter(given | ~Q(state=TaskState.DRAFT))
    offices = actor.departments_for(STAFF)
    helping = AssignedTask.helping_offices.through.objects.filter(department__in=offices).values("assignedtask")
    mine = Q(person=actor.id) | Q(lead_office__in=offices) | Q(pk__in=helping)
    return rows.filter(given | (mine & ~Q(state=TaskState.DRAFT)))


def task_title(task: AssignedTask) -> str:
    """The task in one line."""
    return task.title


def task_url(task: AssignedTask) -> str:
    """The task's page."""
    return reverse("staff_task", args=[task.pk])


def givers_of(task: AssignedTask, *, history: Sequence[StateChange]) -> set[int]:
    """Who handed it out and waits for the answer."""
    return {task.giver_id}


def doers_of(task: AssignedTask, *, history: Sequence[StateChange]) -> set[int]:
    """Who it was handed to by name; nobody while it is a draft."""
    handed = any(change.move == "assign" for change in history)
    return {task.person_id} if handed and task.person_id else set()


def source_words(task: AssignedTask) -> str:
    """Where the task comes from."""
    words = str(task.get_source_display())
    return f"{words}：{task.reference}" if task.reference else words


def task_facts(task: AssignedTask) -> list[tuple[str, str]]:
    """What the giver decides on."""
    last = next(iter(sorted(task.answers.all(), key=lambda answer: -answer.pk)), None)
    facts = [
        ("要求", task.text),
        ("来源", source_words(task)),
        ("牵头科室", str(task.lead_office)),
        ("办结期限", day_words(task.due_on)),
    ]
    facts += [("办理情况", last.text)] if last else []
    names = [paper.name for paper in sorted(task.papers.all(), key=lambda paper: paper.pk)]
    return [*facts, ("材料", "、".join(names))] if names else facts


def today(now: datetime) -> object:
    """The day of ``now`` in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


# Drafts stand among the open ones: somebody still has to hand them out.
_OVER = Case(When(state__in=(TaskState.CLOSED, TaskState.CANCELLED), then=1), default=0, output_field=IntegerField())
_DAYS = Func(
    F("due_on"), Value(date(2000, 1, 1)), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField()
)
_ORDER = Case(When(is_over=1, then=-_DAYS), default=_DAYS, output_field=IntegerField())


@dataclass(frozen=True)
class TaskQuery:
    """Filters of the list; what is empty does not filter.

    Args:
        office: a department's code; state: of TaskState; overdue: late and still open; before: number of the last
            row of the page before (cursor).
    """

    office: str = ""
    state: str = ""
    overdue: bool = False
    before: int = 0


def task_list(query: TaskQuery, *, actor: Actor, now: datetime) -> QuerySet[AssignedTask]:
    """Tasks that a person may see: the open ones by their deadline, then the others, the latest deadline first."""
    seen = tasks_visible(task_rows(now=now), actor=actor)
    rows = seen.annotate(is_over=_OVER, order=_ORDER).order_by("is_over", "order", "-id")
    if query.office:
        rows = rows.filter(lead_office__code=query.office)
    if query.state:
        rows = rows.filter(state=query.state)
    if query.overdue:
        rows = rows.filter(state__in=OPEN, due_on__lt=today(now))
    last: Any = AssignedTask.objects.filter(pk=query.before).annotate(is_over=_OVER, order=_ORDER).first()
    return _after(rows, last) if query.before and last else rows


def _after(rows: QuerySet[AssignedTask], last: Any) -> QuerySet[AssignedTask]:
    """What comes after a row of the list."""
    same = Q(is_over=last.is_over)
    later = Q(order__gt=last.order) | Q(order=last.order, pk__lt=last.pk)
    return rows.filter(Q(is_over__gt=last.is_over) | same & later)


@dataclass(frozen=True)
class OfficeCount:
    """One bar: an office with its open and overdue tasks; ``share`` of the longest bar in percent."""

    office: Department
    open: int
    overdue: int
    share: int


def tasks_by_office(*, actor: Actor, now: datetime) -> list[OfficeCount]:
    """Open and overdue tasks of each office that has any, among those a person may see; one query and the offices."""
    rows = tasks_visible(AssignedTask.objects.filter(state__in=OPEN), actor=actor).order_by()
    late = Count("id", filter=Q(due_on__lt=today(now)))
    counted = {
        office: (count, overdue)
        for office, count, overdue in rows.order_by()
        .values_list("lead_office")
        .annotate(open=Count("id"), overdue=late)
    }
    most = max((count for count, _ in counted.values()), default=0)
    return [
        OfficeCount(office, *counted[office.pk], share=round(100 * counted[office.pk][1] / most))
        for office in Department.objects.all()
        if office.pk in counted
    ]
