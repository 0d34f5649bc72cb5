"""The four categories of trade, in the order in which the center shows them."""

from django.db import migrations

CATEGORIES = ("工程建设", "政府采购", "土地使用权", "国有产权")


def forwards(apps, schema_editor):
    category = apps.get_model("tenders", "Category")
    for position, name in enumerate(CATEGORIES, start=1):
        category.objects.update_or_create(name=name, defaults={"position": position})


class Migration(migrations.Migration):
    dependencies = [("tenders", "0003_grants")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
