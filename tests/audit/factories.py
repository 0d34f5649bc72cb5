"""Action rows for tests, and a chain to spoil."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from audit.models import ActionRow
from audit.services import action_record
from audit.tags import Tag

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_row(**changes: Any) -> ActionRow:
    """One action row of the system."""
    values = {"tag": Tag.MOVE, "by": None, "now": NOW, "subject": f"tenders.announcement:{next(_numbers)}"}
    return action_record(**{**values, "detail": {"说明": "中文", "n": 1.5, "list": [None, True]}, **changes})


@contextmanager
def owner_without_triggers() -> Iterator[Any]:
    """A cursor of who holds the database: the owner's role, and the triggers of the chain's tables switched off."""
    tables = ("audit_actionrow", "audit_seal", "audit_sealedrow", "audit_daydigest")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')
