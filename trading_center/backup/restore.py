"""Restoring: everything is checked first, the new database stands beside the old one, and one rename exchanges them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.totp import step_of
from audit.log_selectors import log_keys_missing
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.moments import SHANGHAI
from documents.services import content_take_in
from tenders.version import content_version_bump
from trading_center.backup import archive, databases
from trading_center.backup.programs import client_program
from trading_center.config import ROOT
from trading_center.embedded import child
from trading_center.embedded.checks import KINDS
from trading_center.embedded.services import write_whole

Say = Callable[[str], None]
MB = 1024 * 1024
EVERY_FILES = 500
# What makes a database more than new: people, rows of what was done, publications, files.
NOT_EMPTY = ("accounts_user", "audit_actionrow", "tenders_announcement", "portal_article", "documents_storedfile")
HOLD = "INSERT INTO upkeep_holdevent (at, kind, by_id, by_name, reason, detail) VALUES (%s, 'begun', NULL, '', %s, %s)"
# Who was logged in when the backup was made is not logged in now; a code used since then is not good a second time.
END_SESSIONS = "DELETE FROM accounts_session"
USE_UP_CODES = "UPDATE accounts_factor SET last_step = %s WHERE last_step < %s"
KEYS_MISSING = "备份用的密钥不在这台机器上，请先 manage.py keys_import 密钥文件 --passphrase-stdin，再恢复。"
QUEUES = ("celery", "unacked", "unacked_index")


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Args:
        rows: of all tables.
        files: stored files that were in the archive.
        damaged: digests of files that the backup had not whole.
        kept: the name of the old database, blank where it was empty and was dropped.
    """

    rows: int
    files: int
    damaged: list[str]
    kept: str


def checking_name() -> str:
    """The database that a restore fills; one left by a restore that was killed is made anew."""
    return f"{databases.name_now()}_restoring"


def manifest_of(path: Path, say: Say) -> dict[str, Any]:
    """Verify the whole archive.

    Raises:
        BusinessError: ``bad_archive``; nothing was changed.
    """
    if not path.is_file():
        raise BusinessError(f"没有恢复：找不到备份文件 {path}。", "bad_archive")
    size, told = path.stat().st_size, 0

    def progress(done: int) -> None:
        nonlocal told
        if done * 10 // size > told:
            told = done * 10 // size
            say(f"核对备份文件：{told * 10}%")

    try:
        return archive.verified_manifest(path, progress)
    except archive.ArchiveError as error:
        raise BusinessError(f"没有恢复，现有数据没有改动：{path.name} {error}。", "bad_archive") from error


def check_fits(manifest: dict[str, Any]) -> None:
    """Refuse what this instance or this version cannot take.

    Raises:
        BusinessError: ``other_kind``, ``newer``, ``other_roles``.
    """
    kind = str(manifest.get("kind"))
    if kind != settings.INSTANCE:
        raise BusinessError(
            f"没有恢复：备份来自{KINDS.get(kind, '另一种实例')}，这里是{KINDS[settings.INSTANCE]}"
            "（实例种类终身不变）；请另选 DATA_DIR。",
            "other_kind",
        )
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations) | {r for m in loader.disk_migrations.values() for r in m.replaces}
    unknown = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known]
    if unknown:
        raise BusinessError(
            f"没有恢复：备份的数据库结构比本程序新（例如 {unknown[0]}），请先把程序升级到备份时的版本或更新。", "newer"
        )
    role = manifest["roles"]["application"]
    if role != settings.DATABASE_APP_ROLE:
        raise BusinessError(
            f"没有恢复：备份里的应用角色叫 {role}，这里叫 {settings.DATABASE_APP_ROLE}；请用同名的角色。", "other_roles"
        )


def is_empty() -> bool:
    """Whether the present database holds nothing that anybody entered."""
    with databases.connected() as cursor:
        known = set(databases.tables(cursor))
        for name in NOT_EMPTY:
            if name in known:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")  # noqa: S608 (a name from the list above)
                if cursor.fetchone()[0]:
                    return False
    return True


def _pieces(path: Path, manifest: dict[str, Any]) -> Iterator[bytes]:
    for name, stream in archive.contents(path, manifest):
        if not name.startswith(archive.DATABASE):
            return
        while data := stream.read(archive.PIECE):
            yield data


def database_fill(*, path: Path, manifest: dict[str, Any], name: str, say: Say) -> None:
    """Make the database ``name`` anew from the archive, and compare every table with the manifest.

    Raises:
        BusinessError: ``restore_failed``, ``differs``; the database ``name`` is dropped then.
    """
    with databases.beside() as cursor:
        server = databases.major(cursor)
        program = client_program(
            "pg_restore",
            server=server,
            sslmode=str(databases.options().get("sslmode", "")),
            embedded=settings.EMBEDDED_DATABASE,
        )
        databases.drop(cursor, name)
        databases.make(cursor, name)
        try:
            _run_restore(program, path, manifest, name)
            say("正在逐表核对……")
            with databases.connected(name) as inside:
                found = databases.table_sums(inside)
            if found != manifest["tables"]:
                different = sorted(
                    t for t in {*found, *manifest["tables"]} if found.get(t) != manifest["tables"].get(t)
                )
                raise BusinessError(f"没有恢复，现有数据没有改动：表 {different[0]} 恢复后与备份不符。", "differs")
        except BaseException:
            databases.drop(cursor, name)
            raise


def _run_restore(program: Path, path: Path, manifest: dict[str, Any], name: str) -> None:
    environment = databases.program_environment(name)
    # A crash now costs this copy alone, which is made anew then.
    environment["PGOPTIONS"] = "-c synchronous_commit=off -c maintenance_work_mem=256MB"
    words = ["--no-owner", "--exit-on-error", "--no-password", "--dbname", name]
    process = child.spawn(
        [str(program), *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _feed(process.stdin, _pieces(path, manifest))
        errors = process.stderr.read().decode("utf-8", "replace").strip() if process.stderr else ""
        code = process.wait()
    except archive.ArchiveError as error:
        raise BusinessError(f"没有恢复，现有数据没有改动：{error}。", "bad_archive") from error
    finally:
        child.stop(process, ())
    if code != 0:
        line = errors.splitlines()[0] if errors else f"代码 {code}"
        raise BusinessError(f"没有恢复，现有数据没有改动：写入数据库失败（{line}）。", "restore_failed")


def _feed(pipe: IO[bytes] | None, pieces: Iterator[bytes]) -> None:
    if pipe is None:
        return
    try:
        for data in pieces:
            pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        pass  # pg_restore ended early; its own words are the reason


def _files(path: Path, manifest: dict[str, Any], say: Say) -> int:
    """Stored files go in before the database speaks of them; one that is there is not written again."""
    damaged, done = set(manifest["damaged"]), 0
    try:
        for name, stream in archive.contents(path, manifest):
            if not name.startswith(archive.FILES):
                while stream.read(archive.PIECE):
                    pass
                continue
            sha256 = name.rsplit("/", 1)[1]
            if sha256 not in damaged:
                content_take_in(content=stream, sha256=sha256)
            done += 1
            if done % EVERY_FILES == 0:
                say(f"文件：{done:,} / {manifest['files']:,}")
    except archive.ArchiveError as error:
        raise BusinessError(f"没有恢复，现有数据没有改动：{error}。", "bad_archive") from error
    return done


def _upgrade(name: str) -> None:
    """Bring the new database to the state of the code, as every start does."""
    environ = {**os.environ, "TC_AS_OWNER": "1", "TC_DATABASE_NAME": name}
    done = subprocess.run(
        [sys.executable, "-m", "trading_center.prepare"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise BusinessError("没有恢复，现有数据没有改动：恢复出来的数据库升级结构失败，原因见上。", "restore_failed")


def _detail(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {"archive": path.name, "made_at": manifest["made_at"], "log": manifest["log"]}


def _begin_hold(name: str, path: Path, manifest: dict[str, Any], now: datetime) -> None:
    """The hold is in the new database before anybody can use it."""
    made = datetime.fromisoformat(manifest["made_at"]).astimezone(SHANGHAI)
    with databases.connected(name) as cursor:
        cursor.execute(HOLD, [now, f"从 {made:%Y-%m-%d %H:%M} 的备份恢复。", json.dumps(_detail(path, manifest))])


def end_logins(name: str, now: datetime) -> int:
    """End every session of the new database, before anybody can use it.

    A cookie that was stolen, or ended with a password change since the backup, must not open a door again. Of the
    second factor every code up to this moment counts as used: what was used after the backup stays used.

    Args:
        name: of the database.
        now: aware time.

    Returns:
        How many sessions were ended.
    """
    step = step_of(now)
    with databases.connected(name) as cursor:
        cursor.execute(END_SESSIONS)
        ended: int = cursor.rowcount
        cursor.execute(USE_UP_CODES, [step, step])
    return ended


def _forget_queues() -> None:
    """Tasks that wait speak of rows of the old database; what the new one wants done its own sweeps find."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
        client.delete(*QUEUES)
        client.close()
    except redis.RedisError as error:
        raise BusinessError(f"没有恢复，现有数据没有改动：连不上 Redis（{error}）。", "no_redis") from error


def _check_keys(registered: dict[int, str], *, needed: bool, say: Say) -> None:
    """Tell before anything is changed that the keys of the backup are not here.

    Raises:
        BusinessError: ``keys_missing``: what is to follow at once (a checkpoint compared, a leaf signed) needs them.
    """
    if not log_keys_missing(registered):
        return
    if needed:
        raise BusinessError(f"没有恢复，现有数据没有改动：{KEYS_MISSING}", "keys_missing")
    say(f"注意：{KEYS_MISSING}没有它们，恢复后加密的内容打不开，也不能核对检查点和发布。")


def _keys_in(name: str) -> dict[int, str]:
    """The log keys that the new database names; backups of before manifests told them are asked so."""
    with databases.connected(name) as cursor:
        if "audit_logkey" not in databases.tables(cursor):
            return {}
        cursor.execute("SELECT version, public_key FROM audit_logkey")
        return dict(cursor.fetchall())


def restore(
    *, path: Path, replace: bool, now: datetime, keys_needed: bool = False, say: Say = lambda text: None
) -> Restored:
    """Put the archive's database in the place of the present one, on hold, and add its files to the storage.

    A restore that fails or is killed harms nothing: until the last rename the portal's database is the old one.

    Args:
        path: the archive.
        replace: exchange a database that holds something; the old one is kept under another name.
        now: aware time.
        keys_needed: refuse when the keys of the backup are not here, since a decision about the hold follows at once.
        say: told of the progress.

    Raises:
        BusinessError: ``bad_archive``, ``other_kind``, ``newer``, ``other_roles``, ``not_empty``, ``keys_missing``,
            ``restore_failed``, ``differs``, ``no_program``, ``may_not_create``, ``busy``, ``no_database``,
            ``no_redis``.
    """
    manifest = manifest_of(path, say)
    check_fits(manifest)
    empty = is_empty()
    if not empty and not replace:
        raise BusinessError(
            "没有恢复：这个实例里已有数据。确实要用备份取代它，请加上 --replace（现有数据库改名保留）。", "not_empty"
        )
    told = manifest["log"].get("keys")
    if told is not None:
        _check_keys({int(v): public for v, public in told.items()}, needed=keys_needed, say=say)
    new, current = checking_name(), databases.name_now()
    say("正在恢复数据库……")
    database_fill(path=path, manifest=manifest, name=new, say=say)
    try:
        if told is None:
            _check_keys(_keys_in(new), needed=keys_needed, say=say)
        _upgrade(new)
        say("正在恢复文件……")
        files = _files(path, manifest, say)
        _begin_hold(new, path, manifest, now)
        end_logins(new, now)
        _forget_queues()
        connection.close()
        old = f"{current}_before_{now:%Y%m%d%H%M%S}"
        with databases.beside() as cursor:
            databases.switch(cursor, new=new, current=current, old=old)
            if empty:
                databases.drop(cursor, old)
    except BaseException:
        with databases.beside() as cursor:
            databases.drop(cursor, new)
        raise
    action_record(tag=Tag.UPKEEP, by=None, now=now, subject="upkeep.restore", detail=_detail(path, manifest))
    content_version_bump()
    if settings.INSTANCE == "demo":
        # The first start of a demonstration would load what is there already.
        write_whole(settings.PATHS.state / "demo", "restored\n")
    rows = sum(count for count, _ in manifest["tables"].values())
    return Restored(rows, files, list(manifest["damaged"]), "" if empty else old)


def scratch_restore(*, path: Path, manifest: dict[str, Any]) -> None:
    """Prove that the database in an archive can be restored: into a database of its own, compared and dropped.

    Raises:
        BusinessError: as ``database_fill``.
    """
    name = f"{databases.name_now()}_trial"
    database_fill(path=path, manifest=manifest, name=name, say=lambda text: None)
    with databases.beside() as cursor:
        databases.drop(cursor, name)
