"""The files of the keyring: one 0600 file a key and version in a 0700 folder. Standard library alone.

The supervisor makes the first keys before anything is installed that could use them; core.keys reads them.
A key's file is never written again: a new version is a new file, and old ones stay to read old data.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

FIELDS, INDEX, LOG, SESSIONS = "fields", "index", "log", "sessions"
# Bytes of a key; the one of sessions is 64 printable characters, Django's SECRET_KEY.
SIZES = {FIELDS: 32, INDEX: 32, LOG: 32, SESSIONS: 64}
PURPOSES = tuple(SIZES)
_NAME = re.compile(rf"({'|'.join(PURPOSES)})-([1-9][0-9]{{0,5}})\.key")


def key_name(purpose: str, version: int) -> str:
    """The name of a key's file."""
    return f"{purpose}-{version}.key"


def key_make(purpose: str) -> bytes:
    """A new key from the system's random source."""
    return secrets.token_urlsafe(48).encode("ascii") if purpose == SESSIONS else secrets.token_bytes(SIZES[purpose])


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        # Some shares do not know it; then their own promises have to do.
        with contextlib.suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)


def folder_make(folder: Path) -> None:
    """Make the 0700 folder of the keys, or close one that others could enter.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def key_write(folder: Path, purpose: str, version: int, value: bytes) -> bool:
    """Write one key, whole or not at all; an existing one stays as it is.

    Two processes, also on two hosts, that write the same version agree: the first link wins.

    Args:
        folder: of the keys; it exists.
        purpose: one of PURPOSES.
        version: from 1.
        value: SIZES[purpose] bytes.

    Returns:
        Whether it is ours.
    """
    new = folder / f".{key_name(purpose, version)}.{os.getpid()}.{secrets.token_hex(4)}"
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(fd, value.hex().encode("ascii") + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)
    try:
        # Unlike a rename a link never replaces.
        os.link(new, folder / key_name(purpose, version))
    except FileExistsError:
        return False
    finally:
        new.unlink()
    _sync_folder(folder)
    return True


def key_versions(folder: Path) -> dict[str, dict[int, bytes]]:
    """Every key in the folder: purpose, version, bytes. Other files are passed over.

    Raises:
        OSError: the folder or a file cannot be read.
        ValueError: a file is damaged; the text is its path.
    """
    found: dict[str, dict[int, bytes]] = {purpose: {} for purpose in PURPOSES}
    for entry in sorted(os.listdir(folder)):
        if match := _NAME.fullmatch(entry):
            path = folder / entry
            try:
                value = bytes.fromhex(path.read_text(encoding="ascii"))
            except ValueError:
                raise ValueError(str(path)) from None
            if len(value) != SIZES[match[1]]:
                raise ValueError(str(path))
            found[match[1]][int(match[2])] = value
    return found


def first_keys_make(folder: Path, session_secret: str = "") -> None:
    """Make version 1 of every key that has none; safe for several processes and hosts at once.

    Args:
        folder: of the keys; made where it is missing.
        session_secret: what an older instance signed with, to be kept as the first key of sessions.

    Raises:
        OSError: the folder cannot be used.
        ValueError: a key is damaged.
    """
    folder_make(folder)
    found = key_versions(folder)
    for purpose in PURPOSES:
        if not found[purpose]:
            kept = session_secret.encode() if purpose == SESSIONS and len(session_secret) == SIZES[SESSIONS] else b""
            key_write(folder, purpose, 1, kept or key_make(purpose))


def session_secrets(folder: Path) -> list[str]:
    """Django's SECRET_KEY, then its fallbacks, newest first; empty before the first key was made."""
    try:
        found = key_versions(folder)[SESSIONS]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [found[version].decode("ascii", "replace") for version in sorted(found, reverse=True)]
