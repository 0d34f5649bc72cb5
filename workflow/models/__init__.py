"""The calendar, changes of state, clocks and handed-out tasks."""

from workflow.models.calendar import CalendarDay, CalendarYear
from workflow.models.changes import StateChange
from workflow.models.clocks import Clock, ClockChange
from workflow.models.tasks import AssignedTask, TaskAnswer, TaskPaper

__all__ = [
    "AssignedTask",
    "CalendarDay",
    "CalendarYear",
    "Clock",
    "ClockChange",
    "StateChange",
    "TaskAnswer",
    "TaskPaper",
]
