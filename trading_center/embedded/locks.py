"""Locks on files of DATA_DIR: the kernel drops them when their holder ends, however it ends, so none is ever stale.

| lock | held by |
| --- | --- |
| supervisor | the supervisor, exclusive, for life |
| parts | web, worker and scheduler (inherited): the next supervisor waits until the last one is gone |
| users | everybody who uses the services, shared; the keeper takes it exclusive when nobody does, and stops |
| start | whoever starts the services or makes the instance, exclusive, for a moment |
| keeper | the keeper of the services, exclusive, for life |
| postgres, redis | every process of that server (inherited) |
| state/prepare.lock | whoever migrates or collects static files |
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

POLL_SECONDS = 0.05


class Lock:
    """One lock file. Not for threads: one object, one holder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def acquire(self, *, shared: bool = False, timeout: float = 0.0) -> bool:
        """Take the lock, waiting at most ``timeout`` seconds; True when it is ours."""
        if self.fd is None:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(self.fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    self.release()
                    return False
            time.sleep(POLL_SECONDS)

    def release(self) -> None:
        """Let go; a copy of the descriptor that a child inherited keeps the lock."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def is_held(self) -> bool:
        """Does somebody else hold it exclusively, or at all?"""
        probe = Lock(self.path)
        free = probe.acquire()
        probe.release()
        return not free

    def is_exclusive(self) -> bool:
        """Does somebody else hold it exclusively? Unlike ``is_held``, two who ask at once do not mislead each other."""
        probe = Lock(self.path)
        free = probe.acquire(shared=True)
        probe.release()
        return not free
