"""``python -m trading_center.prepare``: bring the database and the static files to the state of the code.

Runs as the owner of the database; safe to run again at any time, also by several hosts at once.
"""

from __future__ import annotations

import os
import sys

os.environ["TC_AS_OWNER"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from core.errors import BusinessError
from core.keys import KeyMissing, keys_ensure
from tenders.search_index import WITHOUT_INDEX, search_index_ensure, search_index_later
from trading_center.config import ConfigError
from trading_center.embedded.checks import KINDS
from trading_center.embedded.locks import Lock
from trading_center.embedded.services import write_whole
from trading_center.fingerprints import schema_fingerprint, static_fingerprint

WAIT_SECONDS = 600.0
# One number for the whole house: hosts that start together migrate one after the other.
ADVISORY_LOCK = 7_305_001


def _migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            executor = MigrationExecutor(connection)
            executor.loader.check_consistent_history(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                sys.stdout.write("正在建立或升级数据库结构……\n")
                sys.stdout.flush()
                call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            # A large load that was killed may have left the search without its index.
            search_index_ensure(cursor)
            _search_entries()
            _log()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def _search_entries() -> None:
    """Enter into search what it does not know: all, after an upgrade that made its tables anew."""
    from tenders.search_missing import search_missing  # noqa: PLC0415 (see below)
    from tenders.services import search  # noqa: PLC0415 (models exist after django.setup)

    missing = search_missing()
    if not missing:
        return

    def say(done: int, count: int) -> None:
        if done % 10_000 == 0 or done == count:
            sys.stdout.write(f"正在重建检索：{done:,} / {count:,} 条\n")
            sys.stdout.flush()

    if len(missing) < WITHOUT_INDEX:
        search.search_entries_make(numbers=missing, progress=say)
        return
    with search_index_later():
        search.search_entries_make(numbers=missing, progress=say)


def _log() -> None:
    """Open the transparency log, and give announcements of before it existed their leaves.

    A key that does not fit the database stops publications, not the portal: it is brought back by keys_import.
    """
    from audit.log_services import log_open  # noqa: PLC0415 (models exist after django.setup)
    from tenders.services.log import announcements_log  # noqa: PLC0415 (see above)

    def say(done: int, count: int) -> None:
        if done % 10_000 == 0 or done == count:
            sys.stdout.write(f"正在为已有公告补存证凭证：{done:,} / {count:,} 条\n")
            sys.stdout.flush()

    try:
        log_open(now=timezone.now())
        announcements_log(now=timezone.now, progress=say)
    except BusinessError as error:
        sys.stderr.write(f"{error.message}\n")


def _instance() -> None:
    """The database, too, knows for life what it is."""
    from accounts.models import Instance  # noqa: PLC0415 (models exist after django.setup)

    found, _ = Instance.objects.get_or_create(id=1, defaults={"kind": settings.INSTANCE})
    if found.kind != settings.INSTANCE:
        raise ConfigError(
            f"无法启动：数据库里是{KINDS[found.kind]}，不能当作{KINDS[settings.INSTANCE]}使用（实例种类终身不变）；"
            "请检查 DATABASE_URL 和 INSTANCE。"
        )


def prepare() -> None:
    """Migrate, note the kind of the instance, collect static files; each only where something changed.

    Raises:
        ConfigError: the database is out of reach or belongs to the other kind of instance.
    """
    state = settings.PATHS.state
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(state / "prepare.lock")
    if not lock.acquire(timeout=WAIT_SECONDS):
        raise ConfigError("无法启动：另一个命令一直在升级数据库结构，请稍后再试。")
    try:
        keys_ensure()
        _migrate()
        _instance()
        write_whole(state / "schema", schema_fingerprint(settings.CONFIG))
        static = static_fingerprint()
        collected = settings.STATIC_ROOT / "staticfiles.json"
        noted = state / "static"
        if not (collected.exists() and noted.exists() and noted.read_text(encoding="ascii") == static):
            call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
            write_whole(noted, static)
    except KeyMissing as error:
        raise ConfigError(error.message) from error
    finally:
        lock.release()


def main() -> int:
    """2 with a sentence when it cannot be done."""
    try:
        os.umask(0o077)
        django.setup()
        prepare()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OperationalError as error:
        sys.stderr.write(f"无法启动：连不上数据库（{str(error).strip().splitlines()[0]}）。\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
