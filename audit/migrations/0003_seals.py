"""The chain over the action rows, the queue before it, and failed logins."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant

# In the row's own transaction, whoever writes it: what commits late waits late, and nothing commits without waiting.
QUEUE = """
CREATE FUNCTION audit_row_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_waitingrow (row_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER row_waits AFTER INSERT ON audit_actionrow FOR EACH ROW EXECUTE FUNCTION audit_row_waits();
INSERT INTO audit_waitingrow (row_id) SELECT id FROM audit_actionrow;
"""
NO_QUEUE = "DROP TRIGGER row_waits ON audit_actionrow; DROP FUNCTION audit_row_waits();"


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayDigest",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                ("seal_no", models.BigIntegerField(verbose_name="封条号")),
                ("head", models.CharField(max_length=64, verbose_name="封条值")),
                ("at", models.DateTimeField(verbose_name="写入时间")),
            ],
            options={
                "verbose_name": "每日封条",
                "verbose_name_plural": "每日封条",
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("ok", models.BooleanField(verbose_name="相符")),
                ("seals", models.BigIntegerField(verbose_name="封条数")),
                ("rows", models.BigIntegerField(verbose_name="已封行数")),
                ("waiting", models.BigIntegerField(verbose_name="待封行数")),
                ("message", models.TextField(verbose_name="结论")),
            ],
            options={
                "verbose_name": "操作记录核验",
                "verbose_name_plural": "操作记录核验",
            },
        ),
        migrations.CreateModel(
            name="WaitingRow",
            fields=[
                ("row_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="操作记录号")),
            ],
            options={
                "verbose_name": "待封操作记录",
                "verbose_name_plural": "待封操作记录",
            },
        ),
        migrations.CreateModel(
            name="LoginFailure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "address", "minute", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("address", models.CharField(max_length=64, verbose_name="来源地址")),
                ("minute", models.DateTimeField(verbose_name="分钟")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="次数")),
                ("names", models.JSONField(default=list, verbose_name="所试登录名的摘要")),
            ],
            options={
                "verbose_name": "登录失败",
                "verbose_name_plural": "登录失败",
                "indexes": [models.Index(fields=["minute"], name="audit_loginfailure_minute")],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("no", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="封条号")),
                ("at", models.DateTimeField(verbose_name="封存时间")),
                ("previous", models.CharField(max_length=64, unique=True, verbose_name="上一封条值")),
                ("head", models.CharField(max_length=64, unique=True, verbose_name="封条值")),
                ("count", models.PositiveIntegerField(verbose_name="行数")),
            ],
            options={
                "verbose_name": "操作记录封条",
                "verbose_name_plural": "操作记录封条",
                "indexes": [models.Index(fields=["at"], name="audit_seal_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 1), ("no__gte", 1)), name="audit_seal_numbers"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedRow",
            fields=[
                (
                    "row",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sealed",
                        serialize=False,
                        to="audit.actionrow",
                        verbose_name="操作记录",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="audit.seal",
                        verbose_name="封条",
                    ),
                ),
            ],
            options={
                "verbose_name": "已封操作记录",
                "verbose_name_plural": "已封操作记录",
            },
        ),
        grant("audit_daydigest", append_only=True),
        grant("audit_verification", append_only=True),
        grant("audit_seal", append_only=True),
        grant("audit_sealedrow", append_only=True),
        grant("audit_waitingrow"),
        grant("audit_loginfailure"),
        migrations.RunSQL(QUEUE, NO_QUEUE),
    ]
