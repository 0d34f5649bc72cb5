"""Charts of a report as SVG: vectors, every figure printed in them, told apart by shade in black and white, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.sax.saxutils import escape

from performance.document.model import Chart

# The block's 156 mm in CSS pixels.
WIDTH = 589.6
FONT = "Official Latin, Official Song, Noto Serif CJK SC, Official Rare"
SHADES = ("#1f4e8c", "#8fb0d8", "#c9c4bb", "#55524e", "#d9e4f2", "#8a4b00")
SIZE, LINE = 12.0, 16.0
LABEL_WIDTH, VALUE_WIDTH, LABEL_CHARACTERS = 150.0, 92.0, 12
BAR, GAP = 13.0, 9.0
# A chart higher than this goes on in another one: about half a page.
HIGHEST = 470.0


def _amount(text: str) -> Decimal:
    """The value of a printed figure; what is no number has no bar."""
    try:
        found = Decimal(text.replace(",", "").replace("，", "").rstrip("%％ "))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = "#22211f") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{SIZE:g}"'
        f' font-family="{FONT}">{escape(words)}</text>'
    )


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    line = ' stroke="#22211f" stroke-width="0.4"'
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"{line}/>'


def _svg(height: float, inside: Sequence[str], words: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:.0f}"'
        f' viewBox="0 0 {WIDTH:g} {height:.0f}" role="img" aria-label="{escape(words, {chr(34): "&quot;"})}">'
        + "".join(inside)
        + "</svg>"
    )


def _legend(names: Sequence[str], y: float) -> tuple[list[str], float]:
    """Shades and names in rows; the height they take."""
    found: list[str] = []
    x = 0.0
    for number, name in enumerate(names):
        width = 22 + len(name) * SIZE + 16
        if x and x + width > WIDTH:
            x, y = 0.0, y + LINE
        found += [_box(x, y + 2, 12, 10, SHADES[number % len(SHADES)]), _text(x + 18, y + 11.5, name)]
        x += width
    return found, y + LINE + 4


def _label_lines(label: str) -> list[str]:
    lines = [label[n : n + LABEL_CHARACTERS] for n in range(0, len(label), LABEL_CHARACTERS)] or [""]
    return lines if len(lines) <= 3 else [*lines[:2], lines[2][:-1] + "…"]


@dataclass(frozen=True)
class _Scale:
    """Pixels of one unit, and where zero is."""

    zero: float
    unit: float

    @classmethod
    def of(cls, values: Sequence[Decimal]) -> _Scale:
        low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
        room = WIDTH - LABEL_WIDTH - VALUE_WIDTH - (VALUE_WIDTH if low < 0 else 0)
        unit = room / float(high - low) if high > low else 0.0
        return cls(LABEL_WIDTH + (VALUE_WIDTH if low < 0 else 0) - float(low) * unit, unit)


def _bar_group(chart: Chart, place: int, y: float, scale: _Scale) -> tuple[list[str], float]:
    """The bars of one label from ``y`` downwards; where the next one begins."""
    label = _label_lines(chart.labels[place])
    height = max(len(label) * LINE, len(chart.series) * BAR)
    top = y + (height - len(label) * LINE) / 2
    found = [_text(LABEL_WIDTH - 8, top + n * LINE + 12, line, "end") for n, line in enumerate(label)]
    bars = y + (height - len(chart.series) * BAR) / 2
    for number, (_, values) in enumerate(chart.series):
        printed = values[place] if place < len(values) else ""
        long = float(_amount(printed)) * scale.unit
        left = scale.zero + min(long, 0.0)
        found.append(_box(left, bars + 1, abs(long), BAR - 2, SHADES[number % len(SHADES)]))
        end = (scale.zero + long - 5, "end") if long < 0 else (scale.zero + long + 5, "start")
        found.append(_text(end[0], bars + 10.5, printed, end[1]))
        bars += BAR
    return found, y + height + GAP


def _bars(chart: Chart, words: str) -> Iterator[str]:
    scale = _Scale.of([_amount(value) for _, values in chart.series for value in values])
    names = [name for name, _ in chart.series]
    start: tuple[list[str], float] = _legend(names, 0.0) if len(names) > 1 else ([], 0.0)
    inside, y = list(start[0]), start[1]
    first = y
    for place in range(len(chart.labels)):
        group, below = _bar_group(chart, place, y, scale)
        if below > HIGHEST and y > first:
            yield _svg(y, [*inside, _axis(scale, first, y)], words)
            inside, y = list(start[0]), first
            group, below = _bar_group(chart, place, y, scale)
        inside += group
        y = below
    yield _svg(y, [*inside, _axis(scale, first, y)], words)


def _axis(scale: _Scale, top: float, bottom: float) -> str:
    return (
        f'<line x1="{scale.zero:.2f}" y1="{top:.2f}" x2="{scale.zero:.2f}" y2="{bottom:.2f}"'
        ' stroke="#22211f" stroke-width="0.8"/>'
    )


def _shares(chart: Chart, words: str) -> Iterator[str]:
    """One bar of the whole, its parts in shades; under it each part with its figure."""
    values = chart.series[0][1] if chart.series else ()
    parts = [max(_amount(value), Decimal(0)) for value in values]
    whole = sum(parts, Decimal(0))
    inside, x, y = [], 0.0, 34.0
    for number, part in enumerate(parts):
        width = float(part / whole) * WIDTH if whole else 0.0
        inside.append(_box(x, 2, width, 22, SHADES[number % len(SHADES)]))
        x += width
    for number, label in enumerate(chart.labels):
        printed = values[number] if number < len(values) else ""
        inside += [
            _box(0, y + 2, 12, 10, SHADES[number % len(SHADES)]),
            _text(18, y + 11.5, label if len(label) <= 32 else label[:31] + "…"),
            _text(WIDTH - 4, y + 11.5, printed + chart.unit, "end"),
        ]
        y += LINE + 2
    yield _svg(y, inside, words)


def chart_svgs(chart: Chart) -> list[str]:
    """The chart as one SVG text, or several where it would be higher than half a page.

    Raises:
        ValueError: an unknown ``kind``.
    """
    words = f"{chart.title}（{chart.unit}）" if chart.unit else chart.title
    if chart.kind == "bars":
        return list(_bars(chart, words))
    if chart.kind == "shares":
        return list(_shares(chart, words))
    raise ValueError(chart.kind)
