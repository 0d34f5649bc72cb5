"""Nobody gets both duties of a pair: by delegation, by assignment, or by two who give at the same moment."""

from django.db import migrations

RULES = """
CREATE OR REPLACE FUNCTION accounts_assignment_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  administrators CONSTANT text[] := ARRAY['system_admin', 'security_admin', 'audit_admin'];
  other record;
BEGIN
  -- What ends sooner excludes less: also an assignment from before this rule can be ended.
  IF TG_OP = 'UPDATE' AND NEW.user_id = OLD.user_id AND NEW.duty = OLD.duty AND NEW.begins_at = OLD.begins_at
     AND NEW.department_id IS NOT DISTINCT FROM OLD.department_id
     AND NEW.delegated_from_id IS NOT DISTINCT FROM OLD.delegated_from_id
     AND NEW.ends_at <= coalesce(OLD.ends_at, 'infinity') THEN
    RETURN NEW;
  END IF;
  -- Who gives to the same person at the same time waits here, and then sees what the other gave.
  PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
  FOR other IN
    SELECT a.* FROM accounts_dutyassignment a
    WHERE a.user_id = NEW.user_id AND a.id <> NEW.id
      AND a.begins_at < coalesce(NEW.ends_at, 'infinity') AND NEW.begins_at < coalesce(a.ends_at, 'infinity')
  LOOP
    IF other.duty <> NEW.duty AND (other.duty = ANY (administrators) OR NEW.duty = ANY (administrators)) THEN
      RAISE EXCEPTION 'accounts_duty_excluded: % and %', other.duty, NEW.duty USING ERRCODE = 'check_violation';
    END IF;
    IF other.duty = NEW.duty AND other.department_id IS NOT DISTINCT FROM NEW.department_id
       AND other.delegated_from_id IS NOT DISTINCT FROM NEW.delegated_from_id THEN
      RAISE EXCEPTION 'accounts_duty_twice: %', NEW.duty USING ERRCODE = 'check_violation';
    END IF;
    IF {condition}EXISTS (
      SELECT FROM accounts_dutypair p WHERE (p.maker = other.duty AND p.checker = NEW.duty)
                                         OR (p.maker = NEW.duty AND p.checker = other.duty)) THEN
      RAISE EXCEPTION 'accounts_duty_pair: % and %', other.duty, NEW.duty USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
"""
BEFORE = "(NEW.delegated_from_id IS NOT NULL OR other.delegated_from_id IS NOT NULL) AND "


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_times_in_range"),
    ]

    operations = [
        migrations.RunSQL(RULES.format(condition=""), RULES.format(condition=BEFORE)),
    ]
