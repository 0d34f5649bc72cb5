"""Reports and the ledger of problems move by moves; the year's plan, frozen reports, what became of results."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models, transaction

from core.db import grant, times_checked
from workflow.db import guard_state

BATCH = 5_000
# Reports were made before they had moves: each gets the beginning of its history.
BORN = """
INSERT INTO workflow_statechange
  (subject_type, subject_id, number, move, source, target, by_id, on_behalf_of_id, at, comment, data)
SELECT 'performance.report', r.id, 1, 'create', '', r.state, r.created_by_id, NULL, r.created_at, '', '{}'
  FROM performance_report r WHERE NOT EXISTS (SELECT FROM workflow_statechange c
    WHERE c.subject_type = 'performance.report' AND c.subject_id = r.id)
  ORDER BY r.id LIMIT %s
"""

# What belongs to a report is written while it is drafted. Argument: the column that leads to it.
PARTS = """
CREATE FUNCTION performance_report_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
  parents bigint[] := ARRAY[(old_row ->> TG_ARGV[0])::bigint, (new_row ->> TG_ARGV[0])::bigint];
  shut int;
BEGIN
  IF TG_ARGV[0] = 'section_id' THEN
    parents := ARRAY(SELECT report_id FROM performance_reportsection WHERE id = ANY (parents));
  END IF;
  SELECT count(*) INTO shut FROM (
    SELECT state FROM performance_report WHERE id = ANY (parents) ORDER BY id FOR SHARE) p WHERE state <> 'drafting';
  IF shut > 0 THEN
    PERFORM performance_refuse('the report is not being drafted');
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
"""
PART_TABLES = {
    "reportmember": "report_id",
    "reportsection": "report_id",
    "sectionversion": "section_id",
    "manualscore": "report_id",
    "linereason": "report_id",
}
PLAN_PARTS = ("planmember", "planstep", "planprogram")
TRIGGERS = "".join(
    (
        *(
            f"CREATE TRIGGER part BEFORE INSERT OR UPDATE OR DELETE ON performance_{table} FOR EACH ROW"
            f" EXECUTE FUNCTION performance_report_part('{column}');"
            for table, column in PART_TABLES.items()
        ),
        *(
            f"CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON performance_{table} FOR EACH ROW"
            " EXECUTE FUNCTION performance_frozen('performance_evaluationplan', 'plan_id', '', '');"
            for table in PLAN_PARTS
        ),
        "CREATE TRIGGER kept BEFORE UPDATE ON performance_report FOR EACH ROW"
        " EXECUTE FUNCTION performance_kept('state');",
        "CREATE TRIGGER kept BEFORE UPDATE ON performance_evaluationplan FOR EACH ROW"
        " EXECUTE FUNCTION performance_kept('state');",
        # A line of the ledger is never drafted: only its state and its day change.
        "CREATE TRIGGER kept BEFORE UPDATE ON performance_rectification FOR EACH ROW"
        " EXECUTE FUNCTION performance_kept('state,due_on');",
    )
)
UNTRIGGERED = "".join(
    (
        "DROP FUNCTION IF EXISTS performance_report_part() CASCADE;",
        "DROP TRIGGER IF EXISTS kept ON performance_report;",
        "DROP TRIGGER IF EXISTS kept ON performance_rectification;",
    )
)


def births(apps, schema_editor):
    """The first record of each report, batch by batch."""
    while True:
        with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
            cursor.execute(BORN, [BATCH])
            if cursor.rowcount < BATCH:
                return


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0008_assignments_kept"),
        ("performance", "0009_year_round"),
        ("workflow", "0005_times_in_range"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EvaluationPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("drafting", "编制中"), ("submitted", "待批准"), ("approved", "已批准")],
                        default="drafting",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("document_number", models.CharField(blank=True, default="", max_length=60, verbose_name="文号")),
                ("method", models.TextField(blank=True, default="", max_length=4000, verbose_name="评价方法")),
                ("created_at", models.DateTimeField(verbose_name="编制时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="编制人",
                    ),
                ),
                (
                    "fiscal_year",
                    models.OneToOneField(
                        error_messages={"unique": "这个年度的自评工作方案已经有了。"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluation_plan",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
            ],
            options={
                "verbose_name": "自评工作方案",
                "verbose_name_plural": "自评工作方案",
                "ordering": ["-fiscal_year__year", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["drafting", "submitted", "approved"])),
                        name="performance_plan_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20, verbose_name="职务")),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="performance.evaluationplan",
                        verbose_name="方案",
                    ),
                ),
            ],
            options={
                "verbose_name": "领导小组成员",
                "verbose_name_plural": "领导小组成员",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="PlanProgram",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chosen", models.BooleanField(default=True, verbose_name="列入自评")),
                ("focus", models.BooleanField(default=False, verbose_name="重点评价")),
                ("reason", models.CharField(blank=True, default="", max_length=1000, verbose_name="理由")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="programs",
                        to="performance.evaluationplan",
                        verbose_name="方案",
                    ),
                ),
                (
                    "program_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.programyear",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "方案中的项目",
                "verbose_name_plural": "方案中的项目",
                "ordering": ["program_year__program__code", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "program_year"), name="performance_planprogram_once"),
                    models.CheckConstraint(
                        condition=models.Q(("chosen", True), ("focus", False), _connector="OR"),
                        name="performance_planprogram_focus",
                        violation_error_message="不列入自评的项目不能列为重点评价。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="步骤")),
                ("due_on", models.DateField(verbose_name="完成期限")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="承办科室",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="performance.evaluationplan",
                        verbose_name="方案",
                    ),
                ),
            ],
            options={
                "verbose_name": "工作步骤",
                "verbose_name_plural": "工作步骤",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReportFreeze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField(verbose_name="依据的数据")),
                ("source_sha256", models.CharField(max_length=64, verbose_name="数据校验值")),
                ("figures", models.JSONField(verbose_name="主要数字")),
                ("at", models.DateTimeField(verbose_name="定稿时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="定稿人",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="freezes",
                        to="performance.report",
                        verbose_name="报告",
                    ),
                ),
            ],
            options={
                "verbose_name": "报告定稿",
                "verbose_name_plural": "报告定稿",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source_sha256__regex", "^[0-9a-f]{64}$")), name="performance_freeze_digest"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResultUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("more", "增加预算"),
                            ("same", "保持预算"),
                            ("less", "核减预算"),
                            ("none", "取消项目"),
                            ("manage", "改进管理"),
                        ],
                        max_length=20,
                        verbose_name="处理",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="涉及金额"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "program_year",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="performance.programyear",
                        verbose_name="下一年度项目",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="performance.report",
                        verbose_name="报告",
                    ),
                ),
            ],
            options={
                "verbose_name": "结果应用",
                "verbose_name_plural": "结果应用",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__isnull", True), ("amount__gt", 0), _connector="OR"),
                        name="performance_use_amount",
                        violation_error_message="涉及金额应大于 0，没有就不填。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="performance_use_text",
                        violation_error_message="结果应用要写明怎样用。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ("more", "same", "less", "none", "manage"))),
                        name="performance_use_decision",
                    ),
                ],
            },
        ),
        *(grant(f"performance_{table}") for table in ("evaluationplan", *PLAN_PARTS)),
        grant("performance_reportfreeze", append_only=True),
        grant("performance_resultuse", append_only=True),
        times_checked("performance_planstep", "due_on"),
        migrations.RunPython(births, migrations.RunPython.noop),
        migrations.RunSQL(PARTS + TRIGGERS, UNTRIGGERED),
        *(
            guard_state(f"performance_{table}", f"performance.{table}")
            for table in ("report", "rectification", "evaluationplan")
        ),
    ]
