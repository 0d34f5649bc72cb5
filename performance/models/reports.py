"""Self-evaluation reports: their people, sections with every saved version, manual scores, and the files made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from documents.models import StoredFile
from performance.models.common import DIGEST, NAME_LENGTH, REASON_LENGTH, person
from performance.models.programs import ProgramYear
from performance.models.years import FiscalYear

SECTION_LENGTH = 20_000


class ReportState(models.TextChoices):
    """From the draft to the frozen report; one that the bureau sends back is opened again."""

    DRAFTING = "drafting", "编制中"
    SUBMITTED = "submitted", "待审核"
    REVIEWED = "reviewed", "已审核"
    FROZEN = "frozen", "已定稿"


class Report(models.Model):
    """One report of one year: of the whole department (seed A's outline) or of a program (seed B's)."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", "部门整体支出"
        PROJECT = "project", "项目支出"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="reports", verbose_name="预算年度")
    kind = models.CharField("种类", max_length=20, choices=Kind)
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="reports", verbose_name="项目资金", null=True, blank=True
    )
    state = models.CharField("状态", max_length=20, choices=ReportState, default=ReportState.DRAFTING)
    title = models.CharField("标题", max_length=200)
    dated_on = models.DateField("落款日期")
    red_head = models.BooleanField("红头", default=False)
    document_number = models.CharField("文号", max_length=60, blank=True, default="")
    # Who signs the form (填表人, 联系电话, 单位负责人).
    filled_by = models.CharField("填表人", max_length=NAME_LENGTH, blank=True, default="")
    phone = models.CharField("联系电话", max_length=40, blank=True, default="")
    head = models.CharField("单位负责人", max_length=NAME_LENGTH, blank=True, default="")
    goal_result = models.TextField("总体目标实际完成情况", max_length=4000, blank=True, default="")
    # Figures as a published form prints them; shown beside the computed ones.
    reported_rate = models.CharField("填报执行率", max_length=20, blank=True, default="")
    reported_total = models.CharField("填报总分", max_length=20, blank=True, default="")
    reported_grade = models.CharField("填报等级", max_length=10, blank=True, default="")
    # Empty: the scheduler began it at the year's end.
    created_by = person("建立人", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")
    # Grows with every saved change of the fields above; a form sent for an older one is not saved over it.
    edition = models.PositiveIntegerField("修改序号", default=1)

    class Meta:
        verbose_name = "绩效自评报告"
        verbose_name_plural = "绩效自评报告"
        ordering = ["-fiscal_year__year", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "kind", "program_year"], nulls_distinct=False,
                                    name="performance_report_once", violation_error_message="这份报告已经建立。"),
            models.CheckConstraint(
                condition=Q(kind="department", program_year__isnull=True)
                | Q(kind="project", program_year__isnull=False),
                name="performance_report_program",
            ),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="performance_report_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class ReportMember(models.Model):
    """A member of the group that made the self-evaluation (自评工作领导小组)."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="members", verbose_name="报告")
    role = models.CharField("职务", max_length=20)
    name = models.CharField("姓名", max_length=NAME_LENGTH)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "自评工作小组成员"
        verbose_name_plural = "自评工作小组成员"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class ReportSection(models.Model):
    """One section of the narrative: text with figures as fields, the number of its newest version."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="sections", verbose_name="报告")
    key = models.SlugField("标识", max_length=40)
    number = models.PositiveIntegerField("版本", default=1)
    # Figures stand as {{name|text at the time of writing}} (performance.narrative).
    text = models.TextField("正文", max_length=SECTION_LENGTH)

    class Meta:
        verbose_name = "报告章节"
        verbose_name_plural = "报告章节"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="performance_section_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.key}"


class SectionVersion(models.Model):
    """Every text a section ever had; append-only."""

    section = models.ForeignKey(ReportSection, models.PROTECT, related_name="versions", verbose_name="章节")
    number = models.PositiveIntegerField("版本")
    text = models.TextField("正文", max_length=SECTION_LENGTH)
    # Empty: the portal drafted it from the data.
    by = person("修改人", null=True, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "章节版本"
        verbose_name_plural = "章节版本"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="performance_sectionversion_once")]

    def __str__(self) -> str:
        return f"{self.section} {self.number}"


class ManualScore(models.Model):
    """A score given instead of the formula's, with its reason; append-only, the newest row of a line holds."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="manual_scores", verbose_name="报告")
    # Empty: the line of the funds.
    indicator_key = models.UUIDField("指标标识", null=True, blank=True)
    # Empty: taken back, the formula's holds again.
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    by = person("评分人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "人工评分"
        verbose_name_plural = "人工评分"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100),
                                   name="performance_manual_score", violation_error_message="得分应在 0 至 100 之间。"),
            models.CheckConstraint(condition=~Q(reason=""), name="performance_manual_reason",
                                   violation_error_message="人工评分要写明理由。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.score}"


class LineReason(models.Model):
    """偏差原因分析及改进措施 of a line of the form; append-only, the newest row of a line holds."""

    class Cause(models.TextChoices):
        PRICE = "price", "价格变化"
        QUANTITY = "quantity", "数量变化"
        SCHEDULE = "schedule", "进度变化"
        POLICY = "policy", "政策或计划调整"
        TARGET = "target", "目标值设定偏差"
        OTHER = "other", "其他"

    report = models.ForeignKey(Report, models.PROTECT, related_name="reasons", verbose_name="报告")
    # ``funds``, the key of an indicator, or ``expense:<id>`` of an expense line.
    line = models.CharField("哪一行", max_length=60)
    cause = models.CharField("原因种类", max_length=20, choices=Cause, blank=True, default="")
    text = models.CharField("偏差原因分析及改进措施", max_length=REASON_LENGTH, blank=True, default="")
    by = person("填写人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "偏差原因"
        verbose_name_plural = "偏差原因"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class Edition(models.TextChoices):
    """For whom a file is made: the bureau, or everybody (no phones, no names of staff below the leaders)."""

    SUBMISSION = "submission", "报送版"
    PUBLIC = "public", "公开版"


class ReportFile(models.Model):
    """A PDF made: the same data and text give the same bytes, so there is one row for each; append-only."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="files", verbose_name="报告")
    edition = models.CharField("版本", max_length=20, choices=Edition, default=Edition.SUBMISSION)
    # Of a public edition: the digest of the submission's data that it was made from.
    base_sha256 = models.CharField("所依报送版的数据校验值", max_length=64, blank=True, default="")
    # What it was made of, as canonical JSON, and its SHA-256; every figure leads back through it.
    source = models.TextField("依据的数据")
    source_sha256 = models.CharField("数据校验值", max_length=64)
    # Printed on the cover; says nothing of the content and cannot be guessed.
    code = models.CharField("验证码", max_length=24, unique=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    pages = models.PositiveIntegerField("页数")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "报告文件"
        verbose_name_plural = "报告文件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(source_sha256__regex=DIGEST), name="performance_reportfile_digest"),
            # A public edition says on its cover that it is one: its data never are those of a submission.
            models.UniqueConstraint(fields=["source_sha256"], name="performance_reportfile_once"),
            models.CheckConstraint(
                condition=Q(edition="submission", base_sha256="") | Q(edition="public", base_sha256__regex=DIGEST),
                name="performance_reportfile_edition",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReportRun(models.Model):
    """A wish for a PDF and how far it is; a worker that dies leaves it to the next."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "生成中"
        DONE = "done", "已生成"
        FAILED = "failed", "没有生成"

    report = models.ForeignKey(Report, models.PROTECT, related_name="runs", verbose_name="报告")
    edition = models.CharField("版本", max_length=20, choices=Edition, default=Edition.SUBMISSION)
    state = models.CharField("状态", max_length=20, choices=State, default=State.WAITING)
    step = models.CharField("进行到", max_length=100, blank=True, default="")
    progress = models.PositiveSmallIntegerField("进度（百分比）", default=0)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    # Whoever works on it renews the time; an old one may be taken over.
    claim = models.UUIDField("占用标识", null=True, blank=True)
    alive_at = models.DateTimeField("最近活动", null=True, blank=True)
    message = models.CharField("说明", max_length=REASON_LENGTH, blank=True, default="")
    result = models.ForeignKey(ReportFile, models.PROTECT, related_name="+", verbose_name="文件", null=True, blank=True)
    by = person("要求人")
    at = models.DateTimeField("要求时间")
    # When it was last handed to the workers; what waits long after that was lost by the broker.
    enqueued_at = models.DateTimeField("交给任务进程的时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = "报告生成"
        verbose_name_plural = "报告生成"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "alive_at"], name="performance_run_state",
                         condition=Q(state__in=("waiting", "running"))),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=~Q(state="done") | Q(result__isnull=False), name="performance_run_done"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="performance_run_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.state}"
