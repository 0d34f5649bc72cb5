"""Rights of the new tables; who may have which duty together: a trigger that holds when two give at once."""

from django.db import migrations

from core.db import grant

# Locking the person's row makes two who give duties to the same person wait for each other; each then sees the other's.
RULES = """
CREATE FUNCTION accounts_assignment_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  administrators CONSTANT text[] := ARRAY['system_admin', 'security_admin', 'audit_admin'];
  other record;
BEGIN
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
    IF (NEW.delegated_from_id IS NOT NULL OR other.delegated_from_id IS NOT NULL) AND EXISTS (
      SELECT FROM accounts_dutypair p WHERE (p.maker = other.duty AND p.checker = NEW.duty)
                                         OR (p.maker = NEW.duty AND p.checker = other.duty)) THEN
      RAISE EXCEPTION 'accounts_duty_pair: % and %', other.duty, NEW.duty USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER assignment_check BEFORE INSERT OR UPDATE ON accounts_dutyassignment
  FOR EACH ROW EXECUTE FUNCTION accounts_assignment_check();
"""
BACK = """
DROP TRIGGER assignment_check ON accounts_dutyassignment;
DROP FUNCTION accounts_assignment_check();
"""
PAIRS = (
    ("announcement_draft", "announcement_check", "拟稿与复核发布"),
    ("announcement_draft", "secrecy_check", "拟稿与保密审查"),
    ("deposit_make", "deposit_check", "保证金经办与复核"),
    ("finance", "deposit_check", "财务经办与保证金复核"),
)


def pairs(apps, schema_editor):
    model = apps.get_model("accounts", "DutyPair")
    for maker, checker, reason in PAIRS:
        model.objects.get_or_create(maker=maker, checker=checker, defaults={"reason": reason})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sessions_and_factors"),
    ]

    operations = [
        grant("accounts_session"),
        grant("accounts_factor"),
        grant("accounts_recoverycode"),
        grant("accounts_oldpassword"),
        grant("accounts_loginguard"),
        grant("accounts_dutypair", read_only=True),
        migrations.RunSQL(RULES, BACK),
        migrations.RunPython(pairs, migrations.RunPython.noop),
    ]
