"""Charts of the pages of comparisons: where lines and columns stand in an SVG of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 420, 34, 176, 34, 12
# Distance of a column pair's middles, and the width of a column.
COLUMN = 22
Values = Sequence[Decimal | None]


@dataclass(frozen=True)
class Mark:
    """A point or a column: where it stands, its figure in words and where those stand."""

    x: int
    y: int
    height: int
    text: str
    text_y: int


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


def _places(count: int) -> list[int]:
    """The middles of so many fields of equal width."""
    wide = (WIDTH - LEFT - RIGHT) / max(count, 1)
    return [int(LEFT + wide * (place + 0.5)) for place in range(count)]


def _y(value: Decimal, highest: Decimal) -> int:
    share = min(max(value / highest, Decimal(0)), Decimal(1)) if highest else Decimal(0)
    return int(BOTTOM - share * (BOTTOM - TOP))


def _highest(values: Sequence[Values], least: Decimal) -> Decimal:
    return max([least, *(one for row in values for one in row if one is not None)])


def _grid(highest: Decimal) -> tuple[tuple[int, str], ...]:
    return tuple((_y(highest * part / 4, highest), f"{highest * part / 4:.0f}") for part in range(0, 5, 2))


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
    highest = _highest([values for _, values in series], Decimal(100))
    found = []
    for number, (name, values) in enumerate(series):
        points = [None if v is None else (x, _y(v, highest)) for x, v in zip(places, values, strict=True)]
        # The figures of the first line stand above it, those of the second below.
        away = -9 if number == 0 else 19
        marks = tuple(
            Mark(point[0], point[1], 0, f"{value:f}", point[1] + away)
            for point, value in zip(points, values, strict=True)
            if point is not None and value is not None
        )
        found.append(Series(name, f"line-{number + 1}", _pieces(points), marks))
    return Chart(caption, unit, tuple(zip(places, labels, strict=True)), _grid(highest), tuple(found))


def columns_chart(*, caption: str, unit: str, labels: Sequence[str], series: Sequence[tuple[str, Values]]) -> Chart:
    """Up to two columns a place, on one scale from 0.

    Args:
        labels, series: as :func:`lines_chart`.
    """
    places = _places(len(labels))
    highest = _highest([values for _, values in series], Decimal(0))
    found = []
    for number, (name, values) in enumerate(series):
        marks = []
        for x, value in zip(places, values, strict=True):
            if value is not None:
                y = _y(value, highest)
                left = x - COLUMN * len(series) // 2 + COLUMN * number
                marks.append(Mark(left, y, BOTTOM - y, f"{value:f}", y))
        found.append(Series(name, f"column-{number + 1}", (), tuple(marks)))
    return Chart(caption, unit, tuple(zip(places, labels, strict=True)), _grid(highest), tuple(found))
