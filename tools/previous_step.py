"""A county's database made by the previous step's last commit is taken over by this code.

Usage: python -m tools.previous_step (``.ci/run`` calls it). The commit stands in ``.ci/previous-step``; the end of a
step writes its own there. The old code runs from a folder under ``var/previous`` in an environment of its own.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tools.system_postgres import free_port
from trading_center.config import BY_NAME, ROOT

COMMIT = (ROOT / ".ci" / "previous-step").read_text(encoding="utf-8").split()[0]
TREE, DATA = ROOT / "var" / "previous", ROOT / "var" / "previous-data"
STARTED_SECONDS = 180.0


def _environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in BY_NAME}
    return {**kept, "DATA_DIR": str(DATA), "PYTHONUTF8": "1", **more}


def _run(*command: str, root: Path = ROOT, **more: str) -> str:
    done = subprocess.run(command, cwd=root, env=_environ(**more), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def _old_code() -> bool:
    """The previous step's code in a folder of its own; False when the history is not here and cannot be had."""
    for _ in range(2):
        found = subprocess.run(["git", "-C", str(ROOT), "archive", COMMIT], capture_output=True, check=False)
        if found.returncode == 0:
            break
        subprocess.run(["git", "-C", str(ROOT), "fetch", "--unshallow", "--quiet"], capture_output=True, check=False)
    else:
        return False
    _clear()
    TREE.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as tar:
        tar.extractall(TREE, filter="data")
    return True


def _clear() -> None:
    for folder in (TREE, DATA):
        shutil.rmtree(folder, ignore_errors=True)


def _ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=30) as answer:
        return json.load(answer)


def _started(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if _ask(port, "/healthz")["status"] == "ok":
                return
        except OSError:
            pass
        time.sleep(0.5)
    sys.exit("the new code did not come up on the old data")


# Count, and a digest of all canonical bytes, up to a number; in names that every step has.
FACTS = (
    "import hashlib, json; from tenders.models import AnnouncementRecord\n"
    "found = AnnouncementRecord.objects.filter(pk__lte={newest}).order_by('pk').values_list('pk', 'sha256')\n"
    "rows = list(found); digest = hashlib.sha256(repr(rows).encode()).hexdigest()\n"
    "print(json.dumps({{'newest': rows[-1][0], 'announcements': len(rows), 'records': digest}}))"
)


def _facts(python: str, root: Path, newest: int = 2**62) -> dict[str, Any]:
    script = FACTS.format(newest=newest)
    found: dict[str, Any] = json.loads(_run(python, "manage.py", "shell", "-c", script, root=root).splitlines()[-1])
    return found


def _taken_over(before: dict[str, Any]) -> str:
    """Start the new code on the old data, look at what it serves, stop it."""
    port = free_port()
    command = [sys.executable, "-m", "trading_center.supervisor", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=_environ(PORT=str(port)), stdout=subprocess.DEVNULL)
    try:
        _started(process, port)
        rows, size = len(_ask(port, "/api/v1/announcements/")["results"]), _ask(port, "/log/checkpoint")["size"]
    finally:
        process.terminate()
        process.wait()
    # What the demonstration publishes by itself after the start is no loss.
    after = _facts(sys.executable, ROOT, before["newest"])
    if after != before:
        sys.exit(f"something was lost or changed: {before} before, {after} after")
    if size < before["announcements"] or rows != 20:
        sys.exit(f"the log has {size} leaves for {before['announcements']} announcements, the list {rows} rows")
    _run(sys.executable, "manage.py", "log_verify")
    return f"taken over: {before['announcements']} announcements, {size} leaves, log_verify agrees"


def main() -> None:
    """Make it with the old code, take it over with the new, compare."""
    if not _old_code():
        # A clone without history cannot be told apart from a machine without a net: said loudly, not held against it.
        print(f"=== NOT RUN: {COMMIT} is not in this clone and cannot be fetched; clone the whole history", flush=True)
        return
    try:
        print(f"previous step: {COMMIT[:12]}", flush=True)
        _run("sh", "bin/bootstrap", "run", root=TREE)
        old = str(TREE / ".venv" / "bin" / "python")
        _run(old, "manage.py", "demo_load", "--size", "county", root=TREE)
        print(_taken_over(_facts(old, TREE)), flush=True)
    finally:
        _clear()


if __name__ == "__main__":
    main()
