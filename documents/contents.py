"""Contents in the storage, compared with their digests."""

from __future__ import annotations

import hashlib
from typing import IO, Any, Literal

from django.core.files.base import File
from django.core.files.storage import default_storage

from documents.kinds import CHUNK
from documents.models import storage_name

FaultKind = Literal["", "missing", "altered"]
MISSING: FaultKind = "missing"
ALTERED: FaultKind = "altered"


def digest_of(stream: IO[bytes] | File[Any]) -> str:
    """SHA-256 of what is left in ``stream``, 64 lower-case hexadecimal digits."""
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


def content_state(sha256: str) -> FaultKind:
    """What is wrong with the content of this digest in the storage, ``""`` when nothing is. Reads all of it."""
    try:
        with default_storage.open(storage_name(sha256), "rb") as stream:
            return "" if digest_of(stream) == sha256 else ALTERED
    except FileNotFoundError:
        return MISSING


def content_is_whole(sha256: str) -> bool:
    """Whether the storage holds the content with this digest, unharmed. Reads all of it."""
    return not content_state(sha256)
