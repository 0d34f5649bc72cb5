"""Changes of state, clocks and handed-out tasks; the database refuses a state that no change tells of."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant
from workflow.db import guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_departments_and_duties"),
        ("workflow", "0002_builtin_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssignedTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100, verbose_name="事项")),
                ("text", models.TextField(max_length=4000, verbose_name="要求")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("meeting", "会议"),
                            ("instruction", "领导批示"),
                            ("superior", "上级来文"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        help_text="会议名称、批示日期或来文文号",
                        max_length=200,
                        verbose_name="来源名称或文号",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="办结期限")),
                ("first_due_on", models.DateField(verbose_name="原定期限")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "拟办"),
                            ("assigned", "已交办"),
                            ("accepted", "办理中"),
                            ("answered", "已反馈"),
                            ("returned", "退回重办"),
                            ("closed", "已办结"),
                            ("cancelled", "已撤销"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="交办人",
                    ),
                ),
                (
                    "helping_offices",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="accounts.department", verbose_name="协办科室"
                    ),
                ),
                (
                    "lead_office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="牵头科室",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
            ],
            options={
                "verbose_name": "交办事项",
                "verbose_name_plural": "交办事项",
                "indexes": [
                    models.Index(fields=["state", "due_on"], name="workflow_task_due"),
                    models.Index(fields=["lead_office", "-id"], name="workflow_task_office"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["draft", "assigned", "accepted", "answered", "returned", "closed", "cancelled"],
                            )
                        ),
                        name="workflow_task_state",
                        violation_error_message="没有这个状态。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", True),
                            models.Q(("person", models.F("giver")), _negated=True),
                            _connector="OR",
                        ),
                        name="workflow_task_person",
                        violation_error_message="经办人不能是交办人自己。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("first_due_on"))),
                        name="workflow_task_extended",
                        violation_error_message="延期后的期限不能早于原定期限。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_type", models.CharField(max_length=80, verbose_name="对象种类")),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("rule_id", models.CharField(max_length=80, verbose_name="期限规则")),
                ("rule_since", models.DateField(verbose_name="规则施行日期")),
                (
                    "kind",
                    models.CharField(
                        choices=[("earliest", "最早"), ("latest", "最迟")], max_length=10, verbose_name="种类"
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="起算")),
                ("due_on", models.DateField(verbose_name="到期日")),
                ("due_at", models.DateTimeField(verbose_name="到期时刻")),
                ("reason", models.CharField(max_length=300, verbose_name="依据")),
                (
                    "provisional",
                    models.BooleanField(default=False, help_text="其间有的年份节假日安排尚未导入", verbose_name="暂定"),
                ),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="停止")),
            ],
            options={
                "verbose_name": "法定期限",
                "verbose_name_plural": "法定期限",
                "indexes": [
                    models.Index(
                        condition=models.Q(("stopped_at__isnull", True)),
                        fields=["due_at"],
                        name="workflow_clock_running",
                    ),
                    models.Index(fields=["subject_type", "subject_id"], name="workflow_clock_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stopped_at__isnull", True)),
                        fields=("subject_type", "subject_id", "rule_id"),
                        name="workflow_clock_once",
                        violation_error_message="这个期限已经在计算。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_at__isnull", True),
                            ("stopped_at__gte", models.F("started_at")),
                            ("due_at__lt", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="workflow_clock_stop",
                        violation_error_message="停止时间不能早于起算时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["earliest", "latest"])),
                        name="workflow_clock_kind",
                        violation_error_message="期限只有最早和最迟两种。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("started", "起算"), ("recalculated", "重新推算"), ("stopped", "停止")],
                        max_length=20,
                        verbose_name="种类",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("cause", models.CharField(max_length=300, verbose_name="原因")),
                ("old_due", models.DateField(null=True, verbose_name="原到期日")),
                ("new_due", models.DateField(null=True, verbose_name="新到期日")),
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
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="workflow.clock",
                        verbose_name="法定期限",
                    ),
                ),
            ],
            options={
                "verbose_name": "期限变动",
                "verbose_name_plural": "期限变动",
            },
        ),
        migrations.CreateModel(
            name="StateChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_type", models.CharField(max_length=80, verbose_name="对象种类")),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("move", models.CharField(max_length=40, verbose_name="动作")),
                ("source", models.CharField(blank=True, max_length=40, verbose_name="原状态")),
                ("target", models.CharField(max_length=40, verbose_name="新状态")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("comment", models.TextField(blank=True, max_length=2000, verbose_name="意见")),
                (
                    "data",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="内容"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代谁",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理记录",
                "verbose_name_plural": "办理记录",
                "indexes": [
                    models.Index(fields=["by", "-id"], name="workflow_statechange_by"),
                    models.Index(fields=["by", "subject_type", "subject_id"], name="workflow_statechange_mine"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_type", "subject_id", "number"),
                        name="workflow_statechange_once",
                        violation_error_message="这一步已经有人办理。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", 1), ("source", "")),
                            models.Q(("number__gt", 1), models.Q(("source", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="workflow_statechange_first",
                        violation_error_message="只有第一条办理记录没有原状态。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000, verbose_name="办理情况")),
                ("at", models.DateTimeField(verbose_name="反馈时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="反馈人",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="workflow.assignedtask",
                        verbose_name="交办事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理反馈",
                "verbose_name_plural": "办理反馈",
            },
        ),
        migrations.CreateModel(
            name="TaskPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="内容校验值")),
                ("size", models.BigIntegerField(verbose_name="大小（字节）")),
                ("at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="workflow.assignedtask",
                        verbose_name="交办事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "交办材料",
                "verbose_name_plural": "交办材料",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "sha256"),
                        name="workflow_taskpaper_once",
                        violation_error_message="这份材料已经上传过。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="workflow_taskpaper_digest",
                        violation_error_message="校验值应是 64 位十六进制数。",
                    ),
                ],
            },
        ),
        grant("workflow_statechange", append_only=True),
        grant("workflow_clock"),
        grant("workflow_clockchange", append_only=True),
        grant("workflow_assignedtask"),
        grant("workflow_assignedtask_helping_offices"),
        grant("workflow_taskanswer", append_only=True),
        grant("workflow_taskpaper", append_only=True),
        guard_state("workflow_assignedtask", "workflow.assignedtask"),
    ]
