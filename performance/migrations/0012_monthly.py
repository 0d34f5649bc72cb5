"""Planned spending by month, goals by office and month, what was done, notices of a lag with their answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant, times_checked
from workflow.db import guard_state

# A month that was planned is changed with a reason only, and never after the final accounts.
PLAN_GUARD = """
CREATE FUNCTION performance_plan_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before numeric; closed boolean;
BEGIN
  PERFORM 1 FROM performance_spendingline WHERE id = NEW.spending_line_id FOR NO KEY UPDATE;
  SELECT y.state = 'closed' INTO closed FROM performance_fiscalyear y
    JOIN performance_spendingline l ON l.fiscal_year_id = y.id WHERE l.id = NEW.spending_line_id FOR SHARE OF y;
  IF closed THEN
    PERFORM performance_refuse('the final accounts are confirmed');
  END IF;
  SELECT amount INTO before FROM performance_monthplan
    WHERE spending_line_id = NEW.spending_line_id AND month = NEW.month ORDER BY id DESC LIMIT 1;
  IF before IS NOT NULL AND before <> NEW.amount AND NEW.reason = '' THEN
    PERFORM performance_refuse('a changed plan says why');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_guard BEFORE INSERT ON performance_monthplan FOR EACH ROW
  EXECUTE FUNCTION performance_plan_guard();
"""
NO_PLAN_GUARD = "DROP FUNCTION IF EXISTS performance_plan_guard() CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_assignments_kept"),
        ("documents", "0003_filefault"),
        ("performance", "0011_surveys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LagNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[("personnel", "人员经费"), ("routine", "日常公用经费"), ("project", "项目支出")],
                        default="",
                        max_length=20,
                        verbose_name="支出类别",
                    ),
                ),
                ("month", models.PositiveSmallIntegerField(verbose_name="月份")),
                ("budget", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="全年预算数")),
                ("planned", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="截至月末计划")),
                ("spent", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="截至月末支出")),
                (
                    "rate",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="执行率"),
                ),
                ("due_on", models.DateField(verbose_name="说明期限")),
                ("text", models.TextField(max_length=4000, verbose_name="要求")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待说明"),
                            ("answered", "待确认"),
                            ("accepted", "已确认"),
                            ("recalled", "已撤回"),
                        ],
                        default="asked",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="发起时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="承办科室",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lags",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
                (
                    "program_year",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lags",
                        to="performance.programyear",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "进度滞后说明",
                "verbose_name_plural": "进度滞后说明",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["state", "due_on"], name="performance_lag_due")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fiscal_year", "program_year", "category", "month"),
                        name="performance_lag_once",
                        nulls_distinct=False,
                        violation_error_message="这个月已经要求说明过。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("category", ""), ("program_year__isnull", False)),
                            models.Q(("category__in", ("personnel", "routine")), ("program_year__isnull", True)),
                            _connector="OR",
                        ),
                        name="performance_lag_what",
                        violation_error_message="写明项目，或者基本支出的类别。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="performance_lag_month",
                        violation_error_message="月份应在 1 至 12 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "answered", "accepted", "recalled"])),
                        name="performance_lag_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="performance_lag_text",
                        violation_error_message="请写明要说明什么。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LagAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("money", "经费保障"),
                            ("rules", "制度保障"),
                            ("people", "人员保障"),
                            ("hardware", "硬件条件保障"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="原因",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="情况说明和措施")),
                ("pay_on", models.DateField(verbose_name="新的支付时间")),
                ("at", models.DateTimeField(verbose_name="说明时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="说明人",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="performance.lagnotice",
                        verbose_name="滞后说明",
                    ),
                ),
            ],
            options={
                "verbose_name": "滞后情况说明",
                "verbose_name_plural": "滞后情况说明",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="performance_laganswer_text"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LagPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="performance.laganswer",
                        verbose_name="滞后情况说明",
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
                "verbose_name": "滞后说明材料",
                "verbose_name_plural": "滞后说明材料",
                "constraints": [models.UniqueConstraint(fields=("answer", "file"), name="performance_lagpaper_once")],
            },
        ),
        migrations.CreateModel(
            name="MonthPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.PositiveSmallIntegerField(verbose_name="月份")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="计划支出")),
                ("reason", models.CharField(blank=True, default="", max_length=1000, verbose_name="调整理由")),
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
                    "spending_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="month_plans",
                        to="performance.spendingline",
                        verbose_name="支出预算",
                    ),
                ),
            ],
            options={
                "verbose_name": "月度用款计划",
                "verbose_name_plural": "月度用款计划",
                "ordering": ["spending_line", "month", "-id"],
                "indexes": [
                    models.Index(fields=["spending_line", "month", "-id"], name="performance_monthplan_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="performance_monthplan_month",
                        violation_error_message="月份应在 1 至 12 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)),
                        name="performance_monthplan_amount",
                        violation_error_message="计划支出不能小于 0。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GoalProgress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("indicator_key", models.UUIDField(verbose_name="指标标识")),
                ("month", models.PositiveSmallIntegerField(verbose_name="月份")),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="完成数"),
                ),
                ("text", models.CharField(blank=True, default="", max_length=1000, verbose_name="完成情况")),
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
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="科室",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
            ],
            options={
                "verbose_name": "目标进度",
                "verbose_name_plural": "目标进度",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["fiscal_year", "indicator_key", "department", "month", "-id"],
                        name="performance_progress_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="performance_progress_month",
                        violation_error_message="月份应在 1 至 12 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__isnull", True), ("value__gte", 0), _connector="OR"),
                        name="performance_progress_value",
                        violation_error_message="完成数不能小于 0。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__isnull", False), models.Q(("text", ""), _negated=True), _connector="OR"
                        ),
                        name="performance_progress_told",
                        violation_error_message="完成数和完成情况至少填一项。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GoalShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("indicator_key", models.UUIDField(verbose_name="指标标识")),
                ("month", models.PositiveSmallIntegerField(verbose_name="月份")),
                (
                    "planned",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="计划数"),
                ),
                ("text", models.CharField(blank=True, default="", max_length=1000, verbose_name="工作内容")),
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
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="科室",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
            ],
            options={
                "verbose_name": "目标分解",
                "verbose_name_plural": "目标分解",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["fiscal_year", "indicator_key", "department", "month", "-id"],
                        name="performance_share_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="performance_share_month",
                        violation_error_message="月份应在 1 至 12 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned__isnull", True), ("planned__gte", 0), _connector="OR"),
                        name="performance_share_planned",
                        violation_error_message="计划数不能小于 0。",
                    ),
                ],
            },
        ),
        grant("performance_monthplan", append_only=True),
        grant("performance_goalshare", append_only=True),
        grant("performance_goalprogress", append_only=True),
        grant("performance_laganswer", append_only=True),
        grant("performance_lagpaper", append_only=True),
        # The figures stay as they stood when it was asked: only a move changes anything.
        grant("performance_lagnotice", only="SELECT, INSERT, UPDATE (state)"),
        guard_state("performance_lagnotice", "performance.lagnotice"),
        times_checked("performance_lagnotice", "due_on"),
        times_checked("performance_laganswer", "pay_on"),
        migrations.RunSQL(PLAN_GUARD, NO_PLAN_GUARD),
    ]
