"""Recomputes the chain over the action log from its rows, and names the first thing that differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from audit.chain import COLUMNS, NOTHING, row_digest, row_value, seal_head
from audit.models import DayDigest, Seal, Verification, WaitingRow

SEALS_AT_ONCE = 50
# By number of the seal, then of the row; a row that somebody deleted is still here, without columns.
_ROWS = f"""
SELECT s.seal_id, s.row_id, s.digest, {", ".join(f"r.{column}" for column in COLUMNS)}
FROM audit_sealedrow s LEFT JOIN audit_actionrow r ON r.id = s.row_id
WHERE s.seal_id >= %s AND s.seal_id < %s ORDER BY s.seal_id, s.row_id
"""
_NOWHERE = """
SELECT min(id), count(*) FROM audit_actionrow r
WHERE NOT EXISTS (SELECT FROM audit_sealedrow s WHERE s.row_id = r.id)
  AND NOT EXISTS (SELECT FROM audit_waitingrow w WHERE w.row_id = r.id)
"""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """The outcome: counts, and where something differs first (numbers are 0 where they do not apply)."""

    ok: bool
    seals: int
    rows: int
    waiting: int
    message: str
    seal: int = 0
    row: int = 0


class Differs(Exception):
    """Something is not as the chain says; the text is a Chinese sentence."""

    def __init__(self, message: str, *, seal: int = 0, row: int = 0) -> None:
        super().__init__(message)
        self.seal, self.row = seal, row


def _rows_of(first: int, end: int) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of the seals from ``first`` to before ``end``: (row, digest, columns…) by seal."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [first, end])
        return {no: [row[1:] for row in rows] for no, rows in groupby(cursor.fetchall(), key=lambda row: row[0])}


def _values(seal: Seal, rows: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    detail = 2 + COLUMNS.index("detail")
    for row in rows:
        number, digest = row[:2]
        if row[2] is None:
            raise Differs(f"封条 {seal.no} 中的操作记录第 {number} 行不见了。", seal=seal.no, row=number)
        read = [*row[2:detail], _json(row[detail]), *row[detail + 1 :]]
        value = row_value(read)
        if row_digest(value) != digest:
            raise Differs(f"操作记录第 {number} 行被改动过（封条 {seal.no}）。", seal=seal.no, row=number)
        yield value


def _json(value: Any) -> Any:
    """JSON of a raw query as the model's field reads it."""
    return json.loads(value) if isinstance(value, str) else value


def _check_seal(seal: Seal, no: int, previous: str, rows: list[tuple[Any, ...]]) -> None:
    if seal.previous != previous:
        raise Differs(f"封条 {no} 没有接在上一封条之后。", seal=no)
    values = list(_values(seal, rows))
    if len(values) != seal.count:
        raise Differs(f"封条 {no} 应有 {seal.count} 行操作记录，现有 {len(values)} 行。", seal=no)
    if seal_head(previous=previous, no=no, at=seal.at, rows=values) != seal.head:
        raise Differs(f"封条 {no} 的封条值与其中的操作记录不符。", seal=no)


def _check_days() -> None:
    heads = dict(Seal.objects.filter(no__in=DayDigest.objects.values("seal_no")).values_list("no", "head"))
    for digest in DayDigest.objects.order_by("day"):
        if heads.get(digest.seal_no) != digest.head:
            raise Differs(f"{digest.day} 存证的封条 {digest.seal_no} 与现在的不符或已不见。", seal=digest.seal_no)


def _check_nowhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NOWHERE)
        number, count = cursor.fetchone()
    if count:
        raise Differs(f"有 {count} 行操作记录既未封存也不在待封之列，最早的是第 {number} 行。", row=number)


def _check_all(progress: Progress, seen: list[int]) -> None:
    last = Seal.objects.order_by("-no").first()
    count = last.no if last else 0
    previous, no = NOTHING, 1
    while no <= count:
        end = min(no + SEALS_AT_ONCE, count + 1)
        rows = _rows_of(no, end)
        seals = {seal.no: seal for seal in Seal.objects.filter(no__gte=no, no__lt=end)}
        for number in range(no, end):
            if number not in seals:
                raise Differs(f"封条 {number} 不见了。", seal=number)
            _check_seal(seals[number], number, previous, rows.get(number, []))
            previous = seals[number].head
            seen[0], seen[1] = number, seen[1] + seals[number].count
        no = end
        progress(no - 1, count)
    _check_days()
    _check_nowhere()


def actions_verify(*, now: datetime, progress: Progress = lambda done, count: None) -> Verdict:
    """Recompute every row's digest and every seal from the rows, and keep the outcome.

    What someone cut off at the end of the chain, rows and seals, is found against the days' heads; someone who changed
    those too is found by the transparency log, which outsiders keep (``log_verify``).

    Args:
        now: aware time of the check.
        progress: called with the seals done and all seals, now and then.

    Returns:
        The verdict, which is also the newest row of ``Verification``.
    """
    seen = [0, 0]
    difference: Differs | None = None
    try:
        _check_all(progress, seen)
    except Differs as found:
        difference = found
    waiting = WaitingRow.objects.count()
    verdict = Verdict(
        ok=difference is None,
        seals=seen[0],
        rows=seen[1],
        waiting=waiting,
        message=str(
            difference or f"操作记录完整：{seen[0]:,} 个封条、{seen[1]:,} 行全部相符，另有 {waiting:,} 行待封。"
        ),
        seal=difference.seal if difference else 0,
        row=difference.row if difference else 0,
    )
    Verification.objects.create(
        at=now, ok=verdict.ok, seals=verdict.seals, rows=verdict.rows, waiting=waiting, message=verdict.message
    )
    return verdict
