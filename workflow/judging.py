"""Whether a move may happen: who, whether, once. One judgement for the button, the queue and the deed.

Maker and checker (``Move.other_than``): for each move named there the people count who did it, or in whose name it
was done, (a) the last time, and (b) every time since the object last came into its first state. One may not do the
move oneself when one is among them, nor in the name of one of them: persons are compared, not duties, so that a
delegation never makes one person maker and checker of the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from workflow.actors import Actor, Holding
from workflow.models import StateChange
from workflow.moves import Move, Table


@dataclass(frozen=True)
class Verdict:
    """The judgement on one move.

    Args:
        move: the move.
        reasons: why not; empty when it may happen. Each completes 不能…：.
        code: ``not_allowed``, ``wrong_state``, ``same_person`` or ``blocked``; empty when it may happen.
        holding: the duty by which it is allowed; None for the system or when it is not.
        has_duty: whether the person has one of the duties at all: then a button is shown, if greyed.
    """

    move: Move
    reasons: tuple[str, ...] = ()
    code: str = ""
    holding: Holding | None = None
    has_duty: bool = field(default=False)

    @property
    def allowed(self) -> bool:
        """Whether it may happen."""
        return not self.code


def makers(table: Table, names: Sequence[str], history: Sequence[StateChange]) -> frozenset[int]:
    """The people who count as makers for a move that must be done by another (see the module)."""
    first = table.creation.target
    began = max((change.number for change in history if change.target == first != change.source), default=0)
    found: set[int | None] = set()
    for name in names:
        done = [change for change in history if change.move == name]
        for change in done:
            if change.number > began or change is done[-1]:
                found |= {change.by_id, change.on_behalf_of_id}
    return frozenset(person for person in found if person)


def _source_reason(table: Table, move: Move, state: str, history: Sequence[StateChange]) -> str:
    words = f"这件{table.name}现在是“{table.state_label(state)}”"
    if history and history[-1].source != history[-1].target and history[-1].target == state:
        words += f"（{history[-1].person_words}已{table.verb(history[-1].move)}）"
    wanted = "、".join(table.state_label(source) for source in move.sources)
    return f"{words}，“{wanted}”时才可以"


def _holding(move: Move, obj: Any, actor: Actor, others: frozenset[int]) -> tuple[Holding | None, str, tuple[str, ...]]:
    """The first duty by which the person may, or the code and the reasons of the nearest miss."""
    code, reasons = "not_allowed", ("您没有这项职责，请联系主任室核对职责分配",)
    person = import_string(move.person) if move.person else None
    for holding in actor.holdings:
        if holding.duty not in move.duties:
            continue
        if found := tuple(person(obj, holding=holding)) if person else ():
            if code != "same_person":
                code, reasons = "not_allowed", found
            continue
        if {holding.user_id, holding.person_id} & others:
            code, reasons = "same_person", ("前一步是您本人（或者您所代的人）办理的，须由另一个人办理",)
            continue
        return holding, "", ()
    return None, code, reasons


def judge(
    table: Table,
    move: Move,
    obj: Any,
    *,
    actor: Actor,
    history: Sequence[StateChange],
    now: datetime,
    data: dict[str, Any] | None = None,
    gates: bool = True,
) -> Verdict:
    """Judge one move of one object; no query of its own but those of the gates.

    Args:
        history: the object's changes, oldest first, with their people.
        data: what was entered; None: nothing yet, so that a button is not refused for what its form will ask.
        gates: False leaves the gates out: lists judge many objects with a fixed number of queries.
    """
    has_duty = not actor.duties.isdisjoint(move.duties)
    state = table.state_of(obj)
    holding = None
    if actor.user is None:
        if not move.system:
            return Verdict(move, ("系统不能代替人办理",), "not_allowed")
    else:
        others = makers(table, move.other_than, history)
        holding, code, reasons = _holding(move, obj, actor, others)
        if not has_duty or (code and state in move.sources):
            return Verdict(move, reasons, code, None, has_duty)
    if state not in move.sources:
        return Verdict(move, (_source_reason(table, move, state, history),), "wrong_state", None, has_duty)
    if gates:
        found = [
            reason
            for gate in (*move.gates, *(move.checks if data is not None else ()))
            for reason in import_string(gate)(obj, by=actor.user, now=now, data=data or {})
        ]
        if found:
            return Verdict(move, tuple(found), "blocked", holding, has_duty)
    return Verdict(move, (), "", holding, has_duty)
