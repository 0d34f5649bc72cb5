"""Month by month: planned spending, goals split by office and month, what was done, and what lags asks why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Department
from documents.models import StoredFile
from performance.models.budget import SpendingLine
from performance.models.common import REASON_LENGTH, money, person
from performance.models.programs import ProgramYear
from performance.models.years import FiscalYear

TEXT_LENGTH = 4000
MONTHS = range(1, 13)
BASIC = (SpendingLine.Category.PERSONNEL, SpendingLine.Category.ROUTINE)


class LagState(models.TextChoices):
    """Of one notice of a lag."""

    ASKED = "asked", "待说明"
    ANSWERED = "answered", "待确认"
    ACCEPTED = "accepted", "已确认"
    RECALLED = "recalled", "已撤回"


def _month() -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField("月份")


def _in_year(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(month__gte=1, month__lte=12), name=name, violation_error_message="月份应在 1 至 12 之间。"
    )


def _quantity(label: str) -> models.DecimalField:
    return models.DecimalField(label, max_digits=20, decimal_places=4, null=True, blank=True)


class MonthPlan(models.Model):
    """What of a line is planned to be spent in a month; append-only, the newest row of a line and month holds."""

    spending_line = models.ForeignKey(
        SpendingLine, models.PROTECT, related_name="month_plans", verbose_name="支出预算"
    )  # fmt: skip
    month = _month()
    amount = money("计划支出")
    reason = models.CharField("调整理由", max_length=REASON_LENGTH, blank=True, default="")
    by = person("填报人")
    at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = "月度用款计划"
        verbose_name_plural = "月度用款计划"
        ordering = ["spending_line", "month", "-id"]
        indexes = [models.Index(fields=["spending_line", "month", "-id"], name="performance_monthplan_newest")]
        constraints = [
            _in_year("performance_monthplan_month"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="performance_monthplan_amount",
                                   violation_error_message="计划支出不能小于 0。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.month}月 {self.amount}"


class OfficeMonth(models.Model):
    """One office's month of one indicator; the newest row of a key, office and month holds."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name="预算年度")
    indicator_key = models.UUIDField("指标标识")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="科室")
    month = _month()
    by = person("填报人")
    at = models.DateTimeField("填报时间")

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.department} {self.month}月"


def _newest_index(name: str) -> models.Index:
    return models.Index(fields=["fiscal_year", "indicator_key", "department", "month", "-id"], name=name)


class GoalShare(OfficeMonth):
    """What an office is to do for an indicator in a month; append-only."""

    # Empty: the share is told in words alone, or was taken back.
    planned = _quantity("计划数")
    text = models.CharField("工作内容", max_length=REASON_LENGTH, blank=True, default="")

    class Meta(OfficeMonth.Meta):
        verbose_name = "目标分解"
        verbose_name_plural = "目标分解"
        indexes = [_newest_index("performance_share_newest")]
        constraints = [
            _in_year("performance_share_month"),
            models.CheckConstraint(condition=Q(planned__isnull=True) | Q(planned__gte=0),
                                   name="performance_share_planned", violation_error_message="计划数不能小于 0。"),
        ]  # fmt: skip


class GoalProgress(OfficeMonth):
    """What an office did for an indicator in a month; append-only."""

    # Empty: told in words alone.
    value = _quantity("完成数")
    text = models.CharField("完成情况", max_length=REASON_LENGTH, blank=True, default="")

    class Meta(OfficeMonth.Meta):
        verbose_name = "目标进度"
        verbose_name_plural = "目标进度"
        indexes = [_newest_index("performance_progress_newest")]
        constraints = [
            _in_year("performance_progress_month"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0),
                                   name="performance_progress_value", violation_error_message="完成数不能小于 0。"),
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(text=""), name="performance_progress_told",
                                   violation_error_message="完成数和完成情况至少填一项。"),
        ]  # fmt: skip


class LagNotice(models.Model):
    """A lag behind the payment plan: what stood at the month's end, and the office that is asked why."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="lags", verbose_name="预算年度")
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="lags", verbose_name="项目", null=True, blank=True
    )
    # Of basic spending, which belongs to no program; empty for a program.
    category = models.CharField("支出类别", max_length=20, choices=SpendingLine.Category, blank=True, default="")
    month = _month()
    # As they stood when it was asked; later entries change nothing here.
    budget = money("全年预算数")
    planned = money("截至月末计划")
    spent = money("截至月末支出")
    rate = models.DecimalField("执行率", max_digits=12, decimal_places=2, null=True, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办科室")
    due_on = models.DateField("说明期限")
    text = models.TextField("要求", max_length=TEXT_LENGTH)
    state = models.CharField("状态", max_length=20, choices=LagState, default=LagState.ASKED)
    # Empty: the portal asked.
    created_by = person("发起人", null=True, blank=True)
    created_at = models.DateTimeField("发起时间")

    class Meta:
        verbose_name = "进度滞后说明"
        verbose_name_plural = "进度滞后说明"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "due_on"], name="performance_lag_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "program_year", "category", "month"], name="performance_lag_once",
                nulls_distinct=False, violation_error_message="这个月已经要求说明过。",
            ),
            models.CheckConstraint(
                condition=Q(program_year__isnull=False, category="")
                | Q(program_year__isnull=True, category__in=("personnel", "routine")),
                name="performance_lag_what", violation_error_message="写明项目，或者基本支出的类别。",
            ),
            _in_year("performance_lag_month"),
            models.CheckConstraint(condition=Q(state__in=LagState.values), name="performance_lag_state"),
            models.CheckConstraint(condition=~Q(text=""), name="performance_lag_text",
                                   violation_error_message="请写明要说明什么。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.program_year.program if self.program_year else self.get_category_display()} {self.month}月"


class LagAnswer(models.Model):
    """What the office says of a lag; append-only, a second answer after a return is a second row."""

    class Cause(models.TextChoices):
        """As the bureau's form of 绩效运行监控 has them (财预〔2019〕136号)."""

        MONEY = "money", "经费保障"
        RULES = "rules", "制度保障"
        PEOPLE = "people", "人员保障"
        HARDWARE = "hardware", "硬件条件保障"
        OTHER = "other", "其他"

    notice = models.ForeignKey(LagNotice, models.PROTECT, related_name="answers", verbose_name="滞后说明")
    cause = models.CharField("原因", max_length=20, choices=Cause)
    text = models.TextField("情况说明和措施", max_length=TEXT_LENGTH)
    pay_on = models.DateField("新的支付时间")
    by = person("说明人")
    at = models.DateTimeField("说明时间")

    class Meta:
        verbose_name = "滞后情况说明"
        verbose_name_plural = "滞后情况说明"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="performance_laganswer_text")]

    def __str__(self) -> str:
        return f"{self.notice} {self.get_cause_display()}"


class LagPaper(models.Model):
    """A file that goes with an answer; append-only."""

    answer = models.ForeignKey(LagAnswer, models.PROTECT, related_name="papers", verbose_name="滞后情况说明")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)

    class Meta:
        verbose_name = "滞后说明材料"
        verbose_name_plural = "滞后说明材料"
        constraints = [models.UniqueConstraint(fields=["answer", "file"], name="performance_lagpaper_once")]

    def __str__(self) -> str:
        return self.name
