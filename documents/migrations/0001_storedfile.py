"""The table of stored files; append-only for everybody."""

from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("size", models.PositiveBigIntegerField(verbose_name="字节数")),
                ("content_type", models.CharField(max_length=100, verbose_name="内容类型")),
                ("created_at", models.DateTimeField(verbose_name="保存时间")),
            ],
            options={
                "verbose_name": "文件",
                "verbose_name_plural": "文件",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="documents_storedfile_sha256",
                        violation_error_message="SHA-256 应是 64 位小写十六进制数。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)),
                        name="documents_storedfile_size",
                        violation_error_message="文件不能是空的。",
                    ),
                ],
            },
        ),
        grant("documents_storedfile", append_only=True),
    ]
