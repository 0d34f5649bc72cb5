"""Moves and states in words, for whoever shows what was recorded of them."""

from __future__ import annotations

from workflow.moves import NEW
from workflow.registry import tables

TABS = {"todo": "待办", "active": "在办", "done": "已办", "watch": "督办"}
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
