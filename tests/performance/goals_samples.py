"""What the matrix of moves needs to know of goal tables (see tests.workflow.move_samples)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from performance.models import GoalTable
from performance.selectors.schemes import scheme_for
from tests.performance.goals_factories import NOW, make_goals, make_unit, make_year
from workflow.moves import Move

INPUT: dict[str, dict[str, Any]] = {
    "save": {"do": "goal", "name": "", "seen": None, "overall_goal": "保障运转。", "reason": ""}
}


def goal_sample(state: str, step: Move, person: User | None) -> tuple[GoalTable, dict[str, Any]]:
    """A table in ``state`` of which ``person`` has written nothing."""
    return make_goals(state, fiscal=make_year(unit=make_unit())), INPUT.get(step.name, {})


def goal_unsaved(person: User) -> GoalTable:
    """A table that ``person`` is about to begin."""
    fiscal = make_year(unit=make_unit())
    return GoalTable(
        fiscal_year=fiscal, number=1, scheme=scheme_for("department", fiscal.year), created_by=person, created_at=NOW
    )


IN_STATE = {"performance.goaltable": goal_sample}
UNSAVED = {"performance.goaltable": goal_unsaved}
