"""How a year is judged: dated schemes, goal tables in versions, their indicators, actual values with evidence."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from accounts.models import Department
from documents.models import StoredFile
from performance.models.common import DIGEST, NAME_LENGTH, REASON_LENGTH, money, person
from performance.models.programs import ProgramYear
from performance.models.years import FiscalYear

TEXT_LENGTH = 4000


class GoalState(models.TextChoices):
    """Of one version of a goal table."""

    DRAFTING = "drafting", "编制中"
    SUBMITTED = "submitted", "待批准"
    APPROVED = "approved", "已批准"
    SUPERSEDED = "superseded", "已被替代"
    DISCARDED = "discarded", "已作废"


class Scheme(models.Model):
    """How forms of one kind are scored from a year on: weights, bands, rules, headings. The national is built in."""

    class Reverse(models.TextChoices):
        RATIO = "ratio", "指标值÷完成值"
        LINEAR = "linear", "超出多少扣多少"

    class Denominator(models.TextChoices):
        ADJUSTED = "adjusted", "全年预算数（调整后）"
        INITIAL = "initial", "年初预算数"

    name = models.CharField("名称", max_length=NAME_LENGTH)
    kind = models.CharField("适用", max_length=20, choices=[("project", "项目支出"), ("department", "部门整体支出")])
    first_year = models.PositiveSmallIntegerField("自哪年起")
    basis = models.CharField("依据", max_length=REASON_LENGTH)
    heading = models.CharField("表头", max_length=NAME_LENGTH, default="项目支出绩效自评表")
    funds_weight = models.DecimalField("预算执行率分值", max_digits=5, decimal_places=2, default=Decimal(10))
    reverse_rule = models.CharField("反向指标", max_length=20, choices=Reverse, default=Reverse.RATIO)
    denominator = models.CharField("执行率的分母", max_length=20, choices=Denominator, default=Denominator.ADJUSTED)
    decimals = models.PositiveSmallIntegerField("得分保留小数", default=2)
    is_builtin = models.BooleanField("内置", default=False)
    # A scheme that was replaced by an edited one of the same year.
    is_active = models.BooleanField("在用", default=True)
    created_by = person("建立人", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", null=True, blank=True)

    class Meta:
        verbose_name = "评分方案"
        verbose_name_plural = "评分方案"
        ordering = ["kind", "-first_year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "first_year"], condition=Q(is_active=True),
                                    name="performance_scheme_once",
                                    violation_error_message="这一类、从这一年起的方案已经有了。"),
            models.CheckConstraint(condition=Q(funds_weight__gte=0, funds_weight__lte=100),
                                   name="performance_scheme_funds"),
            models.CheckConstraint(condition=Q(decimals__lte=2), name="performance_scheme_decimals"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class SchemeGroup(models.Model):
    """What a group of level 1 is worth under a scheme."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="groups", verbose_name="评分方案")
    level1 = models.CharField("一级指标", max_length=NAME_LENGTH)
    weight = models.DecimalField("分值", max_digits=5, decimal_places=2)
    # Names offered for level 2, in order.
    level2 = models.JSONField("二级指标", default=list)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "一级指标分值"
        verbose_name_plural = "一级指标分值"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "level1"], name="performance_schemegroup_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="performance_schemegroup_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.level1} {self.weight}"


class GradeBand(models.Model):
    """The lowest printed total of a grade under a scheme."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="bands", verbose_name="评分方案")
    grade = models.CharField("等级", max_length=10)
    lowest = models.DecimalField("最低得分", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = "等级"
        verbose_name_plural = "等级"
        ordering = ["-lowest"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "grade"], name="performance_band_once"),
            models.UniqueConstraint(fields=["scheme", "lowest"], name="performance_band_lowest"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.lowest}"


class GoalTable(models.Model):
    """One version of the goals of a program's year, or (without one) of the whole department. Approved: frozen."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="goal_tables", verbose_name="预算年度")
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="goal_tables", verbose_name="项目资金", null=True, blank=True
    )
    number = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=20, choices=GoalState, default=GoalState.DRAFTING)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="评分方案")
    overall_goal = models.TextField("年度总体目标", max_length=TEXT_LENGTH, blank=True, default="")
    reason = models.CharField("调整理由", max_length=REASON_LENGTH, blank=True, default="")
    created_by = person("编制人")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "绩效目标表"
        verbose_name_plural = "绩效目标表"
        ordering = ["-fiscal_year__year", "program_year_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "program_year", "number"], nulls_distinct=False,
                                    name="performance_goals_once"),
            # That one version at most is approved is judged at the commit: migration 0006.
            models.CheckConstraint(condition=Q(state__in=GoalState.values), name="performance_goals_state"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="performance_goals_reason",
                                   violation_error_message="调整绩效目标要写明理由。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.program_year or self.fiscal_year} 第{self.number}版"


class Indicator(models.Model):
    """One indicator of one version; ``key`` stays the same from version to version."""

    table = models.ForeignKey(GoalTable, models.PROTECT, related_name="indicators", verbose_name="绩效目标表")
    key = models.UUIDField("标识")
    position = models.PositiveSmallIntegerField("次序", default=0)
    level1 = models.CharField("一级指标", max_length=NAME_LENGTH)
    level2 = models.CharField("二级指标", max_length=NAME_LENGTH, blank=True, default="")
    name = models.CharField("三级指标", max_length=NAME_LENGTH)
    # As the contract writes it: sign, number and unit, or 定性:…
    target = models.CharField("年度指标值", max_length=200)
    weight = models.DecimalField("分值", max_digits=5, decimal_places=2)
    definition = models.TextField("指标解释", max_length=REASON_LENGTH, blank=True, default="")
    formula = models.CharField("计算方法", max_length=REASON_LENGTH, blank=True, default="")
    evidence_source = models.CharField("数据来源", max_length=REASON_LENGTH, blank=True, default="")
    scoring_rule = models.CharField("评分规则", max_length=REASON_LENGTH, blank=True, default="")
    office = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name="责任科室", null=True, blank=True
    )
    # Name of a measure (core.measures) that computes the actual value; empty: it is typed.
    measure = models.CharField("自动取数", max_length=60, blank=True, default="")

    class Meta:
        verbose_name = "绩效指标"
        verbose_name_plural = "绩效指标"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["table", "key"], name="performance_indicator_key"),
            models.UniqueConstraint(fields=["table", "level1", "level2", "name"], name="performance_indicator_name",
                                    violation_error_message="同一级下已有同名的指标。"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="performance_indicator_weight",
                                   violation_error_message="分值应在 0 至 100 之间。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ActualValue(models.Model):
    """What an indicator came to; append-only, the newest row of a key holds. Of one goal table's object and year."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="actuals", verbose_name="预算年度")
    indicator_key = models.UUIDField("指标标识", db_index=True)
    value = models.CharField("实际完成值", max_length=200)
    # Of a qualitative value: the share of the weight within its band.
    ratio = models.DecimalField("得分比例", max_digits=5, decimal_places=4, null=True, blank=True)
    # How it was known: empty for typed values, else the measure with its rows as canonical JSON and their SHA-256.
    measure = models.CharField("自动取数", max_length=60, blank=True, default="")
    rows = models.TextField("取数明细", blank=True, default="")
    rows_sha256 = models.CharField("明细校验值", max_length=64, blank=True, default="")
    evidence = models.CharField("佐证说明", max_length=REASON_LENGTH, blank=True, default="")
    # Of a satisfaction survey: forms sent, returned, valid, satisfied. Unknown is not zero.
    sent = models.PositiveIntegerField("发放份数", null=True, blank=True)
    returned = models.PositiveIntegerField("收回份数", null=True, blank=True)
    valid = models.PositiveIntegerField("有效份数", null=True, blank=True)
    satisfied = models.PositiveIntegerField("满意份数", null=True, blank=True)
    by = person("填报人", null=True, blank=True)
    at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = "实际完成值"
        verbose_name_plural = "实际完成值"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure="", rows_sha256="", by__isnull=False)
                | ~Q(measure="") & Q(rows_sha256__regex=DIGEST),
                name="performance_actual_origin",
            ),
            models.CheckConstraint(
                condition=(Q(returned__isnull=True) | Q(sent__isnull=True) | Q(returned__lte=models.F("sent")))
                & (Q(valid__isnull=True) | Q(returned__isnull=True) | Q(valid__lte=models.F("returned")))
                & (Q(satisfied__isnull=True) | Q(valid__isnull=True) | Q(satisfied__lte=models.F("valid"))),
                name="performance_actual_survey",
                violation_error_message="收回不能多于发放，有效不能多于收回，满意不能多于有效。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.value


class ActualPaper(models.Model):
    """Evidence of an actual value (佐证材料); append-only."""

    actual = models.ForeignKey(ActualValue, models.PROTECT, related_name="papers", verbose_name="实际完成值")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)

    class Meta:
        verbose_name = "佐证材料"
        verbose_name_plural = "佐证材料"
        constraints = [models.UniqueConstraint(fields=["actual", "file"], name="performance_actualpaper_once")]

    def __str__(self) -> str:
        return self.name


class DealFigure(models.Model):
    """Deals of a year by category (宗, 元), typed with evidence; append-only, the newest row of a category holds."""

    class Category(models.TextChoices):
        PROCUREMENT = "procurement", "政府采购"
        ENGINEERING = "engineering", "工程建设"
        LAND = "land", "土地使用权交易"
        PROPERTY = "property", "国有产权"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="deals", verbose_name="预算年度")
    category = models.CharField("交易类别", max_length=20, choices=Category)
    deal_count = models.PositiveIntegerField("宗数")
    amount = money("成交金额（元）")
    evidence = models.CharField("佐证说明", max_length=REASON_LENGTH)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", verbose_name="佐证材料", null=True, blank=True
    )
    file_name = models.CharField("文件名", max_length=200, blank=True, default="")
    by = person("填报人")
    at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = "交易业务量"
        verbose_name_plural = "交易业务量"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="performance_deal_amount",
                                   violation_error_message="成交金额不能小于 0。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.deal_count}宗"
