"""Who is told of a move: by group, or by a function that the table names. The one who acted is never among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import assignments_now
from workflow.actors import Actor, Holding
from workflow.judging import judge
from workflow.models import StateChange
from workflow.moves import NEXT, Move, Table


def actors_with(duties: Iterable[Duty], *, now: datetime) -> list[Actor]:
    """Everybody who has one of ``duties`` at ``now``, own or delegated, with those of their duties; one query."""
    rows = assignments_now(now=now).filter(duty__in=list(duties)).select_related("user").order_by("user", "id")
    people: dict[int, User] = {}
    held: dict[int, list[Holding]] = defaultdict(list)
    for row in rows:
        people[row.user_id] = row.user
        holding = Holding(Duty(row.duty), row.department_id, row.user_id, row.delegated_from_id or row.user_id)
        held[row.user_id].append(holding)
    return [Actor(user, tuple(held[pk])) for pk, user in people.items()]


def next_people(table: Table, obj: Any, history: Sequence[StateChange], *, now: datetime) -> set[int]:
    """Those on whose desk the object now stands as something to be done (gates are asked when it is done)."""
    state = table.state_of(obj)
    steps = [step for step in table.moves if state in step.sources and not step.optional]
    actors = actors_with({duty for step in steps for duty in step.duties}, now=now) if steps else []
    return {
        actor.user.pk
        for actor in actors
        if any(judge(table, s, obj, actor=actor, history=history, now=now, gates=False).allowed for s in steps)
    }


def _hands(changes: Iterable[StateChange]) -> set[int]:
    return {pk for change in changes for pk in (change.by_id, change.on_behalf_of_id) if pk}


def makers_of(table: Table, history: Sequence[StateChange]) -> set[int]:
    """Who made the object, or handed it in the last time."""
    first = table.creation
    handed = [one for one in history if one.source == first.target != one.target][-1:]
    return _hands([*history[:1], *handed])


def recipients(
    table: Table, step: Move, obj: Any, history: Sequence[StateChange], *, by: Any, now: datetime
) -> list[tuple[User, bool]]:
    """Everybody who is told of a move that was just done, and whether it is now for them to do the next.

    Args:
        history: the object's changes, the new one last.
        by: who acted; None for the system.
    """
    found: dict[int, bool] = {}
    for name in step.notify:
        if name == NEXT:
            found |= dict.fromkeys(next_people(table, obj, history, now=now), True)
            continue
        group = import_string(name)(obj, history=history) if "." in name else None
        if group is None:
            group = makers_of(table, history) if name == "makers" else _hands(history)
        for pk in group:
            found.setdefault(pk, False)
    if by is not None:
        found.pop(by.pk, None)
    users = User.objects.filter(pk__in=found, is_active=True, kind=User.Kind.STAFF).order_by("pk")
    return [(user, found[user.pk]) for user in users]
