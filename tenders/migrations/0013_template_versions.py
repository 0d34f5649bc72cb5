"""What announcement templates said, version by version; append-only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [
        ("tenders", "0012_sealedfile"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="版本")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("basis", models.TextField(verbose_name="依据")),
                ("skeleton", models.TextField(verbose_name="正文样式")),
                ("medium_name", models.CharField(blank=True, default="", max_length=100, verbose_name="媒介名称")),
                ("required", models.JSONField(default=list, verbose_name="必填要素")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="修改时间")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="tenders.announcementtemplate",
                        verbose_name="公告样式",
                    ),
                ),
            ],
            options={
                "verbose_name": "公告样式的版本",
                "verbose_name_plural": "公告样式的版本",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("template", "number"), name="tenders_templateversion_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("at__isnull", True), ("by__isnull", True), ("number", 1)),
                            models.Q(("at__isnull", False), ("by__isnull", False), ("number__gt", 1)),
                            _connector="OR",
                        ),
                        name="tenders_templateversion_by",
                    ),
                ],
            },
        ),
        grant("tenders_templateversion", append_only=True),
    ]
