"""The desk as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.sheets import Cell, workbook
from workflow.selectors.desk import Done, Row

ROW_HEADS = ("种类", "事项", "状态", "科室", "到期", "逾期", "可以办", "等待")
DONE_HEADS = ("时间", "种类", "事项", "办理", "现在的状态", "意见")


def desk_workbook(*, now: datetime, rows: Iterable[Row] | None = None, done: Iterable[Done] = ()) -> tuple[bytes, int]:
    """The rows of a tab, or what was done, as XLSX bytes and the number of rows."""
    if rows is None:
        lines: list[tuple[Cell, ...]] = [
            (one.change.at, one.kind, one.title, one.verb, one.state, one.change.comment) for one in done
        ]
        return workbook(name="已办", heads=DONE_HEADS, rows=lines), len(lines)
    lines = [
        (
            row.table.name,
            row.title,
            row.state,
            str(row.office or ""),
            row.due,
            "逾期" if row.late(now) else "",
            "、".join(step.verb for step in row.moves),
            row.waits_for,
        )
        for row in rows
    ]
    return workbook(name="工作台", heads=ROW_HEADS, rows=lines), len(lines)
