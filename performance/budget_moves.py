"""Moves of budget years, of programs' years and of special approvals."""

from __future__ import annotations

from workflow.moves import Table

BUDGET_MOVES: dict[str, Table] = {}
