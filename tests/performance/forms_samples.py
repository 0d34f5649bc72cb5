"""What the matrix of moves needs to know of monitoring forms (see tests.workflow.move_samples)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from performance.models import Monitoring
from tests.performance.forms_factories import NOW, make_monitoring
from tests.performance.goals_factories import make_goals, make_unit, make_year
from workflow.moves import Move

INPUT: dict[str, dict[str, Any]] = {"save": {"do": "take", "name": "", "seen": 2}}


def monitoring_sample(state: str, step: Move, person: User | None) -> tuple[Monitoring, dict[str, Any]]:
    """A form in ``state`` of which ``person`` has written nothing."""
    table = make_goals("approved", fiscal=make_year(unit=make_unit()))
    return make_monitoring(state, table=table), INPUT.get(step.name, {})


def monitoring_unsaved(person: User) -> Monitoring:
    """A form that ``person`` is about to begin."""
    table = make_goals("approved", fiscal=make_year(unit=make_unit()))
    return Monitoring(
        fiscal_year=table.fiscal_year, goal_table=table, through_month=7, taken_at=NOW, created_by=person,
        created_at=NOW,
    )  # fmt: skip


IN_STATE = {"performance.monitoring": monitoring_sample}
UNSAVED = {"performance.monitoring": monitoring_unsaved}
