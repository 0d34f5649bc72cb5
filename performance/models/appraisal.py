"""How the department's own 绩效管理工作 is judged: dated schemes of items, and the scores that were kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from performance.models.common import DIGEST, NAME_LENGTH, REASON_LENGTH, person
from performance.models.years import FiscalYear


class ManagementGroup(models.TextChoices):
    """What the work consists of (seed A: 绩效目标管理、绩效执行监控、绩效自评和自评结果应用)."""

    GOALS = "goals", "目标管理"
    MONITORING = "monitoring", "运行监控"
    EVALUATION = "evaluation", "自评"
    USE = "use", "结果应用"


class ManagementScheme(models.Model):
    """What the work of a year is judged by, from a year on; never changed, a new one follows it."""

    name = models.CharField("名称", max_length=NAME_LENGTH)
    first_year = models.PositiveSmallIntegerField("自哪年起")
    basis = models.CharField("依据", max_length=REASON_LENGTH)
    is_builtin = models.BooleanField("内置", default=False)
    # A scheme that was replaced by an edited one of the same year.
    is_active = models.BooleanField("在用", default=True)
    created_by = person("建立人", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", null=True, blank=True)

    class Meta:
        verbose_name = "绩效管理评分方案"
        verbose_name_plural = "绩效管理评分方案"
        ordering = ["-is_active", "-first_year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["first_year"], condition=Q(is_active=True),
                                    name="performance_managementscheme_once",
                                    violation_error_message="从这一年起的方案已经有了。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ManagementItem(models.Model):
    """One item of a scheme: a check of the portal (performance.appraisal), what it is worth, what it asks for."""

    scheme = models.ForeignKey(ManagementScheme, models.CASCADE, related_name="items", verbose_name="评分方案")
    group = models.CharField("部分", max_length=20, choices=ManagementGroup)
    check_name = models.CharField("检查", max_length=60)
    label = models.CharField("评分项", max_length=NAME_LENGTH)
    weight = models.DecimalField("分值", max_digits=5, decimal_places=2)
    # A day of the year (03-31), a number of days or a share in per cent, as the check says.
    parameter = models.CharField("参数", max_length=20, blank=True, default="")
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "绩效管理评分项"
        verbose_name_plural = "绩效管理评分项"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "check_name"], name="performance_managementitem_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=100),
                                   name="performance_managementitem_weight"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.label} {self.weight}"


class ManagementScore(models.Model):
    """A score that was kept, with every row it rests on; append-only, the newest of a year holds."""

    fiscal_year = models.ForeignKey(
        FiscalYear, models.PROTECT, related_name="management_scores", verbose_name="预算年度"
    )  # fmt: skip
    scheme = models.ForeignKey(ManagementScheme, models.PROTECT, related_name="scores", verbose_name="评分方案")
    total = models.DecimalField("得分", max_digits=5, decimal_places=2)
    grade = models.CharField("等级", max_length=10)
    # Items with their scores, words and rows as canonical JSON (performance.appraisal.kept), and its SHA-256.
    lines = models.TextField("评分明细")
    lines_sha256 = models.CharField("明细校验值", max_length=64)
    by = person("存档人")
    at = models.DateTimeField("存档时间")

    class Meta:
        verbose_name = "绩效管理评分"
        verbose_name_plural = "绩效管理评分"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=0, total__lte=100), name="performance_managementscore_total"),
            models.CheckConstraint(condition=Q(lines_sha256__regex=DIGEST), name="performance_managementscore_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.total}"
