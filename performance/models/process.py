"""The self-evaluation as a process: a year's plan, which programs and why, the frozen report, what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Department
from performance.models.common import DIGEST, NAME_LENGTH, REASON_LENGTH, money, person
from performance.models.programs import ProgramYear
from performance.models.reports import Report
from performance.models.years import FiscalYear

METHOD_LENGTH = 4000


class PlanState(models.TextChoices):
    """Of a year's plan."""

    DRAFTING = "drafting", "编制中"
    SUBMITTED = "submitted", "待批准"
    APPROVED = "approved", "已批准"


class EvaluationPlan(models.Model):
    """自评工作方案 of a year: who leads, by when what is done, which programs are evaluated."""

    fiscal_year = models.OneToOneField(
        FiscalYear, models.PROTECT, related_name="evaluation_plan", verbose_name="预算年度",
        error_messages={"unique": "这个年度的自评工作方案已经有了。"},
    )  # fmt: skip
    state = models.CharField("状态", max_length=20, choices=PlanState, default=PlanState.DRAFTING)
    document_number = models.CharField("文号", max_length=60, blank=True, default="")
    # 评价方法: formulas, comparisons, surveys, site visits.
    method = models.TextField("评价方法", max_length=METHOD_LENGTH, blank=True, default="")
    created_by = person("编制人")
    created_at = models.DateTimeField("编制时间")

    class Meta:
        verbose_name = "自评工作方案"
        verbose_name_plural = "自评工作方案"
        ordering = ["-fiscal_year__year", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="performance_plan_state"),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}绩效自评工作方案"


class PlanMember(models.Model):
    """A member of the 自评工作领导小组."""

    plan = models.ForeignKey(EvaluationPlan, models.CASCADE, related_name="members", verbose_name="方案")
    role = models.CharField("职务", max_length=20)
    name = models.CharField("姓名", max_length=NAME_LENGTH)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "领导小组成员"
        verbose_name_plural = "领导小组成员"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class PlanStep(models.Model):
    """A step of the timetable: what, by when, by which office."""

    plan = models.ForeignKey(EvaluationPlan, models.CASCADE, related_name="steps", verbose_name="方案")
    name = models.CharField("步骤", max_length=NAME_LENGTH)
    due_on = models.DateField("完成期限")
    office = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name="承办科室", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "工作步骤"
        verbose_name_plural = "工作步骤"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class PlanProgram(models.Model):
    """A program of the year in its plan: whether it is evaluated, whether with weight on it, and why."""

    plan = models.ForeignKey(EvaluationPlan, models.CASCADE, related_name="programs", verbose_name="方案")
    program_year = models.ForeignKey(ProgramYear, models.PROTECT, related_name="+", verbose_name="项目")
    chosen = models.BooleanField("列入自评", default=True)
    focus = models.BooleanField("重点评价", default=False)
    reason = models.CharField("理由", max_length=REASON_LENGTH, blank=True, default="")

    class Meta:
        verbose_name = "方案中的项目"
        verbose_name_plural = "方案中的项目"
        ordering = ["program_year__program__code", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "program_year"], name="performance_planprogram_once"),
            models.CheckConstraint(condition=Q(chosen=True) | Q(focus=False), name="performance_planprogram_focus",
                                   violation_error_message="不列入自评的项目不能列为重点评价。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.program_year)


class ReportFreeze(models.Model):
    """What a report said when it was frozen; append-only. The newest holds while the report is frozen."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="freezes", verbose_name="报告")
    # The whole document as canonical JSON (performance.document.model), as ReportFile keeps it.
    source = models.TextField("依据的数据")
    source_sha256 = models.CharField("数据校验值", max_length=64)
    # Sums in yuan, rate, score, grade: decimals as texts (performance.selectors.frozen).
    figures = models.JSONField("主要数字")
    # What the bureau's forms take, as canonical JSON (performance.selectors.workbook_frozen); empty: frozen before.
    workbook = models.TextField("填入财政表格的数字", blank=True, default="")
    # What the package holds beside the report (performance.services.package_papers); None: frozen before.
    papers = models.JSONField("资料包清单", null=True, blank=True)
    by = person("定稿人")
    at = models.DateTimeField("定稿时间")

    class Meta:
        verbose_name = "报告定稿"
        verbose_name_plural = "报告定稿"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(source_sha256__regex=DIGEST), name="performance_freeze_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.at:%Y-%m-%d}"


class ResultUse(models.Model):
    """结果应用: what a frozen report led to in the next budget (预算法第三十二条、第五十七条); append-only."""

    class Decision(models.TextChoices):
        MORE = "more", "增加预算"
        SAME = "same", "保持预算"
        LESS = "less", "核减预算"
        NONE = "none", "取消项目"
        MANAGE = "manage", "改进管理"

    report = models.ForeignKey(Report, models.PROTECT, related_name="uses", verbose_name="报告")
    # Of the next year; empty while it is not applied for, or where nothing of the kind comes.
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="uses", verbose_name="下一年度项目", null=True, blank=True
    )
    decision = models.CharField("处理", max_length=20, choices=Decision)
    amount = money("涉及金额", null=True, blank=True)
    text = models.CharField("说明", max_length=REASON_LENGTH)
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "结果应用"
        verbose_name_plural = "结果应用"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="performance_use_amount",
                                   violation_error_message="涉及金额应大于 0，没有就不填。"),
            models.CheckConstraint(condition=~Q(text=""), name="performance_use_text",
                                   violation_error_message="结果应用要写明怎样用。"),
            models.CheckConstraint(condition=Q(decision__in=("more", "same", "less", "none", "manage")),
                                   name="performance_use_decision"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.report} {self.get_decision_display()}"
