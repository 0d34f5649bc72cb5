"""Monitoring forms (绩效运行监控) and the bureau's own workbooks with what their cells take."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant
from workflow.db import guard_state

# What was submitted or approved stays as it is (performance_frozen and performance_kept: migration 0002).
FROZEN = """
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON performance_monitoringline FOR EACH ROW
  EXECUTE FUNCTION performance_frozen('performance_monitoring', 'monitoring_id', '', '');
CREATE TRIGGER kept BEFORE UPDATE ON performance_monitoring FOR EACH ROW
  EXECUTE FUNCTION performance_kept('state');
"""
THAWED = """
DROP TRIGGER IF EXISTS frozen ON performance_monitoringline;
DROP TRIGGER IF EXISTS kept ON performance_monitoring;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_filefault"),
        ("performance", "0012_monthly"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BureauWorkbook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("project", "项目支出自评"),
                            ("department", "部门整体支出自评"),
                            ("monitoring", "绩效运行监控"),
                        ],
                        max_length=20,
                        verbose_name="用于",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="自哪年起")),
                ("last_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="到哪年止")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                        verbose_name="空白表格",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "财政表格",
                "verbose_name_plural": "财政表格",
                "ordering": ["-is_active", "purpose", "-first_year", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("name",),
                        name="performance_workbook_once",
                        violation_error_message="在用的表格里已经有这个名称，请换一个。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gte", 2000), ("first_year__lte", 2100)),
                        name="performance_workbook_first",
                        violation_error_message="起用年度应在 2000 至 2100 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_year__isnull", True), ("last_year__gte", models.F("first_year")), _connector="OR"
                        ),
                        name="performance_workbook_last",
                        violation_error_message="停用年度不能早于起用年度。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["project", "department", "monitoring"])),
                        name="performance_workbook_purpose",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Monitoring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("through_month", models.PositiveSmallIntegerField(default=7, verbose_name="监控截止月份")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafting", "填报中"),
                            ("submitted", "待审核"),
                            ("approved", "已审核"),
                            ("discarded", "已作废"),
                        ],
                        default="drafting",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("filled_by", models.CharField(blank=True, default="", max_length=100, verbose_name="填表人")),
                ("phone", models.CharField(blank=True, default="", max_length=40, verbose_name="联系电话")),
                ("head", models.CharField(blank=True, default="", max_length=100, verbose_name="单位负责人")),
                ("taken_at", models.DateTimeField(verbose_name="取数时间")),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
                ("edition", models.PositiveIntegerField(default=1, verbose_name="修改序号")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填报人",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="monitorings",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
                (
                    "goal_table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.goaltable",
                        verbose_name="绩效目标表",
                    ),
                ),
                (
                    "program_year",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="monitorings",
                        to="performance.programyear",
                        verbose_name="项目资金",
                    ),
                ),
            ],
            options={
                "verbose_name": "绩效运行监控表",
                "verbose_name_plural": "绩效运行监控表",
                "ordering": ["-fiscal_year__year", "program_year_id", "-through_month"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "discarded"), _negated=True),
                        fields=("fiscal_year", "program_year", "through_month"),
                        name="performance_monitoring_once",
                        nulls_distinct=False,
                        violation_error_message="这个月份的监控表已经有了，请在那一份上填。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("through_month__gte", 1), ("through_month__lte", 12)),
                        name="performance_monitoring_month",
                        violation_error_message="监控截止月份是 1 至 12 月。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["drafting", "submitted", "approved", "discarded"])),
                        name="performance_monitoring_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonitoringLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.CharField(max_length=60, verbose_name="哪一行")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("level1", models.CharField(blank=True, default="", max_length=100, verbose_name="一级指标")),
                ("level2", models.CharField(blank=True, default="", max_length=100, verbose_name="二级指标")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("target", models.CharField(blank=True, default="", max_length=200, verbose_name="年度指标值")),
                (
                    "initial_amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="年初预算数"
                    ),
                ),
                (
                    "adjusted_amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="全年预算数"
                    ),
                ),
                (
                    "spent_amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="执行数"),
                ),
                (
                    "expected_amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="全年预计执行数"
                    ),
                ),
                ("so_far", models.CharField(blank=True, default="", max_length=200, verbose_name="执行情况")),
                ("expected", models.CharField(blank=True, default="", max_length=200, verbose_name="全年预计完成情况")),
                ("causes", models.JSONField(blank=True, default=list, verbose_name="偏差原因")),
                ("explanation", models.CharField(blank=True, default="", max_length=1000, verbose_name="原因说明")),
                (
                    "likelihood",
                    models.CharField(
                        blank=True,
                        choices=[("certain", "确定能"), ("possible", "有可能"), ("impossible", "完全不可能")],
                        default="",
                        max_length=20,
                        verbose_name="完成目标可能性",
                    ),
                ),
                ("remark", models.CharField(blank=True, default="", max_length=1000, verbose_name="备注")),
                (
                    "monitoring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="performance.monitoring",
                        verbose_name="绩效运行监控表",
                    ),
                ),
            ],
            options={
                "verbose_name": "绩效运行监控表的一行",
                "verbose_name_plural": "绩效运行监控表的各行",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("monitoring", "line"), name="performance_monitoringline_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expected_amount__isnull", True), ("expected_amount__gte", 0), _connector="OR"
                        ),
                        name="performance_monitoringline_expected",
                        violation_error_message="全年预计执行数不能小于 0。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("likelihood__in", ["", "certain", "possible", "impossible"])),
                        name="performance_monitoringline_likelihood",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkbookCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sheet", models.CharField(max_length=31, verbose_name="工作表")),
                ("cell", models.CharField(max_length=10, verbose_name="单元格")),
                ("field", models.CharField(max_length=120, verbose_name="内容")),
                ("rows", models.PositiveSmallIntegerField(default=1, verbose_name="行数")),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("auto", "按单元格的格式"),
                            ("text", "文字（与报告上印的一样）"),
                            ("number", "数字"),
                            ("yuan", "金额以元计"),
                        ],
                        default="auto",
                        max_length=20,
                        verbose_name="写法",
                    ),
                ),
                (
                    "workbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="performance.bureauworkbook",
                        verbose_name="财政表格",
                    ),
                ),
            ],
            options={
                "verbose_name": "单元格的内容",
                "verbose_name_plural": "单元格的内容",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workbook", "sheet", "cell"),
                        name="performance_workbookcell_once",
                        violation_error_message="这一格已经指定过，请先取消再改。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cell__regex", "^[A-Z]{1,3}[1-9][0-9]{0,5}$")),
                        name="performance_workbookcell_address",
                        violation_error_message="单元格写成 C7 这样。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rows__gte", 1), ("rows__lte", 200)),
                        name="performance_workbookcell_rows",
                        violation_error_message="行数应在 1 至 200 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["auto", "text", "number", "yuan"])),
                        name="performance_workbookcell_format",
                    ),
                ],
            },
        ),
        *(
            grant(f"performance_{table}")
            for table in ("monitoring", "monitoringline", "bureauworkbook", "workbookcell")
        ),
        guard_state("performance_monitoring", "performance.monitoring"),
        migrations.RunSQL(FROZEN, THAWED),
    ]
