"""Rights of the application's role, and the columns that every center has."""

from django.db import migrations

from core.db import grant

COLUMNS = (("notices", "通知公告", 10), ("policies", "政策法规", 20), ("guides", "办事指南", 30))


def columns_make(apps, schema_editor):
    column = apps.get_model("portal", "Column")
    column.objects.bulk_create(column(slug=slug, name=name, position=place) for slug, name, place in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_columns_and_articles")]

    operations = [
        grant("portal_column"),
        grant("portal_article", append_only=True),
        migrations.RunPython(columns_make, migrations.RunPython.noop),
    ]
