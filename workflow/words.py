"""Moves and states in words, for whoever shows what was recorded of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone
from django.utils.module_loading import import_string

from workflow.moves import NEW
from workflow.registry import tables

TABS = {"todo": "待办", "active": "在办", "done": "已办", "watch": "督办"}
LONGEST_NUMBER = 19
CODES = {"not_allowed": "没有这项职责", "same_person": "须由另一人办理"}


def record_words(subject: str, name: str, value: str) -> str | None:
    """An audit.words teller: moves, states and tabs of the desk."""
    label, _, _ = subject.partition(":")
    if not name:
        tab = value.removeprefix("desk:")
        return f"工作台“{TABS.get(tab, tab)}”" if value.startswith("desk:") else None
    if name == "code":
        return CODES.get(value)
    table = tables().get(label.lower())
    if table is None or name not in ("move", "from", "to"):
        return None
    if name == "move":
        return next((move.verb for move in table.moves if move.name == value), None)
    if value == NEW:
        return "（新建）"
    return str(dict(table.states.choices).get(value, "")) or None


def subject_titles(subjects: Iterable[str]) -> dict[str, str]:
    """An audit.words namer: the titles of what has moves, one query a kind."""
    asked: dict[str, dict[int, str]] = defaultdict(dict)
    for subject in subjects:
        label, _, number = subject.partition(":")
        if number.isdecimal() and len(number) < LONGEST_NUMBER:
            asked[label.lower()][int(number)] = subject
    found = {}
    for label, table in tables().items():
        if wanted := asked.get(label.lower()):
            for obj in import_string(table.rows)(now=timezone.now()).filter(pk__in=wanted):
                found[wanted[obj.pk]] = table.title_of(obj)
    return found
