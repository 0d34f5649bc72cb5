"""Scores of the department's own 绩效管理工作; editions of reports' files, their scans, their disclosure.

The built-in scheme: the parts are those of 中发〔2018〕34号; what is asked of goals and self-evaluation is 财预〔2020〕10号's,
of monitoring 财预〔2019〕136号's. Points, days and shares are stated nowhere: they are the center's own decisions.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant, times_checked

BASIS = (
    "《中共中央 国务院关于全面实施预算绩效管理的意见》（中发〔2018〕34号）的目标管理、运行监控、绩效自评、结果应用四个环节；"
    "《项目支出绩效评价管理办法》（财预〔2020〕10号）；《中央部门预算绩效运行监控管理暂行办法》（财预〔2019〕136号）。"
    "各项分值、期限和比例上级没有规定，由本单位确定；预算法第十四条规定的公开期限除外。"
)
NAME, FIRST_YEAR = "绩效管理工作评分方案（内置）", 2020
# Part of the work, check, label, points, parameter.
ITEMS = (
    ("goals", "goals_complete", "绩效目标全覆盖", 8, ""),
    ("goals", "goals_on_time", "绩效目标按时批准", 8, "03-31"),
    ("goals", "goals_measurable", "绩效指标可衡量", 5, "70"),
    ("goals", "goals_changed", "目标调整有理由", 4, "6"),
    ("monitoring", "monitoring_on_time", "运行监控按时完成", 8, "08-31"),
    ("monitoring", "monitoring_complete", "运行监控内容完整", 4, ""),
    ("monitoring", "lags_answered", "进度滞后按时说明", 7, ""),
    ("monitoring", "milestones_on_time", "实施节点按期完成", 6, ""),
    ("evaluation", "selfeval_covered", "自评全覆盖", 8, ""),
    ("evaluation", "selfeval_on_time", "自评按时完成", 6, "03-31"),
    ("evaluation", "selfeval_explained", "偏差逐项说明", 6, ""),
    ("evaluation", "values_evidenced", "完成值有佐证", 6, ""),
    ("evaluation", "satisfaction_numbers", "满意度有份数", 4, ""),
    ("use", "ledger_closed", "问题按期整改", 8, ""),
    ("use", "results_used", "结果用于下一年预算", 7, ""),
    ("use", "disclosed", "结果依法公开", 5, "20"),
)


def put(apps, schema_editor=None):
    """Put the built-in scheme there, unless it is; also used by tests after a flush."""
    scheme, item = (apps.get_model("performance", name) for name in ("ManagementScheme", "ManagementItem"))
    if scheme.objects.filter(is_builtin=True).exists():
        return
    made = scheme.objects.create(name=NAME, first_year=FIRST_YEAR, basis=BASIS, is_builtin=True, is_active=True)
    item.objects.bulk_create(
        item(
            scheme=made,
            group=group,
            check_name=check,
            label=label,
            weight=weight,
            parameter=parameter,
            position=place,
        )
        for place, (group, check, label, weight, parameter) in enumerate(ITEMS, 1)
    )


GUARDS = """
CREATE FUNCTION performance_management_item_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- The items come with their scheme, before anybody uses it.
    PERFORM 1 FROM performance_managementscheme WHERE id = NEW.scheme_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM performance_managementscore WHERE scheme_id = NEW.scheme_id) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a scheme is never changed: a new one follows it' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER scheme_kept BEFORE UPDATE OR DELETE ON performance_managementscheme FOR EACH ROW
  EXECUTE FUNCTION performance_scheme_kept();
CREATE TRIGGER scheme_kept BEFORE INSERT OR UPDATE OR DELETE ON performance_managementitem FOR EACH ROW
  EXECUTE FUNCTION performance_management_item_kept();
CREATE FUNCTION performance_edition_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  file performance_reportfile;
BEGIN
  SELECT * INTO file FROM performance_reportfile WHERE id = NEW.report_file_id;
  IF file.edition <> TG_ARGV[0] THEN
    RAISE EXCEPTION 'a file of another edition' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_ARGV[0] = 'public' AND file.report_id <> (to_jsonb(NEW) ->> 'report_id')::bigint THEN
    RAISE EXCEPTION 'a file of another report' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER edition_fits BEFORE INSERT ON performance_stampedscan FOR EACH ROW
  EXECUTE FUNCTION performance_edition_fits('submission');
CREATE TRIGGER edition_fits BEFORE INSERT ON performance_reportdisclosure FOR EACH ROW
  EXECUTE FUNCTION performance_edition_fits('public');
"""
NO_GUARDS = """
DROP TRIGGER edition_fits ON performance_reportdisclosure;
DROP TRIGGER edition_fits ON performance_stampedscan;
DROP FUNCTION performance_edition_fits();
DROP TRIGGER scheme_kept ON performance_managementitem;
DROP TRIGGER scheme_kept ON performance_managementscheme;
DROP FUNCTION performance_management_item_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_filefault"),
        ("performance", "0013_forms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ManagementScheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="自哪年起")),
                ("basis", models.CharField(max_length=1000, verbose_name="依据")),
                ("is_builtin", models.BooleanField(default=False, verbose_name="内置")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("created_at", models.DateTimeField(blank=True, null=True, verbose_name="建立时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="建立人",
                    ),
                ),
            ],
            options={
                "verbose_name": "绩效管理评分方案",
                "verbose_name_plural": "绩效管理评分方案",
                "ordering": ["-is_active", "-first_year", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("first_year",),
                        name="performance_managementscheme_once",
                        violation_error_message="从这一年起的方案已经有了。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ManagementItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("goals", "目标管理"),
                            ("monitoring", "运行监控"),
                            ("evaluation", "自评"),
                            ("use", "结果应用"),
                        ],
                        max_length=20,
                        verbose_name="部分",
                    ),
                ),
                ("check_name", models.CharField(max_length=60, verbose_name="检查")),
                ("label", models.CharField(max_length=100, verbose_name="评分项")),
                ("weight", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="分值")),
                ("parameter", models.CharField(blank=True, default="", max_length=20, verbose_name="参数")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="performance.managementscheme",
                        verbose_name="评分方案",
                    ),
                ),
            ],
            options={
                "verbose_name": "绩效管理评分项",
                "verbose_name_plural": "绩效管理评分项",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("scheme", "check_name"), name="performance_managementitem_once"),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gt", 0), ("weight__lte", 100)),
                        name="performance_managementitem_weight",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ManagementScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("total", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="得分")),
                ("grade", models.CharField(max_length=10, verbose_name="等级")),
                ("lines", models.TextField(verbose_name="评分明细")),
                ("lines_sha256", models.CharField(max_length=64, verbose_name="明细校验值")),
                ("at", models.DateTimeField(verbose_name="存档时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="存档人",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="management_scores",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="performance.managementscheme",
                        verbose_name="评分方案",
                    ),
                ),
            ],
            options={
                "verbose_name": "绩效管理评分",
                "verbose_name_plural": "绩效管理评分",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("total__gte", 0), ("total__lte", 100)),
                        name="performance_managementscore_total",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lines_sha256__regex", "^[0-9a-f]{64}$")),
                        name="performance_managementscore_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportDisclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="公开时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公开人",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="performance.report",
                        verbose_name="报告",
                    ),
                ),
                (
                    "report_file",
                    models.OneToOneField(
                        error_messages={"unique": "这份公开版已经公开。"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosure",
                        to="performance.reportfile",
                        verbose_name="公开版",
                    ),
                ),
            ],
            options={
                "verbose_name": "报告公开",
                "verbose_name_plural": "报告公开",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="StampedScan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("pages", models.PositiveIntegerField(verbose_name="页数")),
                ("stamped_on", models.DateField(verbose_name="盖章日期")),
                ("note", models.CharField(blank=True, default="", max_length=1000, verbose_name="说明")),
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
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                        verbose_name="扫描件",
                    ),
                ),
                (
                    "report_file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="performance.reportfile",
                        verbose_name="报送版",
                    ),
                ),
            ],
            options={
                "verbose_name": "盖章扫描件",
                "verbose_name_plural": "盖章扫描件",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report_file", "file"),
                        name="performance_scan_once",
                        violation_error_message="这份扫描件已经传过。",
                    ),
                    models.CheckConstraint(condition=models.Q(("pages__gte", 1)), name="performance_scan_pages"),
                ],
            },
        ),
        migrations.AddField(
            model_name="reportfile",
            name="base_sha256",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="所依报送版的数据校验值"),
        ),
        migrations.AddField(
            model_name="reportfile",
            name="edition",
            field=models.CharField(
                choices=[("submission", "报送版"), ("public", "公开版")],
                default="submission",
                max_length=20,
                verbose_name="版本",
            ),
        ),
        migrations.AddField(
            model_name="reportrun",
            name="edition",
            field=models.CharField(
                choices=[("submission", "报送版"), ("public", "公开版")],
                default="submission",
                max_length=20,
                verbose_name="版本",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("base_sha256", ""), ("edition", "submission")),
                    models.Q(("base_sha256__regex", "^[0-9a-f]{64}$"), ("edition", "public")),
                    _connector="OR",
                ),
                name="performance_reportfile_edition",
            ),
        ),
        grant("performance_managementscheme"),
        grant("performance_managementitem"),
        grant("performance_managementscore", append_only=True),
        grant("performance_stampedscan", append_only=True),
        grant("performance_reportdisclosure", append_only=True),
        times_checked("performance_stampedscan", "stamped_on"),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunPython(put, migrations.RunPython.noop),
    ]
