"""Writes of handed-out tasks; their states are moved by ``workflow.services.move``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import Department, User
from core.errors import BusinessError
from core.text import first_not_storable
from workflow.models import AssignedTask, StateChange, TaskAnswer, TaskPaper
from workflow.moves import day_end
from workflow.services.moves import create

# Files are kept by an app above: ``(*, content, now, name) -> object with sha256 and size``.
FILE_STORE = "documents.services.file_store"
MOST_PAPERS = 20


def task_create(
    *,
    title: str,
    text: str,
    source: str,
    lead_office: Department,
    due_on: date,
    by: User,
    now: datetime,
    reference: str = "",
    helping_offices: Iterable[Department] = (),
    person: User | None = None,
    address: str = "",
) -> AssignedTask:
    """Draft a task; it is handed out by the move ``assign``.

    Args:
        title, text: what is to be done, in one line and in full.
        source: of ``AssignedTask.Source``; reference: the meeting's name or the paper's number.
        lead_office, helping_offices: the lead office is left out of the helping ones.
        person: who is to do it, or None: then anybody in the lead office.
        due_on: the last day, in Asia/Shanghai.

    Raises:
        BusinessError: as ``workflow.services.create``.
    """
    for value in (title, text, reference):
        if first_not_storable(value):
            raise BusinessError("不能新建：文字里有不能保存的控制字符，请删去后重写。", "invalid")
    task = AssignedTask(
        title=title.strip(),
        text=text.strip(),
        source=source,
        reference=reference.strip(),
        giver=by,
        lead_office=lead_office,
        person=person,
        due_on=due_on,
        first_due_on=due_on,
        created_at=now,
    )
    with transaction.atomic():
        create(task, by=by, now=now, address=address)
        task.helping_offices.set([office for office in helping_offices if office.pk != lead_office.pk])
    return task


def answer_record(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``answer``: the text is a row of its own, also the second time."""
    TaskAnswer.objects.create(task=task, text=str(data["text"]).strip(), by=by, at=now)


def due_extend(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``extend``: the change keeps both dates."""
    task.due_on = data["due_on"]
    task.save(update_fields=["due_on"])


def giver_change(task: AssignedTask, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``take_over``: from now on the director is the giver."""
    task.giver = by
    task.save(update_fields=["giver"])


def task_late_at(task: AssignedTask) -> datetime:
    """The first moment at which the task is late."""
    return day_end(task.due_on)


def task_paper_add(
    *, task: AssignedTask, content: IO[bytes] | File[Any], name: str, by: User, now: datetime
) -> TaskPaper:
    """Keep one paper of a task. Not to be called inside a transaction (the file is stored before the row).

    Args:
        content: a stream of bytes; name: the name it was sent under.

    Raises:
        BusinessError: too many papers, or what ``documents.services.file_store`` refuses.
    """
    if task.papers.count() >= MOST_PAPERS:
        raise BusinessError(f"材料没有保存：一件事项最多 {MOST_PAPERS} 份材料。", "too_many")
    if not name.strip() or first_not_storable(name) or len(name) > 200:
        raise BusinessError("材料没有保存：文件名是空的、太长或含有控制字符，请改名后再传。", "bad_name")
    stored = import_string(FILE_STORE)(content=content, now=now, name=name)
    with transaction.atomic():
        paper, _ = TaskPaper.objects.get_or_create(
            task=task, sha256=stored.sha256, defaults={"name": name, "size": stored.size, "by": by, "at": now}
        )
    return paper
