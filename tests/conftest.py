"""Tests run against real PostgreSQL: created and flushed as the owner, used as the application's role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import reset_hashers
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.signals import connection_created

from core.keys import keys_ensure
from tenders import version

pytest_plugins = ["tests.honesty"]

# Rows that migrations put there; a flush between tests leaves them.
REFERENCE_TABLES = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "accounts_instance",
    "accounts_department",
    "accounts_dutypair",
    "workflow_calendaryear",
    "workflow_calendarday",
    "tenders_category",
    "tenders_announcementtype",
    "tenders_region",
    "tenders_announcementtemplate",
    "tenders_scanword",
    "portal_column",
    "performance_subject",
}


def _set_role(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


@pytest.fixture(scope="session", autouse=True)
def redis_of_its_own(worker_id: str) -> None:
    """Processes that test side by side do not tell each other that something was published."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) + 1
    settings.REDIS_URL += ("&" if "?" in settings.REDIS_URL else "?") + f"db={number}"


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Passwords are hashed as in the portal, only not that slowly (what the portal uses: tests/accounts)."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
    reset_hashers(setting="PASSWORD_HASHERS")


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_instance() -> None:
    """Publishing signs: also where no supervisor has made the keys."""
    keys_ensure()


@pytest.fixture(scope="session", autouse=True)
def static_files_as_they_stand() -> None:
    """Static files are served from where they are written: no instance has collected them for the tests."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database is made by the owner, also where the settings were read before this file."""
    owner = settings.OWNER_DATABASE
    connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """From here on every connection has the application's role only; a flush steps out of it."""
    ops = type(connection.ops)
    plain_flush, plain_sql = ops.execute_sql_flush, ops.sql_flush

    def execute_sql_flush(self: Any, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        plain_flush(self, sql_list)
        _set_role(self.connection)
        # These rows name people, so they are flushed with them; the instance always has the built-in ones.
        import_module("performance.migrations.0007_schemes").put(apps)
        import_module("performance.migrations.0014_results").put(apps)

    def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        kept = [t for t in tables if t not in REFERENCE_TABLES]
        return plain_sql(self, style, kept, **{**options, "allow_cascade": False})

    # The reference rows were never flushed, so nothing has to be made anew as after a migration.
    flush.emit_post_migrate_signal = lambda *args, **options: None
    with django_db_blocker.unblock():
        _set_role(connection)
    connection_created.connect(_set_role)
    ops.execute_sql_flush, ops.sql_flush = execute_sql_flush, sql_flush
    yield
    ops.execute_sql_flush, ops.sql_flush = plain_flush, plain_sql
    connection_created.disconnect(_set_role)
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def _content_version_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test processes share one Redis: what one publishes must not age the pages of another."""
    monkeypatch.setattr(version, "KEY", f"test:{os.getpid()}:content:version")
    # Nor does a test in which Redis was away keep the next one from asking.
    monkeypatch.setattr(version, "_ask_again_at", 0.0)
