"""Making a backup: one snapshot of the database, then the files it speaks of, which are only ever added."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction

from audit.log_selectors import log_keys, log_state
from core.errors import BusinessError
from core.reasons import reason
from documents.models import storage_name
from trading_center.backup import archive, databases
from trading_center.backup.programs import client_program
from trading_center.embedded import child

Say = Callable[[str], None]
# Two backups at once, on whatever host, would only be in each other's way.
LOCK = 7_305_003
MB = 1024 * 1024
SPARE = 64 * MB
EVERY_FILES, EVERY_BYTES = 500, 256 * MB


@dataclass(frozen=True)
class Made:
    """A backup that is whole.

    Args:
        path: the archive.
        size: bytes.
        sha256: of the archive.
        files: stored files in it.
        damaged: digests of stored files that the storage has lost or spoilt; they are not in it, or not whole.
        manifest: what its last member says.
    """

    path: Path
    size: int
    sha256: str
    files: int
    damaged: list[str]
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """What one moment of the database holds: its name for other connections, and what goes into the manifest."""

    name: str
    files: list[tuple[str, int]]
    facts: dict[str, Any]
    server: int


def check_target(path: Path) -> None:
    """Refuse a place where no archive can or should be written.

    Raises:
        BusinessError: ``bad_target``.
    """
    folder = path.parent
    if not folder.is_dir():
        raise BusinessError(f"没有备份：目录 {folder} 不存在，请先建立它，或检查共享目录是否已经挂上。", "bad_target")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BusinessError(f"没有备份：不能在 {folder} 中写文件，请改正权限或另选位置。", "bad_target")
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise BusinessError(f"没有备份：{path} 是目录或设备，请给出文件名。", "bad_target")
    if path.exists() and path.stat().st_size:
        try:
            archive.header(path)
        except archive.ArchiveError:
            raise BusinessError(f"没有备份：{path} 已存在，而且不是备份文件，请换一个文件名。", "bad_target") from None


def _check_space(folder: Path, needed: int) -> None:
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise BusinessError(
            f"没有备份：{folder} 所在磁盘只剩 {free // MB} MB，大约需要 {needed // MB} MB，请清理磁盘或另选位置。",
            "no_space",
        )


@contextmanager
def _only_one(cursor: Any) -> Iterator[None]:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
    if not cursor.fetchone()[0]:
        raise BusinessError("没有备份：另一次备份正在进行，请等它结束。", "running")
    yield  # the lock ends with its connection


def _log_state(snapshot: str) -> dict[str, Any]:
    """Size and root of the log as of the snapshot, and the public keys of it, asked through Django's own connection."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        size, root = log_state()
        return {"size": size, "root": root, "keys": {str(v): public for v, public in log_keys().items()}}


def _snapshot(cursor: Any) -> Snapshot:
    cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute("SELECT pg_export_snapshot(), pg_database_size(current_database())")
    name, size = cursor.fetchone()
    cursor.execute(
        "SELECT sha256, size FROM documents_storedfile f WHERE NOT EXISTS"
        " (SELECT FROM documents_fileremoval r WHERE r.stored_id = f.id) ORDER BY id"
    )
    files = [(row[0], row[1]) for row in cursor.fetchall()]
    cursor.execute("SHOW server_version")
    version = cursor.fetchone()[0]
    cursor.execute("SELECT kind FROM accounts_instance")
    kind = cursor.fetchone()
    facts = {
        "kind": kind[0] if kind else settings.INSTANCE,
        "migrations": databases.migrations(cursor),
        "postgres": version,
        "database_bytes": size,
        "tables": databases.table_sums(cursor),
        "log": _log_state(name),
        "roles": {"owner": settings.OWNER_DATABASE["USER"], "application": settings.DATABASE_APP_ROLE},
    }
    return Snapshot(name, files, facts, databases.major(cursor))


def _dump(writer: archive.Writer, snapshot: Snapshot, say: Say) -> int:
    """Let pg_dump read the snapshot into the archive; the bytes of the dump."""
    program = client_program(
        "pg_dump",
        server=snapshot.server,
        sslmode=str(databases.options().get("sslmode", "")),
        embedded=settings.EMBEDDED_DATABASE,
    )
    # The archive is compressed as a whole: compressing twice costs time and saves nothing.
    words = ["--format=custom", "--compress=0", "--no-password", f"--snapshot={snapshot.name}"]
    process = child.spawn(
        [str(program), *words],
        env=databases.program_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    told = 0

    def progress(done: int) -> None:
        nonlocal told
        if done - told >= EVERY_BYTES:
            told = done
            say(f"数据库：已读出 {done // MB:,} MB")

    try:
        if process.stdout is None or process.stderr is None:
            raise BusinessError("没有备份：pg_dump 没有输出。", "dump_failed")
        total = writer.add_database(process.stdout, progress)
        errors = process.stderr.read().decode("utf-8", "replace").strip()
        code = process.wait()
    finally:
        child.stop(process, ())
    if code != 0 or not total:
        line = errors.splitlines()[0] if errors else f"代码 {code}"
        hint = "；请给出 DATABASE_OWNER_URL" if "permission denied" in errors else ""
        raise BusinessError(f"没有备份：读出数据库失败（{line}）{hint}。", "dump_failed")
    return total


def _add_files(writer: archive.Writer, files: list[tuple[str, int]], say: Say) -> list[str]:
    """Every stored file of the snapshot; the digests of those that are lost or spoilt."""
    damaged = []
    for number, (sha256, size) in enumerate(files, 1):
        try:
            with default_storage.open(storage_name(sha256), "rb") as stream:
                whole = default_storage.size(storage_name(sha256)) == size and writer.add_file(sha256, size, stream)
        except FileNotFoundError:
            whole = False
        if not whole:
            damaged.append(sha256)
        if number % EVERY_FILES == 0:
            say(f"文件：{number:,} / {len(files):,}")
    return damaged


def _write(stream: IO[bytes], cursor: Any, folder: Path, now: datetime, say: Say) -> tuple[int, list[str]]:
    with _only_one(cursor):
        snapshot = _snapshot(cursor)
        _check_space(folder, sum(size for _, size in snapshot.files) + snapshot.facts["database_bytes"] // 2 + SPARE)
        facts = {**snapshot.facts, "made_at": now.isoformat(timespec="seconds")}
        front = {name: facts[name] for name in ("kind", "made_at", "postgres")}
        with archive.Writer(stream, front) as writer:
            dumped = _dump(writer, snapshot, say)
            # The dump is read: the snapshot need not keep old rows alive any longer.
            cursor.execute("ROLLBACK")
            damaged = _add_files(writer, snapshot.files, say)
            count = len(snapshot.files)
            writer.close({"format": archive.FORMAT, **facts, "dump_bytes": dumped, "files": count, "damaged": damaged})
    return count, damaged


def backup_make(*, path: Path, now: datetime, say: Say = lambda text: None) -> Made:
    """Write the database and the stored files into one archive, and read it back.

    Keys are never in it. It is written beside its final name and renamed when it is whole and on the disk.

    Args:
        path: the archive; an older archive there is replaced, any other file refused.
        now: aware time, written into it.
        say: told of the progress.

    Raises:
        BusinessError: ``bad_target``, ``no_space``, ``running``, ``no_program``, ``dump_failed``, ``write_failed``,
            ``not_whole``, ``no_database``; nothing is left behind then.
    """
    path = path.absolute()
    check_target(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with databases.connected() as cursor, part.open("xb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            files, damaged = _write(stream, cursor, path.parent, now, say)
            stream.flush()
            os.fsync(stream.fileno())
        sha256 = archive.file_digest(part)
        say("正在回读核对……")
        manifest = archive.verified_manifest(part)
        size = part.stat().st_size
        part.replace(path)
        _sync_folder(path.parent)
    except archive.ArchiveError as error:
        raise BusinessError(f"没有备份：写好后回读不对（{error}），磁盘可能有故障。", "not_whole") from error
    except OSError as error:
        raise BusinessError(f"没有备份：写不了 {path}（{reason(error)}）。", "write_failed") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return Made(path, size, sha256, files, damaged, manifest)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse it and do it by themselves
            os.fsync(handle)
    finally:
        os.close(handle)
