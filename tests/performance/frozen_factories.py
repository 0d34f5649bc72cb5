"""What gets into a frozen report's year past the services and the triggers, as before there were any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection

from performance.models import ActualValue
from tests.performance.goals_factories import named
from tests.performance.process_factories import NOW, World

LATER = NOW + timedelta(days=9)


@contextmanager
def untriggered(table: str) -> Iterator[None]:
    """The owner, with the triggers of a table off: as before there were any."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
        cursor.execute(f"ALTER TABLE performance_{table} DISABLE TRIGGER USER")
        try:
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            cursor.execute(f"ALTER TABLE performance_{table} ENABLE TRIGGER USER")
            cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


def late_value(world: World) -> None:
    """A value past the service and the trigger, as one of before the trigger."""
    with untriggered("actualvalue"):
        ActualValue.objects.create(
            fiscal_year=world.fiscal, indicator_key=named(world.table, "采购招标率").key, value="10%", evidence="更正",
            by=world.cast.maker, at=LATER,
        )  # fmt: skip
