"""Announcement files (contracts: announcement files, version 1): streamed in batches, bad lines put aside."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from core.errors import BusinessError
from documents.services import file_store
from tenders.ahead import BATCH_BYTES, BATCH_LINES, parsed_ahead
from tenders.lines import LONGEST_LINE, AnnouncementLine, AttachmentLine, RefusedLine
from tenders.models import Category
from tenders.services.announcements import (
    DIFFERS,
    IMPORTED,
    NOT_STORABLE,
    UNCHANGED,
    announcements_store,
)
from tenders.services.search import search_index_flush
from upkeep.gates import hold_require_off

FLUSH_EVERY = 5_000  # more would make readers wait while an import runs
LONGEST_RAW = 100_000
REASONS = {
    DIFFERS: "同一来源的这个编号已经入库，但内容不同；已发布的公告不改，更正请用新的编号。",
    NOT_STORABLE: "数据库无法保存这一行的内容，请检查其中的数字和文字。",
}


@dataclass
class ImportResult:
    """Counts of an import, and where the refused lines are (None when there are none)."""

    imported: int = 0
    unchanged: int = 0
    refused: int = 0
    refused_path: Path | None = None


@dataclass
class _Run:
    now: datetime
    folder: Path | None
    refusals: Any
    result: ImportResult = field(default_factory=ImportResult)
    batch: list[tuple[int, bytes, AnnouncementLine]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    batch_bytes: int = 0
    unflushed: int = 0

    def refuse(self, number: int, raw: bytes, code: str, reason: str) -> None:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")[:LONGEST_RAW]
        row = {"line": number, "code": code, "reason": reason, "raw": text}
        self.refused.append((number, json.dumps(row, ensure_ascii=False) + "\n"))
        self.result.refused += 1

    @property
    def full(self) -> bool:
        return len(self.batch) + len(self.refused) >= BATCH_LINES or self.batch_bytes >= BATCH_BYTES

    def store(self) -> None:
        self._store_batch()
        self.refusals.writelines(row for _, row in sorted(self.refused))
        self.batch, self.refused, self.batch_bytes = [], [], 0
        if self.unflushed >= FLUSH_EVERY:
            self.flush()

    def _store_batch(self) -> None:
        if not self.batch:
            return
        outcomes = announcements_store(lines=[line for _, _, line in self.batch], now=self.now)
        for (number, raw, _), outcome in zip(self.batch, outcomes, strict=True):
            if outcome == IMPORTED:
                self.result.imported += 1
            elif outcome == UNCHANGED:
                self.result.unchanged += 1
            else:
                self.refuse(number, raw, outcome, REASONS[outcome])
        self.unflushed += outcomes.count(IMPORTED)

    def flush(self) -> None:
        search_index_flush()
        self.unflushed = 0


def file_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; of one longer than the limit only its beginning, the rest is passed over."""
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        yield number, raw
        while len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            raw = stream.readline(LONGEST_LINE + 1)


def _attached_file(folder: Path, name: str) -> Path | None:
    """The file ``name`` in ``folder``; None when it is missing, hidden, or outside."""
    try:
        path = (folder / name).resolve()
        inside = path.relative_to(folder.resolve())
        return path if path.is_file() and not any(part.startswith(".") for part in inside.parts) else None
    except (OSError, ValueError):
        return None


def attachments_keep(line: AnnouncementLine, folder: Path | None, now: datetime) -> AnnouncementLine:
    """Store the files that a line names, and put their digests into the line.

    Args:
        line: as read.
        folder: where the operator keeps them; nothing outside it is read, and nothing at all without it.
        now: the moment of storing.

    Raises:
        RefusedLine: a file that is missing, outside the folder, or of a refused type.
    """
    if not any(one.file for one in line.attachments):
        return line
    kept: list[AttachmentLine] = []
    for one in line.attachments:
        if not one.file or folder is None:
            kept.append(replace(one, file=""))
            continue
        path = _attached_file(folder, one.file)
        if path is None:
            raise RefusedLine("text_not_storable", f"附件“{one.name[:40]}”的文件不在附件目录中。")
        try:
            with path.open("rb") as content:
                stored = file_store(content=content, now=now, name=one.name)
        except (BusinessError, OSError) as error:
            raise RefusedLine("text_not_storable", f"附件“{one.name[:40]}”无法保存：{error}") from error
        kept.append(replace(one, sha256=stored.sha256, size=stored.size))
    return replace(line, attachments=tuple(kept))


def _take(run: _Run, number: int, raw: bytes, line: AnnouncementLine | RefusedLine) -> None:
    try:
        if isinstance(line, RefusedLine):
            raise line
        line = attachments_keep(line, run.folder, run.now)
    except RefusedLine as refusal:
        run.refuse(number, raw, refusal.code, refusal.reason)
    else:
        run.batch.append((number, raw, line))
    run.batch_bytes += len(raw)
    if run.full:
        run.store()


def _open_refusals(path: Path, given: Path | None) -> tuple[Any, Path]:
    """The file for refused lines, written beside its final name: where asked, beside FILE, else in DATA_DIR."""
    places = [given] if given else [path.with_name(path.name + ".refused.jsonl")]
    if given and given.exists() and (not given.is_file() or given.samefile(path)):
        reason = f"无法导入：--refused 不能是目录、设备或导入文件本身（{given}），请另给一个文件名。"
        raise BusinessError(reason, "unwritable")
    if not given:
        places.append(settings.PATHS.data_dir / "refused" / (path.name + ".refused.jsonl"))
    for place in places:
        try:
            if not given:
                place.parent.mkdir(exist_ok=True)
            return place.with_name(f"{place.name}.{os.getpid()}.part").open("w", encoding="utf-8"), place
        except OSError:
            continue
    raise BusinessError(
        f"无法导入：不能写出被退回行的文件 {places[-1]}。请用 --refused 指定一个可写的位置。", "unwritable"
    )


def announcement_file_import(
    *,
    path: Path,
    refused: Path | None = None,
    attachments: Path | None = None,
    now: datetime,
    progress: Callable[[int, ImportResult], None],
) -> ImportResult:
    """Import a file of announcements, one JSON object a line.

    Args:
        path: the file.
        refused: where refused lines go; default beside ``path``, else under DATA_DIR.
        attachments: the folder of the files that lines name; without it none is read.
        now: the moment of the import.
        progress: called after every 1,000 lines with the line number and the counts so far.

    Returns:
        The counts. A second run changes nothing.

    Raises:
        BusinessError: the file cannot be read, the refused lines cannot be written, or a recovery hold is on.
    """
    hold_require_off()
    try:
        stream = path.open("rb")
        stream.peek(1)
    except (OSError, ValueError) as error:
        raise BusinessError(f"无法导入：读不出文件 {path}（{error}）。", "unreadable") from error
    with stream:
        refusals, place = _open_refusals(path, refused)
        run = _Run(now=now, folder=attachments, refusals=refusals)
        part = Path(refusals.name)
        try:
            with refusals:
                known = frozenset(Category.objects.values_list("name", flat=True))
                for number, raw, line in parsed_ahead(file_lines(stream), known):
                    if line is not None:
                        _take(run, number, raw, line)
                    if number % BATCH_LINES == 0:
                        progress(number, run.result)
                run.store()
            if run.result.refused:
                os.replace(part, place)
                run.result.refused_path = place
            else:
                place.unlink(missing_ok=True)
        finally:
            part.unlink(missing_ok=True)
            # Also after a failure, and for what an import that was killed left behind.
            run.flush()
    return run.result
