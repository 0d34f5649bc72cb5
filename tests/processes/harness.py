"""Real supervisors, commands and servers in folders of their own, and what the kernel says about them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import redis

from trading_center.config import BY_NAME, ROOT
from trading_center.embedded.paths import Paths

PATIENCE_SECONDS = 60.0
# Torture at random moments: ``make soak`` sets TORTURE=full, ``make test`` has time for fewer of them.
TOLD = "守住："
TORTURE_IS_FULL = os.environ.get("TORTURE") == "full"


def torture_told(sentence: str) -> None:
    """What a test of torture has stood, for ``make soak`` to show (pytest -rP)."""
    sys.stdout.write(f"{TOLD}{sentence}\n")


def clean_environment() -> dict[str, str]:
    """The environment without any setting of the portal or of the test run."""
    ours = {*BY_NAME, *(f"{name}_FILE" for name in BY_NAME), "TC_AS_OWNER", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def free_port() -> int:
    """A port nobody listens on, outside the range that the kernel gives to clients.

    Test processes that run side by side look in ranges of their own: a port is free until its server starts.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    first = 20_000 + 3_000 * worker
    for port in range(first + os.getpid() % 2_000, first + 3_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port
    raise AssertionError("no free port")


_given: set[int] = set()


def wait_for(question: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Ask until the answer is true; the answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"in vain for {seconds} s: {what}")


def _mentions(pid: int, folder: str) -> bool:
    """Does process ``pid`` belong to the instance in ``folder``, by its command, place or environment?"""
    with contextlib.suppress(OSError):
        if folder in Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " "):
            return True
    with contextlib.suppress(OSError):
        if os.readlink(f"/proc/{pid}/cwd").startswith(folder):
            return True
    with contextlib.suppress(OSError):
        return f"DATA_DIR={folder}" in Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace").split("\0")
    return False


def processes(folder: Path) -> dict[int, str]:
    """Number and command of every living process of the instance in ``folder``."""
    found = {}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid != os.getpid() and _mentions(pid, str(folder)):
            with contextlib.suppress(OSError):
                state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
                if state not in "ZX":
                    found[pid] = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    return found


def pool(instance: Instance, worker: int) -> list[int]:
    """The worker's task processes."""
    found = []
    for pid in processes(instance.folder):
        with contextlib.suppress(OSError):
            if int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1]) == worker:
                found.append(pid)
    return found


class Instance:
    """One DATA_DIR and what is started on it."""

    def __init__(self, folder: Path, *, program: tuple[str, ...] = (sys.executable,), root: Path = ROOT) -> None:
        self.folder = folder
        self.paths = Paths(folder)
        self.port = free_port()
        self.program = program
        self.root = root
        # One web process: each costs a second of the processor at every start.
        self.environ = {**clean_environment(), "DATA_DIR": str(folder), "PORT": str(self.port), "WEB_WORKERS": "1"}
        self.supervisor: subprocess.Popen[str] | None = None
        self.held: subprocess.Popen[str] | None = None
        self.output = folder.parent / f"{folder.name}.out"

    def popen(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start ``python ARGUMENTS`` in a session of its own, its settings in ``more``."""
        return subprocess.Popen(
            [*self.program, *arguments],
            cwd=self.root,
            env={**self.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def python(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``python ARGUMENTS`` to its end."""
        started = self.popen(*arguments, **more)
        out, err = started.communicate(timeout=2 * PATIENCE_SECONDS)
        return subprocess.CompletedProcess(started.args, started.returncode, out, err)

    def start(self, mode: str = "serve", *, healthy: bool = False, address: str = "", **more: str) -> None:
        """Start the supervisor and wait until it prints the address (``healthy``: until every part answers)."""
        with self.output.open("w") as output:
            self.supervisor = subprocess.Popen(
                [*self.program, "-m", "trading_center.supervisor", mode],
                cwd=self.root,
                env={**self.environ, **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        address = address or f"http://localhost:{self.port}"
        wait_for(lambda: address in self.said() or self._ended(), "the address")
        assert address in self.said(), "\n".join(self.said())
        if healthy:
            wait_for(lambda: self.health()[0] == 200, "a healthy instance")

    def servers(self) -> None:
        """Start PostgreSQL and Redis alone, until the instance is killed: nothing happens there by itself."""
        words = ("-m", "trading_center.embedded.with_services", "--", "sh", "-c", "echo up; exec sleep 86400")
        self.held = self.popen(*words)
        assert self.held.stdout is not None
        assert self.held.stdout.readline() == "up\n"

    def _ended(self) -> bool:
        return self.supervisor is not None and self.supervisor.poll() is not None

    def said(self) -> list[str]:
        """The supervisor's lines."""
        return self.output.read_text(encoding="utf-8").splitlines()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the supervisor to stop; its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)
        return self.supervisor.wait(PATIENCE_SECONDS)

    def part(self, label: str) -> int:
        """The process number of the part that the supervisor calls ``label``, as last told."""
        lines = [line for line in self.said() if line.startswith(f"{label}已启动（进程 ")]
        return int(lines[-1].split("进程 ")[1].rstrip("）"))

    def pid_of(self, words: str) -> int:
        """The one process whose command holds ``words``."""
        found = [pid for pid, command in processes(self.folder).items() if words in command]
        assert len(found) == 1, (words, found, processes(self.folder))
        return found[0]

    def successor(self, words: str, before: int) -> int:
        """The one process whose command holds ``words`` and that is not ``before``, which may be dying; 0: not yet."""
        found = [pid for pid, command in processes(self.folder).items() if words in command and pid != before]
        return found[0] if len(found) == 1 else 0

    def kill_all(self) -> None:
        """``kill -9`` of everything that belongs to the instance, again until nothing is left."""

        def gone() -> bool:
            for pid in processes(self.folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not processes(self.folder)

        wait_for(gone, "the end of all processes")
        if self.supervisor is not None:
            self.supervisor.wait(PATIENCE_SECONDS)
        if self.held is not None:
            self.held.communicate(timeout=PATIENCE_SECONDS)
            self.held = None

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """GET; status (0 when nobody answers), headers in lower case, body."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path, headers={"Host": "localhost"})
            answer = link.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            link.close()

    def health(self) -> tuple[int, dict[str, str]]:
        """Status and parts of /healthz."""
        status, _, body = self.get("/healthz")
        return status, json.loads(body)["parts"] if body else {}

    @contextlib.contextmanager
    def database(self, role: str = "tc_app", **change: str) -> Iterator[Any]:
        """A cursor as ``role``, each statement on its own."""
        known = self.paths.database(role)
        link = psycopg2.connect(
            **{
                "host": known["HOST"],
                "port": known["PORT"],
                "dbname": known["NAME"],
                "user": role,
                "password": known["PASSWORD"],
                "connect_timeout": 5,
                **change,
            }
        )
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                yield cursor
        finally:
            link.close()

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.paths.redis_url(), socket_timeout=5)

    def servers_run(self) -> bool:
        """Are PostgreSQL or Redis running, by what the kernel says?"""
        return any(" -D " in command or "redis-server" in command for command in processes(self.folder).values())


def listening_ports(pids: set[int]) -> set[int]:
    """TCP ports on which these processes listen."""
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                    if target.startswith("socket:["):
                        inodes.add(target[8:-1])
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports
