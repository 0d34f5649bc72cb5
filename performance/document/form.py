"""The 自评表 as drawn: which rows of its indicators stay on one page, so that merged cells are never torn apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from performance.document.model import Form, IndicatorRow

# Millimetres of the block lying down, of a line of 9 pt, of a row's padding and border (report.css, "The form").
HEIGHT, LINE, PADDING = 156.0, 4.3, 1.5
# Label, heading, year and the head of the indicators; total, notes and signatures.
HEAD_HEIGHT, END_HEIGHT = 32.0, 36.0
# Rows that share a cell of the first level where the form takes several pages.
MOST_ROWS, MOST_HEIGHT = 6, 60.0
# Full-width characters of 9 pt on a line of each column (form.html).
LEVEL2, NAME, TARGET, ACTUAL, REASON, GOAL = 6, 12, 7, 8, 17, 31


@dataclass(frozen=True)
class Together:
    """Rows of one first-level indicator that stay on one page."""

    level1: str
    groups: tuple[tuple[str, tuple[IndicatorRow, ...]], ...]
    rows: int


@dataclass(frozen=True)
class FormView:
    """The form as drawn; ``next_page``: the indicators begin on a page of their own."""

    form: Form
    together: tuple[Together, ...]
    notes: tuple[str, ...]
    next_page: bool
    funds_label: str


def _lines(text: str, most: int) -> int:
    """Lines that a text takes in a column of ``most`` full-width characters."""
    widths = (sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in line) for line in text.split("\n"))
    return sum(max(1, -int(-width // most)) for width in widths)


def _row_height(row: IndicatorRow) -> float:
    reason = row.reason + (f"\n人工评分{row.manual_score}分：{row.manual_reason}" if row.manual_score else "")
    cells = ((row.level2, LEVEL2), (row.name, NAME), (row.target, TARGET), (row.actual, ACTUAL), (reason, REASON))
    return max(_lines(text, most) for text, most in cells) * LINE + PADDING


def _room(form: Form) -> float:
    """What the first page has left for indicators."""
    plain = 4 + len(form.funds)
    goals = max(_lines(form.expected_goal, GOAL), _lines(form.goal_result, GOAL))
    return HEIGHT - HEAD_HEIGHT - plain * (LINE + PADDING) - goals * LINE - PADDING


def _made(rows: Sequence[IndicatorRow]) -> Together:
    groups = tuple((name, tuple(found)) for name, found in groupby(rows, key=lambda row: row.level2))
    return Together(rows[0].level1, groups, len(rows))


def _together(rows: Sequence[IndicatorRow], first: float | None) -> Iterator[Together]:
    """Rows in gatherings; ``first`` is the room of the first one, None where all fit on one page."""
    room = first
    for _, found in groupby(rows, key=lambda row: row.level1):
        gathered: list[IndicatorRow] = []
        height = 0.0
        for row in found:
            most = min(MOST_HEIGHT, room) if room is not None else float("inf")
            if gathered and room is not None and (len(gathered) == MOST_ROWS or height + _row_height(row) > most):
                yield _made(gathered)
                gathered, height, room = [], 0.0, MOST_HEIGHT
            gathered.append(row)
            height += _row_height(row)
        yield _made(gathered)
        room = MOST_HEIGHT if room is not None else None


def funds_label(form: Form) -> str:
    """What the rows of money are called: a department has more than projects."""
    return "项目资金" if form.name_label == "项目名称" else "部门预算资金"


def form_notes(form: Form) -> tuple[str, ...]:
    """What stands under the form: the denominator used, manual scores, figures reported elsewhere."""
    notes = [f"执行率按{form.denominator}计算。"] if form.denominator else []
    if form.total_with_manual:
        notes.append(f"计入人工评分后总分为{form.total_with_manual}分；人工评分及其理由列在各行的“偏差原因”一栏。")
    if form.reported:
        notes.append(
            "填报数：" + "，".join(f"{label.removeprefix('填报')}{text}" for label, text in form.reported) + "。"
        )
    return tuple(notes)


def form_view(form: Form) -> FormView:
    """The form with its rows gathered, by an estimate of their heights that is rather too high."""
    room = _room(form)
    heights = [_row_height(row) for row in form.indicators]
    fits = sum(heights) + END_HEIGHT <= room
    next_page = bool(heights) and not fits and heights[0] > room
    gathered = tuple(_together(form.indicators, None if fits else MOST_HEIGHT if next_page else room))
    return FormView(form, gathered, form_notes(form), next_page, funds_label(form))
