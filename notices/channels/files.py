"""The file channel: a file a message below DATA_DIR/outbox, for an instance without gateways.

Exactly once as long as nobody takes a file away within minutes: its name is the message's own, it appears
whole or not at all, and an existing one is left as it is. Who carries files on should copy them, or move them away a
day later. The files hold the message in the clear, confidential ones too: 0600 in a 0700 folder.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from django.conf import settings

from core.reasons import reason
from notices.channels import Later
from notices.sealed import Message

FILES_PER_FOLDER = 1_000


def file_path(message: Message) -> Path:
    """Where a message is written."""
    folder: Path = settings.NOTICE_OUTBOX / f"{message.number // FILES_PER_FOLDER:06}"
    return folder / f"notice-{message.name}.json"


def _folder_make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.NOTICE_OUTBOX.chmod(0o700)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class FileWay:
    """Writes files."""

    name = "file"

    def ready(self) -> bool:
        """Always."""
        return True

    def send(self, message: Message) -> None:
        """Write it, whole or not at all; nothing when it is there.

        Raises:
            Later: the disk is full, or the folder cannot be written.
        """
        path = file_path(message)
        new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        content = {
            "number": message.number,
            "to": message.address,
            "subject": message.subject,
            "text": message.text,
            "created_at": message.created_at,
        }
        try:
            _folder_make(path.parent)
            if path.exists():
                return
            self._write(new, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
            try:
                # Unlike a rename a link never replaces.
                os.link(new, path)
            except FileExistsError:
                return
            finally:
                new.unlink()
            _sync(path.parent)
        except OSError as error:
            raise Later(f"写不进发件目录（{reason(error)}），请检查磁盘空间和目录权限。") from error

    def _write(self, path: Path, content: bytes) -> None:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
