"""An upgrade with a running portal: it takes over, goes back; a failure or a kill leaves the old release running."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes.harness import Instance, processes, wait_for
from tests.tenders.factories import line_of
from trading_center.config import ROOT
from trading_center.parts import LABELS
from trading_center.release.journal import DONE, TRYING, Journal

INSERT = (
    "INSERT INTO accounts_user (password, username, name, kind, is_active, created_at)"
    " VALUES ('!', %s, '留存', 'staff', true, now())"
)
# What make upgrade FILE=… does once the package is unpacked and its packages are installed.
UPGRADE = """
import sys
from trading_center.config import ConfigError
from trading_center.release.journal import Journal
from trading_center.release.upgrade import configuration, upgrade
try:
    upgrade(configuration(), Journal(), tree=False)
except ConfigError as error:
    sys.exit(str(error))
"""
MODULE = "trading_center.release.upgrade"


def copy_code(target: Path) -> None:
    """The project's files, and the environment that is installed here."""
    words = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(words, check=True, capture_output=True).stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A center that runs from a copy of the project."""
    project = tmp_path_factory.mktemp("upgrade") / "a project"
    project.mkdir()
    copy_code(project)
    instance = Instance(project.parent / "data", program=(str(project / ".venv/bin/python"),), root=project)
    instance.start("serve", healthy=True)
    yield instance
    instance.kill_all()


@pytest.fixture
def release(portal: Instance) -> Callable[[str], Journal]:
    """Lays the next release ready; its name stands in a file at the top."""

    def make(name: str) -> Journal:
        journal = Journal(portal.root)
        journal.clear()
        journal.new.mkdir(parents=True)
        copy_code(journal.new)
        (journal.new / "release").write_text(name, encoding="ascii")
        return journal

    return make


def running(portal: Instance) -> str:
    """The release in place, once the portal is healthy again with it."""
    wait_for(lambda: portal.health()[0] == 200, "a healthy portal", 120)
    place = portal.root / "release"
    return place.read_text(encoding="ascii") if place.exists() else "first"


def parts(portal: Instance) -> list[int]:
    """The numbers of all parts, once every part that was told last lives: after a restart they come one by one."""

    def alive() -> list[int]:
        told = [portal.part(label) for label in LABELS.values()]
        return told if set(told) <= set(processes(portal.folder)) else []

    found: list[int] = wait_for(alive, "all parts of the portal")
    return found


def add(portal: Instance, name: str) -> None:
    with portal.database() as cursor:
        cursor.execute(INSERT, [name])


def people(portal: Instance) -> set[str]:
    with portal.database() as cursor:
        cursor.execute("SELECT username FROM accounts_user")
        return {row[0] for row in cursor.fetchall()}


def test_the_new_release_takes_over_under_the_same_process_and_goes_back(
    portal: Instance, release: Callable[[str], Journal]
) -> None:
    add(portal, "before")
    journal = release("second")
    done = portal.python("-c", UPGRADE)
    assert done.returncode == 0, done.stderr
    assert running(portal) == "second"
    assert portal.supervisor is not None
    assert (portal.supervisor.poll(), journal.read()["state"]) == (None, DONE)
    assert list((portal.folder / "backups").glob("upgrade-*.tar.gz"))
    add(portal, "after")
    done = portal.python("-m", MODULE, "--back")
    assert done.returncode == 0, done.stderr
    assert (running(portal), "before" in people(portal), "after" in people(portal)) == ("first", True, False)
    again = portal.python("-m", MODULE, "--back")
    assert (again.returncode, again.stderr.startswith("没有退回：没有可以退回的升级")) == (2, True)


def publish(portal: Instance, tmp_path: Path) -> None:
    lines = tmp_path / "one.jsonl"
    lines.write_text(json.dumps(line_of(), ensure_ascii=False) + "\n", encoding="utf-8")
    done = portal.python("manage.py", "announcements_import", str(lines))
    assert (done.returncode, done.stdout) == (0, "imported=1 unchanged=0 refused=0\n"), done.stderr


def test_what_was_published_since_is_not_taken_back_unasked_and_then_the_log_tells_of_it(
    portal: Instance, release: Callable[[str], Journal], tmp_path: Path
) -> None:
    release("third")
    done = portal.python("-c", UPGRADE)
    assert done.returncode == 0, done.stderr
    assert running(portal) == "third"
    publish(portal, tmp_path)
    served = portal.get("/log/checkpoint")[2]
    assert json.loads(served)["size"] == 1
    before = parts(portal)
    refused = portal.python("-m", MODULE, "--back")
    assert (refused.returncode, refused.stderr.startswith("没有退回：升级之后又有 1 份存证凭证")) == (2, True)
    assert parts(portal) == before
    assert (running(portal), portal.get("/log/checkpoint")[2]) == ("third", served)
    done = portal.python("-m", MODULE, "--back-lose")
    assert (done.returncode, "恢复保全" in done.stdout, "1 份存证凭证" in done.stdout) == (0, True, True), done.stderr
    assert running(portal) == "first"
    again = portal.python("manage.py", "announcements_import", str(tmp_path / "one.jsonl"))
    assert (again.returncode, "处于恢复保全状态" in again.stderr) == (2, True)
    lost = "from upkeep.services.holds import *; from django.utils import timezone;"
    lost += " hold_end_checkpoint_lost(reason='退回升级前的数据', now=timezone.now())"
    done = portal.python("manage.py", "shell", "--no-imports", "-c", lost)
    assert done.returncode == 0, done.stderr
    leaf = json.loads(portal.get("/log/leaves?start=0&end=1")[2])["leaves"][0]
    assert json.loads(base64.b64decode(leaf))["kind"] == "restored"


def test_a_release_that_fails_its_checks_leaves_the_old_one_running(
    portal: Instance, release: Callable[[str], Journal]
) -> None:
    add(portal, "kept")
    journal = release("broken")
    (journal.new / "manage.py").write_text("raise SystemExit('broken on purpose')\n", encoding="ascii")
    done = portal.python("-c", UPGRADE)
    assert done.returncode == 1
    assert done.stderr == "升级没有成功，已退回原来的版本和数据：自检失败（broken on purpose）。\n"
    assert (running(portal), "kept" in people(portal), journal.read()["state"]) == ("first", True, "")


def test_an_upgrade_that_is_killed_is_undone_by_the_portal_itself(
    portal: Instance, release: Callable[[str], Journal]
) -> None:
    add(portal, "survives")
    journal = release("never")
    started = portal.popen("-c", UPGRADE)
    wait_for(lambda: journal.read()["state"] == TRYING or started.poll() is not None, "the trial")
    started.send_signal(signal.SIGKILL)
    started.communicate()
    wait_for(lambda: journal.read()["state"] == "", "the way back", 120)
    assert (running(portal), "survives" in people(portal)) == ("first", True)
    assert "上次升级中途停止，正在退回升级前的版本……" in portal.said()


def test_what_is_no_package_is_refused_and_nothing_stops(portal: Instance, tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("dear sir", encoding="ascii")
    before = parts(portal)
    for word in (str(path), str(tmp_path / "nothing")):
        done = portal.python("-m", MODULE, word)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith(f"没有升级：{word} 不是 make package 做出的文件")
    assert parts(portal) == before
    assert running(portal) == "first"
