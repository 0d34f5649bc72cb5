"""How far an upgrade is, in a file that outlives it; and the way back from wherever it was broken off.

``.upgrade/`` in the project holds the new code (``new``), the old code (``old``) and ``journal.json``. Standard library
alone: the supervisor keeps this module in memory while the code around it is exchanged.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from trading_center.config import ROOT
from trading_center.embedded.locks import Lock
from trading_center.embedded.services import write_whole

# trying: the database is being migrated and tried with the new code; switching: code is being exchanged;
# done: the new release runs, the old one is kept; nothing: no upgrade.
TRYING, SWITCHING, DONE, NOTHING = "trying", "switching", "done", ""
# Never exchanged: the data, the history, what was installed for checks.
KEPT = {"var", ".git", ".upgrade", "node_modules"}


class Journal:
    """The state of the upgrade of the project in ``root``."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".upgrade"
        self.new = self.folder / "new"
        self.old = self.folder / "old"
        self.path = self.folder / "journal.json"

    def read(self) -> dict[str, Any]:
        """What is written; ``{"state": ""}`` where nothing is."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"state": NOTHING}
        return found if isinstance(found, dict) else {"state": NOTHING}

    def write(self, **facts: Any) -> None:
        """Replace what is written, whole, also after a power cut."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(self.path, json.dumps(facts, ensure_ascii=False) + "\n")

    def clear(self) -> None:
        """Nothing is kept any more."""
        shutil.rmtree(self.folder, ignore_errors=True)


def names(folder: Path) -> set[str]:
    """What belongs to the code in ``folder``, at the top."""
    return {path.name for path in folder.iterdir()} - KEPT if folder.is_dir() else set()


def _move(name: str, source: Path, target: Path) -> None:
    if os.path.lexists(source / name) and not os.path.lexists(target / name):
        (source / name).rename(target / name)


def code_switch(journal: Journal, which: Iterable[str]) -> None:
    """Old code out, new code in, name by name; broken off anywhere, ``code_switch_back`` undoes it.

    Args:
        journal: of the project; its state is ``switching`` already.
        which: names at the top that belong to the old or the new code.
    """
    journal.old.mkdir(mode=0o700, exist_ok=True)
    for name in sorted(which):
        _move(name, journal.root, journal.old)
        _move(name, journal.new, journal.root)


def code_switch_back(journal: Journal, which: Iterable[str], had: Iterable[str]) -> None:
    """The old code back in its place; safe to run again.

    Args:
        journal: of the project.
        which: the names that ``code_switch`` was given.
        had: those among them that the old code had.
    """
    journal.new.mkdir(mode=0o700, exist_ok=True)
    had = set(had)
    for name in sorted(which, reverse=True):
        if name in had and not os.path.lexists(journal.old / name):
            continue  # it was never moved, or is back
        _move(name, journal.root, journal.new)
        _move(name, journal.old, journal.root)


def commit_of(root: Path) -> str:
    """The commit that is checked out, read from git's own files; blank where there is none."""
    try:
        head = (root / ".git" / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        return (root / ".git" / head[5:]).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def recover(data_dir: Path, say: Callable[[str], None], root: Path = ROOT) -> bool:
    """Undo an upgrade that died half way, if there is one and nobody is at it.

    Args:
        data_dir: of the instance.
        say: told what happens.
        root: the project.

    Returns:
        True when the old release was put back.
    """
    journal = Journal(root)
    found = journal.read()
    lock = Lock(data_dir / "lock" / "upgrade")
    if found["state"] not in (TRYING, SWITCHING) or found.get("data_dir") != str(data_dir):
        return False
    if lock.path.exists() and lock.is_held():
        return False
    say("上次升级中途停止，正在退回升级前的版本……")
    code_switch_back(journal, found["names"], found["had"])
    done = subprocess.run(
        [sys.executable, "-m", "trading_center.release.upgrade", "--recover"],
        cwd=root,
        env={**os.environ, "DATA_DIR": str(data_dir), "INSTANCE": found["kind"]},
        check=False,
    )
    return done.returncode == 0
