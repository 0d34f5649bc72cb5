"""Rows of what was done."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActionRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "tag",
                    models.CharField(
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
                        ],
                        max_length=40,
                        verbose_name="动作",
                    ),
                ),
                ("by_name", models.CharField(blank=True, default="", max_length=150, verbose_name="操作人姓名")),
                ("subject", models.CharField(blank=True, default="", max_length=200, verbose_name="对象")),
                ("detail", models.JSONField(default=dict, verbose_name="说明")),
                ("address", models.CharField(blank=True, default="", max_length=64, verbose_name="来源地址")),
                ("success", models.BooleanField(default=True, verbose_name="成功")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
            ],
            options={
                "verbose_name": "操作记录",
                "verbose_name_plural": "操作记录",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="audit_actionrow_time"),
                    models.Index(fields=["by", "-id"], name="audit_actionrow_by"),
                    models.Index(fields=["subject", "-id"], name="audit_actionrow_subject"),
                ],
            },
        ),
        grant("audit_actionrow", append_only=True),
    ]
