"""The transparency log: leaves, tree, checkpoints; append-only but for the row that is locked."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_actions"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogKey",
            fields=[
                ("version", models.IntegerField(primary_key=True, serialize=False, verbose_name="版本")),
                ("public_key", models.CharField(max_length=64, verbose_name="公钥")),
                ("at", models.DateTimeField(verbose_name="启用时间")),
            ],
            options={
                "verbose_name": "存证公钥",
                "verbose_name_plural": "存证公钥",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("public_key__regex", "^[0-9a-f]{64}$")), name="audit_logkey_public"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LogCheckpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="凭证数")),
                ("origin", models.CharField(max_length=200, verbose_name="日志名称")),
                ("root", models.CharField(max_length=64, verbose_name="根")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("signature", models.BinaryField(verbose_name="签名")),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.logkey",
                        verbose_name="公钥",
                    ),
                ),
            ],
            options={
                "verbose_name": "存证检查点",
                "verbose_name_plural": "存证检查点",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="audit_logcheckpoint_size"),
                    models.CheckConstraint(
                        condition=models.Q(("root__regex", "^[0-9a-f]{64}$")), name="audit_logcheckpoint_root"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogLeaf",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("kind", models.CharField(max_length=40, verbose_name="种类")),
                ("ref", models.CharField(max_length=200, verbose_name="对象")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("content", models.BinaryField(verbose_name="凭证原文")),
            ],
            options={
                "verbose_name": "存证凭证",
                "verbose_name_plural": "存证凭证",
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind__in", ("announcement", "correction")), _negated=True),
                        fields=["kind", "ref", "seq"],
                        name="audit_logleaf_other",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 0)), name="audit_logleaf_seq"),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="audit_logleaf_digest"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("announcement", "correction"))),
                        fields=("ref",),
                        name="audit_logleaf_published_once",
                        violation_error_message="这条公告已经存证。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="节点号")),
                ("hash", models.BinaryField(verbose_name="散列")),
            ],
            options={
                "verbose_name": "存证树节点",
                "verbose_name_plural": "存证树节点",
            },
        ),
        migrations.CreateModel(
            name="LogDayEnd",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                ("at", models.DateTimeField(verbose_name="认定时间")),
                (
                    "checkpoint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_end",
                        to="audit.logcheckpoint",
                        verbose_name="检查点",
                    ),
                ),
            ],
            options={
                "verbose_name": "日终检查点",
                "verbose_name_plural": "日终检查点",
            },
        ),
        migrations.CreateModel(
            name="LogHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(default=0, verbose_name="凭证数")),
            ],
            options={
                "verbose_name": "存证日志头",
                "verbose_name_plural": "存证日志头",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_loghead_single")],
            },
        ),
        migrations.CreateModel(
            name="LogObject",
            fields=[
                (
                    "leaf",
                    models.OneToOneField(
                        db_column="seq",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="object",
                        serialize=False,
                        to="audit.logleaf",
                        verbose_name="凭证",
                    ),
                ),
                ("content", models.BinaryField(verbose_name="存证原文")),
            ],
            options={
                "verbose_name": "存证对象",
                "verbose_name_plural": "存证对象",
            },
        ),
        grant("audit_logleaf", append_only=True),
        grant("audit_lognode", append_only=True),
        grant("audit_logcheckpoint", append_only=True),
        grant("audit_logdayend", append_only=True),
        grant("audit_logkey", append_only=True),
        grant("audit_logobject", append_only=True),
        grant("audit_loghead"),
    ]
