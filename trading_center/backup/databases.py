"""Databases as wholes: connect as the owner, make one beside the other, compare contents, exchange their names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg2
from django.conf import settings
from psycopg2 import sql

from core.errors import BusinessError

# Where a server lets us stand while the portal's own database is renamed.
BESIDE = ("postgres", "template1")
SWITCH_SECONDS = 30.0
# How values read as text must not depend on a server's settings.
PLAIN = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';"
    " SET extra_float_digits = 1"
)


def options() -> dict[str, Any]:
    """What the address of the database says behind its question mark (sslmode …)."""
    return dict(cast("dict[str, Any]", settings.OWNER_DATABASE.get("OPTIONS", {})))


def owner_parameters(name: str = "") -> dict[str, Any]:
    """psycopg2's arguments for the portal's database, or for another of its server, as the owner."""
    known = settings.OWNER_DATABASE
    given = {
        "dbname": name or known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
        "connect_timeout": 10,
        **options(),
    }
    return {key: value for key, value in given.items() if value not in ("", None)}


def program_environment(name: str = "") -> dict[str, str]:
    """The environment in which PostgreSQL's programs find the same database; a password is no argument."""
    words = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    given = owner_parameters(name)
    found = {words[key]: str(value) for key, value in given.items() if key in words}
    found |= {
        f"PG{key.upper()}": str(given[key]) for key in ("sslmode", "sslrootcert", "sslcert", "sslkey") if key in given
    }
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10", **found}


@contextmanager
def connected(name: str = "", *, autocommit: bool = True) -> Iterator[Any]:
    """A cursor as the owner, closed at the end.

    Raises:
        BusinessError: ``no_database``.
    """
    try:
        link = psycopg2.connect(**owner_parameters(name))
    except psycopg2.OperationalError as error:
        first = next(iter(str(error).strip().splitlines()), "")
        raise BusinessError(f"没有完成：连不上数据库（{first}）。", "no_database") from error
    link.autocommit = autocommit
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


@contextmanager
def beside() -> Iterator[Any]:
    """A cursor as the owner in a database of the server that is not the portal's."""
    with connected(_beside_name()) as cursor:
        yield cursor


def _beside_name() -> str:
    for name in BESIDE[:-1]:
        try:
            with connected(name):
                return name
        except BusinessError:
            continue
    return BESIDE[-1]


def name_now() -> str:
    """The name of the portal's database."""
    return str(settings.OWNER_DATABASE["NAME"])


def exists(cursor: Any, name: str) -> bool:
    """Whether the server has a database of this name."""
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def drop(cursor: Any, name: str) -> None:
    """Drop the database and whoever is in it, if it is there."""
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def may_create(cursor: Any) -> bool:
    """Whether the owner's role may make databases (an external server's often may not)."""
    cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])


def make(cursor: Any, name: str, *, template: str = "template0") -> None:
    """Make a database with the rights of the portal's own.

    Raises:
        BusinessError: ``may_not_create``.
    """
    owner, app = settings.OWNER_DATABASE["USER"], settings.DATABASE_APP_ROLE
    try:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(str(owner)), sql.Identifier(template)
            )
        )
    except psycopg2.errors.InsufficientPrivilege as error:
        raise BusinessError(
            f"没有完成：数据库角色 {owner} 不能建立数据库。请数据库管理员临时执行 ALTER ROLE {owner} CREATEDB，"
            f"完成后再执行 ALTER ROLE {owner} NOCREATEDB；并给出 DATABASE_OWNER_URL。",
            "may_not_create",
        ) from error
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(app)))


def send_away(cursor: Any, name: str) -> None:
    """End every connection to the database."""
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [name]
    )


def switch(cursor: Any, *, new: str, current: str, old: str) -> None:
    """Let ``new`` be called ``current`` and what was called so ``old``: both or neither.

    The lock that a renaming takes keeps newcomers out until it is done; whoever came before is sent away.

    Raises:
        BusinessError: ``busy``: connections that come back too fast; nothing was changed.
    """
    until = time.monotonic() + SWITCH_SECONDS
    while True:
        try:
            cursor.execute("BEGIN")
            send_away(cursor, current)
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (current, old))))
            send_away(cursor, new)
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (new, current))))
            cursor.execute("COMMIT")
            return
        except psycopg2.errors.ObjectInUse as error:
            cursor.execute("ROLLBACK")
            if time.monotonic() > until:
                raise BusinessError("没有完成：数据库一直有人在用，切换不了，请先停止门户再试。", "busy") from error


def tables(cursor: Any) -> list[str]:
    """The names of all tables of the schema ``public``."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ' ORDER BY relname COLLATE "C"'
    )
    return [row[0] for row in cursor.fetchall()]


def table_sums(cursor: Any) -> dict[str, list[Any]]:
    """Rows of every table and a sum over the digests of their rows, which no order changes.

    Returns:
        ``{table: [rows, sum as text]}``; equal for equal contents, on every server.
    """
    cursor.execute(PLAIN)
    found: dict[str, list[Any]] = {}
    for name in tables(cursor):
        cursor.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 15))"
                "::bit(60)::bigint::numeric), 0)::text FROM {} t"
            ).format(sql.Identifier(name))
        )
        found[name] = list(cursor.fetchone())
    return found


def migrations(cursor: Any) -> list[list[str]]:
    """The migrations that the database has, ``[app, name]`` in order."""
    cursor.execute('SELECT app, name FROM django_migrations ORDER BY app COLLATE "C", name COLLATE "C"')
    return [list(row) for row in cursor.fetchall()]


def major(cursor: Any) -> int:
    """The server's major version."""
    cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
    return int(cursor.fetchone()[0])
