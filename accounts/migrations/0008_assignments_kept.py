"""Who had which duty from when stays as it was: only the end can be set, and only what has not begun goes away."""

from django.db import migrations

from core.db import grant

# A minute: the portal's clock and the database's are asked one after the other.
KEPT = """
CREATE FUNCTION accounts_assignment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.begins_at < clock_timestamp() - interval '1 minute' THEN
    RAISE EXCEPTION 'assignment % has begun', OLD.id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER assignment_kept BEFORE DELETE ON accounts_dutyassignment
  FOR EACH ROW EXECUTE FUNCTION accounts_assignment_kept();
"""
NOT_KEPT = "DROP TRIGGER assignment_kept ON accounts_dutyassignment; DROP FUNCTION accounts_assignment_kept();"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_known_places_and_answers"),
    ]

    operations = [
        grant("accounts_dutyassignment", only="SELECT, INSERT, UPDATE (ends_at), DELETE"),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
