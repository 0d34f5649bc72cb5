"""Web, worker and scheduler: their commands, and one running part under the supervisor. Standard library alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

from trading_center.config import ROOT, is_loopback
from trading_center.embedded import child
from trading_center.embedded.locks import Lock
from trading_center.embedded.logs import LogFile
from trading_center.embedded.paths import Paths

LABELS = {"web": "网页服务", "worker": "任务进程", "scheduler": "定时任务"}
# How long a part may finish what it is doing when it is asked to stop.
STOP_SECONDS = {"web": 10.0, "worker": 30.0, "scheduler": 5.0}
RESTARTS, RESTARTS_WITHIN_SECONDS = 8, 120.0
# A part that never worked is not worth as many attempts.
FIRST_RESTARTS = 2
# Where web processes leave their counts for each other (prometheus-client).
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 15.0


def tls_files(config: SimpleNamespace) -> tuple[Path, Path] | None:
    """Certificate and key of our own TLS: whatever other machines reach without a proxy in between.

    Returns:
        The files given, else those of the instance's own authority (trading_center.certificates); None for plain HTTP.
    """
    if is_loopback(config.HOST) or config.BEHIND_PROXY:
        return None
    if config.TLS_CERT:
        return (ROOT / config.TLS_CERT, ROOT / config.TLS_KEY)
    folder = Paths(config.DATA_DIR).tls
    return folder / "server.crt", folder / "server.key"


def part_commands(config: SimpleNamespace) -> dict[str, list[str]]:
    """The command of every part, the same under the supervisor and in production containers.

    Args:
        config: the settings; used are HOST, PORT, WEB_WORKERS, WORKER_CONCURRENCY, LOG_LEVEL, DATA_DIR.

    Returns:
        ``{"web": [...], "worker": [...], "scheduler": [...]}``, each a Python module with arguments
        (put the interpreter before it).
    """
    # Every thread keeps a database connection; the embedded server has 100 for all. More than four threads of one
    # interpreter only wait for each other (pages that nobody has seen: 1,085 a second with eight, 1,590 with four).
    threads = max(1, min(4, 72 // config.WEB_WORKERS))
    tls = tls_files(config)
    celery = ["-m", "celery", "--app", "trading_center", "--quiet"]
    level = config.LOG_LEVEL.lower()
    return {
        "web": [
            *("-m", "granian", "--interface", "wsgi", "--blocking-threads", str(threads)),
            *("--backpressure", "256"),
            *("--host", config.HOST, "--port", str(config.PORT), "--workers", str(config.WEB_WORKERS)),
            *("--no-ws", "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "8"),
            *(("--ssl-certificate", str(tls[0]), "--ssl-keyfile", str(tls[1])) if tls else ()),
            *(("--log-config", str(ROOT / "deploy" / "granian-log.json")) if config.LOG_FORMAT == "json" else ()),
            *("--log-level", level, "trading_center.wsgi:application"),
        ],
        "worker": [
            *celery,
            *("worker", "--pool", "prefork", "--concurrency", str(config.WORKER_CONCURRENCY)),
            *("--without-gossip", "--without-mingle", "--loglevel", config.LOG_LEVEL),
        ],
        "scheduler": [
            *celery,
            *("beat", "--scheduler", "trading_center.celery:Scheduler", "--pidfile", ""),
            *("--schedule", str(Paths(config.DATA_DIR).state / "scheduler"), "--loglevel", config.LOG_LEVEL),
        ],
    }


class GaveUp(Exception):
    """A part died again and again; the text is one Chinese sentence."""


class Part:
    """One part, restarted when it dies: later each time, and not for ever."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        *,
        paths: Paths,
        lock: Lock,
        environ: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self.name = name
        self.label = LABELS[name]
        self.arguments = arguments
        self.lock = lock
        self.environ = environ
        self.say = say
        self.log = LogFile(paths.log, name)
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths: list[float] = []
        self.again_at = 0.0
        self.has_worked = True

    def start(self) -> None:
        self.log.reopen()
        if self.name == "web" and (counts := self.environ.get(COUNTS)):
            # What is in there was counted by web processes that are gone.
            shutil.rmtree(counts, ignore_errors=True)
            os.makedirs(counts, mode=0o700, exist_ok=True)
        self.process = child.spawn(
            [sys.executable, *self.arguments],
            # A power cut for this part alone: what it was doing is done again by the next one.
            death_signal=signal.SIGKILL,
            keep=[self.lock.fd] if self.lock.fd is not None else [],
            env=self.environ,
            cwd=ROOT,
            stdout=self.log.fd,
            stderr=self.log.fd,
        )
        self.say(f"{self.label}已启动（进程 {self.process.pid}）")

    def watch(self, now: float) -> None:
        """Show its errors, bound its log, restart it when it died.

        Args:
            now: monotonic seconds.

        Raises:
            GaveUp: it died more than RESTARTS times within RESTARTS_WITHIN_SECONDS.
        """
        for line in self.log.new_errors():
            self.say(f"[{self.label}] {line}")
        self.log.rotate()
        if self.process is not None and child.has_ended(self.process):
            self._died(self.process.returncode, now)
        if self.process is None and now >= self.again_at:
            try:
                self.start()
            except (OSError, subprocess.SubprocessError) as error:
                # The machine may be out of memory or processes for a moment.
                self.say(f"{self.label}启动不了（{error}），稍后再试")
                self._again_later(now)

    def _died(self, code: int, now: float) -> None:
        self.process = None
        self.say(f"{self.label}意外退出（代码 {code}），日志末尾：")
        for line in self.log.last_lines(5):
            self.say(f"[{self.label}] {line}")
        self._again_later(now)

    def _again_later(self, now: float) -> None:
        self.deaths = [t for t in self.deaths if t > now - RESTARTS_WITHIN_SECONDS] + [now]
        if len(self.deaths) > (RESTARTS if self.has_worked else FIRST_RESTARTS):
            raise GaveUp(f"{self.label}一再退出，已全部停止，详见 {self.log.path}。")
        self.again_at = now + min(FIRST_PAUSE_SECONDS * 2 ** (len(self.deaths) - 1), LONGEST_PAUSE_SECONDS)

    def stop(self, hurry: Callable[[], bool]) -> None:
        """Ask it to end, wait, at last kill; ``hurry`` says that somebody does not want to wait."""
        if self.process is None:
            return
        if not child.has_ended(self.process):
            self.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS[self.name]
        while not child.has_ended(self.process) and time.monotonic() < until and not hurry():
            time.sleep(0.02)
        clean = child.stop(self.process, ())
        self.process = None
        self.say(f"{self.label}已停止" + ("" if clean else "（强行）"))


def child_environment(config: SimpleNamespace) -> dict[str, str]:
    """Our environment with the settings that the command line decided."""
    environ = {k: v for k, v in os.environ.items() if k not in ("TC_AS_OWNER", "TC_DATABASE_NAME")}
    decided = {"DATA_DIR": config.DATA_DIR, "INSTANCE": config.INSTANCE, "HOST": config.HOST, "PORT": config.PORT}
    return {
        **environ,
        **{k: str(v) for k, v in decided.items()},
        COUNTS: str(Paths(config.DATA_DIR).state / "counts"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "trading_center.settings",
    }
