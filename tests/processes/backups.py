"""What tests of backups compare, and somebody who writes meanwhile."""

from __future__ import annotations

import hashlib
import threading

import psycopg2

from tests.processes.harness import Instance

INSERT = "INSERT INTO accounts_user (password, username, name, kind, is_active, created_at)"
VALUES = "VALUES ('!', %s, '留存', 'staff', true, now())"
# What the running tasks of a restored instance write within seconds: seals, readings of the clock, the watch.
LIVING = {
    "audit_waitingrow",
    "audit_seal",
    "audit_sealedrow",
    "audit_verification",
    "upkeep_clockreading",
    "portal_watchrun",
    "portal_watchfinding",
}


def contents(instance: Instance, **change: str) -> dict[str, str]:
    """A digest of the rows of every table, by PostgreSQL's own text of them; the server must run."""
    found = {}
    with instance.database("tc_owner", **change) as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {name} t")
            rows = sorted(row[0] for row in cursor.fetchall())
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def files(instance: Instance) -> dict[str, str]:
    """Every stored file and its digest."""
    folder = instance.paths.files
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def databases(instance: Instance) -> set[str]:
    """The names of the databases on the instance's server."""
    with instance.database("tc_owner", dbname="postgres") as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname NOT LIKE 'template%'")
        return {row[0] for row in cursor.fetchall()}


def steady(instance: Instance) -> dict[str, str]:
    """``contents`` without what the tasks of a running instance write."""
    return {name: digest for name, digest in contents(instance).items() if name not in LIVING}


class Writing:
    """Adds people two by two, each pair in one transaction, until it is stopped."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.over = threading.Event()
        self.pairs = 0
        self.thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        known = self.instance.paths.database("tc_app")
        link = psycopg2.connect(
            host=known["HOST"], port=known["PORT"], dbname=known["NAME"], user="tc_app", password=known["PASSWORD"]
        )
        while not self.over.is_set():
            with link, link.cursor() as cursor:
                cursor.execute(f"{INSERT} {VALUES}", [f"left {self.pairs}"])
                cursor.execute(f"{INSERT} {VALUES}", [f"right {self.pairs}"])
            self.pairs += 1
        link.close()

    def __enter__(self) -> Writing:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
