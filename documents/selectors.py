"""Reads of stored files."""

from __future__ import annotations

import hashlib
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from core.errors import BusinessError
from documents.kinds import CHUNK
from documents.models import StoredFile, storage_name

MOST_USES = 20


def digest_of(stream: IO[bytes] | File[Any]) -> str:
    """SHA-256 of what is left in ``stream``, 64 lower-case hexadecimal digits."""
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


def file_open(stored: StoredFile) -> File[Any]:
    """The content of ``stored``, open for reading in bytes; the caller closes it.

    Raises:
        BusinessError: ``file_missing`` when the storage has lost it.
    """
    return content_open(stored.sha256)


def content_open(sha256: str) -> File[Any]:
    """The content with this digest, as file_open."""
    try:
        return default_storage.open(storage_name(sha256), "rb")
    except FileNotFoundError:
        raise BusinessError("打不开文件：存储中找不到它，请联系信息科从备份恢复。", "file_missing") from None


def file_uses(sha256: str) -> list[Any]:
    """Rows of any app that show this content to somebody (settings.FILE_USES: model, lookup of the digest, more)."""
    found: list[Any] = []
    for label, lookup, more in settings.FILE_USES:
        found += apps.get_model(label).objects.filter(**{lookup: sha256}, **more).order_by("pk")[:MOST_USES]
    return found


def content_is_whole(sha256: str) -> bool:
    """Whether the storage holds the content with this digest, unharmed. Reads all of it."""
    try:
        with default_storage.open(storage_name(sha256), "rb") as stream:
            return digest_of(stream) == sha256
    except FileNotFoundError:
        return False
