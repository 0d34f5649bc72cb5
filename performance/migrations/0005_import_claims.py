"""Who reads an import right now, so that another takes it up when that one died; and what speeds up its checks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("performance", "0004_earmarked_guard")]
    operations = [
        migrations.AddField("spendingimport", "attempts", models.PositiveSmallIntegerField("尝试次数", default=0)),
        migrations.AddField("spendingimport", "claim", models.UUIDField("占用标识", null=True, blank=True)),
        migrations.AddField("spendingimport", "alive_at", models.DateTimeField("最近活动", null=True, blank=True)),
        migrations.AddField("spendingimport", "notes", models.JSONField("读表说明", default=list, blank=True)),
    ]
