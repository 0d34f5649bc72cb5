"""What happened to an object, and what may happen next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from workflow.actors import actor_of
from workflow.judging import Verdict, judge
from workflow.models import StateChange
from workflow.moves import NEW
from workflow.registry import table_of


def changes_with_people() -> QuerySet[StateChange]:
    """Changes with the names of those who made them, oldest first."""
    return StateChange.objects.select_related("by", "on_behalf_of").order_by("number")


def changes_of(obj: Any) -> list[StateChange]:
    """Every change of one object, oldest first; one query."""
    return list(changes_with_people().filter(subject_type=obj._meta.label_lower, subject_id=obj.pk))


def changes_of_many(subject_type: str, ids: Iterable[int]) -> dict[int, list[StateChange]]:
    """Every change of several objects of one kind, oldest first; one query."""
    found: dict[int, list[StateChange]] = defaultdict(list)
    for change in changes_with_people().filter(subject_type=subject_type, subject_id__in=list(ids)):
        found[change.subject_id].append(change)
    return found


def moves_for(obj: Any, *, by: Any, now: datetime, history: list[StateChange] | None = None) -> list[Verdict]:
    """The buttons of an object's page: every move from its present state for which the person has a duty.

    Returns:
        One verdict a move, in the table's order, but what takes back or ends the object last (``Move.rank``); those
        not allowed carry the reason. An optional move that is for
        other people (``Move.person``) is left out: it is no step that anybody here waits for.
    """
    table = table_of(obj)
    past = changes_of(obj) if history is None else history
    actor = actor_of(by, now=now)
    state = table.state_of(obj)
    verdicts = [
        judge(table, step, obj, actor=actor, history=past, now=now)
        for step in table.moves
        if state in step.sources and NEW not in step.sources
    ]
    shown = [v for v in verdicts if v.has_duty and not (v.move.optional and v.code == "not_allowed")]
    return sorted(shown, key=lambda verdict: verdict.move.rank(table.final))
