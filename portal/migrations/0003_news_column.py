"""中心动态, which the yearly survey of government sites looks at first."""

from django.db import migrations


def column_make(apps, schema_editor):
    apps.get_model("portal", "Column").objects.get_or_create(slug="news", defaults={"name": "中心动态", "position": 15})


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_rights_and_first_columns")]

    operations = [migrations.RunPython(column_make, migrations.RunPython.noop)]
