"""Moves of goal tables."""

from __future__ import annotations

from workflow.moves import Table

GOAL_MOVES: dict[str, Table] = {}
