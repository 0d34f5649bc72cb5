"""The action log as an Excel file; that somebody took it is a row of the log."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

from audit.selectors import EXPORT_HEADS, EXPORT_WIDTHS, ActionQuery, actions_found, export_rows
from audit.services import export_record
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.sheets import sheet_write

MOST_EXPORTED = 100_000


def actions_export(*, query: ActionQuery, by: Any, now: datetime, address: str = "") -> tuple[IO[bytes], str]:
    """Write the rows of a filter into an Excel file.

    The record is written first: nobody takes a file without one, even when the machine stops in between.

    Args:
        query: which rows.
        by: who takes them.
        now: aware time.
        address: the visitor's IP address.

    Returns:
        The open file and its name.

    Raises:
        BusinessError: ``too_many``: more than MOST_EXPORTED rows.
    """
    count = actions_found(query)[: MOST_EXPORTED + 1].count()
    if count > MOST_EXPORTED:
        raise BusinessError(
            f"不能导出：符合条件的超过 {MOST_EXPORTED:,} 行。请用起止日期缩小范围，分几次导出。", "too_many"
        )
    export_record(by=by, now=now, what=f"操作记录：{query.words()}", rows=count, address=address)
    file = sheet_write(title="操作记录", heads=EXPORT_HEADS, widths=EXPORT_WIDTHS, rows=export_rows(query))
    return file, f"操作记录-{now.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx"
