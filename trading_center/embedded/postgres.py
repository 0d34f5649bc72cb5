"""The embedded PostgreSQL: making its data folder, its settings, its command. Standard library alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trading_center.config import ConfigError
from trading_center.embedded import child
from trading_center.embedded.binaries import postgres_program
from trading_center.embedded.paths import APP_ROLE, DATABASE_NAME, OWNER_ROLE, PG_PORT, Paths

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"}
MB = 1024 * 1024
ACCESS = """\
# Sockets only, and every role by password.
local all all scram-sha-256
"""


@dataclass(frozen=True)
class Identity:
    """As whom the server runs: Popen's arguments, and the user that must own its files (None: ours)."""

    options: dict[str, Any] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None

    def give(self, path: Path) -> None:
        """Make ``path`` the server's own."""
        if self.uid is not None:
            os.chown(path, self.uid, self.gid or -1)

    def give_all(self, folder: Path) -> None:
        """Make ``folder`` and all below the server's own."""
        if self.uid is not None:
            for place, folders, files in os.walk(folder):
                for name in ("", *folders, *files):
                    os.chown(Path(place, name), self.uid, self.gid or -1, follow_symlinks=False)


def _works(identity: Identity, folder: Path) -> bool:
    """Can the server's program be started so, and reach ``folder``?"""
    for command in ([str(postgres_program("postgres")), "--version"], ["test", "-x", str(folder)]):
        try:
            tried = child.spawn(
                command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity.options
            )
            if tried.wait() != 0:
                return False
        except (OSError, subprocess.SubprocessError):
            return False
    return True


def _user(name: str) -> Identity | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Identity({"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}, found.pw_uid, found.pw_gid)


def identity(paths: Paths) -> Identity:
    """As whom PostgreSQL runs here; it refuses to run as root.

    Raises:
        ConfigError: root, and the kernel refuses user namespaces, and neither postgres nor nobody reach the data.
    """
    if os.geteuid() != 0:
        return Identity()
    owner = paths.postgres.stat().st_uid if paths.postgres.exists() else 0
    namespace = Identity({"namespace": True})
    if owner == 0 and _works(namespace, paths.data_dir):
        return namespace
    # Others may then pass through DATA_DIR, but list nothing: every folder in it stays closed.
    paths.data_dir.chmod(paths.data_dir.stat().st_mode | 0o711)
    for name in ("postgres", "nobody"):
        found = _user(name)
        if found and owner in (0, found.uid) and _works(found, paths.data_dir):
            found.give_all(paths.postgres)
            return found
    if owner:
        raise ConfigError(f"无法启动：{paths.postgres} 属于另一个用户（编号 {owner}），请以该用户运行。")
    raise ConfigError(
        f"无法启动：PostgreSQL 不能以 root 运行，本机内核又不允许用户命名空间，用户 postgres、nobody 也到不了 "
        f"{paths.data_dir}；请以普通用户运行，或把 DATA_DIR 放到其他用户能进入的目录下。"
    )


def _memory() -> int:
    """Bytes of memory of the machine, or of the control group if that is less."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        return min(found, int(limit)) if limit.isdigit() else found
    except OSError:
        return found


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def server_settings(paths: Paths, memory: int) -> str:
    """Our part of postgresql.conf for a machine with ``memory`` bytes."""

    def share(part: float, low: int, high: int) -> str:
        return f"{min(max(int(memory * part / MB), low), high)}MB"

    folder = '"' + str(paths.run).replace('"', '""') + '"'
    values = {
        "listen_addresses": "''",
        "port": str(PG_PORT),
        "unix_socket_directories": _quoted(folder),
        "unix_socket_permissions": "0700",
        "password_encryption": "'scram-sha-256'",
        "max_connections": "100",
        "shared_buffers": share(0.25, 32, 2048),
        "effective_cache_size": share(0.6, 64, 64 * 1024),
        "maintenance_work_mem": share(0.05, 32, 1024),
        "work_mem": share(0.002, 4, 32),
        "max_wal_size": "'2GB'",
        "checkpoint_timeout": "'15min'",
        "random_page_cost": "1.1",
        "jit": "off",
        "synchronous_commit": "on",
        "timezone": "'Asia/Shanghai'",
        "log_timezone": "'Asia/Shanghai'",
        # Statements carry personal data, which has no place in a log.
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "logging_collector": "off",
        "log_line_prefix": "'%m [%p] '",
        "lc_messages": "'C'",
    }
    return "# Written anew at every start; settings of your own go into local.conf.\n" + "".join(
        f"{name} = {value}\n" for name, value in values.items()
    )


class Postgres:
    """The server of one instance, for the keeper."""

    name = "postgres"
    label = "数据库"
    death_signal: int = signal.SIGQUIT
    # Fast first; a server that does not come down leaves its recovery to the next start.
    stop_steps: tuple[tuple[int, float], ...] = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.identity = identity(paths)

    def _run(self, program: str, *arguments: str, stdin: bytes = b"") -> None:
        done = child.spawn(
            [str(postgres_program(program)), *arguments],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.paths.data_dir,
            **self.identity.options,
        )
        output = done.communicate(stdin)[0].decode("utf-8", "replace").strip()
        if done.returncode != 0 or "ERROR:" in output or "FATAL:" in output:
            line = output.splitlines()[-1] if output else f"代码 {done.returncode}"
            raise ConfigError(f"无法启动：建立数据库失败（{program}：{line}）。")

    def _roles(self) -> str:
        """SQL for single-user mode, one statement a line; the passwords go through a pipe, seen by nobody."""
        secret = self.paths.secret
        return (
            f"ALTER ROLE postgres PASSWORD '{secret('postgres')}';\n"
            f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{secret(APP_ROLE)}';\n"
            f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB PASSWORD '{secret(OWNER_ROLE)}' IN ROLE {APP_ROLE};\n"
            f"CREATE DATABASE {DATABASE_NAME} OWNER {OWNER_ROLE};\n"
            f"REVOKE ALL ON DATABASE {DATABASE_NAME} FROM PUBLIC;\n"
            f"GRANT CONNECT ON DATABASE {DATABASE_NAME} TO {APP_ROLE};\n"
        )

    def prepare(self) -> None:
        """Make the data folder if there is none: aside, complete, then renamed; write the settings."""
        data = self.paths.postgres
        if not data.exists():
            aside = data.with_name("postgres.new")
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(mode=0o700)
            self.identity.give(aside)
            # No password here, but the file of access below is replaced before the server first listens.
            self._run("initdb", "-D", str(aside), "-U", "postgres", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8")
            self._write(aside / "pg_hba.conf", ACCESS)
            with (aside / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write("\ninclude = 'tc.conf'\ninclude = 'local.conf'\n")
            self._write(aside / "tc.conf", server_settings(self.paths, _memory()))
            self._write(aside / "local.conf", "# Settings of your own; they win over tc.conf.\n")
            self._run("postgres", "--single", "-j", "-D", str(aside), "postgres", stdin=self._single(self._roles()))
            aside.rename(data)
        self._write(data / "tc.conf", server_settings(self.paths, _memory()))
        self.identity.give(self.paths.run)
        for leftover in (data / "postmaster.pid", self.paths.run / f".s.PGSQL.{PG_PORT}.lock"):
            # Nobody of this server lives (the keeper holds its lock): a number in there belongs to somebody else.
            leftover.unlink(missing_ok=True)

    @staticmethod
    def _single(statements: str) -> bytes:
        """Statements as ``--single -j`` reads them: ended by a semicolon and an empty line."""
        return statements.replace(";\n", ";\n\n").encode("ascii")

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self.identity.give(path)

    def command(self) -> list[str]:
        return [str(postgres_program("postgres")), "-D", str(self.paths.postgres)]

    def options(self) -> dict[str, Any]:
        return dict(self.identity.options)

    def is_ready(self) -> bool:
        """Does it accept connections?"""
        asked = subprocess.run(  # noqa: S603 (our own program)
            [str(postgres_program("pg_isready")), "-q", "-t", "2", "-h", str(self.paths.run), "-p", str(PG_PORT)],
            env=ENVIRONMENT,
            check=False,
        )
        return asked.returncode == 0

    def is_leftover(self, pid: str) -> bool:
        """Is process ``pid`` one of a server that died? Every process of PostgreSQL stands in its data folder."""
        program, place = os.readlink(f"/proc/{pid}/exe"), os.readlink(f"/proc/{pid}/cwd")
        ours = os.path.realpath(postgres_program("postgres"))
        return program == ours and place == os.path.realpath(self.paths.postgres)
