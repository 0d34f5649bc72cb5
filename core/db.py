"""Migration operations that the whole house uses: rights of the application's role, append-only tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class OnDatabase(migrations.RunPython):
    """Python that needs the connection alone: the models of the moment are not built for it.

    Building them takes 60 ms a time with the models of the whole house, and there are rights for every table.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Call ``code(None, schema_editor)``."""
        self.code(None, schema_editor)  # type: ignore[arg-type]

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Call ``reverse_code(None, schema_editor)``; without one Django does not come here (``reversible``)."""
        if self.reverse_code is not None:
            self.reverse_code(None, schema_editor)  # type: ignore[arg-type]


def times_checked(table: str, *columns: str, first: int = 2000, last: int = 2100, zone: str = "+08") -> OnDatabase:
    """Refuse times out of range in columns that people fill (``core.fields`` tells them why).

    The check holds for new rows at once, under a short lock; old rows are then read without one, so the migration
    must not be atomic. Where old rows break it, it stays unvalidated and holds for what is written from now on.

    Args:
        table: name of the table.
        columns: of type date or timestamptz; NULL stays allowed.
        first, last: years, Asia/Shanghai, both inclusive.
        zone: offset of the bounds.
    """
    names = {column: f"{table}_{column}_range"[:63] for column in columns}

    def forwards(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            for column, name in names.items():
                low, high = (f"'{year}-01-01 00:00{zone}'" for year in (first, last + 1))
                where = f"{_quoted(column)} >= {low} AND {_quoted(column)} < {high}"
                cursor.execute(f"ALTER TABLE {_quoted(table)} DROP CONSTRAINT IF EXISTS {_quoted(name)}")
                cursor.execute(f"ALTER TABLE {_quoted(table)} ADD CONSTRAINT {_quoted(name)} CHECK ({where}) NOT VALID")
                cursor.execute(f"SELECT EXISTS (SELECT FROM {_quoted(table)} WHERE NOT ({where}))")
                if not cursor.fetchone()[0]:
                    cursor.execute(f"ALTER TABLE {_quoted(table)} VALIDATE CONSTRAINT {_quoted(name)}")

    def backwards(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            for name in names.values():
                cursor.execute(f"ALTER TABLE {_quoted(table)} DROP CONSTRAINT IF EXISTS {_quoted(name)}")

    return OnDatabase(forwards, backwards, elidable=False)


def grant(table: str, *, append_only: bool = False, read_only: bool = False, only: str = "") -> OnDatabase:
    """Give the application's role its rights on ``table`` and on the sequence of its ``id``.

    Args:
        table: name of the table.
        append_only: SELECT and INSERT only, and a trigger that refuses UPDATE and DELETE to everybody.
        read_only: SELECT only.
        only: exactly these rights, as GRANT has them, e.g. ``"SELECT, INSERT, UPDATE (ends_at)"``.
    """
    rights = only or ("SELECT" if read_only else "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE")

    def forwards(apps: Any, schema_editor: Any) -> None:
        role = _quoted(settings.DATABASE_APP_ROLE)
        with schema_editor.connection.cursor() as cursor:
            # Default privileges of a DBA may have given more than the house allows.
            cursor.execute(f"REVOKE ALL ON {_quoted(table)} FROM {role}")
            cursor.execute(f"GRANT {rights} ON {_quoted(table)} TO {role}")
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, 'id') WHERE EXISTS (SELECT FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attname = 'id')",
                [_quoted(table), _quoted(table)],
            )
            found = cursor.fetchone()
            if found and found[0]:
                use = "SELECT" if read_only else "USAGE, SELECT"  # pg_dump reads every sequence
                cursor.execute(f"GRANT {use} ON SEQUENCE {found[0]} TO {role}")
            if append_only:
                cursor.execute(APPEND_ONLY_FUNCTION)
                cursor.execute(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {_quoted(table)}"
                    " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )

    def backwards(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS append_only ON {_quoted(table)}")

    return OnDatabase(forwards, backwards, elidable=False)
