"""Holds, backups, the watched clock; and what a backup reads when it runs as the application's role."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


def read_sequences(apps, schema_editor):
    """Where hosts have no owner's address, pg_dump runs as the application's role: it reads every sequence."""
    role = '"' + settings.DATABASE_APP_ROLE.replace('"', '""') + '"'
    schema_editor.execute(f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BackupRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(verbose_name="结束时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[("nightly", "每夜备份"), ("command", "命令备份"), ("upgrade", "升级前备份")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("success", models.BooleanField(verbose_name="成功")),
                (
                    "verified",
                    models.CharField(
                        choices=[("none", "未核验"), ("digests", "逐项回读核验"), ("restored", "试恢复核验")],
                        default="none",
                        max_length=10,
                        verbose_name="核验",
                    ),
                ),
                ("path", models.CharField(blank=True, default="", max_length=1000, verbose_name="文件")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="字节数")),
                ("sha256", models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256")),
                ("damaged", models.PositiveIntegerField(default=0, verbose_name="丢失或损坏的文件数")),
                ("sentence", models.CharField(max_length=500, verbose_name="结果")),
            ],
            options={
                "verbose_name": "备份",
                "verbose_name_plural": "备份",
                "indexes": [models.Index(fields=["-finished_at", "-id"], name="upkeep_backup_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("finished_at__gte", models.F("started_at"))), name="upkeep_backup_period"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("success", False), ("sha256__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                        name="upkeep_backup_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "source",
                    models.CharField(
                        choices=[("ntp", "时间服务器"), ("people", "双人核对")], max_length=10, verbose_name="来源"
                    ),
                ),
                ("reference", models.CharField(max_length=200, verbose_name="对照")),
                ("offset_ms", models.BigIntegerField(null=True, verbose_name="偏差（毫秒，正为本机快）")),
                ("error", models.CharField(blank=True, default="", max_length=200, verbose_name="没有读到的原因")),
            ],
            options={
                "verbose_name": "时钟读数",
                "verbose_name_plural": "时钟读数",
                "indexes": [models.Index(fields=["-at", "-id"], name="upkeep_reading_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("error", ""), ("offset_ms__isnull", False)),
                            models.Q(("offset_ms__isnull", True), models.Q(("error", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="upkeep_reading_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[("jump", "时钟跳变"), ("offset", "时钟偏差过大")], max_length=10, verbose_name="种类"
                    ),
                ),
                ("offset_ms", models.BigIntegerField(verbose_name="幅度（毫秒）")),
                ("host", models.CharField(blank=True, default="", max_length=100, verbose_name="主机")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="处理时间")),
                ("note", models.CharField(blank=True, default="", max_length=300, verbose_name="处理情况")),
                (
                    "seen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="处理人",
                    ),
                ),
            ],
            options={
                "verbose_name": "时钟告警",
                "verbose_name_plural": "时钟告警",
                "indexes": [
                    models.Index(
                        condition=models.Q(("seen_at__isnull", True)), fields=["-id"], name="upkeep_alarm_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockComparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entered_at", models.DateTimeField(verbose_name="录入时间")),
                ("reference", models.CharField(max_length=100, verbose_name="对照的时钟")),
                ("reference_time", models.DateTimeField(verbose_name="对照时钟的读数")),
                ("offset_ms", models.BigIntegerField(verbose_name="偏差（毫秒，正为本机快）")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="复核时间")),
                ("confirmed", models.BooleanField(blank=True, null=True, verbose_name="属实")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核人",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
            ],
            options={
                "verbose_name": "时钟核对",
                "verbose_name_plural": "时钟核对",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="upkeep_comparison_two_people",
                        violation_error_message="录入和复核应是两个人。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed__isnull", True), ("decided_at__isnull", True), ("decided_by__isnull", True)
                            ),
                            models.Q(
                                ("confirmed__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="upkeep_comparison_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[("begun", "开始保全"), ("ended", "解除保全")], max_length=10, verbose_name="种类"
                    ),
                ),
                ("by_name", models.CharField(blank=True, default="", max_length=150, verbose_name="操作人姓名")),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("detail", models.JSONField(default=dict, verbose_name="说明")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
            ],
            options={
                "verbose_name": "恢复保全",
                "verbose_name_plural": "恢复保全",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["begun", "ended"])), name="upkeep_hold_kind"
                    )
                ],
            },
        ),
        grant("upkeep_holdevent", append_only=True),
        grant("upkeep_backuprun", append_only=True),
        grant("upkeep_clockreading", append_only=True),
        grant("upkeep_clockcomparison"),
        grant("upkeep_clockalarm"),
        grant("auth_permission", read_only=True),
        grant("auth_group", read_only=True),
        grant("auth_group_permissions", read_only=True),
        migrations.RunPython(read_sequences, migrations.RunPython.noop),
    ]
