"""Backup and restore with real servers: under writes, broken archives, a kill in the middle, the hold afterwards."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.processes.backups import INSERT, LIVING, VALUES, Writing, contents, databases, files, steady
from tests.processes.harness import TORTURE_IS_FULL, Instance, processes, torture_told, wait_for
from trading_center.backup import archive

CHECKPOINT = {"origin": "o", "size": 1, "root": "00" * 32, "at": "2026-03-02T09:00:00+08:00"}
ADD_FILE = """
import io
from django.utils import timezone
from documents.services import file_store
for number in range(3):
    print(file_store(content=io.BytesIO(b"text %d" % number), now=timezone.now(), name="a.txt").sha256)
"""
NIGHT = """
from datetime import timedelta
from django.utils import timezone
from trading_center.backup.nightly import backup_nightly
run = backup_nightly(now=timezone.now() + timedelta(days={days}))
print(run and (run.success, run.verified, run.sentence))
"""
SHELL = ("manage.py", "shell", "--no-imports", "-c")

# How long after its beginning a restore is killed, in seconds.
PAUSES = [number / 20 for number in range(20)] if TORTURE_IS_FULL else [0.0, 0.15, 0.3]


@pytest.fixture(scope="module")
def source(make_instance: Callable[[str], Instance]) -> Instance:
    """A real center that runs and has files."""
    instance = make_instance("source")
    instance.start("serve", healthy=True)
    done = instance.python(*SHELL, ADD_FILE)
    assert (done.returncode, len(done.stdout.split())) == (0, 3), done.stderr
    return instance


@pytest.fixture(scope="module")
def kept(source: Instance) -> tuple[Path, dict[str, Any]]:
    """A backup of the source made while it was written to, and its manifest."""
    path = source.folder.parent / "备份 one.tar.gz"
    with Writing(source) as writing:
        wait_for(lambda: writing.pairs > 20, "some writes")
        done = source.python("manage.py", "backup", str(path))
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}"
    return path, archive.verified_manifest(path)


@pytest.fixture(scope="module")
def quiet(make_stopped: Callable[[str], Instance]) -> Instance:
    """A center of which the servers alone run: what changes there a test has changed."""
    instance = make_stopped("quiet")
    instance.servers()
    return instance


@pytest.fixture(scope="module")
def portal(make_stopped: Callable[[str], Instance]) -> Instance:
    """A center that runs and answers, to be restored into."""
    instance = make_stopped("portal")
    instance.start("serve", healthy=True)
    return instance


@pytest.fixture(scope="module")
def restored(kept: tuple[Path, dict[str, Any]], make_stopped: Callable[[str], Instance]) -> Instance:
    """A center of which the servers alone run, with what the backup holds."""
    instance = make_stopped("restored")
    instance.servers()
    done = instance.python("manage.py", "restore", str(kept[0]))
    assert done.returncode == 0, done.stderr
    return instance


def test_backup_under_writes_restores_to_equal_tables_and_files(
    source: Instance, kept: tuple[Path, dict[str, Any]], new: Instance
) -> None:
    path, manifest = kept
    done = new.python("manage.py", "restore", str(path))
    assert done.returncode == 0, done.stderr
    assert "逐表核对一致" in done.stdout
    new.start("serve", healthy=True)
    with new.database("tc_owner") as cursor:
        for table, (rows, _) in manifest["tables"].items():
            if table in LIVING:
                continue
            cursor.execute(f"SELECT count(*) FROM {table}")
            more = {"upkeep_holdevent": 1, "audit_actionrow": 1}.get(table, 0)
            assert (table, cursor.fetchone()[0]) == (table, rows + more)
        cursor.execute("SELECT count(*), count(DISTINCT split_part(username, ' ', 2)) FROM accounts_user")
        people, pairs = cursor.fetchone()
        assert people == 2 * pairs > 40
        # What both have of the people is the same, row by row.
        cursor.execute("SELECT t::text FROM accounts_user t ORDER BY id")
        restored = cursor.fetchall()
    with source.database("tc_owner") as cursor:
        cursor.execute("SELECT t::text FROM accounts_user t ORDER BY id LIMIT %s", [people])
        assert cursor.fetchall() == restored
    assert len(files(source)) == 3
    assert files(new) == files(source)
    assert databases(new) == {"postgres", "trading_center"}


def test_the_archive_holds_no_key(source: Instance, kept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folders = (source.paths.secrets, source.folder / "keys")
    keys = [path.read_bytes().strip() for folder in folders for path in folder.iterdir() if path.is_file()]
    assert len(keys) >= 8
    assert b"" not in keys
    for name, stream in archive.contents(*kept):
        data = stream.read()
        assert [name for key in keys if key in data] == []


def test_everything_equal_when_nobody_writes(stopped: Instance, make_stopped: Callable[[str], Instance]) -> None:
    other = make_stopped("equal")
    path = stopped.folder.parent / "equal.tar.gz"
    stopped.servers()
    other.servers()
    assert stopped.python(*SHELL, ADD_FILE).returncode == 0
    logged_in = (
        "from accounts.models import Session; from django.utils import timezone;"
        " Session.objects.create(session_key='a' * 64, session_data='', expire_date=timezone.now())"
    )
    assert stopped.python(*SHELL, logged_in).returncode == 0
    before = contents(stopped)
    assert stopped.python("manage.py", "backup", str(path)).returncode == 0
    assert other.python("manage.py", "restore", str(path)).returncode == 0
    after = contents(other)
    different = {name for name in before if before[name] != after[name]}
    # A session that was in the backup has ended.
    known = {"upkeep_holdevent", "audit_actionrow", "audit_waitingrow", "accounts_session"}
    assert (set(before) == set(after), different) == (True, known)
    with other.database("tc_owner") as cursor:
        cursor.execute("SELECT count(*) FROM accounts_session")
        assert cursor.fetchone() == (0,)
    assert files(stopped) == files(other)


def test_after_a_restore_nothing_is_published_until_somebody_decides(
    source: Instance, kept: tuple[Path, dict[str, Any]], restored: Instance, tmp_path: Path
) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text("{}\n", encoding="utf-8")
    done = restored.python("manage.py", "announcements_import", str(lines))
    assert (done.returncode, "处于恢复保全状态" in done.stderr) == (2, True)
    # The keys are in no backup; without them nothing can be entered into the log.
    lost = restored.python("manage.py", "restore", str(kept[0]), "--replace", "--checkpoint-lost")
    assert (lost.returncode, "keys_import" in lost.stderr) == (2, True)
    shutil.rmtree(restored.folder / "keys")
    shutil.copytree(source.folder / "keys", restored.folder / "keys")
    again = restored.python("manage.py", "restore", str(kept[0]), "--replace", "--checkpoint-lost")
    assert (again.returncode, "恢复保全已解除" in again.stdout) == (0, True)
    done = restored.python("manage.py", "announcements_import", str(lines))
    assert (done.returncode, done.stdout) == (3, "imported=0 unchanged=0 refused=1\n")


def test_a_checkpoint_that_does_not_fit_leaves_the_hold(
    kept: tuple[Path, dict[str, Any]], restored: Instance, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.json"
    checkpoint.write_text(json.dumps(CHECKPOINT | {"signature": base64.b64encode(bytes(64)).decode()}))
    done = restored.python("manage.py", "restore", str(kept[0]), "--replace", "--checkpoint", str(checkpoint))
    assert (done.returncode, "没有解除恢复保全" in done.stderr) == (1, True)
    with_hold = restored.python(*SHELL, "from upkeep.gates import hold_is_on; print(hold_is_on())")
    assert with_hold.stdout == "True\n"


def test_a_slip_in_the_checkpoint_is_told_before_anything_is_done(
    kept: tuple[Path, dict[str, Any]], quiet: Instance
) -> None:
    before = contents(quiet)
    done = quiet.python("manage.py", "restore", str(kept[0]), "--checkpoint", str(kept[0]) + ".not")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    done = quiet.python("manage.py", "restore", str(kept[0]), "--checkpoint", str(kept[0]))
    assert (done.returncode, done.stderr) == (
        2,
        "检查点没有读懂：应是从 /log/checkpoint 保存下来的原文（含 origin、size、root、at、signature），请换一份。\n",
    )
    assert contents(quiet) == before


def _spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "cut":
        del data[-1000:]
    elif how == "turned":
        data[len(data) // 2] ^= 1
    else:
        data[:] = b"no archive at all"
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("how", ["cut", "turned", "other"])
def test_a_spoilt_archive_changes_nothing(
    kept: tuple[Path, dict[str, Any]], quiet: Instance, tmp_path: Path, how: str
) -> None:
    before = contents(quiet), files(quiet)
    bad = Path(shutil.copy(kept[0], tmp_path / "bad.tar.gz"))
    _spoil(bad, how)
    done = quiet.python("manage.py", "restore", str(bad))
    lines = [line for line in done.stderr.splitlines() if not line.startswith("核对备份文件")]
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 1)
    assert lines[0].startswith("没有恢复，现有数据没有改动：bad.tar.gz ")
    assert (contents(quiet), files(quiet)) == before
    assert databases(quiet) == {"postgres", "trading_center"}


def test_an_instance_with_data_is_replaced_only_when_asked_and_the_old_database_stays(
    kept: tuple[Path, dict[str, Any]], portal: Instance
) -> None:
    with portal.database() as cursor:
        cursor.execute(f"{INSERT} {VALUES}", ["mine"])
    before = databases(portal)
    done = portal.python("manage.py", "restore", str(kept[0]))
    assert done.returncode == 2
    assert "没有恢复：这个实例里已有数据。" in done.stderr
    assert databases(portal) == before
    done = portal.python("manage.py", "restore", str(kept[0]), "--replace")
    assert done.returncode == 0, done.stderr
    (old,) = databases(portal) - before
    assert f"原数据库保留为 {old}。" in done.stdout
    with portal.database("tc_owner", dbname=old) as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user WHERE username = 'mine'")
        assert cursor.fetchone() == (1,)
    # The portal goes on with the new one by itself.
    wait_for(lambda: portal.health()[0] == 200, "a healthy instance")
    assert portal.get("/announcements/")[0] == 200


def test_a_backup_of_the_other_kind_is_refused(kept: tuple[Path, dict[str, Any]], new: Instance) -> None:
    done = new.python("manage.py", "restore", str(kept[0]), INSTANCE="demo")
    assert done.returncode == 2
    assert "没有恢复：备份来自正式实例，这里是演示实例" in done.stderr


def _copying(instance: Instance, started: subprocess.Popen[str]) -> bool:
    return "trading_center_restoring" in databases(instance) or started.poll() is not None


@pytest.mark.torture
def test_a_restore_that_is_killed_leaves_the_old_database(kept: tuple[Path, dict[str, Any]], portal: Instance) -> None:
    with portal.database() as cursor:
        cursor.execute(f"{INSERT} {VALUES}", ["still mine"])
    before = steady(portal)
    killed = 0
    for pause in PAUSES:
        started = portal.popen("manage.py", "restore", str(kept[0]), "--replace")
        wait_for(partial(_copying, portal, started), "the copy")
        time.sleep(pause)
        started.send_signal(signal.SIGKILL)
        started.communicate()
        if "trading_center_restoring" not in databases(portal):
            break  # it was faster
        assert steady(portal) == before
        assert portal.get("/healthz")[0] == 200
        killed += 1
    assert killed >= (10 if TORTURE_IS_FULL else 1)
    done = portal.python("manage.py", "restore", str(kept[0]), "--replace")
    assert done.returncode == 0, done.stderr
    assert "trading_center_restoring" not in databases(portal)
    torture_told(f"恢复在 {killed} 个时刻被杀：原数据库原样可用")


def test_a_backup_that_is_killed_leaves_the_older_file(quiet: Instance) -> None:
    path = quiet.folder.parent / "killed.tar.gz"
    assert quiet.python("manage.py", "backup", str(path)).returncode == 0
    before = path.read_bytes()
    started = quiet.popen("manage.py", "backup", str(path))
    wait_for(lambda: list(path.parent.glob(".killed*")) or started.poll() is not None, "the part")
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert archive.verified_manifest(path)
    assert path.read_bytes() == before


def test_targets_that_cannot_be_are_one_sentence(quiet: Instance, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("dear sir", encoding="ascii")
    for path, begin in (
        (tmp_path / "no" / "a.tar.gz", "没有备份：目录 "),
        (tmp_path, "没有备份："),
        (other, f"没有备份：{other} 已存在，而且不是备份文件"),
    ):
        done = quiet.python("manage.py", "backup", str(path))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith(begin)
    assert other.read_text(encoding="ascii") == "dear sir"


def test_a_lost_file_is_told_and_the_rest_is_kept(stopped: Instance, make_stopped: Callable[[str], Instance]) -> None:
    other = make_stopped("without one")
    stopped.servers()
    lost, *_ = stopped.python(*SHELL, ADD_FILE).stdout.split()
    (stopped.paths.files / lost[:2] / lost).unlink()
    path = stopped.folder.parent / "lost.tar.gz"
    done = stopped.python("manage.py", "backup", str(path))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, f"存储中丢失或损坏的文件：{lost}")
    assert other.python("manage.py", "restore", str(path)).returncode == 0
    assert len(files(other)) == 2


def test_the_night_is_made_once_proved_by_a_trial_and_left_alone_the_second_time(quiet: Instance) -> None:
    share = quiet.folder.parent / "share"
    share.mkdir(exist_ok=True)
    both = [quiet.popen(*SHELL, NIGHT.format(days=1), BACKUP_DIR=str(share)) for _ in range(2)]
    told = [(*one.communicate(timeout=120), one.returncode) for one in both]
    assert sorted(out.split(",")[0] for out, _, _ in told) in (["(True", "None\n"], ["(True", "(True"]), told
    assert len(list(share.iterdir())) >= 1
    assert quiet.python(*SHELL, NIGHT.format(days=1), BACKUP_DIR=str(share)).stdout == "None\n"
    with quiet.database() as cursor:
        cursor.execute("SELECT verified, success FROM upkeep_backuprun WHERE kind = 'nightly' ORDER BY id LIMIT 1")
        assert cursor.fetchone() == ("restored", True)
    assert databases(quiet) == {"postgres", "trading_center"}
    kept = next(path for path in share.iterdir())
    assert archive.verified_manifest(kept)["kind"] == "center"
    assert (kept.stat().st_mode & 0o777, processes(share)) == (0o600, {})
