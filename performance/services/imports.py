"""Excel lists of spending: stored, read by a worker, shown line by line, and entered wholly or not at all.

A worker may die anywhere. It holds the list by a claim that it renews; one that is old may be taken over. Lines of the
preview are written in the transaction that ends the reading, entries in the one that marks the list as applied, so
that there is never half of either.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from core.errors import BusinessError
from documents.selectors import file_open
from documents.services import file_store
from performance.broker import task_enqueue
from performance.models import FiscalYear, ImportLine, SpendingEntry, SpendingImport, YearState
from performance.selectors.matching import Judged, Matcher
from performance.selectors.purse import Purse, Wanted
from performance.services.common import refuse, told, writing
from performance.services.entries import entry_row, today_of
from performance.services.files import LONGEST_NAME
from performance.sheets.book import InterruptedReadingError, book_check, book_open
from performance.sheets.layout import layout_of
from performance.sheets.reading import ReadRow, rows_read

READ_TASK = "performance.tasks.read_import"
# Far longer than the pauses between two signs of life.
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
AT_ONCE = 1000
State = SpendingImport.State
Verdict = ImportLine.Verdict
Clock = Callable[[], datetime]


class _LostError(InterruptedReadingError):
    """Another worker has taken the list over."""


def import_start(
    *,
    year: FiscalYear,
    kind: str,
    content: IO[bytes] | File[Any],
    name: str,
    by: User,
    now: datetime,
    address: str = "",
) -> SpendingImport:
    """Take a list in and have it read; not inside a transaction (the file is stored before its row).

    Args:
        kind: of ``SpendingImport.Kind``.
        content: a seekable stream; name: the name it was sent under.

    Raises:
        BusinessError: no workbook, one with macros, a password, of an old format, too large; a closed year.
    """
    if year.state == YearState.CLOSED:
        raise refuse("没有上传", "这个年度的决算已经确认，不能再登记支出", code="blocked")
    if len(name) > LONGEST_NAME or not name.strip():
        raise refuse("没有上传", "文件名是空的或者太长，请改名后再传", field="file")
    book_check(content)
    content.seek(0)
    stored = file_store(content=content, now=now, name=name)
    with writing("没有上传"):
        batch = SpendingImport.objects.create(
            fiscal_year=year, kind=kind, file=stored, name=name.strip(), by=by, at=now, alive_at=now
        )
        told(what="import_start", obj=batch, by=by, now=now, address=address)
    task_enqueue(READ_TASK, batch.pk)
    return batch


def _free(now: datetime) -> Q:
    """Lists that wait to be read, or whose reader is dead."""
    return Q(state=State.READING) & (Q(claim__isnull=True) | Q(alive_at__lte=now - LEASE) | Q(alive_at__isnull=True))


def _claimed(number: int, now: datetime) -> SpendingImport | None:
    token = uuid.uuid4()
    found = SpendingImport.objects.filter(_free(now), pk=number).update(
        claim=token, alive_at=now, attempts=F("attempts") + 1, rows_read=0
    )
    return SpendingImport.objects.select_related("fiscal_year", "file").get(pk=number) if found else None


def _held(batch: SpendingImport) -> Any:
    return SpendingImport.objects.filter(pk=batch.pk, state=State.READING, claim=batch.claim)


def import_read(*, number: int, clock: Clock) -> bool:
    """Read one list; safe to call for any number, any number of times, by several at once.

    Args:
        number: of the SpendingImport.
        clock: gives the aware time; asked again and again, for the reading may take a while.

    Returns:
        Whether it was this call that read it to the end (also to a refusal).
    """
    batch = _claimed(number, clock())
    if batch is None:
        return False
    try:
        if batch.attempts > MOST_ATTEMPTS:
            raise BusinessError(
                f"文件没有读：试了 {MOST_ATTEMPTS} 次都没有读完，请把清单粘贴到模板里再传。", "too_often"
            )
        judged, notes = _judged(batch, clock)
        _preview_write(batch, judged, notes, clock())
    except _LostError:
        return False
    except BusinessError as refusal:
        _held(batch).update(state=State.REFUSED, message=refusal.message[:1000], finished_at=clock(), claim=None)
    return True


def _judged(batch: SpendingImport, clock: Clock) -> tuple[list[Judged], list[str]]:
    """Every row with its verdict, and what is to be said of the whole. Raises BusinessError, _LostError."""

    def progress(row: int) -> None:
        if not _held(batch).update(rows_read=row, alive_at=clock()):
            raise _LostError

    with file_open(batch.file) as stream, book_open(stream) as sheets:
        layout = layout_of(sheets, batch.kind)
        _held(batch).update(rows_all=layout.sheet.scan.last_row)
        rows = list(rows_read(layout, batch.kind, progress=progress))
    if not rows:
        raise BusinessError("文件没有读：表头下面没有内容，请填好以后再传。", "empty")
    purse = Purse.open(batch.fiscal_year, today=today_of(clock()))
    matcher = Matcher(year=batch.fiscal_year, kind=batch.kind, purse=purse)
    found = []
    for count, row in enumerate(rows, 1):
        found.append(matcher.judge(row))
        if count % AT_ONCE == 0:
            progress(row.number)
    return found, list(layout.notes)


def _values(wanted: Wanted | None) -> dict[str, Any]:
    if wanted is None:
        return {}
    return {name: str(value) if isinstance(value, date | Decimal) else value for name, value in asdict(wanted).items()}


def wanted_of(line: ImportLine) -> Wanted:
    """What a line of a preview would enter."""
    values = dict(line.values)
    return Wanted(**{**values, "spent_on": date.fromisoformat(values["spent_on"]), "amount": Decimal(values["amount"])})


def _preview_write(batch: SpendingImport, judged: list[Judged], notes: list[str], now: datetime) -> None:
    """The lines and the new state in one transaction. Raises _LostError."""
    lines = [
        ImportLine(
            batch=batch, row=one.row.number, cells=one.row.cells, values=_values(one.wanted), verdict=one.verdict,
            message=one.message[:1000], entry_id=one.entry_id,
        )
        for one in judged
    ]  # fmt: skip
    with transaction.atomic():
        done = _held(batch).update(
            state=State.READ,
            rows_read=lines[-1].row,
            finished_at=now,
            claim=None,
            alive_at=now,
            notes=notes,
            message="",
        )
        if not done:
            raise _LostError
        ImportLine.objects.bulk_create(lines, batch_size=AT_ONCE)


def imports_sweep(*, now: datetime) -> int:
    """Hand lists to the workers that none reads: the broker forgot them, or their worker died.

    Returns:
        How many were handed over.
    """
    lost = Q(alive_at__lte=now - timedelta(seconds=10)) | Q(alive_at__isnull=True)
    found = SpendingImport.objects.filter(_free(now) & lost).order_by("pk").values_list("pk", flat=True)
    return sum(task_enqueue(READ_TASK, number) for number in list(found[:20]))


def _locked(batch: SpendingImport) -> SpendingImport:
    return SpendingImport.objects.select_for_update(of=("self",)).select_related("fiscal_year").get(pk=batch.pk)


def import_apply(*, batch: SpendingImport, by: User, now: datetime, address: str = "") -> SpendingImport:
    """Enter every new line of a list that was read, in one transaction; a second time does nothing.

    Everything is judged anew under locks: what happened since the preview may have used the money or entered a line.

    Raises:
        BusinessError: ``没有登记：…``; lines are wrong, or not what the preview said any more.
    """
    with writing("没有登记"):
        found = _locked(batch)
        if found.state == State.APPLIED:
            return found
        if found.state != State.READ:
            raise refuse(
                "没有登记", f"这份清单现在是“{found.get_state_display()}”，读完、待确认时才可以", code="blocked"
            )
        if wrong := found.lines.filter(verdict=Verdict.WRONG).count():
            raise refuse("没有登记", f"有 {wrong} 行有错，请在 Excel 里改好，重新上传", code="blocked")
        lines = list(found.lines.filter(verdict=Verdict.NEW).order_by("row"))
        _entries_write(found, lines, by=by, now=now)
        found.state, found.applied_by, found.applied_at = State.APPLIED, by, now
        found.save(update_fields=["state", "applied_by", "applied_at"])
        told(what="import_apply", obj=found, by=by, now=now, address=address, entries=len(lines))
    return found


def _entries_write(batch: SpendingImport, lines: list[ImportLine], *, by: User, now: datetime) -> None:
    purse = Purse.open(batch.fiscal_year, today=today_of(now), lock=True)
    matcher = Matcher(year=purse.year, kind=batch.kind, purse=purse)
    entries = []
    for line in lines:
        again = matcher.judge_wanted(ReadRow(line.row, line.cells), wanted_of(line))
        if again.verdict != Verdict.NEW:
            why = again.message.rstrip("。") or str(Verdict(again.verdict).label)
            raise refuse(
                "没有登记", f"预览以后情况变了，第 {line.row} 行：{why}；请点“重新读取”再看一遍", code="blocked"
            )
        entries.append(entry_row(purse.year, wanted_of(line), by=by, now=now))
    for start in range(0, len(entries), AT_ONCE):
        SpendingEntry.objects.bulk_create(entries[start : start + AT_ONCE])
    for line, entry in zip(lines, entries, strict=True):
        line.entry = entry
    ImportLine.objects.bulk_update(lines, ["entry"], batch_size=AT_ONCE)


def import_discard(*, batch: SpendingImport, by: User, now: datetime, address: str = "") -> None:
    """Give a list up; nothing of it was entered. Raises BusinessError: it is applied."""
    with writing("没有放弃"):
        found = _locked(batch)
        if found.state in (State.APPLIED, State.DISCARDED):
            raise refuse("没有放弃", f"这份清单现在是“{found.get_state_display()}”", code="blocked")
        SpendingImport.objects.filter(pk=found.pk).update(state=State.DISCARDED, claim=None, finished_at=now)
        told(what="import_discard", obj=found, by=by, now=now, address=address)


def import_again(*, batch: SpendingImport, by: User, now: datetime, address: str = "") -> None:
    """Have a list read anew: the budget was changed, or its reader died.

    Raises:
        BusinessError: it is applied or given up, or is being read right now.
    """
    with writing("没有重新读取"):
        found = _locked(batch)
        if found.state not in (State.READ, State.REFUSED, State.READING):
            raise refuse("没有重新读取", f"这份清单现在是“{found.get_state_display()}”", code="blocked")
        if found.state == State.READING and found.claim and found.alive_at and found.alive_at > now - LEASE:
            raise refuse("没有重新读取", "正在读，请稍候", code="busy")
        found.lines.all().delete()
        SpendingImport.objects.filter(pk=found.pk).update(
            state=State.READING, claim=None, alive_at=now, attempts=0, rows_read=0, rows_all=0, message="", notes=[],
            finished_at=None,
        )  # fmt: skip
        told(what="import_again", obj=found, by=by, now=now, address=address)
    task_enqueue(READ_TASK, batch.pk)
