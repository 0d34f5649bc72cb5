"""Trying a release beside the one that runs: its commands, its checks, a web server that answers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from trading_center.config import ConfigError

TRIAL_SECONDS = 60.0


def environment(config: SimpleNamespace) -> dict[str, str]:
    """For commands of either release: the same instance, by its absolute place."""
    return {**os.environ, "DATA_DIR": str(config.DATA_DIR), "INSTANCE": config.INSTANCE, "PYTHONUTF8": "1"}


def call(folder: Path, words: list[str], environ: Mapping[str, str], what: str) -> None:
    """Run a command of the release in ``folder``.

    Raises:
        ConfigError: with the last line it said.
    """
    done = subprocess.run(words, cwd=folder, env=dict(environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ConfigError(f"{what}失败（{lines[-1] if lines else f'代码 {done.returncode}'}）")


def python_of(folder: Path) -> str:
    """The interpreter of the release in ``folder``; a release without its own uses ours."""
    own = folder / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


def healthy(port: int, seconds: float, *, whole: bool) -> bool:
    """Does the portal on ``port`` answer within ``seconds``: its database, or (``whole``) every part?"""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", "/healthz", headers={"Host": "localhost"})
            answer = link.getresponse()
            parts = json.load(answer)["parts"]
            if answer.status == 200 or (not whole and parts["database"] == "ok"):
                return True
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            pass
        finally:
            link.close()
        time.sleep(0.3)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _log_words(folder: Path) -> list[str]:
    """A file that is lost must not keep a release away that may be needed: the log alone is compared."""
    command = next(folder.glob("*/management/commands/log_verify.py"))
    return ["--no-files"] if "--no-files" in command.read_text(encoding="utf-8") else []


def check_release(folder: Path, config: SimpleNamespace) -> None:
    """The code in ``folder`` with the migrated database: its own checks, the log, and a web server that answers.

    Raises:
        ConfigError: what failed.
    """
    environ, python = environment(config), python_of(folder)
    call(folder, [python, "manage.py", "check"], environ, "自检")
    if list(folder.glob("*/management/commands/log_verify.py")):
        call(folder, [python, "manage.py", "log_verify", *_log_words(folder)], environ, "存证日志核对")
    port = _free_port()
    # Web alone: a worker would send what a release that is given up should not have sent.
    trial = subprocess.Popen(
        [python, "-m", "deploy.part", "web"],
        cwd=folder,
        env={**environ, "HOST": "127.0.0.1", "PORT": str(port), "WEB_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if not healthy(port, TRIAL_SECONDS, whole=False):
            raise ConfigError("新版本的网页服务没有应答")
    finally:
        trial.terminate()
        try:
            trial.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(trial.pid, signal.SIGKILL)
            trial.wait()
