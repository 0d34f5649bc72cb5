"""Satisfaction surveys: frozen questions, codes that are used once, answers while a survey is open, kept results."""

import uuid
from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant, times_checked
from workflow.db import guard_state

# FOR SHARE waits for a closing that is under way and lets it wait for an answer; two answers do not wait for each other.
GUARDS = """
CREATE FUNCTION performance_survey_is_open(number bigint) RETURNS performance_survey LANGUAGE plpgsql AS $$
DECLARE
  found performance_survey;
BEGIN
  SELECT * INTO found FROM performance_survey WHERE id = number FOR SHARE;
  IF found.state IS DISTINCT FROM 'open' THEN
    PERFORM performance_refuse('the survey takes no answers');
  END IF;
  RETURN found;
END $$;

CREATE FUNCTION performance_answer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  survey performance_survey := performance_survey_is_open(NEW.survey_id);
BEGIN
  -- Forms on paper are typed when they come in.
  IF NEW.channel <> 'paper' AND NEW.day NOT BETWEEN survey.opens_on AND survey.closes_on THEN
    PERFORM performance_refuse('the survey takes no answers on that day');
  END IF;
  IF NEW.channel = 'poster' AND NOT survey.has_poster THEN
    PERFORM performance_refuse('the survey has no poster');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER answer_guard BEFORE INSERT ON performance_surveyanswer FOR EACH ROW
  EXECUTE FUNCTION performance_answer_guard();

CREATE FUNCTION performance_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM performance_survey_is_open(NEW.survey_id);
  RETURN NEW;
END $$;
CREATE TRIGGER batch_guard BEFORE INSERT ON performance_surveybatch FOR EACH ROW
  EXECUTE FUNCTION performance_batch_guard();

CREATE FUNCTION performance_token_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (OLD.used OR NOT NEW.used
      OR to_jsonb(OLD) - 'used' <> to_jsonb(NEW) - 'used')) THEN
    PERFORM performance_refuse('a code is used once and kept');
  END IF;
  IF TG_OP = 'INSERT' AND NEW.used <> (NEW.batch_id IS NULL) THEN
    PERFORM performance_refuse('a new code is unused, one of the poster is used');
  END IF;
  IF NEW.batch_id IS NOT NULL AND NOT EXISTS (SELECT FROM performance_surveybatch
      WHERE id = NEW.batch_id AND survey_id = NEW.survey_id AND kind = 'slips') THEN
    PERFORM performance_refuse('the batch is of another survey');
  END IF;
  PERFORM performance_survey_is_open(NEW.survey_id);
  RETURN NEW;
END $$;
CREATE TRIGGER token_guard BEFORE INSERT OR UPDATE OR DELETE ON performance_surveytoken FOR EACH ROW
  EXECUTE FUNCTION performance_token_guard();

CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON performance_surveyquestion FOR EACH ROW
  EXECUTE FUNCTION performance_frozen('performance_survey', 'survey_id', '', '');
CREATE TRIGGER kept BEFORE UPDATE ON performance_survey FOR EACH ROW
  EXECUTE FUNCTION performance_kept('state,closes_on');

CREATE FUNCTION performance_result_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  SELECT state INTO told FROM performance_survey WHERE id = NEW.survey_id;
  IF told IS DISTINCT FROM 'closed' THEN
    PERFORM performance_refuse('only a closed survey has a result');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER result_guard BEFORE INSERT ON performance_surveyresult FOR EACH ROW
  EXECUTE FUNCTION performance_result_guard();
"""
UNGUARDED = """
DROP FUNCTION IF EXISTS performance_result_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_token_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_batch_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_answer_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_survey_is_open(bigint) CASCADE;
DROP TRIGGER IF EXISTS kept ON performance_survey;
DROP TRIGGER IF EXISTS frozen ON performance_surveyquestion;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_assignments_kept"),
        ("performance", "0010_process"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("industry", "行业行风"), ("window", "窗口服务对象")],
                        max_length=20,
                        verbose_name="种类",
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="标题")),
                ("intro", models.TextField(blank=True, default="", max_length=1000, verbose_name="卷首语")),
                ("opens_on", models.DateField(verbose_name="开始日期")),
                ("closes_on", models.DateField(verbose_name="截止日期")),
                (
                    "low_bound",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("85"), max_digits=5, verbose_name="满意率下限（%）"
                    ),
                ),
                ("indicator_key", models.UUIDField(blank=True, null=True, verbose_name="对应的满意度指标")),
                ("has_poster", models.BooleanField(default=True, verbose_name="在窗口张贴二维码")),
                ("code", models.CharField(max_length=8, unique=True, verbose_name="调查代码")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafting", "编制中"),
                            ("submitted", "待开放"),
                            ("open", "调查中"),
                            ("closed", "已结束"),
                            ("discarded", "已作废"),
                        ],
                        default="drafting",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
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
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="牵头科室",
                    ),
                ),
                (
                    "fiscal_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys",
                        to="performance.fiscalyear",
                        verbose_name="预算年度",
                    ),
                ),
                (
                    "repeat_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="performance.survey",
                        verbose_name="复查的调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "满意度调查",
                "verbose_name_plural": "满意度调查",
                "ordering": ["-fiscal_year__year", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                        name="performance_survey_days",
                        violation_error_message="截止日期不能早于开始日期。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("low_bound__gte", 0), ("low_bound__lte", 100)),
                        name="performance_survey_bound",
                        violation_error_message="满意率下限应在 0 至 100 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9A-Z]{8}$")), name="performance_survey_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["drafting", "submitted", "open", "closed", "discarded"])),
                        name="performance_survey_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False, verbose_name="编号"
                    ),
                ),
                ("day", models.DateField(verbose_name="收回日期")),
                (
                    "channel",
                    models.CharField(
                        choices=[("link", "一人一码"), ("poster", "窗口二维码"), ("paper", "纸质问卷")],
                        max_length=20,
                        verbose_name="方式",
                    ),
                ),
                ("valid", models.BooleanField(verbose_name="有效")),
                ("values", models.JSONField(default=dict, verbose_name="回答")),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "答卷",
                "verbose_name_plural": "答卷",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("link", "poster", "paper"))),
                        name="performance_surveyanswer_channel",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("slips", "一人一码"), ("paper", "纸质问卷")], max_length=20, verbose_name="方式"
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="份数")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="发放对象")),
                ("page_sha256", models.CharField(blank=True, default="", max_length=64, verbose_name="页面摘要")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "问卷发放",
                "verbose_name_plural": "问卷发放",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 1), ("count__lte", 100000)),
                        name="performance_surveybatch_count",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("page_sha256", ""), _negated=True),
                        fields=("page_sha256",),
                        name="performance_surveybatch_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("text", models.CharField(max_length=200, verbose_name="题目")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scale", "五级满意度"),
                            ("yesno", "是或否"),
                            ("choice", "单选"),
                            ("choices", "多选"),
                            ("text", "填写文字"),
                        ],
                        max_length=20,
                        verbose_name="题型",
                    ),
                ),
                ("options", models.JSONField(blank=True, default=list, verbose_name="选项")),
                ("required", models.BooleanField(default=True, verbose_name="必答")),
                ("counts", models.BooleanField(default=False, verbose_name="计入满意度")),
                (
                    "copied_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.surveyquestion",
                        verbose_name="原题",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="涉及科室",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "调查题目",
                "verbose_name_plural": "调查题目",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "text"),
                        name="performance_question_once",
                        violation_error_message="这份问卷里已经有同样的题目。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts", False), ("kind__in", ("scale", "yesno")), _connector="OR"),
                        name="performance_question_counts",
                        violation_error_message="只有五级满意度和是或否的题目能计入满意度。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent", models.PositiveIntegerField(verbose_name="发放份数")),
                ("returned", models.PositiveIntegerField(verbose_name="收回份数")),
                ("valid", models.PositiveIntegerField(verbose_name="有效份数")),
                ("satisfied", models.PositiveIntegerField(verbose_name="满意份数")),
                ("counts", models.JSONField(verbose_name="各题计数")),
                ("answers_sha256", models.CharField(max_length=64, verbose_name="答卷校验值")),
                ("at", models.DateTimeField(verbose_name="结束时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="结束人",
                    ),
                ),
                (
                    "survey",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="result",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "调查结果",
                "verbose_name_plural": "调查结果",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned__lte", models.F("sent")),
                            ("satisfied__lte", models.F("valid")),
                            ("valid__lte", models.F("returned")),
                        ),
                        name="performance_surveyresult_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answers_sha256__regex", "^[0-9a-f]{64}$")),
                        name="performance_surveyresult_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyActual",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "actual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="performance.actualvalue",
                        verbose_name="实际完成值",
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filled",
                        to="performance.surveyresult",
                        verbose_name="调查结果",
                    ),
                ),
            ],
            options={
                "verbose_name": "写入指标",
                "verbose_name_plural": "写入指标",
            },
        ),
        migrations.CreateModel(
            name="SurveyToken",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="摘要")),
                ("used", models.BooleanField(default=False, verbose_name="已用")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="performance.surveybatch",
                        verbose_name="发放",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "问卷码",
                "verbose_name_plural": "问卷码",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="performance_surveytoken_digest"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("batch__isnull", False), ("used", True), _connector="OR"),
                        name="performance_surveytoken_poster",
                    ),
                ],
            },
        ),
        grant("performance_survey", only="SELECT, INSERT, UPDATE"),
        grant("performance_surveyquestion"),
        grant("performance_surveytoken", only="SELECT, INSERT, UPDATE (used)"),
        *(
            grant(f"performance_{table}", append_only=True)
            for table in ("surveybatch", "surveyanswer", "surveyresult", "surveyactual")
        ),
        guard_state("performance_survey", "performance.survey"),
        migrations.RunSQL(GUARDS, UNGUARDED),
        times_checked("performance_survey", "opens_on", "closes_on"),
        times_checked("performance_surveyanswer", "day"),
    ]
