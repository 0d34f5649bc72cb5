"""Refused staff pages, counted by person and minute."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_seals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="actionrow",
            name="tag",
            field=models.CharField(
                choices=[
                    ("session.login", "登录"),
                    ("session.logout", "退出"),
                    ("workflow.move", "办理"),
                    ("data.export", "导出"),
                    ("data.unmask", "查看完整信息"),
                    ("rights.change", "变更权限"),
                    ("account.change", "变更账号"),
                    ("setting.change", "变更设置"),
                    ("system.upkeep", "系统维护"),
                    ("page.denied", "打开没有职责的页面"),
                ],
                max_length=40,
                verbose_name="动作",
            ),
        ),
        migrations.CreateModel(
            name="Denial",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user", "minute", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("minute", models.DateTimeField(verbose_name="分钟")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="次数")),
                ("routes", models.JSONField(default=list, verbose_name="页面")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "无权访问",
                "verbose_name_plural": "无权访问",
                "indexes": [models.Index(fields=["minute"], name="audit_denial_minute")],
            },
        ),
        grant("audit_denial"),
    ]
