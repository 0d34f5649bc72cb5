"""Chinese text to both edges: GB/T 9704-2012 5.2.3 has lines of 28 characters that fill the width (撑满版心).

WeasyPrint widens spaces alone, which Chinese does not have (CSS Text 3, 7.3: ``text-justify: inter-character``). So the
room that a line has left is given to the gaps between its characters.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

# A line that lacks more than this many characters' width stays as it is: a long word went to the next one.
MOST_CHARACTERS = 3.0


def _gaps(box: Any, boxes: Any) -> int:
    if isinstance(box, boxes.TextBox):
        return max(len(box.text) - 1, 0)
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        return sum(_gaps(child, boxes) for child in box.children)
    return 0


def _spread(context: Any, box: Any, each: float, moved: float, inline: Any) -> float:
    """Widen the gaps in ``box`` by ``each`` pixels, its place already moved by ``moved``; how far what follows moves."""
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


@cache
def inter_character() -> None:
    """Let WeasyPrint's ``text-align: justify`` share a line's room between all characters; once in a process."""
    inline = import_module("weasyprint.layout.inline")

    def justify_line(context: Any, line: Any, extra_width: float) -> None:
        gaps = _gaps(line, inline.boxes)
        if gaps and extra_width <= MOST_CHARACTERS * line.style["font_size"]:
            _spread(context, line, extra_width / gaps, 0.0, inline)

    inline.justify_line = justify_line
