"""pg_dump and pg_restore: of a version that fits the server, from the system or from the embedded package."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from core.errors import BusinessError
from trading_center.config import ConfigError
from trading_center.embedded.binaries import postgres_program

# Where the distributions keep the programs of each version.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
# The embedded package's library was built without TLS.
WITHOUT_TLS = {"", "disable", "allow", "prefer"}


def _major(program: Path) -> int:
    try:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True, timeout=20)  # noqa: S603 (a program of PostgreSQL)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", told.stdout)
    return int(found[1]) if found else 0


def _candidates(name: str, *, tls: bool) -> Iterator[Path]:
    for pattern in PLACES:
        yield from sorted(Path("/").glob(f"{pattern.lstrip('/')}/{name}"))
    if on_path := shutil.which(name):
        yield Path(on_path)
    if not tls:
        try:
            yield postgres_program(name)
        except ConfigError:
            return


def client_program(name: str, *, server: int, sslmode: str = "", embedded: bool = False) -> Path:
    """The program for a server: of its own version where there is one, else of the next newer.

    Args:
        name: ``pg_dump`` or ``pg_restore``.
        server: the server's major version.
        sslmode: of the connection.
        embedded: the server is our own, whose programs come with it.

    Raises:
        BusinessError: ``no_program``.
    """
    if embedded:
        return postgres_program(name)
    known = [(_major(path), path) for path in _candidates(name, tls=sslmode not in WITHOUT_TLS)]
    fitting = sorted((major, str(path)) for major, path in known if major >= server)
    if not fitting:
        raise BusinessError(
            f"没有完成：这台机器上没有能用于 PostgreSQL {server} 的 {name}，"
            f"请先运行：sudo apt-get install postgresql-client-{server}",
            "no_program",
        )
    return Path(fitting[0][1])
