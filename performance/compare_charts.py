"""Charts of the pages of comparisons: where lines and columns stand in an SVG of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from performance.amounts import trimmed
from performance.progress_chart import tick_step

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 420, 34, 176, 34, 12
# Distance of a column pair's middles, and the width of a column.
COLUMN = 22
WIDE, STRIPE = 20, 6
Values = Sequence[Decimal | None]


@dataclass(frozen=True)
class Mark:
    """A point or a column: where it stands, its figure and where that stands; ``stripes`` of a year that runs."""

    x: int
    y: int
    height: int
    text: str
    text_y: int
    stripes: str = ""


@dataclass(frozen=True)
class Series:
    """A line (``paths``: points of each unbroken piece) or a row of columns."""

    name: str
    kind: str
    paths: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Chart:
    """A chart: places of the labels, grid lines with their values, series."""

    caption: str
    unit: str
    labels: tuple[tuple[int, str], ...]
    grid: tuple[tuple[int, str], ...]
    series: tuple[Series, ...]

    @property
    def running(self) -> bool:
        """Whether a year in it is not over."""
        return any(mark.stripes for one in self.series for mark in one.marks)


def _places(count: int) -> list[int]:
    """The middles of so many fields of equal width."""
    wide = (WIDTH - LEFT - RIGHT) / max(count, 1)
    return [int(LEFT + wide * (place + 0.5)) for place in range(count)]


def _y(value: Decimal, highest: Decimal) -> int:
    share = min(max(value / highest, Decimal(0)), Decimal(1)) if highest else Decimal(0)
    return int(BOTTOM - share * (BOTTOM - TOP))


def _top(values: Sequence[Values], least: Decimal) -> Decimal:
    """A round value at or above the highest."""
    most = max([least, *(one for row in values for one in row if one is not None)])
    step = tick_step(most)
    return max(step * (most / step).to_integral_value(ROUND_CEILING), step)


def _grid(top: Decimal) -> tuple[tuple[int, str], ...]:
    step = tick_step(top)
    return tuple((_y(step * part, top), trimmed(step * part)) for part in range(int(top / step) + 1))


def _stripes(x: int, y: int) -> str:
    """A path of lines across a column."""
    return "".join(f"M{x} {at}h{WIDE}" for at in range(y + STRIPE // 2, BOTTOM, STRIPE))


def _above(number: int, value: Decimal, others: Sequence[Decimal | None]) -> bool:
    """Whether a figure stands above its point: that of the higher line, so that two never change places."""
    known = [(one, -place) for place, one in enumerate(others) if one is not None]
    return (value, -number) == max(known)


def _pieces(points: Sequence[tuple[int, int] | None]) -> tuple[str, ...]:
    """Points joined where they follow each other; what is unknown breaks the line."""
    found: list[list[str]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(f"{point[0]},{point[1]}")
    return tuple(" ".join(piece) for piece in found if len(piece) > 1)


def lines_chart(*, caption: str, unit: str, labels: Sequence[str], series: Sequence[tuple[str, Values]]) -> Chart:
    """Up to two lines on one scale from 0 to 100 or the highest value.

    Args:
        labels: of the places; series: name and a value a place, None where it is unknown.
    """
    places = _places(len(labels))
    highest = _top([values for _, values in series], Decimal(100))
    columns = list(zip(*(values for _, values in series), strict=True))
    found = []
    for number, (name, values) in enumerate(series):
        points = [None if v is None else (x, _y(v, highest)) for x, v in zip(places, values, strict=True)]
        marks = tuple(
            Mark(point[0], point[1], 0, f"{value:f}", point[1] + (-9 if _above(number, value, beside) else 19))
            for point, value, beside in zip(points, values, columns, strict=True)
            if point is not None and value is not None
        )
        found.append(Series(name, f"line-{number + 1}", _pieces(points), marks))
    return Chart(caption, unit, tuple(zip(places, labels, strict=True)), _grid(highest), tuple(found))


def columns_chart(
    *, caption: str, unit: str, labels: Sequence[str], series: Sequence[tuple[str, Values]], running: int | None = None
) -> Chart:
    """Up to two columns a place, on one scale from 0.

    Args:
        labels, series: as :func:`lines_chart`. running: the place of the year that is not over, None for none.
    """
    places = _places(len(labels))
    highest = _top([values for _, values in series], Decimal(0))
    found = []
    for number, (name, values) in enumerate(series):
        marks = []
        for place, (x, value) in enumerate(zip(places, values, strict=True)):
            if value is not None:
                y = _y(value, highest)
                left = x - COLUMN * len(series) // 2 + COLUMN * number
                marks.append(Mark(left, y, BOTTOM - y, f"{value:f}", y, _stripes(left, y) if place == running else ""))
        found.append(Series(name, f"column-{number + 1}", (), tuple(marks)))
    return Chart(caption, unit, tuple(zip(places, labels, strict=True)), _grid(highest), tuple(found))
