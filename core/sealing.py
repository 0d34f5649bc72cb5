"""Whole files encrypted in pieces (AES-256-GCM), so that neither side needs memory for more than one piece.

Layout: ``trading-center-sealed 1 <version of the key>\\n``, then for each piece a nonce of 12 bytes and the piece with
its tag. A piece's number, whether it is the last, the key's version and the context are bound to it: pieces cannot be
left out, swapped, cut off at the end or brought from another file (as in STREAM, Hoang and others 2015).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File

from core.errors import BusinessError
from core.keys import FIELDS, NONCE_BYTES, key_of, version_current

PIECE = 1024 * 1024
TAG_BYTES = 16
HEAD = b"trading-center-sealed 1 "
LONGEST_HEAD = 64

if TYPE_CHECKING:
    Stream = IO[bytes] | File[Any]


def _bound(version: int, context: str, number: int, last: bool) -> bytes:
    return f"{HEAD.decode()}{version} {number} {int(last)} {context}".encode()


def file_seal(source: Stream, target: IO[bytes], *, context: str) -> int:
    """Encrypt what is left in ``source`` into ``target``; the version of the key.

    Args:
        context: what it belongs to; the same must be given to open it.

    Raises:
        KeyMissing: there is no key.
    """
    version = version_current(FIELDS)
    cipher, number = AESGCM(key_of(FIELDS, version)), 0
    target.write(HEAD + f"{version}\n".encode())
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(piece) == PIECE else b""
        nonce = secrets.token_bytes(NONCE_BYTES)
        target.write(nonce + cipher.encrypt(nonce, piece, _bound(version, context, number, not following)))
        if not following:
            return version
        piece, number = following, number + 1


def file_unseal(source: Stream, *, context: str) -> Iterator[bytes]:
    """The content that :func:`file_seal` encrypted, piece by piece; each is whole before it is given.

    Raises:
        KeyMissing: that version of the key is not at hand.
        BusinessError: ``not_readable``: the file is damaged, cut off, or belongs elsewhere.
    """
    damaged = BusinessError("这份封存的文件已损坏，或不属于这里，无法读出。", "not_readable")
    head = source.readline(LONGEST_HEAD)
    number = head.removeprefix(HEAD).strip()
    if not head.startswith(HEAD) or not number.isdigit():
        raise damaged
    version, count = int(number), 0
    cipher, size = AESGCM(key_of(FIELDS, version)), NONCE_BYTES + PIECE + TAG_BYTES
    piece = source.read(size)
    while piece:
        following = source.read(size)
        try:
            bound = _bound(version, context, count, not following)
            yield cipher.decrypt(piece[:NONCE_BYTES], piece[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise damaged from None
        piece, count = following, count + 1
    if not count:
        raise damaged
