"""Writes: moves, clocks, tasks, the calendar. ``move`` is the one door to every state."""

from workflow.services.calendar import CALENDAR_LOCK, CalendarChange, calendar_import, notice_store
from workflow.services.clocks import clock_start, clock_stop, clocks_recalculate
from workflow.services.moves import create, move

__all__ = [
    "CALENDAR_LOCK",
    "CalendarChange",
    "calendar_import",
    "clock_start",
    "clock_stop",
    "clocks_recalculate",
    "create",
    "move",
    "notice_store",
]
