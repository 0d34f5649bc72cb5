"""What the matrix of moves needs to know of surveys (see tests.workflow.move_samples)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import User
from performance.models import Survey
from performance.services.surveys import code_new
from tests.performance.goals_factories import make_unit, make_year
from tests.performance.survey_factories import NOW, TODAY, make_survey, office
from workflow.moves import Move

INPUT: dict[str, dict[str, Any]] = {
    "save": {"do": "survey", "name": "", "write": lambda survey: None},
    "extend": {"due_on": TODAY + timedelta(days=60)},
}


def survey_sample(state: str, step: Move, person: User | None) -> tuple[Survey, dict[str, Any]]:
    """A survey in ``state`` of which ``person`` has written nothing."""
    days = {"opens_on": TODAY - timedelta(days=2), "closes_on": TODAY - timedelta(days=1)}
    more = days if step.name == "close" and state == "open" else {}
    return make_survey(state, fiscal=make_year(2026, unit=make_unit()), **more), INPUT.get(step.name, {})


def survey_unsaved(person: User) -> Survey:
    """A survey that ``person`` is about to begin."""
    return Survey(
        fiscal_year=make_year(2026, unit=make_unit()), kind="window", title="调查", department=office("general"),
        opens_on=TODAY, closes_on=TODAY, code=code_new(), created_by=person, created_at=NOW,
    )  # fmt: skip


IN_STATE = {"performance.survey": survey_sample}
UNSAVED = {"performance.survey": survey_unsaved}
