"""A door for the application's role to refresh the planner's statistics after a large import."""

from django.conf import settings
from django.db import migrations

FORWARDS = """
CREATE FUNCTION tenders_search_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public
  AS $$ BEGIN
    ANALYZE public.tenders_announcement;
    ANALYZE public.tenders_searchentry;
  END $$;
REVOKE ALL ON FUNCTION tenders_search_analyze() FROM PUBLIC;
"""


def allow(apps, schema_editor):
    role = settings.DATABASE_APP_ROLE.replace('"', '""')
    schema_editor.execute(f'GRANT EXECUTE ON FUNCTION tenders_search_analyze() TO "{role}"')


class Migration(migrations.Migration):
    dependencies = [("tenders", "0004_reference")]
    operations = [
        migrations.RunSQL(FORWARDS, "DROP FUNCTION tenders_search_analyze()"),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
