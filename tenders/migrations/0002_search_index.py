"""The search index: two GIN indexes, and a door for the application's role to merge pending entries.

New entries go to the index's pending list (cheap, sequential) and are merged in one go: an import of a
thousand announcements costs a fifth of entry-by-entry insertion. Merging needs the index's owner, so it
stands behind a SECURITY DEFINER function. Rows are narrow because nobody reads texts and tokens there
but the recheck: they are moved out of line.
"""

from django.conf import settings
from django.db import migrations

FORWARDS = """
ALTER TABLE tenders_searchentry SET (toast_tuple_target = 128);
ALTER TABLE tenders_searchentry ALTER COLUMN tokens SET STORAGE EXTERNAL;
CREATE INDEX tenders_searchentry_tokens ON tenders_searchentry
  USING gin (tokens) WITH (fastupdate = on, gin_pending_list_limit = 1048576);
CREATE INDEX tenders_searchentry_title_tokens ON tenders_searchentry
  USING gin (title_tokens) WITH (fastupdate = on, gin_pending_list_limit = 1048576);
CREATE FUNCTION tenders_search_flush() RETURNS void LANGUAGE sql SECURITY DEFINER
  SET search_path = pg_catalog, public
  AS $$ SELECT gin_clean_pending_list('public.tenders_searchentry_tokens'::regclass),
               gin_clean_pending_list('public.tenders_searchentry_title_tokens'::regclass); $$;
REVOKE ALL ON FUNCTION tenders_search_flush() FROM PUBLIC;
"""
BACKWARDS = """
DROP FUNCTION tenders_search_flush();
DROP INDEX tenders_searchentry_tokens;
DROP INDEX tenders_searchentry_title_tokens;
"""


def allow(apps, schema_editor):
    role = settings.DATABASE_APP_ROLE.replace('"', '""')
    schema_editor.execute(f'GRANT EXECUTE ON FUNCTION tenders_search_flush() TO "{role}"')


class Migration(migrations.Migration):
    dependencies = [("tenders", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
