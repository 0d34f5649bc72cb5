"""The parent of the embedded servers: starts them, restarts one that dies, stops them when nobody uses them.

``python -m trading_center.embedded.keeper DATA_DIR PARTS`` is started by whoever needs the services first and belongs
to nobody: users hold a shared lock, so that the last one out, however it ends, lets the keeper stop the servers in
order. Standard library alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from trading_center.config import ConfigError
from trading_center.embedded import child
from trading_center.embedded.locks import Lock
from trading_center.embedded.logs import LogFile
from trading_center.embedded.paths import Paths
from trading_center.embedded.postgres import ENVIRONMENT, Postgres
from trading_center.embedded.redis_server import Redis

LOOP_SECONDS = 0.1
# A server that died is given this long until its last process is gone, which is then killed.
LEFTOVER_SECONDS = 5.0
RESTARTS, RESTARTS_WITHIN_SECONDS = 5, 60.0
# On SIGTERM (the machine shuts down) the users are told to stop as well: their work first.
PATIENCE_SECONDS = 20.0


class Program(Protocol):
    """What the keeper needs to know of a server."""

    name: str
    label: str
    death_signal: int
    stop_steps: tuple[tuple[int, float], ...]

    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def options(self) -> dict[str, Any]: ...
    def is_ready(self) -> bool: ...
    def is_leftover(self, pid: str) -> bool: ...


def say(text: str) -> None:
    """Into the keeper's log."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", flush=True)  # noqa: T201 (its output is the log)


KINDS: dict[str, Callable[[Paths], Program]] = {"postgres": Postgres, "redis": Redis}


class Server:
    """One running server."""

    def __init__(self, program: Program, paths: Paths) -> None:
        self.program = program
        self.lock = Lock(paths.lock / program.name)
        self.log = LogFile(paths.log, program.name)
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths: list[float] = []
        self.again_at = 0.0

    def _kill_leftovers(self) -> None:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if self.program.is_leftover(pid):
                    os.kill(int(pid), signal.SIGKILL)

    def start(self) -> None:
        """Start it once every process of an earlier one is gone."""
        if not self.lock.acquire(timeout=LEFTOVER_SECONDS):
            self._kill_leftovers()
            if not self.lock.acquire(timeout=LEFTOVER_SECONDS):
                raise ConfigError(f"无法启动：{self.program.label}的旧进程没有退出，请稍后再试。")
        self.log.reopen()
        try:
            self.program.prepare()
            self.process = child.spawn(
                self.program.command(),
                death_signal=self.program.death_signal,
                keep=[self.lock.fd] if self.lock.fd is not None else [],
                env=ENVIRONMENT,
                stdout=self.log.fd,
                stderr=self.log.fd,
                **self.program.options(),
            )
        finally:
            # From here on only the server's own processes hold it.
            self.lock.release()

    def wait_ready(self, until_stop: list[int]) -> None:
        """Wait as long as it lives: recovery after a power cut takes its time.

        Raises:
            ConfigError: it ended before it was ready.
        """
        pause = 0.02
        while not self.program.is_ready():
            if self.process is None or child.has_ended(self.process):
                last = next(iter(self.log.last_lines(1)), "没有输出")
                raise ConfigError(f"无法启动：{self.program.label}起不来（{last}），详见 {self.log.path}。")
            if until_stop:
                raise ConfigError("无法启动：启动中被要求停止。")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.3)

    def watch(self, now: float) -> None:
        """Restart it when it died, later each time; rotate its log.

        Raises:
            ConfigError: it died too often.
        """
        self.log.rotate()
        if self.process is not None and child.has_ended(self.process):
            self.deaths = [t for t in self.deaths if t > now - RESTARTS_WITHIN_SECONDS] + [now]
            say(f"{self.program.label}退出（代码 {self.process.returncode}）")
            self.process = None
            self.again_at = now + 0.2 * 2 ** (len(self.deaths) - 1)
            if len(self.deaths) > RESTARTS:
                raise ConfigError(f"{self.program.label}一再退出，详见 {self.log.path}。")
        if self.process is None and now >= self.again_at:
            self.start()

    def stop(self) -> None:
        if self.process is not None:
            clean = child.stop(self.process, self.program.stop_steps)
            say(f"{self.program.label}已停止" + ("" if clean else "（强行）"))


class Keeper:
    """The life of the services of one DATA_DIR."""

    def __init__(self, paths: Paths, parts: list[str], own_lock: Lock) -> None:
        self.paths = paths
        self.own_lock = own_lock
        self.parts = parts
        self.servers: list[Server] = []
        self.asked_to_stop: list[int] = []
        self.state_file = paths.lock / "keeper.state"
        self.users = Lock(paths.lock / "users")
        self.log = LogFile(paths.log, "services")

    def tell(self, state: str, sentence: str = "") -> None:
        """Let the users read where we stand."""
        new = self.state_file.with_suffix(".new")
        new.write_text(
            json.dumps({"pid": os.getpid(), "parts": self.parts, "state": state, "sentence": sentence}),
            encoding="utf-8",
        )
        new.replace(self.state_file)

    def start(self) -> None:
        for part in self.parts:
            server = Server(KINDS[part](self.paths), self.paths)
            self.servers.append(server)
            server.start()
        for server in self.servers:
            server.wait_ready(self.asked_to_stop)
            say(f"{server.program.label}已启动")

    def _is_gone(self) -> bool:
        """Was DATA_DIR deleted, or replaced by another, under us?"""
        try:
            return self.own_lock.fd is None or not os.path.samestat(
                os.stat(self.own_lock.path), os.fstat(self.own_lock.fd)
            )
        except FileNotFoundError:
            return True

    def keep(self) -> None:
        """Until nobody uses the services any more; then nobody can begin to, until they are stopped."""
        deadline = None
        while True:
            if self._is_gone() or self.users.acquire():
                return
            now = time.monotonic()
            if self.asked_to_stop:
                deadline = deadline or now + PATIENCE_SECONDS
                if now >= deadline:
                    return
            for server in self.servers:
                server.watch(now)
            self.log.rotate()
            time.sleep(LOOP_SECONDS)

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()


def main(argv: list[str]) -> int:
    """Run until nobody needs the services; 1 when they could not be kept."""
    os.umask(0o077)
    paths = Paths(Path(argv[1]))
    lock = Lock(paths.lock / "keeper")
    # Not at once: who only asks whether it is held holds it for a moment.
    if not lock.acquire(timeout=1.0):
        return 0
    keeper = Keeper(paths, argv[2].split(","), lock)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda caught, _frame: keeper.asked_to_stop.append(caught))
    keeper.tell("starting")
    result, sentence = 1, "服务已停止。"
    try:
        keeper.start()
        keeper.tell("ready")
        keeper.keep()
        result = 0
    except (ConfigError, OSError, subprocess.SubprocessError) as error:
        sentence = str(error) if isinstance(error, ConfigError) else f"无法启动：内嵌服务出错（{error}）。"
        say(sentence)
    keeper.stop()
    with contextlib.suppress(OSError):
        keeper.tell("stopped" if result == 0 else "failed", sentence)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv))
