"""Papers of handed-out tasks: kept by content in an app above, named here by their digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User
from core.errors import BusinessError
from core.text import first_not_storable
from workflow.models import AssignedTask, TaskAnswer, TaskPaper

# Files are kept by an app above: ``(*, content, now, name) -> object with sha256 and size``, and ``(sha256) -> File``.
FILE_STORE = "documents.services.file_store"
FILE_OPEN = "documents.selectors.content_open"
MOST_PAPERS = 20
LONGEST_NAME = 200


@dataclass(frozen=True)
class KeptPaper:
    """A content that is stored, before a task speaks of it."""

    name: str
    sha256: str
    size: int


def papers_store(*, uploads: Iterable[Any], now: datetime) -> list[KeptPaper]:
    """Store what was sent with a form. Not to be called inside a transaction: files come before their rows.

    Args:
        uploads: files as a form gives them, each with ``name``.
        now: aware time of the request.

    Raises:
        BusinessError: too many, a bad name, or what ``documents.services.file_store`` refuses (kind, size), with the
            file's name in front.
    """
    files = list(uploads)
    if len(files) > MOST_PAPERS:
        raise _too_many()
    return [_kept(content=file, name=str(file.name), now=now) for file in files]


def _too_many() -> BusinessError:
    return BusinessError(f"材料没有保存：一件事项最多 {MOST_PAPERS} 份材料。", "too_many")


def _kept(*, content: IO[bytes] | File[Any], name: str, now: datetime) -> KeptPaper:
    if not name.strip() or first_not_storable(name) or len(name) > LONGEST_NAME:
        raise BusinessError("材料没有保存：文件名是空的、太长或含有控制字符，请改名后再传。", "bad_name")
    try:
        stored = import_string(FILE_STORE)(content=content, now=now, name=name)
    except BusinessError as error:
        raise BusinessError(f"“{name}”：{error.message}", error.code) from error
    return KeptPaper(name, stored.sha256, stored.size)


def papers_add(
    *, task: AssignedTask, papers: Sequence[KeptPaper], by: User, now: datetime, answer: TaskAnswer | None = None
) -> None:
    """Write the rows of stored papers, in the caller's transaction; a content that the task has already is left out.

    Raises:
        BusinessError: ``too_many``.
    """
    there = set(task.papers.values_list("sha256", flat=True))
    new = {paper.sha256: paper for paper in papers if paper.sha256 not in there}
    if len(there) + len(new) > MOST_PAPERS:
        raise _too_many()
    for paper in new.values():
        TaskPaper.objects.create(
            task=task, name=paper.name, sha256=paper.sha256, size=paper.size, answer=answer, by=by, at=now
        )


def task_paper_add(
    *, task: AssignedTask, content: IO[bytes] | File[Any], name: str, by: User, now: datetime
) -> TaskPaper:
    """Keep one more paper of a task. Not to be called inside a transaction (the file is stored before the row).

    Args:
        content: a stream of bytes; name: the name it was sent under.

    Raises:
        BusinessError: too many papers, or what ``documents.services.file_store`` refuses.
    """
    if task.papers.count() >= MOST_PAPERS:
        raise _too_many()
    paper = _kept(content=content, name=name, now=now)
    with transaction.atomic():
        AssignedTask.objects.select_for_update().get(pk=task.pk)
        papers_add(task=task, papers=[paper], by=by, now=now)
    return TaskPaper.objects.get(task=task, sha256=paper.sha256)


def paper_open(paper: TaskPaper) -> File[Any]:
    """The content, open for reading in bytes; the caller closes it.

    Raises:
        BusinessError: ``file_missing`` when the storage has lost it.
    """
    opened: File[Any] = import_string(FILE_OPEN)(paper.sha256)
    return opened
