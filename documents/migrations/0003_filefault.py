"""Contents that the storage has lost or that were changed there."""

from django.db import migrations, models
from django.db.models.functions import Now

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_fileremoval")]
    operations = [
        migrations.CreateModel(
            name="FileFault",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="SHA-256")),
                (
                    "kind",
                    models.CharField(
                        choices=[("missing", "丢失"), ("altered", "被改动")], max_length=10, verbose_name="情况"
                    ),
                ),
                ("found_at", models.DateTimeField(db_default=Now(), verbose_name="发现时间")),
            ],
            options={"verbose_name": "文件损坏", "verbose_name_plural": "文件损坏"},
        ),
        grant("documents_filefault"),
    ]
