"""Migration operations of the moves: the database itself refuses a state that no StateChange tells of."""

from __future__ import annotations

from django.db import migrations

GUARD_FUNCTIONS = """
CREATE OR REPLACE FUNCTION workflow_state_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  SELECT target INTO told FROM workflow_statechange
    WHERE subject_type = TG_ARGV[0] AND subject_id = NEW.id ORDER BY number DESC LIMIT 1;
  IF told IS DISTINCT FROM to_jsonb(NEW) ->> TG_ARGV[1] THEN
    RAISE EXCEPTION 'state of % % was not set by a move', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION workflow_birth_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  SELECT target INTO told FROM workflow_statechange
    WHERE subject_type = TG_ARGV[0] AND subject_id = NEW.id AND number = 1;
  IF told IS DISTINCT FROM to_jsonb(NEW) ->> TG_ARGV[1] THEN
    RAISE EXCEPTION '% % was not made by a move', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
"""


def guard_state(table: str, subject_type: str, field: str = "state") -> migrations.RunSQL:
    """Have the database refuse a state written past ``workflow.services.move``.

    A changed state must be the target of the object's newest StateChange at once; a new object's state that of its
    first StateChange by the end of the transaction.

    Args:
        table: name of the table; its key must be ``id``.
        subject_type: ``app.model`` in small letters.
        field: the state's column.
    """
    return migrations.RunSQL(
        GUARD_FUNCTIONS
        + f"""
CREATE TRIGGER state_guard AFTER UPDATE OF {field} ON {table} FOR EACH ROW
  WHEN (OLD.{field} IS DISTINCT FROM NEW.{field})
  EXECUTE FUNCTION workflow_state_guard('{subject_type}', '{field}');
CREATE CONSTRAINT TRIGGER birth_guard AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION workflow_birth_guard('{subject_type}', '{field}');
""",
        f"DROP TRIGGER IF EXISTS state_guard ON {table}; DROP TRIGGER IF EXISTS birth_guard ON {table}",
    )
