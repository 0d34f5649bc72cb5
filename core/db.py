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


def grant(table: str, *, append_only: bool = False, read_only: bool = False) -> migrations.RunPython:
    """Give the application's role its rights on ``table`` and on the sequence of its ``id``.

    Args:
        table: name of the table.
        append_only: SELECT and INSERT only, and a trigger that refuses UPDATE and DELETE to everybody.
        read_only: SELECT only.
    """
    rights = "SELECT" if read_only else "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"

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

    return migrations.RunPython(forwards, backwards, elidable=False)
