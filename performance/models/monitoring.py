"""绩效运行监控 (财预〔2019〕136号): where money and indicators stand in mid-year, and where they will end."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from performance.models.common import NAME_LENGTH, REASON_LENGTH, money, person
from performance.models.goals import GoalTable
from performance.models.programs import ProgramYear
from performance.models.years import FiscalYear

VALUE_LENGTH = 200


class MonitoringState(models.TextChoices):
    """Of one form."""

    DRAFTING = "drafting", "填报中"
    SUBMITTED = "submitted", "待审核"
    APPROVED = "approved", "已审核"
    DISCARDED = "discarded", "已作废"


class Monitoring(models.Model):
    """One monitoring form: of a program's year, or (without one) of the whole department. Approved, it is frozen."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="monitorings", verbose_name="预算年度")
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="monitorings", verbose_name="项目资金", null=True, blank=True
    )
    # The goals that it speaks of: those in force when it was begun.
    goal_table = models.ForeignKey(GoalTable, models.PROTECT, related_name="+", verbose_name="绩效目标表")
    through_month = models.PositiveSmallIntegerField("监控截止月份", default=7)
    state = models.CharField("状态", max_length=20, choices=MonitoringState, default=MonitoringState.DRAFTING)
    filled_by = models.CharField("填表人", max_length=NAME_LENGTH, blank=True, default="")
    phone = models.CharField("联系电话", max_length=40, blank=True, default="")
    head = models.CharField("单位负责人", max_length=NAME_LENGTH, blank=True, default="")
    # When the figures were last taken from the data.
    taken_at = models.DateTimeField("取数时间")
    created_by = person("填报人")
    created_at = models.DateTimeField("建立时间")
    # Grows with every saved change: a form sent for an older one is not saved over it.
    edition = models.PositiveIntegerField("修改序号", default=1)

    class Meta:
        verbose_name = "绩效运行监控表"
        verbose_name_plural = "绩效运行监控表"
        ordering = ["-fiscal_year__year", "program_year_id", "-through_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "program_year", "through_month"], condition=~Q(state="discarded"),
                nulls_distinct=False, name="performance_monitoring_once",
                violation_error_message="这个月份的监控表已经有了，请在那一份上填。",
            ),
            models.CheckConstraint(condition=Q(through_month__gte=1, through_month__lte=12),
                                   name="performance_monitoring_month",
                                   violation_error_message="监控截止月份是 1 至 12 月。"),
            models.CheckConstraint(condition=Q(state__in=MonitoringState.values),
                                   name="performance_monitoring_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.program_year or self.fiscal_year} {self.months}绩效运行监控"

    @property
    def months(self) -> str:
        """``1—7月``, or ``1月``."""
        return f"1—{self.through_month}月" if self.through_month > 1 else "1月"


class MonitoringLine(models.Model):
    """One row of the form: of the money (``funds``, ``funds:<source>``) or of an indicator (its key)."""

    class Likelihood(models.TextChoices):
        CERTAIN = "certain", "确定能"
        POSSIBLE = "possible", "有可能"
        IMPOSSIBLE = "impossible", "完全不可能"

    class Cause(models.TextChoices):
        FUNDS = "funds", "经费保障"
        RULES = "rules", "制度保障"
        PEOPLE = "people", "人员保障"
        HARDWARE = "hardware", "硬件条件保障"
        OTHER = "other", "其他"

    monitoring = models.ForeignKey(Monitoring, models.PROTECT, related_name="lines", verbose_name="绩效运行监控表")
    line = models.CharField("哪一行", max_length=60)
    position = models.PositiveSmallIntegerField("次序", default=0)
    level1 = models.CharField("一级指标", max_length=NAME_LENGTH, blank=True, default="")
    level2 = models.CharField("二级指标", max_length=NAME_LENGTH, blank=True, default="")
    name = models.CharField("名称", max_length=NAME_LENGTH)
    target = models.CharField("年度指标值", max_length=VALUE_LENGTH, blank=True, default="")
    # Of the money alone, yuan; unknown is not zero.
    initial_amount = money("年初预算数", null=True, blank=True)
    adjusted_amount = money("全年预算数", null=True, blank=True)
    spent_amount = money("执行数", null=True, blank=True)
    expected_amount = money("全年预计执行数", null=True, blank=True)
    # Of an indicator: as people write values.
    so_far = models.CharField("执行情况", max_length=VALUE_LENGTH, blank=True, default="")
    expected = models.CharField("全年预计完成情况", max_length=VALUE_LENGTH, blank=True, default="")
    causes = models.JSONField("偏差原因", default=list, blank=True)
    explanation = models.CharField("原因说明", max_length=REASON_LENGTH, blank=True, default="")
    likelihood = models.CharField("完成目标可能性", max_length=20, choices=Likelihood, blank=True, default="")
    remark = models.CharField("备注", max_length=REASON_LENGTH, blank=True, default="")

    class Meta:
        verbose_name = "绩效运行监控表的一行"
        verbose_name_plural = "绩效运行监控表的各行"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["monitoring", "line"], name="performance_monitoringline_once"),
            models.CheckConstraint(condition=Q(expected_amount__isnull=True) | Q(expected_amount__gte=0),
                                   name="performance_monitoringline_expected",
                                   violation_error_message="全年预计执行数不能小于 0。"),
            models.CheckConstraint(condition=Q(likelihood__in=["", "certain", "possible", "impossible"]),
                                   name="performance_monitoringline_likelihood"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_money(self) -> bool:
        """Whether it is a row of the money."""
        return self.line.startswith("funds")

    @property
    def is_told(self) -> bool:
        """Whether a page has anything to say of it: sources that gave nothing stand on the paper alone."""
        return not self.line.startswith("funds:") or self.initial_amount is not None
