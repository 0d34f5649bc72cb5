"""The designated medium comes first (财政部令第101号 arts 8, 11; 国家发展改革委令第10号 art 8): also for the database."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION tenders_medium_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM tenders_announcementdraft d JOIN tenders_announcement a ON a.id = d.announcement_id
      WHERE d.id = NEW.id AND date_trunc('second', d.medium_at) > a.published_at) THEN
    RAISE EXCEPTION 'draft % is published before its medium', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER medium_first AFTER UPDATE ON tenders_announcementdraft
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state <> 'published')
  EXECUTE FUNCTION tenders_medium_first();
"""
BACKWARDS = """
DROP TRIGGER medium_first ON tenders_announcementdraft;
DROP FUNCTION tenders_medium_first;
"""


class Migration(migrations.Migration):
    dependencies = [("tenders", "0010_types_of_categories")]
    operations = [migrations.RunSQL(FUNCTIONS, BACKWARDS)]
