"""Whose money, of which year, under which subjects, by how many people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from performance.models.common import NAME_LENGTH, money, person


class YearState(models.TextChoices):
    """From the first line of the budget to the confirmed final accounts."""

    DRAFTING = "drafting", "编制中"
    SUBMITTED = "submitted", "待核定"
    APPROVED = "approved", "已批复"
    CLOSED = "closed", "决算已确认"


class BudgetUnit(models.Model):
    """A budget unit (预算单位): the center itself, and bodies whose programs it evaluates beside its own."""

    code = models.CharField("单位代码", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=NAME_LENGTH, unique=True)
    short_name = models.CharField("简称", max_length=NAME_LENGTH, blank=True, default="")
    competent_department = models.CharField("主管部门", max_length=NAME_LENGTH, blank=True, default="")
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True, default="")
    # What the reports say of it (部门概况).
    functions = models.TextField("主要职能", max_length=4000, blank=True, default="")
    business_scope = models.CharField("业务范围", max_length=500, blank=True, default="")
    is_home = models.BooleanField("本单位", default=False)

    class Meta:
        verbose_name = "预算单位"
        verbose_name_plural = "预算单位"
        ordering = ["-is_home", "code"]
        constraints = [
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="performance_unit_home"),
        ]

    def __str__(self) -> str:
        return self.name


class Subject(models.Model):
    """A subject of the budget (政府收支分类科目), by function or by economic kind; data, dated by its years."""

    class Kind(models.TextChoices):
        FUNCTIONAL = "functional", "支出功能分类"
        ECONOMIC = "economic", "支出经济分类"

    kind = models.CharField("分类", max_length=20, choices=Kind)
    code = models.CharField("科目编码", max_length=10)
    name = models.CharField("科目名称", max_length=NAME_LENGTH)
    first_year = models.PositiveSmallIntegerField("自哪年起", default=2007)
    last_year = models.PositiveSmallIntegerField("到哪年止", null=True, blank=True)

    class Meta:
        verbose_name = "预算科目"
        verbose_name_plural = "预算科目"
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "first_year"], name="performance_subject_once",
                violation_error_message="这个科目已经有了。",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{3,7}$"), name="performance_subject_code",
                                   violation_error_message="科目编码是 3 至 7 位数字。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FiscalYear(models.Model):
    """A budget year of one unit, the calendar year (预算法第十八条). Approved, its lines are frozen."""

    unit = models.ForeignKey(BudgetUnit, models.PROTECT, related_name="years", verbose_name="预算单位")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=20, choices=YearState, default=YearState.DRAFTING)
    document_number = models.CharField("批复文号", max_length=60, blank=True, default="")
    approved_on = models.DateField("批复日期", null=True, blank=True)
    # As the final accounts (决算) print them; empty until they are confirmed.
    final_income = money("决算收入", null=True, blank=True)
    final_spending = money("决算支出", null=True, blank=True)
    final_on = models.DateField("决算批复日期", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")
    created_by = person("建立人")

    class Meta:
        verbose_name = "预算年度"
        verbose_name_plural = "预算年度"
        ordering = ["-year", "unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year"], name="performance_year_once",
                violation_error_message="这个单位的这个年度已经建立。",
            ),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="performance_year_range",
                                   violation_error_message="年度应在 2000 至 2100 之间。"),
            models.CheckConstraint(condition=Q(state__in=YearState.values), name="performance_year_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit}{self.year}年度"


class Establishment(models.Model):
    """Approved posts of one kind and how many are filled (编制、实有)."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="posts", verbose_name="预算年度")
    kind = models.CharField("类别", max_length=NAME_LENGTH)
    quota = models.PositiveSmallIntegerField("编制数")
    actual = models.PositiveSmallIntegerField("实有人数", null=True, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "人员编制"
        verbose_name_plural = "人员编制"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "kind"], name="performance_post_once",
                violation_error_message="这一类编制已经填了。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.quota}"
