"""Reads of stored files."""

from __future__ import annotations

import os
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from core.errors import Unavailable
from core.moments import SHANGHAI
from documents.contents import ALTERED, MISSING, digest_of
from documents.faults import fault_clear, fault_note
from documents.models import FileFault, FileRemoval, StoredFile, storage_name

MOST_USES = 20
MOST_SHOWN = 20
MOST_COMPARED = 10_000


def file_open(stored: StoredFile) -> File[Any]:
    """The content of ``stored``, open for reading in bytes; the caller closes it.

    Raises:
        Unavailable: ``file_missing``, ``file_damaged``: the storage has lost it, or it is not what its digest says.
    """
    return content_open(stored.sha256)


def _stamp(name: str, stream: File[Any]) -> tuple[Any, ...]:
    """By what one sees that a content is still the one that was compared.

    The time of the last change of the file itself (ctime) is among it: the time of writing (mtime) can be set back.
    """
    try:
        default_storage.path(name)
    except NotImplementedError:
        return (default_storage.get_modified_time(name), default_storage.size(name))
    found = os.fstat(stream.fileno())
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


# Digest and stamp of what this process has compared: the same file is not read twice.
_compared: dict[str, tuple[Any, ...]] = {}


def content_open(sha256: str) -> File[Any]:
    """The content with this digest, as file_open; compared with it before anybody sees it."""
    name = storage_name(sha256)
    try:
        stream = default_storage.open(name, "rb")
    except FileNotFoundError:
        fault_note(sha256, MISSING)
        raise Unavailable("打不开文件：存储中找不到它，已记录下来，请联系信息科从备份恢复。", "file_missing") from None
    try:
        stamp = _stamp(name, stream)
        if _compared.get(sha256) != stamp:
            if digest_of(stream) != sha256:
                fault_note(sha256, ALTERED)
                raise Unavailable(
                    "打不开文件：存储中的内容与登记的校验值不符，已记录下来，请联系信息科从备份恢复。", "file_damaged"
                )
            stream.seek(0)
            fault_clear(sha256)
            _remember(sha256, stamp)
    except BaseException:
        stream.close()
        raise
    return stream


def _remember(sha256: str, stamp: tuple[Any, ...]) -> None:
    while len(_compared) >= MOST_COMPARED:
        _compared.pop(next(iter(_compared)), None)
    _compared[sha256] = stamp


def file_uses(sha256: str) -> list[Any]:
    """Rows of any app that show this content to somebody (settings.FILE_USES: model, lookup of the digest, more)."""
    found: list[Any] = []
    for label, lookup, more in settings.FILE_USES:
        found += apps.get_model(label).objects.filter(**{lookup: sha256}, **more).order_by("pk")[:MOST_USES]
    return found


def _faults() -> QuerySet[FileFault]:
    """Those of contents that were not taken out on purpose."""
    return FileFault.objects.exclude(sha256__in=FileRemoval.objects.values("stored__sha256"))


def faults_count() -> float:
    """How many are known now, for ``/metrics``."""
    return float(_faults().count())


def _use_words(use: Any) -> str:
    number = getattr(use, "announcement_id", None)
    return f"{f'公告 {number} 的' if number else ''}{use._meta.verbose_name}“{use}”"


def fault_lines() -> list[str]:
    """What the upkeep page says of them: what they are shown as, since when, what to do; empty when all is whole."""
    found = []
    for one in _faults().order_by("found_at", "sha256")[:MOST_SHOWN]:
        at = one.found_at.astimezone(SHANGHAI)
        uses = "、".join(map(_use_words, file_uses(one.sha256))) or "不再使用的文件"
        found.append(
            f"{uses}：存储中的内容{one.get_kind_display()}（{at.year}年{at.month}月{at.day}日 {at:%H:%M} 发现）。"
            f"请从备份（tar.gz 里 files/{one.sha256[:2]}/{one.sha256}）取回，放到文件存储的同一位置。"
        )
    return found
