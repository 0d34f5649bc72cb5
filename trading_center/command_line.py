"""What ``manage.py`` does around a command: start or share the services, keep the schema current, speak in sentences.

A DATA_DIR that was never made is made by the first command: as INSTANCE says, else as a demonstration in make run's own
folder (``var/demo``) or for a ``demo_…`` command, else as a real center.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

from trading_center.backup.archive import ArchiveError, header
from trading_center.config import ROOT, ConfigError, load
from trading_center.embedded.checks import KINDS, recorded_kind
from trading_center.embedded.locks import Lock
from trading_center.embedded.paths import Paths
from trading_center.embedded.services import Services, services
from trading_center.fingerprints import schema_fingerprint

# These read files only (deadline also the calendar of a database that is up).
WITHOUT_SERVICES = {
    *("check", "makemigrations", "help", "version", "deadline", "selfeval_score", "draw_verify"),
    *("makemessages", "compilemessages", "startapp", "diffsettings"),
}
# Keys are files. On a DATA_DIR that was never made they come first: what it will be a restore decides, not they.
KEY_COMMANDS = {"keys_export", "keys_import"}
# These change the schema themselves.
SCHEMA_COMMANDS = {"migrate", "flush", "sqlflush", "showmigrations", "sqlmigrate", "squashmigrations"}
# A supervisor that is just starting migrates; the command waits for it.
SUPERVISOR_SECONDS = 300.0


def needs_services(argv: list[str]) -> bool:
    """Does the command line ``argv`` need PostgreSQL and Redis?"""
    if len(argv) < 2 or argv[1] in WITHOUT_SERVICES or argv[1].startswith("-"):
        return False
    return not {"--help", "-h", "--version"} & set(argv[2:])


def _environment(argv: list[str]) -> SimpleNamespace:
    config = load(os.environ)
    demo_command = len(argv) > 1 and argv[1].startswith("demo_")
    if demo_command and "INSTANCE" not in os.environ and not recorded_kind(Paths(config.DATA_DIR)):
        config = load({**os.environ, "INSTANCE": "demo"})
    if argv[1:2] == ["restore"] and "INSTANCE" not in os.environ and not recorded_kind(Paths(config.DATA_DIR)):
        config = load({**os.environ, "INSTANCE": _kind_in_archive(argv[2:]) or config.INSTANCE})
    # Settings and subprocesses read the same.
    os.environ.update(INSTANCE=config.INSTANCE, DATA_DIR=str(config.DATA_DIR))
    return config


def _kind_in_archive(arguments: list[str]) -> str:
    """What the backup named among the arguments was made from: a new DATA_DIR becomes the same."""
    for word in arguments:
        try:
            kind = header(Path(word)).get("kind")
        except ArchiveError:
            continue
        if kind in KINDS:
            return str(kind)
    return ""


def _schema_is_noted(paths: Paths, config: SimpleNamespace) -> bool:
    try:
        return (paths.state / "schema").read_text(encoding="ascii") == schema_fingerprint(config)
    except OSError:
        return False


def _update_schema(paths: Paths, config: SimpleNamespace) -> None:
    """Bring the embedded database to the state of the code, unless a supervisor does."""
    supervisor = Lock(paths.lock / "supervisor")
    until = time.monotonic() + SUPERVISOR_SECONDS
    while not _schema_is_noted(paths, config):
        if not supervisor.is_held():
            done = subprocess.run(
                [sys.executable, "-m", "trading_center.prepare"], cwd=ROOT, stdout=subprocess.DEVNULL, check=False
            )
            if done.returncode != 0:
                raise ConfigError("" if done.returncode == 2 else "无法运行：数据库结构没有升级成功，原因见上。")
            return
        if time.monotonic() > until:
            return
        time.sleep(0.2)


def _execute(argv: list[str]) -> int:
    # Django is imported here: a wrong setting or a failed start should not wait for it.
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 (see above)
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (see above)
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415 (see above)
    from redis.exceptions import ConnectionError as RedisConnectionError  # noqa: PLC0415 (see above)

    from core.errors import BusinessError  # noqa: PLC0415 (see above)

    try:
        execute_from_command_line(argv)
        return 0
    except BusinessError as error:
        sys.stderr.write(f"{error.message}\n")
    except (OperationalError, InterfaceError) as error:
        first = next(iter(str(error).strip().splitlines()), "")
        sys.stderr.write(f"没有完成：连不上数据库，或数据库中断了（{first}）。\n")
    except RedisConnectionError as error:
        sys.stderr.write(f"没有完成：连不上 Redis({error})。\n")
    except ImproperlyConfigured as error:
        sys.stderr.write(f"无法运行：设置有误（{error}）。\n")
    return 2


def run(argv: list[str], execute: Callable[[list[str]], int] = _execute) -> int:
    """Run one command.

    Args:
        argv: as ``sys.argv``.

    Returns:
        The exit code: 0 done, 2 with one sentence when the input, a setting or the services were the matter, 130
        after Ctrl-C; what the command itself raises as SystemExit passes through.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    try:
        config = _environment(argv)
        with ExitStack() as stack:
            if needs_services(argv) and not (argv[1] in KEY_COMMANDS and not recorded_kind(Paths(config.DATA_DIR))):
                paths = stack.enter_context(services(config, lambda text: print(text, file=sys.stderr)))  # noqa: T201 (to a person)
                if argv[1] in SCHEMA_COMMANDS:
                    (paths.state / "schema").unlink(missing_ok=True)
                elif not config.DATABASE_URL:
                    _update_schema(paths, config)
            else:
                hold = Services(config)
                if hold.join():
                    stack.callback(hold.leave)
            return execute(argv)
    except ConfigError as error:
        if str(error):
            sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        return 130
