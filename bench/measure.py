"""Figures, ratios to a reference of the same run, and how they are shown."""

from __future__ import annotations

import math
import statistics
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

AT_LEAST, AT_MOST = ">=", "<="


@dataclass(frozen=True)
class Row:
    """One measured thing.

    Attributes:
        key: its name in the JSON, ``section.name``.
        label: its name for people.
        measured: a ratio to the reference of the same run.
        relation: ``>=`` or ``<=``: how ``measured`` must stand to ``goal``.
        goal: the least (PERFORMANCE), None where there is none and the row only informs.
        limit: what was seen to be possible, as a text.
        figures: absolute figures behind the ratio, with units in their names.
    """

    key: str
    label: str
    measured: float
    relation: str = AT_MOST
    goal: float | None = None
    limit: str = ""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def meets(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.measured >= self.goal if self.relation == AT_LEAST else self.measured <= self.goal

    def as_json(self) -> dict[str, Any]:
        """The row as it stands in the file of results."""
        names = ("key", "label", "measured", "relation", "goal", "limit", "meets", "figures")
        found = {name: getattr(self, name) for name in names}
        return {**found, "measured": round(self.measured, 5)}


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that ``percent`` % of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def median_ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The median over rounds of (measured / reference of the same round): a slow moment slows both."""
    return statistics.median(measured / reference for measured, reference in pairs)


def seconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """Median, p99 and worst of durations in seconds, in milliseconds."""
    found = {"p50_ms": statistics.median(values), "p99_ms": percentile(values, 99), "max_ms": max(values)}
    return {name: round(value * 1000, 3) for name, value in found.items()}


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _number(value: float) -> str:
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def table(rows: Sequence[Row]) -> str:
    """The rows for people: name, measured, goal, limit seen, whether the goal is reached."""
    lines = [("项目", "测得(与参照之比)", "目标", "见过的极限", "结论")]
    for row in rows:
        sign = "≥" if row.relation == AT_LEAST else "≤"
        goal = f"{sign} {_number(row.goal)}" if row.goal is not None else "—"
        verdict = {True: "达到", False: "未达到", None: "参考"}[row.meets]
        lines.append((row.label, _number(row.measured), goal, row.limit or "—", verdict))
    widths = [max(_width(line[n]) for line in lines) for n in range(5)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
