"""Satisfaction surveys: questions, slips, answers that nobody can trace to a person, the result of the closing."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from performance.models.common import DIGEST, NAME_LENGTH, REASON_LENGTH, person
from performance.models.goals import ActualValue
from performance.models.years import FiscalYear

QUESTION_LENGTH = 200
OPTION_LENGTH = 60


class SurveyState(models.TextChoices):
    """Of one survey."""

    DRAFTING = "drafting", "编制中"
    SUBMITTED = "submitted", "待开放"
    OPEN = "open", "调查中"
    CLOSED = "closed", "已结束"
    DISCARDED = "discarded", "已作废"


class Survey(models.Model):
    """One survey of a year; once submitted, its questions stay as they are."""

    class Kind(models.TextChoices):
        INDUSTRY = "industry", "行业行风"
        WINDOW = "window", "窗口服务对象"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="surveys", verbose_name="预算年度")
    kind = models.CharField("种类", max_length=20, choices=Kind)
    title = models.CharField("标题", max_length=NAME_LENGTH)
    intro = models.TextField("卷首语", max_length=REASON_LENGTH, blank=True, default="")
    # Answers for what no question names an office for, and for the whole.
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="牵头科室")
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("截止日期")
    low_bound = models.DecimalField("满意率下限（%）", max_digits=5, decimal_places=2, default=Decimal(85))
    repeat_of = models.ForeignKey(
        "self", models.PROTECT, related_name="repeats", verbose_name="复查的调查", null=True, blank=True
    )
    # Which satisfaction indicator the result is filled into; none: it is only reported.
    indicator_key = models.UUIDField("对应的满意度指标", null=True, blank=True)
    has_poster = models.BooleanField("在窗口张贴二维码", default=True)
    # So that one person with many telephones does not fill the survey; may be raised while it is open.
    poster_daily = models.PositiveIntegerField("扫码自填每天最多", default=200)
    # Of the poster's address; no secret.
    code = models.CharField("调查代码", max_length=8, unique=True)
    state = models.CharField("状态", max_length=20, choices=SurveyState, default=SurveyState.DRAFTING)
    created_by = person("编制人")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "满意度调查"
        verbose_name_plural = "满意度调查"
        ordering = ["-fiscal_year__year", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="performance_survey_days",
                                   violation_error_message="截止日期不能早于开始日期。"),
            models.CheckConstraint(condition=Q(low_bound__gte=0, low_bound__lte=100),
                                   name="performance_survey_bound",
                                   violation_error_message="满意率下限应在 0 至 100 之间。"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9A-Z]{8}$"), name="performance_survey_code"),
            models.CheckConstraint(condition=Q(state__in=SurveyState.values), name="performance_survey_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def due_on(self) -> date:
        """The last day, under the name by which the history tells of an extension."""
        return self.closes_on


class SurveyQuestion(models.Model):
    """One question; ``counts`` makes it part of the satisfaction."""

    class Kind(models.TextChoices):
        SCALE = "scale", "五级满意度"
        YESNO = "yesno", "是或否"
        CHOICE = "choice", "单选"
        CHOICES = "choices", "多选"
        TEXT = "text", "填写文字"

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="questions", verbose_name="满意度调查")
    position = models.PositiveSmallIntegerField("次序", default=0)
    text = models.CharField("题目", max_length=QUESTION_LENGTH)
    kind = models.CharField("题型", max_length=20, choices=Kind)
    # Of a choice: what is offered, in order.
    options = models.JSONField("选项", default=list, blank=True)
    required = models.BooleanField("必答", default=True)
    counts = models.BooleanField("计入满意度", default=False)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name="涉及科室", null=True, blank=True
    )
    # The question of the survey that this one repeats.
    copied_from = models.ForeignKey(
        "self", models.PROTECT, related_name="+", verbose_name="原题", null=True, blank=True
    )  # fmt: skip

    class Meta:
        verbose_name = "调查题目"
        verbose_name_plural = "调查题目"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "text"], name="performance_question_once",
                                    violation_error_message="这份问卷里已经有同样的题目。"),
            models.CheckConstraint(condition=Q(counts=False) | Q(kind__in=("scale", "yesno")),
                                   name="performance_question_counts",
                                   violation_error_message="只有五级满意度和是或否的题目能计入满意度。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text


class SurveyBatch(models.Model):
    """Forms given out: slips with a code each, or forms on paper; append-only."""

    class Kind(models.TextChoices):
        SLIPS = "slips", "一人一码"
        PAPER = "paper", "纸质问卷"

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="batches", verbose_name="满意度调查")
    kind = models.CharField("方式", max_length=20, choices=Kind)
    count = models.PositiveIntegerField("份数")
    note = models.CharField("发放对象", max_length=200, blank=True, default="")
    # SHA-256 of what the page that made the codes carried: the same page sent again makes the same codes once.
    page_sha256 = models.CharField("页面摘要", max_length=64, blank=True, default="")
    by = person("经办人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "问卷发放"
        verbose_name_plural = "问卷发放"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=100_000), name="performance_surveybatch_count"),
            models.UniqueConstraint(fields=["page_sha256"], condition=~Q(page_sha256=""),
                                    name="performance_surveybatch_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.count} 份"


class SurveyToken(models.Model):
    """The right to answer once: its digest alone is kept, and that it was used, never when or by what answer.

    The key is the digest, so that no numbering tells in which order they were used. Without a batch it came from the
    poster's page, and is stored when it is used.
    """

    digest = models.CharField("摘要", max_length=64, primary_key=True)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="tokens", verbose_name="满意度调查")
    batch = models.ForeignKey(
        SurveyBatch, models.PROTECT, related_name="tokens", verbose_name="发放", null=True, blank=True
    )
    used = models.BooleanField("已用", default=False)

    class Meta:
        verbose_name = "问卷码"
        verbose_name_plural = "问卷码"
        constraints = [
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="performance_surveytoken_digest"),
            models.CheckConstraint(condition=Q(batch__isnull=False) | Q(used=True),
                                   name="performance_surveytoken_poster"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return "已用" if self.used else "未用"


class SurveyAnswer(models.Model):
    """What somebody answered, and nothing of who: no address, no token, no time but the last day of those with which it
    was released; append-only, and added to by performance_survey_release alone.
    """

    class Channel(models.TextChoices):
        LINK = "link", "一人一码"
        POSTER = "poster", "窗口二维码"
        PAPER = "paper", "纸质问卷"

    id = models.UUIDField("编号", primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="answers", verbose_name="满意度调查")
    day = models.DateField("收回日期")
    channel = models.CharField("方式", max_length=20, choices=Channel)
    valid = models.BooleanField("有效")
    # By the question's number as text; see performance.survey_rulebook.
    values = models.JSONField("回答", default=dict)

    class Meta:
        verbose_name = "答卷"
        verbose_name_plural = "答卷"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=("link", "poster", "paper")),
                                   name="performance_surveyanswer_channel"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.day}"


class SurveyInbox(models.Model):
    """An answer that waits to be released among others; the application writes and counts them, and reads none.

    Its row and its code's bear one transaction number; see performance_survey_release in migration 0015.
    """

    id = models.UUIDField("编号", primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="waiting", verbose_name="满意度调查")
    day = models.DateField("收回日期")
    channel = models.CharField("方式", max_length=20, choices=SurveyAnswer.Channel)
    valid = models.BooleanField("有效")
    values = models.JSONField("回答", default=dict)

    class Meta:
        verbose_name = "待清点的答卷"
        verbose_name_plural = "待清点的答卷"
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=("link", "poster", "paper")),
                                   name="performance_surveyinbox_channel"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return "待清点"


class SurveyResult(models.Model):
    """What the answers came to at the closing; append-only."""

    survey = models.OneToOneField(Survey, models.PROTECT, related_name="result", verbose_name="满意度调查")
    sent = models.PositiveIntegerField("发放份数")
    returned = models.PositiveIntegerField("收回份数")
    valid = models.PositiveIntegerField("有效份数")
    satisfied = models.PositiveIntegerField("满意份数")
    # Counts of every option by question, and of the channels (performance.survey_counts).
    counts = models.JSONField("各题计数")
    answers_sha256 = models.CharField("答卷校验值", max_length=64)
    by = person("结束人")
    at = models.DateTimeField("结束时间")

    class Meta:
        verbose_name = "调查结果"
        verbose_name_plural = "调查结果"
        constraints = [
            models.CheckConstraint(condition=Q(satisfied__lte=F("valid"), valid__lte=F("returned"),
                                               returned__lte=F("sent")), name="performance_surveyresult_order"),
            models.CheckConstraint(condition=Q(answers_sha256__regex=DIGEST), name="performance_surveyresult_digest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.survey} {self.satisfied}/{self.valid}"


class SurveyActual(models.Model):
    """That a result was filled into an indicator, once; append-only."""

    result = models.OneToOneField(SurveyResult, models.PROTECT, related_name="filled", verbose_name="调查结果")
    actual = models.OneToOneField(ActualValue, models.PROTECT, related_name="+", verbose_name="实际完成值")

    class Meta:
        verbose_name = "写入指标"
        verbose_name_plural = "写入指标"

    def __str__(self) -> str:
        return str(self.actual)
