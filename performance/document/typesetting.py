"""What Chinese lines need and WeasyPrint does not have: both are added to its layout, for the pinned version.

GB/T 9704-2012 5.2.3 has 22 lines of 28 characters that fill the block (撑满版心).

Both edges: WeasyPrint widens spaces alone, which Chinese does not have (CSS Text 3, 7.3: ``text-justify:
inter-character``). So the room that a line has left is given to the gaps between its characters.

One grid: fonts differ in how far they reach above and below the line, and a line in which two of them meet would be
higher than the others. So every character counts as the square it stands in, whatever its font.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

# A line that lacks more than this many characters' width stays as it is: a long word went to the next one.
MOST_CHARACTERS = 3.0
# The part of its square that a character stands in above the line: that of the CJK fonts (OpenType, ideoEmboxBottom).
ASCENT = 0.88
# Place of the style among the arguments of WeasyPrint's first_line_metrics.
STYLE = 5


def _gaps(box: Any, boxes: Any) -> int:
    if isinstance(box, boxes.TextBox):
        return max(len(box.text) - 1, 0)
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        return sum(_gaps(child, boxes) for child in box.children)
    return 0


def _spread(context: Any, box: Any, each: float, moved: float, inline: Any) -> float:
    """Widen the gaps in ``box`` by ``each`` pixels; it moves by ``moved``. How far what follows moves."""
    boxes = inline.boxes
    if isinstance(box, boxes.TextBox):
        box.position_x += moved
        if (gaps := _gaps(box, boxes)) == 0:
            return moved
        style = box.style.copy()
        letter = style["letter_spacing"]
        style["letter_spacing"] = (0 if letter == "normal" else letter) + each
        layout = inline.create_layout(box.text, style, context, max_width=None, justification_spacing=0)
        layout.deactivate()
        box.style, box.pango_layout = style, layout
        box.width += each * gaps
        return moved + each * gaps
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.translate(moved, 0)
        return moved
    box.position_x += moved
    after = moved
    for child in box.children:
        if child.is_in_normal_flow():
            after = _spread(context, child, each, after, inline)
    box.width += after - moved
    return after


def _justify(inline: Any) -> Callable[[Any, Any, float], None]:
    def justify_line(context: Any, line: Any, extra_width: float) -> None:
        gaps = _gaps(line, inline.boxes)
        if gaps and extra_width <= MOST_CHARACTERS * line.style["font_size"]:
            _spread(context, line, extra_width / gaps, 0.0, inline)

    return justify_line


def _square(plain: Callable[..., Any]) -> Callable[..., Any]:
    def first_line_metrics(*arguments: Any, **named: Any) -> Any:
        size = (named["style"] if "style" in named else arguments[STYLE])["font_size"]
        return (*plain(*arguments, **named)[:4], size, ASCENT * size)

    return first_line_metrics


@cache
def chinese_lines() -> None:
    """Let WeasyPrint set Chinese lines; once in a process."""
    inline, line_break = (import_module(f"weasyprint.{name}") for name in ("layout.inline", "text.line_break"))
    setattr(inline, "justify_line", _justify(inline))  # noqa: B010 (no name of the module as its types have it)
    setattr(line_break, "first_line_metrics", _square(line_break.first_line_metrics))  # noqa: B010 (see above)
