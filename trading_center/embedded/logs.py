"""Log files of bounded size that programs write to directly. Standard library alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

SIZE_LIMIT = 5 * 1024 * 1024
GENERATIONS = 3
SHOWN_AT_ONCE = 20
# PostgreSQL's, Celery's, granian's and Django's ways to say that something is wrong.
_WRONG = re.compile(r"\b(ERROR|CRITICAL|FATAL|PANIC)\b|^(\w+\.)*\w+(Error|Exception|Exit): ")


class LogFile:
    """``DATA_DIR/log/<name>.log``, appended to by a child through ``fd``.

    The child keeps its descriptor, so that a full file is copied away and emptied instead of renamed, and read
    through ours: somebody may delete it under a running part.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.log"
        self.fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self.seen = os.fstat(self.fd).st_size

    def reopen(self) -> None:
        """Begin a new file where somebody deleted ours; call it before a child is started."""
        try:
            if self.path.exists():
                return
            fresh = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            return
        os.close(self.fd)
        self.fd, self.seen = fresh, 0

    def rotate(self) -> None:
        """Keep the last GENERATIONS files of SIZE_LIMIT bytes; a full disk costs old lines, never the start."""
        if os.fstat(self.fd).st_size <= SIZE_LIMIT:
            return
        try:
            for number in range(GENERATIONS - 1, 0, -1):
                older = self.path.with_suffix(f".log.{number}")
                if older.exists():
                    older.replace(self.path.with_suffix(f".log.{number + 1}"))
            shutil.copyfile(f"/proc/self/fd/{self.fd}", self.path.with_suffix(".log.1"))
        except OSError:
            pass
        os.ftruncate(self.fd, 0)
        self.seen = 0

    def new_errors(self) -> list[str]:
        """Lines written since the last call that speak of an error, at most SHOWN_AT_ONCE."""
        size = os.fstat(self.fd).st_size
        if size < self.seen:
            self.seen = 0
        if size == self.seen:
            return []
        begin = max(self.seen, size - 256 * 1024)
        text = os.pread(self.fd, size - begin, begin).decode("utf-8", "replace")
        self.seen = size
        return [line for line in text.splitlines() if _WRONG.search(line)][-SHOWN_AT_ONCE:]

    def last_lines(self, count: int) -> list[str]:
        """The newest ``count`` lines."""
        begin = max(0, os.fstat(self.fd).st_size - 64 * 1024)
        return os.pread(self.fd, 64 * 1024, begin).decode("utf-8", "replace").splitlines()[-count:]
