"""When a run was handed to the workers; one file for each content."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("performance", "0005_import_claims")]
    operations = [
        migrations.AddField(
            "reportrun",
            "enqueued_at",
            models.DateTimeField("交给任务进程的时间", null=True, blank=True),
        ),
        migrations.AddConstraint(
            "reportfile",
            models.UniqueConstraint(fields=["source_sha256"], name="performance_reportfile_once"),
        ),
    ]
