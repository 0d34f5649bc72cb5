"""问题整改台账: problem, measure, who answers for it, until when, and how it ended; followed into the next year."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from documents.models import StoredFile
from performance.models.common import person as someone
from performance.models.years import FiscalYear

TEXT_LENGTH = 4000


class RectificationState(models.TextChoices):
    """Of one problem."""

    OPEN = "open", "整改中"
    ANSWERED = "answered", "待确认"
    CLOSED = "closed", "已完成"
    CANCELLED = "cancelled", "已撤销"


class Rectification(models.Model):
    """One line of the ledger (问题 – 措施 – 责任 – 期限 – 完成)."""

    class Source(models.TextChoices):
        SELF_EVALUATION = "self_evaluation", "绩效自评"
        SURVEY = "survey", "满意度调查"
        MONITORING = "monitoring", "绩效运行监控"
        INSPECTION = "inspection", "专项资金督查"
        BUREAU = "bureau", "财政部门反馈"
        OTHER = "other", "其他"

    # The year in whose work the problem showed; it is followed until it is closed, whatever the year.
    fiscal_year = models.ForeignKey(
        FiscalYear, models.PROTECT, related_name="rectifications", verbose_name="预算年度"
    )  # fmt: skip
    source = models.CharField("来源", max_length=20, choices=Source)
    # What it came from, ``app.model`` and number; empty for one that was typed.
    origin_type = models.CharField("起因类型", max_length=60, blank=True, default="")
    origin_id = models.BigIntegerField("起因编号", null=True, blank=True)
    # Which question, finding or line of it.
    origin_line = models.CharField("起因细目", max_length=100, blank=True, default="")
    problem = models.TextField("问题", max_length=TEXT_LENGTH)
    measure = models.TextField("整改措施", max_length=TEXT_LENGTH)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="责任科室")
    person = someone("责任人", null=True, blank=True)
    due_on = models.DateField("整改期限")
    first_due_on = models.DateField("原定期限")
    state = models.CharField("状态", max_length=20, choices=RectificationState, default=RectificationState.OPEN)
    # Empty: the portal opened it.
    created_by = someone("登记人", null=True, blank=True)
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "整改事项"
        verbose_name_plural = "问题整改台账"
        ordering = ["state", "due_on", "id"]
        indexes = [models.Index(fields=["state", "due_on"], name="performance_remedy_due")]
        constraints = [
            # What one survey question or finding asks for is opened once; a reopened one is the same line.
            models.UniqueConstraint(
                fields=["origin_type", "origin_id", "origin_line"], condition=~Q(origin_type=""),
                name="performance_rectification_once", violation_error_message="这个问题已经列入台账。",
            ),
            models.CheckConstraint(condition=Q(origin_type="") | Q(origin_id__isnull=False),
                                   name="performance_rectification_origin"),
            models.CheckConstraint(condition=Q(due_on__gte=F("first_due_on")), name="performance_rectification_due",
                                   violation_error_message="延期后的期限不能早于原定期限。"),
            models.CheckConstraint(condition=Q(state__in=RectificationState.values),
                                   name="performance_rectification_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.problem[:40]


class RectificationAnswer(models.Model):
    """What the office did; append-only, a second answer after a return is a second row."""

    rectification = models.ForeignKey(
        Rectification, models.PROTECT, related_name="answers", verbose_name="整改事项"
    )  # fmt: skip
    text = models.TextField("整改情况", max_length=TEXT_LENGTH)
    done_on = models.DateField("完成日期")
    by = someone("填报人")
    at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = "整改情况"
        verbose_name_plural = "整改情况"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.rectification} {self.done_on}"


class RectificationPaper(models.Model):
    """Evidence of an answer; append-only."""

    answer = models.ForeignKey(RectificationAnswer, models.PROTECT, related_name="papers", verbose_name="整改情况")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)

    class Meta:
        verbose_name = "整改佐证材料"
        verbose_name_plural = "整改佐证材料"
        constraints = [models.UniqueConstraint(fields=["answer", "file"], name="performance_remedypaper_once")]

    def __str__(self) -> str:
        return self.name
