"""The line chart of a year: planned and spent so far, month by month; numbers stand in the table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from performance.amounts import trimmed, wan
from performance.flows import Flow

LEFT, RIGHT, TOP, BOTTOM = 64, 696, 16, 216
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MOST_TICKS = 5


@dataclass(frozen=True)
class Dot:
    """A point of a line, and what it stands for."""

    x: int
    y: int
    words: str


@dataclass(frozen=True)
class Chart:
    """What the template draws; ``planned`` and ``spent`` are points of polylines, ``ticks`` (y, words)."""

    planned: str
    spent: str
    dots: list[Dot]
    ticks: list[tuple[int, str]]
    months: list[tuple[int, int]]
    now_x: int


def _x(month: int) -> int:
    return LEFT + (RIGHT - LEFT) * month // 12


def tick_step(most: Decimal) -> Decimal:
    """A round distance of the lines across, at most five of them up to ``most`` (万元)."""
    scale = Decimal(10) ** (most.adjusted() - 1) if most > 0 else Decimal(1)
    while True:
        for step in STEPS:
            if step * scale * MOST_TICKS >= most:
                return step * scale
        scale *= 10


def chart_of(flow: Flow, month: int) -> Chart:
    """The lines of a year: the plan to December, what was spent to ``month``; both begin with nothing in January."""
    planned = [] if flow.planned is None else [flow.planned_to(one) or Decimal(0) for one in range(13)]
    spent = [flow.spent_to(one) for one in range(month + 1)]
    most = wan(max([*planned, *spent, Decimal(10_000)]))
    step = tick_step(most)
    top = step * (most / step).to_integral_value(ROUND_CEILING)

    def y(amount: Decimal) -> int:
        return int(BOTTOM - (BOTTOM - TOP) * max(wan(amount), Decimal(0)) / top)

    def line(values: list[Decimal]) -> str:
        return " ".join(f"{_x(place)},{y(value)}" for place, value in enumerate(values))

    dots = [Dot(_x(n), y(value), f"{n}月末累计支出 {trimmed(wan(value))} 万元") for n, value in enumerate(spent) if n]
    ticks = [(y(step * n * 10_000), trimmed(step * n)) for n in range(int(top / step) + 1)]
    return Chart(line(planned), line(spent), dots, ticks, [(n, _x(n)) for n in range(1, 13)], _x(month))
