"""Monitoring forms for tests, made by the real services and moves."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from performance.models import GoalTable, Monitoring
from performance.services.monitoring import monitoring_begin, monitoring_save
from tests.performance.goals_factories import Cast, make_goals
from workflow.services import move

# In the August of the year that tests.performance.goals_factories makes.
NOW = datetime(2022, 8, 10, 2, 0, tzinfo=UTC)
WAYS: dict[str, tuple[str, ...]] = {
    "drafting": (),
    "submitted": ("submit",),
    "approved": ("submit", "approve"),
    "discarded": ("discard",),
}


def good_values(monitoring: Monitoring) -> dict[str, dict[str, Any]]:
    """Every line filled as it is expected to end."""
    found: dict[str, dict[str, Any]] = {}
    for line in monitoring.lines.all():
        if not line.is_money:
            found[line.line] = {"expected": line.target.removeprefix("定性:").lstrip("≥"), "likelihood": "certain"}
        elif line.line == "funds":
            amount = line.adjusted_amount or Decimal(0)
            found[line.line] = {"expected_amount": amount, "likelihood": "certain"}
    return found


def make_monitoring(
    state: str = "drafting", *, table: GoalTable | None = None, cast: Cast | None = None, month: int = 7,
    values: dict[str, dict[str, Any]] | None = None,
) -> Monitoring:  # fmt: skip
    """A form in ``state``; filled so that it can be submitted."""
    people = cast or Cast()
    goals = table or make_goals("approved", cast=people)
    monitoring = monitoring_begin(
        fiscal_year=goals.fiscal_year, program_year=goals.program_year, through_month=month, by=people.maker, now=NOW
    )
    wanted = good_values(monitoring) if values is None else values
    monitoring_save(monitoring=monitoring, values=wanted, heads={}, seen=1, by=people.maker, now=NOW)
    for name in WAYS[state]:
        move(monitoring, name, by=people.director if name == "approve" else people.maker, now=NOW)
    return monitoring
