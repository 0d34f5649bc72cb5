"""Reads: the calendar, changes, clocks, tasks, the desk."""

from workflow.selectors.calendar import (
    calendar_current,
    calendar_year_current,
    calendar_year_history,
    notices_stored,
)
from workflow.selectors.changes import changes_of, changes_of_many, moves_for

__all__ = [
    "calendar_current",
    "calendar_year_current",
    "calendar_year_history",
    "changes_of",
    "changes_of_many",
    "moves_for",
    "notices_stored",
]
