"""Writes of stored files."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from core import sealing
from core.errors import BusinessError
from documents.contents import content_is_whole, digest_of
from documents.kinds import CHUNK, kind_of
from documents.models import FileRemoval, StoredFile, storage_name
from documents.rulebook import MAX_FILE_BYTES, Kind
from documents.selectors import file_open

log = logging.getLogger(__name__)
INCOMING = "incoming"
SEALED_TYPE = "application/vnd.trading-center.sealed"


class _Part(File):
    """A file received; its path lets a directory take it in by renaming, whole or not at all."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def _incoming_folder() -> str | None:
    """A folder on the storage's own disk, or None where the storage is no directory."""
    try:
        folder = Path(default_storage.path(INCOMING))
    except NotImplementedError:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)


def _sync(name: str) -> None:
    """After a power cut a directory must still know the file (fsync(2)); other storages see to it themselves."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        return
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _failures_told() -> Iterator[None]:
    """A storage that is full, broken or away is told in words; each kind has exceptions of its own."""
    try:
        yield
    except BusinessError:
        raise
    except Exception as error:
        log.exception("storing a file failed")
        raise BusinessError(
            "文件没有保存：存储写不进去（可能已满或暂时连不上），请稍后再试，仍不行请联系信息科。", "storage_failed"
        ) from error


def _receive(content: IO[bytes] | File[Any], part: IO[bytes]) -> tuple[str, int]:
    """Copy ``content`` into ``part``; its SHA-256 and size."""
    found, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise BusinessError(
                f"文件没有保存：超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请压缩或者拆开后再传。", "too_large"
            )
        found.update(chunk)
        part.write(chunk)
    if not size:
        raise BusinessError("文件没有保存：文件是空的，请核对后再传。", "empty_file")
    part.flush()
    os.fsync(part.fileno())
    return found.hexdigest(), size


def _check_name(name: str, kind: Kind) -> None:
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension and extension not in kind.extensions:
        raise BusinessError(
            f"文件没有保存：名称以 .{extension} 结尾，内容却是{kind.label}，请改成一致后再传。", "type_mismatch"
        )


def _content_put(part: IO[bytes], sha256: str) -> None:
    """Put the content where its digest says, unless it is there; then read it back."""
    name = storage_name(sha256)
    if not default_storage.exists(name):
        part.seek(0)
        saved = default_storage.save(name, _Part(part))
        if saved != name:
            # Another process was faster; what it wrote is the same content.
            default_storage.delete(saved)
        _sync(name)
    if not content_is_whole(sha256):
        raise BusinessError("文件没有保存：存储中的内容与校验值不符，请联系信息科检查磁盘。", "damaged_storage")


def content_take_in(*, content: IO[bytes] | File[Any], sha256: str) -> bool:
    """Put a content back that a row speaks of already or will: the storage's half of a restore.

    Args:
        content: a stream of bytes from where it stands; it is read to its end.
        sha256: its digest, which is also its place.

    Returns:
        False when the storage held it unharmed, so that nothing was written.

    Raises:
        BusinessError: ``damaged`` when the content is another, ``storage_failed``, ``damaged_storage``.
    """
    if content_is_whole(sha256):
        while content.read(CHUNK):
            """To the end: who reads on expects it."""
        return False
    with _failures_told(), tempfile.NamedTemporaryFile(dir=_incoming_folder(), prefix="part-", delete=False) as part:
        try:
            if _receive(content, part)[0] != sha256:
                raise BusinessError("文件没有恢复：内容与校验值不符。", "damaged")
            if default_storage.exists(storage_name(sha256)):
                default_storage.delete(storage_name(sha256))  # spoilt: compared above
            _content_put(part, sha256)
        finally:
            Path(part.name).unlink(missing_ok=True)
    return True


def file_store(*, content: IO[bytes] | File[Any], now: datetime, name: str = "") -> StoredFile:
    """Store a content once, under its SHA-256; the same content again gives the row that is there.

    Not to be called inside a transaction: the storage is written and read back before the row, so that a row never
    speaks of a file that is not there; a failure in between leaves at most a file without a row.

    Args:
        content: a stream of bytes from where it stands, up to ``MAX_FILE_BYTES``; it is not closed.
        now: the time written as ``created_at``.
        name: the name it was sent under, if any; its ending must suit the content.

    Raises:
        BusinessError: ``empty_file``, ``too_large``, ``bad_type``, ``damaged``, ``type_mismatch``,
            ``storage_failed``, ``damaged_storage``.
        RuntimeError: called inside a transaction.
    """
    with transaction.atomic(durable=True):
        """Only asks whether a transaction is open."""
    with _failures_told(), tempfile.NamedTemporaryFile(dir=_incoming_folder(), prefix="part-", delete=False) as part:
        try:
            sha256, size = _receive(content, part)
            kind = kind_of(part)
            _check_name(name, kind)
            _content_put(part, sha256)
        finally:
            Path(part.name).unlink(missing_ok=True)
    return _row_put(sha256, size, kind.content_type, now)


def _row_put(sha256: str, size: int, content_type: str, now: datetime) -> StoredFile:
    with transaction.atomic(durable=True):
        stored, _ = StoredFile.objects.get_or_create(
            sha256=sha256, defaults={"size": size, "content_type": content_type, "created_at": now}
        )
        FileRemoval.objects.filter(stored=stored).delete()
    return stored


def file_seal(*, stored: StoredFile, context: str, now: datetime) -> StoredFile:
    """Keep an encrypted copy of a stored file beside it, as a stored file of its own; not inside a transaction.

    Args:
        context: what it belongs to (core.sealing).

    Raises:
        BusinessError: ``file_missing``, ``storage_failed``, ``damaged_storage``, ``key_missing``.
    """
    with transaction.atomic(durable=True):
        """Only asks whether a transaction is open."""
    with tempfile.TemporaryFile() as sealed, file_open(stored) as clear:
        sealing.file_seal(clear, sealed, context=context)
        size = sealed.tell()
        sealed.seek(0)
        sha256 = digest_of(sealed)
        sealed.seek(0)
        content_take_in(content=sealed, sha256=sha256)
    return _row_put(sha256, size, SEALED_TYPE, now)


def content_remove(*, stored: StoredFile, now: datetime) -> bool:
    """Take a content out of the storage for good; not inside a transaction, safe to run twice.

    The row that says so comes first: should the process die, the next run finds it and removes the content.

    Returns:
        False when somebody stored the same content anew meanwhile: then it may have to be put back.
    """
    with transaction.atomic(durable=True):
        FileRemoval.objects.get_or_create(stored=stored, defaults={"removed_at": now})
    with _failures_told():
        default_storage.delete(stored.storage_name)
    return FileRemoval.objects.filter(stored=stored).exists()
