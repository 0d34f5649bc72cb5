"""The log's head only grows, and nothing leaves the sealer's queue unsealed: also for the portal's own role."""

from django.db import migrations

from core.db import grant

HEAD = """
CREATE FUNCTION audit_head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.size < OLD.size
     OR NEW.size > OLD.size AND NEW.size <> (SELECT coalesce(max(seq) + 1, 0) FROM audit_logleaf) THEN
    RAISE EXCEPTION 'the head of the log goes with its leaves' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER head_grows BEFORE UPDATE ON audit_loghead FOR EACH ROW EXECUTE FUNCTION audit_head_grows();
"""
NO_HEAD = "DROP TRIGGER head_grows ON audit_loghead; DROP FUNCTION audit_head_grows();"

# A row that never was, or was taken away by the owner, must not stop the sealer for ever: audit_verify names it.
QUEUE = """
CREATE FUNCTION audit_waits_until_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit_sealedrow WHERE row_id = OLD.row_id)
     AND EXISTS (SELECT FROM audit_actionrow WHERE id = OLD.row_id) THEN
    RAISE EXCEPTION 'row % is not sealed yet', OLD.row_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER waits_until_sealed BEFORE DELETE ON audit_waitingrow
  FOR EACH ROW EXECUTE FUNCTION audit_waits_until_sealed();
"""
NO_QUEUE = "DROP TRIGGER waits_until_sealed ON audit_waitingrow; DROP FUNCTION audit_waits_until_sealed();"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_report_tag"),
    ]

    operations = [
        grant("audit_loghead", only="SELECT, INSERT, UPDATE"),
        grant("audit_waitingrow", only="SELECT, INSERT, DELETE"),
        migrations.RunSQL(HEAD, NO_HEAD),
        migrations.RunSQL(QUEUE, NO_QUEUE),
    ]
