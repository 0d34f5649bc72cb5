"""部门职责 – 工作活动 – 项目; earmarked money (专项资金) with its application, plan, approvals and inspections."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Department
from performance.models.common import NAME_LENGTH, REASON_LENGTH, money, person
from performance.models.years import BudgetUnit, FiscalYear

TEXT_LENGTH = 4000


class ProgramState(models.TextChoices):
    """Of a program's year: from the application to its end."""

    DRAFTING = "drafting", "申报中"
    SUBMITTED = "submitted", "待批复"
    APPROVED = "approved", "已批复"
    CLOSED = "closed", "已结束"


class ApprovalState(models.TextChoices):
    """Of a special approval."""

    REQUESTED = "requested", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"


class Responsibility(models.Model):
    """部门职责: what the unit is there for."""

    unit = models.ForeignKey(BudgetUnit, models.PROTECT, related_name="responsibilities", verbose_name="预算单位")
    name = models.CharField("部门职责", max_length=NAME_LENGTH)
    text = models.TextField("职责内容", max_length=TEXT_LENGTH, blank=True, default="")
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "部门职责"
        verbose_name_plural = "部门职责"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="performance_responsibility_once")]

    def __str__(self) -> str:
        return self.name


class Activity(models.Model):
    """工作活动: a part of a responsibility."""

    responsibility = models.ForeignKey(
        Responsibility, models.PROTECT, related_name="activities", verbose_name="部门职责"
    )
    name = models.CharField("工作活动", max_length=NAME_LENGTH)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "工作活动"
        verbose_name_plural = "工作活动"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["responsibility", "name"], name="performance_activity_once")]

    def __str__(self) -> str:
        return self.name


class Program(models.Model):
    """A program (项目) over the years; what is applied for and spent in one of them is its ProgramYear."""

    unit = models.ForeignKey(BudgetUnit, models.PROTECT, related_name="programs", verbose_name="实施单位")
    activity = models.ForeignKey(
        Activity, models.PROTECT, related_name="programs", verbose_name="工作活动", null=True, blank=True
    )
    code = models.CharField(
        "项目代码", max_length=40, unique=True, error_messages={"unique": "这个代码已经有项目在用，请换一个。"}
    )
    name = models.CharField("项目名称", max_length=NAME_LENGTH)

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9A-Za-z][0-9A-Za-z._-]*$"),
                                   name="performance_program_code",
                                   violation_error_message="项目代码由字母、数字、点和连接号组成。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ProgramYear(models.Model):
    """A program's money of one year: application, purpose, plan, approved amount (专款专用)."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="years", verbose_name="项目")
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="programs", verbose_name="预算年度")
    state = models.CharField("状态", max_length=20, choices=ProgramState, default=ProgramState.DRAFTING)
    purpose = models.TextField("资金用途", max_length=TEXT_LENGTH)
    basis = models.TextField("立项依据", max_length=TEXT_LENGTH, blank=True, default="")
    estimate = models.TextField("测算", max_length=TEXT_LENGTH, blank=True, default="")
    expected_goal = models.TextField("事前绩效目标", max_length=TEXT_LENGTH, blank=True, default="")
    plan = models.TextField("实施方案", max_length=TEXT_LENGTH, blank=True, default="")
    background = models.TextField("项目背景", max_length=TEXT_LENGTH, blank=True, default="")
    applied_amount = money("申请金额")
    approved_amount = money("批复金额", null=True, blank=True)
    document_number = models.CharField("批复文号", max_length=60, blank=True, default="")
    approved_on = models.DateField("批复日期", null=True, blank=True)
    leader = person("项目负责人", null=True, blank=True)
    # Who answers for its progress; may be named after the approval, too.
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name="承办科室", null=True, blank=True
    )
    created_at = models.DateTimeField("建立时间")
    created_by = person("申报人")

    class Meta:
        verbose_name = "项目资金"
        verbose_name_plural = "项目资金"
        ordering = ["-fiscal_year__year", "program__code"]
        constraints = [
            models.UniqueConstraint(fields=["program", "fiscal_year"], name="performance_programyear_once",
                                    violation_error_message="这个项目这一年已经申报。"),
            models.CheckConstraint(condition=Q(state__in=ProgramState.values), name="performance_programyear_state"),
            models.CheckConstraint(condition=Q(applied_amount__gt=0), name="performance_programyear_applied",
                                   violation_error_message="申请金额应大于 0。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.program} {self.fiscal_year.year}年度"


class Milestone(models.Model):
    """A step of the plan, when it is due, what is to be paid by then; frozen with the application but for its end."""

    program_year = models.ForeignKey(ProgramYear, models.PROTECT, related_name="milestones", verbose_name="项目资金")
    name = models.CharField("内容", max_length=NAME_LENGTH)
    due_on = models.DateField("计划完成日期")
    planned_amount = money("计划支付金额", default=0)
    done_on = models.DateField("实际完成日期", null=True, blank=True)
    remark = models.CharField("完成情况", max_length=REASON_LENGTH, blank=True, default="")

    class Meta:
        verbose_name = "实施节点"
        verbose_name_plural = "实施节点"
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(planned_amount__gte=0), name="performance_milestone_amount")]

    def __str__(self) -> str:
        return self.name


class ExpenseLine(models.Model):
    """A part of a program's money with a budget of its own; frozen with the application."""

    program_year = models.ForeignKey(ProgramYear, models.PROTECT, related_name="expense_lines", verbose_name="项目资金")
    name = models.CharField("支出明细", max_length=NAME_LENGTH)
    # Empty: the application did not break the money down. Unknown is not zero.
    initial_amount = money("预算金额", null=True, blank=True)
    # Economic subjects that belong to its purpose; empty: any.
    economic_codes = models.JSONField("适用的经济分类科目", default=list, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "支出明细"
        verbose_name_plural = "支出明细"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["program_year", "name"], name="performance_expense_once",
                                    violation_error_message="这项支出明细已经有了。"),
            models.CheckConstraint(condition=Q(initial_amount__isnull=True) | Q(initial_amount__gte=0),
                                   name="performance_expense_amount", violation_error_message="预算金额不能小于 0。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class SpecialApproval(models.Model):
    """Leave to spend earmarked money otherwise than its rule says: one asks, another gives it, for an amount."""

    class Kind(models.TextChoices):
        PURPOSE = "purpose", "用于规定用途以外"
        BALANCE = "balance", "超过项目或明细的余额"
        BEFORE = "before", "批复以前先行支付"

    program_year = models.ForeignKey(ProgramYear, models.PROTECT, related_name="approvals", verbose_name="项目资金")
    kind = models.CharField("事由", max_length=20, choices=Kind)
    state = models.CharField("状态", max_length=20, choices=ApprovalState, default=ApprovalState.REQUESTED)
    amount = money("金额上限")
    reason = models.TextField("理由", max_length=REASON_LENGTH)
    document_number = models.CharField("请示文号", max_length=60, blank=True, default="")
    requested_by = person("申请人")
    requested_at = models.DateTimeField("申请时间")

    class Meta:
        verbose_name = "专项资金特别批准"
        verbose_name_plural = "专项资金特别批准"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="performance_approval_amount",
                                   violation_error_message="金额上限应大于 0。"),
            models.CheckConstraint(condition=Q(state__in=ApprovalState.values), name="performance_approval_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class Inspection(models.Model):
    """督查 of earmarked money; append-only: what was found is a record. A remedy is a row of its own."""

    program_year = models.ForeignKey(ProgramYear, models.PROTECT, related_name="inspections", verbose_name="项目资金")
    plan = models.CharField("督查计划", max_length=REASON_LENGTH)
    inspected_on = models.DateField("督查日期")
    people = models.CharField("督查人员", max_length=200)
    findings = models.TextField("发现的情况", max_length=TEXT_LENGTH)
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "专项资金督查"
        verbose_name_plural = "专项资金督查"
        ordering = ["-inspected_on", "-id"]

    def __str__(self) -> str:
        return f"{self.program_year} {self.inspected_on}"


class InspectionRemedy(models.Model):
    """What was done about an inspection's findings; append-only."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="remedies", verbose_name="督查")
    text = models.TextField("整改情况", max_length=TEXT_LENGTH)
    done_on = models.DateField("整改日期")
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "督查整改"
        verbose_name_plural = "督查整改"
        ordering = ["done_on", "id"]

    def __str__(self) -> str:
        return f"{self.inspection} {self.done_on}"
