"""The reason of a masking request may lose what was masked in its announcement: words become ＊＊＊, none is changed."""

from django.db import migrations

# The old reason must fit the new one with anything in the place of every ＊＊＊.
FIXED = r"""
CREATE OR REPLACE FUNCTION tenders_request_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  pattern text;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.reason IS DISTINCT FROM OLD.reason THEN
    pattern := replace(replace(replace(NEW.reason, '\', '\\'), '%', '\%'), '_', '\_');
    IF to_jsonb(NEW) - 'reason' <> to_jsonb(OLD) - 'reason' OR strpos(NEW.reason, '＊＊＊') = 0
      OR OLD.reason NOT LIKE replace(pattern, '＊＊＊', '%')
      OR NOT EXISTS (SELECT FROM tenders_maskingrequest m
        WHERE m.announcement_id = OLD.announcement_id AND m.state = 'confirmed') THEN
      PERFORM tenders_refuse(TG_TABLE_NAME::text);
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.state <> 'requested' AND NEW IS DISTINCT FROM OLD AND OLD.confirmed_at IS NOT NULL
    OR (NEW.announcement_id, NEW.pieces, NEW.insert_at, NEW.before_sha256, NEW.requested_by_id,
        NEW.requested_at) IS DISTINCT FROM (OLD.announcement_id, OLD.pieces, OLD.insert_at,
        OLD.before_sha256, OLD.requested_by_id, OLD.requested_at) THEN
    PERFORM tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION tenders_request_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'requested' AND NEW IS DISTINCT FROM OLD AND OLD.confirmed_at IS NOT NULL
    OR (NEW.announcement_id, NEW.reason, NEW.pieces, NEW.insert_at, NEW.before_sha256, NEW.requested_by_id,
        NEW.requested_at) IS DISTINCT FROM (OLD.announcement_id, OLD.reason, OLD.pieces, OLD.insert_at,
        OLD.before_sha256, OLD.requested_by_id, OLD.requested_at) THEN
    PERFORM tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenders", "0014_times_in_range"),
    ]

    operations = [
        migrations.RunSQL(FIXED, BEFORE),
    ]
