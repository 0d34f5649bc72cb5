"""``python -m trading_center.release.upgrade FILE``: the next release, tried before it takes over; and the way back.

    FILE       a package of make package
    --tree     the code that stands here already (after git pull)
    --back     the release before the last upgrade: its code and its database
    --back-lose  the same, although something was published, sent or done since
    --keep     the upgrade is good: throw away what going back would need
    --recover  (the supervisor) undo an upgrade that died

Until the new release has migrated, checked and answered, the old code stays where it is; the running supervisor steps
aside meanwhile and goes on with whatever code is in place when the upgrade is over, however it ended.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from trading_center.config import ROOT, ConfigError, load
from trading_center.embedded.checks import recorded_kind
from trading_center.embedded.locks import Lock
from trading_center.embedded.paths import Paths
from trading_center.embedded.services import services
from trading_center.release.journal import DONE, SWITCHING, TRYING, Journal, code_switch, code_switch_back, names
from trading_center.release.losses import back_allowed, hold_open, losses
from trading_center.release.package import LIST, TOP, digest, system
from trading_center.release.trial import call, check_release, environment, healthy, python_of

ASIDE_SECONDS, BACK_SECONDS = 150.0, 180.0
FAILED = "升级没有成功，已退回原来的版本和数据："


def say(text: str) -> None:
    """To the person who waits."""
    print(text, flush=True)  # noqa: T201 (this is what a person watches)


# --- the new code -----------------------------------------------------------------------------------------------------
def unpack(path: Path, journal: Journal) -> None:
    """Put the package's code into ``.upgrade/new``, every file compared, its packages installed.

    Raises:
        ConfigError: it is none, it is damaged, or it is for another system.
    """
    shutil.rmtree(journal.new, ignore_errors=True)
    place = journal.folder / "unpacked"
    shutil.rmtree(place, ignore_errors=True)
    journal.folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with tarfile.open(path) as tar:
            tar.extractall(place, filter="data")
        facts = json.loads((place / TOP / LIST).read_text(encoding="utf-8"))
        for name, sha256 in facts["members"].items():
            if digest(place / TOP / name) != sha256:
                raise ConfigError(f"没有升级：{path.name} 损坏（{name}），请重新复制。")
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError) as error:
        raise ConfigError(f"没有升级：{path} 不是 make package 做出的文件，或不完整，请重新复制。") from error
    different = {key: (facts.get(key), value) for key, value in system().items() if facts.get(key) != value}
    if different:
        theirs, ours = next(iter(different.values()))
        raise ConfigError(f"没有升级：这个包是给 {theirs} 的，这台机器是 {ours}。")
    (place / TOP).rename(journal.new)
    shutil.rmtree(place, ignore_errors=True)
    say("正在安装新版本所需的软件包……")
    call(journal.new, ["sh", "bin/bootstrap", "run"], os.environ, "没有升级：安装软件包")


def running_commit(config: SimpleNamespace) -> str:
    """The commit whose code ran last, as the supervisor noted it; blank where the project is no git clone."""
    try:
        return (Paths(config.DATA_DIR).state / "commit").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def tree_back(facts: Mapping[str, Any]) -> None:
    """Where git brought the new code, git brings back the old one, unless somebody is editing here."""
    commit = facts.get("commit")
    if not commit:
        return
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode != 0
    words = ["git", "checkout", "--quiet", "--detach", commit]
    if changed or subprocess.run(words, cwd=ROOT, check=False).returncode != 0:
        say(f"代码没有退回（有未提交的修改），请自行执行：git checkout {commit}")
        return
    subprocess.run(["sh", "bin/bootstrap", "run"], cwd=ROOT, check=False)


# --- the running instance ---------------------------------------------------------------------------------------------
@contextmanager
def aside(config: SimpleNamespace) -> Iterator[bool]:
    """The running supervisor, if any, stops its parts inside the block and starts again, with new code, after it."""
    paths = Paths(config.DATA_DIR)
    lock, supervisor = Lock(paths.lock / "upgrade"), Lock(paths.lock / "supervisor")
    if not lock.acquire():
        raise ConfigError("没有升级：另一次升级正在进行。")
    try:
        runs = supervisor.path.exists() and supervisor.is_exclusive()
        if runs:
            say("正在请运行中的门户让开……")
            pid = int(json.loads((paths.lock / "supervisor.state").read_text(encoding="utf-8"))["pid"])
            os.kill(pid, signal.SIGUSR1)
            until = time.monotonic() + ASIDE_SECONDS
            while supervisor.is_held():
                if time.monotonic() > until:
                    raise ConfigError("没有升级：运行中的门户停不下来，请先停止它。")
                time.sleep(0.1)
        yield runs
    finally:
        lock.release()


# --- the database -----------------------------------------------------------------------------------------------------
def _django(config: SimpleNamespace) -> Any:
    """Django with this release's settings; its database functions."""
    os.environ.update(environment(config), DJANGO_SETTINGS_MODULE="trading_center.settings")
    import django  # noqa: PLC0415 (only now are the settings known)

    django.setup()
    from trading_center.backup import databases  # noqa: PLC0415 (needs the settings)

    return databases


def _backup(config: SimpleNamespace) -> None:
    from django.utils import timezone  # noqa: PLC0415 (needs the settings)

    from trading_center.backup.make import backup_make  # noqa: PLC0415 (needs the settings)
    from upkeep.models import BackupRun  # noqa: PLC0415 (needs the settings)
    from upkeep.services.backups import backup_note  # noqa: PLC0415 (needs the settings)

    folder = config.BACKUP_DIR or config.DATA_DIR / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    now = timezone.now()
    made = backup_make(path=folder / f"upgrade-{now:%Y%m%d-%H%M%S}.tar.gz", now=now)
    backup_note(
        kind=BackupRun.Kind.UPGRADE,
        success=True,
        verified=BackupRun.Verified.DIGESTS,
        sentence="升级前备份。",
        started_at=now,
        now=timezone.now(),
        path=str(made.path),
        size=made.size,
        sha256=made.sha256,
        damaged=len(made.damaged),
    )
    say(f"已备份到 {made.path}")


def _copy(databases: Any, name: str) -> None:
    """A copy of the database beside it, made by the server itself; nobody may be in it meanwhile."""
    with databases.beside() as cursor:
        databases.drop(cursor, name)
        databases.send_away(cursor, databases.name_now())
        databases.make(cursor, name, template=databases.name_now())


def _database_back(databases: Any, copy: str) -> None:
    """The copy takes the place of the database that was migrated, which is dropped."""
    with databases.beside() as cursor:
        if databases.exists(cursor, copy):
            spoilt = f"{databases.name_now()}_spoilt"
            databases.drop(cursor, spoilt)
            databases.switch(cursor, new=copy, current=databases.name_now(), old=spoilt)
            databases.drop(cursor, spoilt)


# --- the four ways ----------------------------------------------------------------------------------------------------
def upgrade(config: SimpleNamespace, journal: Journal, *, tree: bool) -> None:
    """Back up, step aside, copy the database, migrate and try, then exchange the code.

    Args:
        config: of the instance.
        journal: of the project; its ``new`` is unpacked already unless ``tree``.
        tree: the code that stands here is the new one.

    Raises:
        ConfigError: the old release stays, or is back.
    """
    new = journal.root if tree else journal.new
    with services(config, say):
        databases = _django(config)
        _backup(config)
    copy = f"{databases.name_now()}_before_upgrade"
    with aside(config) as runs:
        with services(config, say):
            shutil.rmtree(journal.old, ignore_errors=True)
            which, had = (names(journal.new) | names(journal.root), names(journal.root)) if not tree else (set(), set())
            facts = {
                "data_dir": str(config.DATA_DIR),
                "kind": config.INSTANCE,
                "copy": copy,
                "names": sorted(which),
                "had": sorted(had),
                "commit": running_commit(config) if tree else "",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            _copy(databases, copy)
            journal.write(state=TRYING, **facts)
            try:
                say("正在升级数据库结构……")
                call(new, [python_of(new), "-m", "trading_center.prepare"], environment(config), "升级数据库结构")
                say("正在试运行新版本……")
                check_release(new, config)
                journal.write(state=SWITCHING, **facts)
                code_switch(journal, which)
            except BaseException as error:
                code_switch_back(journal, which, had)
                tree_back(facts)
                _database_back(databases, copy)
                journal.write(state="")
                if isinstance(error, ConfigError | OSError):
                    raise ConfigError(f"{FAILED}{error}。") from error
                raise
        journal.write(state=DONE, **facts)
    if runs and not healthy(config.PORT, BACK_SECONDS, whole=True):
        say("新版本没有恢复运行，正在退回……")
        # What came in meanwhile cannot be kept with a release that does not run: it goes, and everybody is told.
        back(config, journal, lose=True)
        raise ConfigError(f"{FAILED}新版本启动后 /healthz 一直不正常。")


def back(config: SimpleNamespace, journal: Journal, *, lose: bool = False) -> None:
    """The code and the database of before the last upgrade; the present database is kept under another name.

    Args:
        config: of the instance.
        journal: of the project.
        lose: go back although leaves, moves, sent notices or actions of people came since; the older database opens
            in recovery hold then.

    Raises:
        ConfigError: there is nothing to go back to, or something would be lost and ``lose`` was not said.
    """
    found = journal.read()
    if found["state"] != DONE or found["data_dir"] != str(config.DATA_DIR):
        raise ConfigError("没有退回：没有可以退回的升级（升级后还没有用 KEEP=1 确认时才能退回）。")
    with services(config, say):
        databases = _django(config)
        # Asked before the portal is stopped; and once more when nobody writes any longer.
        _losses(databases, found["copy"], lose=lose, tell=lambda text: None)
    with aside(config):
        with services(config, say):
            now = datetime.now(UTC)
            after = f"{databases.name_now()}_after_{now:%Y%m%d%H%M%S}"
            lost = _losses(databases, found["copy"], lose=lose, tell=say)
            held = bool(lost) and hold_open(databases, found["copy"], lost=lost, kept=after, now=now)
            with databases.beside() as cursor:
                databases.switch(cursor, new=found["copy"], current=databases.name_now(), old=after)
        code_switch_back(journal, found["names"], found["had"])
        tree_back(found)
        (Paths(config.DATA_DIR).state / "schema").unlink(missing_ok=True)
        journal.clear()
    say(f"已退回升级前的版本；升级后的数据库保留为 {after}，其间录入的内容在那里。")
    if held:
        say("现在处于恢复保全：请系统管理员到“运行维护”页面核对检查点，或声明遗失。")


def _losses(databases: Any, copy: str, *, lose: bool, tell: Callable[[str], None]) -> dict[str, int]:
    """What going back loses, when it may be lost."""
    with databases.beside() as cursor:
        if not databases.exists(cursor, copy):
            raise ConfigError("没有退回：升级前的数据库副本已经不在。")
    lost = losses(databases, older=copy, newer=databases.name_now())
    if refusal := back_allowed(lost, lose=lose, say=tell):
        raise ConfigError(refusal)
    return lost


def keep(config: SimpleNamespace, journal: Journal) -> None:
    """Throw away the old code and the copy of the old database."""
    found = journal.read()
    if found["state"] != DONE:
        raise ConfigError("没有需要确认的升级。")
    with services(config, say):
        databases = _django(config)
        with databases.beside() as cursor:
            databases.drop(cursor, found["copy"])
    journal.clear()
    say("已确认升级，旧版本和旧数据库副本已清理。")


def undo(config: SimpleNamespace, journal: Journal) -> None:
    """After an upgrade that died: the code is back already, now the database."""
    found = journal.read()
    tree_back(found)
    with services(config, say):
        _database_back(_django(config), found["copy"])
    (Paths(config.DATA_DIR).state / "schema").unlink(missing_ok=True)
    journal.write(state="")
    say("已退回升级前的版本和数据。")


def configuration() -> SimpleNamespace:
    """The settings of the instance that DATA_DIR names, by default the real center's.

    Raises:
        ConfigError: there is no instance.
    """
    given = os.environ.get("DATA_DIR") or "var/center"
    config = load({**os.environ, "DATA_DIR": given})
    if not recorded_kind(Paths(config.DATA_DIR)):
        raise ConfigError(f"没有升级：{config.DATA_DIR} 里没有实例，请用 DATA_DIR 指明数据目录。")
    os.umask(0o077)
    return config


def _chosen(argv: list[str], journal: Journal) -> Callable[[SimpleNamespace], None]:
    ways: dict[str, Callable[[SimpleNamespace], None]] = {
        "--back": lambda config: back(config, journal),
        "--back-lose": lambda config: back(config, journal, lose=True),
        "--keep": lambda config: keep(config, journal),
        "--recover": lambda config: undo(config, journal),
        "--tree": lambda config: upgrade(config, journal, tree=True),
    }
    if argv[1] in ways:
        return ways[argv[1]]

    def by_file(config: SimpleNamespace) -> None:
        unpack(Path(argv[1]).absolute(), journal)
        upgrade(config, journal, tree=False)

    return by_file


def main(argv: list[str]) -> int:
    """0 done; 1 the old release is back; 2 nothing was begun."""
    if len(argv) != 2 or not argv[1]:
        sys.stderr.write(
            "用法：make upgrade FILE=文件，退回：make upgrade BACK=1（LOSE=1），确认：make upgrade KEEP=1\n"
        )
        return 2
    from core.errors import BusinessError  # noqa: PLC0415 (of this release, read before the code is exchanged)

    journal = Journal(ROOT)
    try:
        _chosen(argv, journal)(configuration())
    except (ConfigError, BusinessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1 if str(error).startswith(FAILED) else 2
    if argv[1] not in ("--back", "--back-lose", "--keep", "--recover"):
        say("升级完成。发现问题可退回：make upgrade BACK=1；确认无误后清理旧版本：make upgrade KEEP=1")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
