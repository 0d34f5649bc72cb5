"""Contents that were taken out of the storage (a masked attachment)."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_storedfile")]
    operations = [
        migrations.CreateModel(
            name="FileRemoval",
            fields=[
                (
                    "stored",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="removal",
                        serialize=False,
                        to="documents.storedfile",
                        verbose_name="文件",
                    ),
                ),
                ("removed_at", models.DateTimeField(verbose_name="移除时间")),
            ],
            options={"verbose_name": "文件移除", "verbose_name_plural": "文件移除"},
        ),
        grant("documents_fileremoval"),
    ]
