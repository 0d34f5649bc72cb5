"""The embedded Redis: its settings and its command. Standard library alone."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

from trading_center.embedded.binaries import redis_program
from trading_center.embedded.paths import Paths

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
TEMPLATE = """\
# Written anew at every start.
port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
dir {folder}
daemonize no
logfile ""
# Messages survive: every write is in the file before it is answered, and on the disk within a second.
appendonly yes
appendfsync everysec
save ""
# What has a time to live may go when memory is short; queues have none.
maxmemory 512mb
maxmemory-policy volatile-lru
"""


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Redis:
    """The server of one instance, for the keeper."""

    name = "redis"
    label = "Redis"
    death_signal: int = signal.SIGTERM
    stop_steps: tuple[tuple[int, float], ...] = ((signal.SIGTERM, 10.0),)

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.file = paths.redis / "redis.conf"

    def prepare(self) -> None:
        """Make the folder, write the settings (the password stands in the file, not in the list of processes)."""
        self.paths.redis.mkdir(mode=0o700, exist_ok=True)
        values = {
            "socket": _quoted(str(self.paths.redis_socket)),
            "folder": _quoted(str(self.paths.redis)),
            "password": self.paths.secret("redis"),
        }
        self.file.touch(mode=0o600)
        self.file.write_text(TEMPLATE.format(**values), encoding="utf-8")

    def command(self) -> list[str]:
        return [str(redis_program()), str(self.file)]

    def options(self) -> dict[str, Any]:
        return {}

    def is_ready(self) -> bool:
        """Does it answer with its data loaded?"""
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(2)
                link.connect(str(self.paths.redis_socket))
                link.sendall(f"AUTH {self.paths.secret('redis')}\r\nPING\r\n".encode("ascii"))
                answer = b""
                while answer.count(b"\r\n") < 2:
                    piece = link.recv(4096)
                    if not piece:
                        break
                    answer += piece
                return answer == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def is_leftover(self, pid: str) -> bool:
        """Is process ``pid`` one of a server that died?"""
        program, place = os.readlink(f"/proc/{pid}/exe"), os.readlink(f"/proc/{pid}/cwd")
        return program == os.path.realpath(redis_program()) and place == os.path.realpath(self.paths.redis)
