"""Withheld attachments: their encrypted copies."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_fileremoval"), ("tenders", "0011_medium_first")]
    operations = [
        migrations.CreateModel(
            name="SealedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="次序")),
                (
                    "clear",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                        verbose_name="原文件",
                    ),
                ),
                (
                    "masking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sealed_files",
                        to="tenders.maskingrequest",
                        verbose_name="遮蔽申请",
                    ),
                ),
                (
                    "sealed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                        verbose_name="封存件",
                    ),
                ),
            ],
            options={
                "verbose_name": "封存的附件",
                "verbose_name_plural": "封存的附件",
                "constraints": [
                    models.UniqueConstraint(fields=("masking", "position"), name="tenders_sealedfile_once")
                ],
            },
        ),
        grant("tenders_sealedfile", append_only=True),
    ]
