"""The embedded servers are private to their instance, and as the house wants them."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.processes.harness import Instance, listening_ports, processes
from trading_center.embedded.paths import Paths
from trading_center.embedded.postgres import server_settings

GB = 1024**3


def _servers(instance: Instance) -> set[int]:
    return {pid for pid, command in processes(instance.folder).items() if "postgres" in command or "redis" in command}


def test_servers_listen_on_no_port(center: Instance) -> None:
    assert len(_servers(center)) > 2
    assert listening_ports(_servers(center)) == set()
    assert listening_ports(set(processes(center.folder))) == {center.port}


def test_folders_and_secrets_are_closed_to_others(center: Instance) -> None:
    paths = center.paths
    folders = (
        paths.data_dir,
        paths.run,
        paths.secrets,
        paths.postgres,
        paths.redis,
        paths.log,
        paths.files,
        paths.lock,
    )
    assert {folder.name: folder.stat().st_mode & 0o777 for folder in folders} == {f.name: 0o700 for f in folders}
    assert paths.run == center.folder / "run"
    secrets = {file.name: (file.stat().st_mode & 0o777, len(file.read_text())) for file in paths.secrets.iterdir()}
    assert secrets == {**dict.fromkeys(("postgres", "tc_owner", "tc_app", "redis"), (384, 64)), "setup_code": (384, 16)}
    keys = {file.name: file.stat().st_mode & 0o777 for file in paths.keys.iterdir()}
    assert keys == dict.fromkeys(("fields-1.key", "index-1.key", "log-1.key", "sessions-1.key"), 0o600)
    assert paths.keys.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o077 for file in (*paths.log.iterdir(), paths.redis / "redis.conf")} == {0}


def test_passwords_are_on_no_command_line(center: Instance) -> None:
    secrets = [file.read_text(encoding="ascii") for file in center.paths.secrets.iterdir()]
    assert [c for c in processes(center.folder).values() if any(secret in c for secret in secrets)] == []


@pytest.mark.parametrize("role", ["tc_app", "tc_owner", "postgres"])
@pytest.mark.parametrize("password", ["wrong", ""])
def test_database_refuses_a_wrong_password(center: Instance, role: str, password: str) -> None:
    refused = pytest.raises(psycopg2.OperationalError, match=r"password authentication failed|no password supplied")
    with refused, center.database(role, password=password, passfile="/dev/null"):
        pass


def test_redis_refuses_who_gives_no_or_a_wrong_password(center: Instance) -> None:
    place = str(center.paths.redis_socket)
    once = Retry(NoBackoff(), 0)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=place, retry=once).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=place, password="wrong", retry=once).ping()
    assert center.redis().ping() is True


def test_application_role_can_change_no_structure(center: Instance) -> None:
    with center.database() as cursor:
        for statement in (
            "CREATE TABLE mine (a int)",
            "CREATE TEMPORARY TABLE mine (a int)",
            "CREATE SCHEMA mine",
            "TRUNCATE accounts_user",
            "DELETE FROM accounts_instance",
            "UPDATE accounts_instance SET kind = 'demo'",
            "SET ROLE tc_owner",
            "COPY accounts_user TO PROGRAM 'cat'",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)


def test_roles_are_no_more_than_they_need(center: Instance) -> None:
    with center.database("tc_owner") as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
            " FROM pg_roles WHERE rolname LIKE 'tc%' ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("tc_app", False, False, False, False, False),
            ("tc_owner", False, True, False, False, False),
        ]
        cursor.execute("SET ROLE tc_app")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("tc_app",)


def test_database_knows_what_the_instance_is(center: Instance) -> None:
    with center.database() as cursor:
        cursor.execute("SELECT id, kind FROM accounts_instance")
        assert cursor.fetchall() == [(1, "center")]
    assert center.paths.instance.read_text(encoding="ascii") == "center\n"


def test_server_is_set_as_the_house_wants(center: Instance) -> None:
    wanted = {
        "server_encoding": "UTF8",
        "TimeZone": "Asia/Shanghai",
        "jit": "off",
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "random_page_cost": "1.1",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
    }
    with center.database() as cursor:
        found = {}
        for name in wanted:
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]
        cursor.execute("SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()")
        assert (found, cursor.fetchone()) == (wanted, ("C.UTF-8", "C.UTF-8"))


def test_redis_keeps_what_it_was_given(center: Instance) -> None:
    client = center.redis()
    known = {**client.config_get("append*"), **client.config_get("port"), **client.config_get("maxmemory-policy")}
    assert {k: known[k] for k in ("appendonly", "appendfsync", "port", "maxmemory-policy")} == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "port": "0",
        "maxmemory-policy": "volatile-lru",
    }


@pytest.mark.parametrize(
    ("memory", "shared", "maintenance", "work"),
    [(GB // 2, 128, 32, 4), (4 * GB, 1024, 204, 8), (64 * GB, 2048, 1024, 32)],
)
def test_settings_follow_the_memory(memory: int, shared: int, maintenance: int, work: int) -> None:
    lines = server_settings(Paths(Path("/data")), memory).splitlines()
    sized = {
        name: value
        for name, _, value in (line.partition(" = ") for line in lines)
        if name.endswith(("_mem", "buffers"))
    }
    assert sized == {
        "shared_buffers": f"{shared}MB",
        "maintenance_work_mem": f"{maintenance}MB",
        "work_mem": f"{work}MB",
    }


def test_settings_of_the_operator_win(stopped: Instance) -> None:
    (stopped.paths.postgres / "local.conf").write_text("work_mem = '7MB'\n", encoding="ascii")
    code = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW work_mem'); print(k.fetchone()[0])"
    assert stopped.python("manage.py", "shell", "--no-imports", "-c", code).stdout == "7MB\n"


def test_interrupted_making_of_the_database_begins_anew(stopped: Instance) -> None:
    # A power cut within initdb: the folder aside is there, the real one is not.
    stopped.paths.postgres.rename(stopped.folder / "postgres.new")
    (stopped.folder / "postgres.new" / "PG_VERSION").unlink()
    (stopped.paths.state / "schema").unlink()
    code = "from accounts.models import Instance; print(Instance.objects.get().kind)"
    done = stopped.python("manage.py", "shell", "--no-imports", "-c", code)
    assert (done.returncode, done.stdout) == (0, "center\n"), done.stderr
    assert sorted(p.name for p in stopped.folder.glob("postgres*")) == ["postgres"]


def test_logs_stay_bounded_while_their_writer_goes_on(tmp_path: Path) -> None:
    from trading_center.embedded import logs  # noqa: PLC0415 (only here)

    log = logs.LogFile(tmp_path, "part")
    for number in range(1, 8):
        os.write(log.fd, b"x" * logs.SIZE_LIMIT + f"\n{number}\n".encode())
        log.rotate()
    os.write(log.fd, b"ERROR after\nfine\n")
    assert log.new_errors() == ["ERROR after"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["part.log", "part.log.1", "part.log.2", "part.log.3"]
    assert log.path.read_text(encoding="ascii") == "ERROR after\nfine\n"
    assert (tmp_path / "part.log.1").read_text(encoding="ascii").endswith("\n7\n")
