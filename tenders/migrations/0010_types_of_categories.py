"""Which types occur in which category: a small table that the database itself keeps, for the list's filter."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant

# One statement of an import brings a thousand rows; the names among them are few. In one order for all, and known
# ones are not even tried: two imports wait for each other at most once.
KEEP = """
CREATE OR REPLACE FUNCTION tenders_categorytype_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tenders_categorytype (category, type)
    SELECT DISTINCT n.category, n.type FROM new_rows n
    WHERE NOT EXISTS (SELECT FROM tenders_categorytype k WHERE k.category = n.category AND k.type = n.type)
    ORDER BY 1, 2
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER categorytype AFTER INSERT ON tenders_announcement REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tenders_categorytype_keep();
INSERT INTO tenders_categorytype (category, type)
  SELECT DISTINCT category, type FROM tenders_announcement ORDER BY 1, 2 ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("tenders", "0009_guards_and_templates")]

    operations = [
        migrations.CreateModel(
            name="CategoryType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.ForeignKey(
                        db_column="category",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenders.category",
                        to_field="name",
                        verbose_name="交易类别",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        db_column="type",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenders.announcementtype",
                        to_field="name",
                        verbose_name="公告类型",
                    ),
                ),
            ],
            options={
                "verbose_name": "类别的公告类型",
                "verbose_name_plural": "类别的公告类型",
                "constraints": [models.UniqueConstraint(fields=("category", "type"), name="tenders_categorytype_once")],
            },
        ),
        grant("tenders_categorytype"),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER IF EXISTS categorytype ON tenders_announcement;"
            " DROP FUNCTION IF EXISTS tenders_categorytype_keep()",
        ),
    ]
