"""Offices of programs, states of reports, causes of deviations, the ledger of problems (问题整改台账)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant, times_checked

# The office that answers for a program may be named after the approval.
KEPT = """
DROP TRIGGER kept ON performance_programyear;
CREATE TRIGGER kept BEFORE UPDATE ON performance_programyear FOR EACH ROW EXECUTE FUNCTION
  performance_kept('state,approved_amount,approved_on,document_number,leader_id{more}');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_assignments_kept"),
        ("documents", "0003_filefault"),
        ("performance", "0008_program_code_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rectification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("self_evaluation", "绩效自评"),
                            ("survey", "满意度调查"),
                            ("monitoring", "绩效运行监控"),
                            ("inspection", "专项资金督查"),
                            ("bureau", "财政部门反馈"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
                ("origin_type", models.CharField(blank=True, default="", max_length=60, verbose_name="起因类型")),
                ("origin_id", models.BigIntegerField(blank=True, null=True, verbose_name="起因编号")),
                ("origin_line", models.CharField(blank=True, default="", max_length=100, verbose_name="起因细目")),
                ("problem", models.TextField(max_length=4000, verbose_name="问题")),
                ("measure", models.TextField(max_length=4000, verbose_name="整改措施")),
                ("due_on", models.DateField(verbose_name="整改期限")),
                ("first_due_on", models.DateField(verbose_name="原定期限")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "整改中"),
                            ("answered", "待确认"),
                            ("closed", "已完成"),
                            ("cancelled", "已撤销"),
                        ],
                        default="open",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="责任科室",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rectifications",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
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
                        verbose_name="责任人",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改事项",
                "verbose_name_plural": "问题整改台账",
                "ordering": ["state", "due_on", "id"],
                "indexes": [models.Index(fields=["state", "due_on"], name="performance_remedy_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("origin_type", ""), _negated=True),
                        fields=("origin_type", "origin_id", "origin_line"),
                        name="performance_rectification_once",
                        violation_error_message="这个问题已经列入台账。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin_type", ""), ("origin_id__isnull", False), _connector="OR"),
                        name="performance_rectification_origin",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("first_due_on"))),
                        name="performance_rectification_due",
                        violation_error_message="延期后的期限不能早于原定期限。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "answered", "closed", "cancelled"])),
                        name="performance_rectification_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RectificationAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000, verbose_name="整改情况")),
                ("done_on", models.DateField(verbose_name="完成日期")),
                ("at", models.DateTimeField(verbose_name="填报时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填报人",
                    ),
                ),
                (
                    "rectification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="performance.rectification",
                        verbose_name="整改事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改情况",
                "verbose_name_plural": "整改情况",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RectificationPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="performance.rectificationanswer",
                        verbose_name="整改情况",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                        verbose_name="文件",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改佐证材料",
                "verbose_name_plural": "整改佐证材料",
                "constraints": [
                    models.UniqueConstraint(fields=("answer", "file"), name="performance_remedypaper_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="linereason",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("price", "价格变化"),
                    ("quantity", "数量变化"),
                    ("schedule", "进度变化"),
                    ("policy", "政策或计划调整"),
                    ("target", "目标值设定偏差"),
                    ("other", "其他"),
                ],
                default="",
                max_length=20,
                verbose_name="原因种类",
            ),
        ),
        migrations.AddField(
            model_name="programyear",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
                verbose_name="承办科室",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[("drafting", "编制中"), ("submitted", "待审核"), ("reviewed", "已审核"), ("frozen", "已定稿")],
                default="drafting",
                max_length=20,
                verbose_name="状态",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="建立人",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["drafting", "submitted", "reviewed", "frozen"])),
                name="performance_report_state",
            ),
        ),
        grant("performance_rectification"),
        grant("performance_rectificationanswer", append_only=True),
        grant("performance_rectificationpaper", append_only=True),
        times_checked("performance_rectification", "due_on", "first_due_on"),
        times_checked("performance_rectificationanswer", "done_on"),
        migrations.RunSQL(KEPT.format(more=",department_id"), KEPT.format(more="")),
    ]
