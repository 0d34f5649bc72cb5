"""The budget and what became of it: lines frozen with the approval, adjustments and entries that are only added."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from documents.models import StoredFile
from performance.models.common import NAME_LENGTH, REASON_LENGTH, exactly_one, money, person
from performance.models.programs import ExpenseLine, ProgramYear, SpecialApproval
from performance.models.years import FiscalYear, Subject


class IncomeSource(models.TextChoices):
    """Where the money comes from; parts of the form's 年度资金总额."""

    APPROPRIATION = "appropriation", "当年财政拨款"
    CARRY_OVER = "carry_over", "上年结转资金"
    OTHER = "other", "其他资金"


class IncomeLine(models.Model):
    """Income of the budget by source; of the whole unit, or of one program."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="income_lines", verbose_name="预算年度")
    source = models.CharField("资金来源", max_length=20, choices=IncomeSource)
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="income_lines", verbose_name="项目", null=True, blank=True
    )
    functional = models.ForeignKey(
        Subject, models.PROTECT, related_name="+", verbose_name="功能分类科目", null=True, blank=True
    )
    initial_amount = money("年初预算数")

    class Meta:
        verbose_name = "收入预算"
        verbose_name_plural = "收入预算"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "source", "program_year", "functional"], name="performance_income_once",
                nulls_distinct=False, violation_error_message="这一来源的收入预算已经有了。",
            ),
            models.CheckConstraint(condition=Q(initial_amount__gte=0), name="performance_income_amount",
                                   violation_error_message="年初预算数不能小于 0。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_source_display()


class SpendingLine(models.Model):
    """Expenditure of the budget: 基本支出 (人员经费, 日常公用经费) and 项目支出."""

    class Category(models.TextChoices):
        PERSONNEL = "personnel", "人员经费"
        ROUTINE = "routine", "日常公用经费"
        PROJECT = "project", "项目支出"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="spending_lines", verbose_name="预算年度")
    category = models.CharField("支出类别", max_length=20, choices=Category)
    program_year = models.ForeignKey(
        ProgramYear, models.PROTECT, related_name="spending_lines", verbose_name="项目", null=True, blank=True
    )
    functional = models.ForeignKey(Subject, models.PROTECT, related_name="+", verbose_name="功能分类科目")
    economic = models.ForeignKey(Subject, models.PROTECT, related_name="+", verbose_name="经济分类科目")
    initial_amount = money("年初预算数")

    class Meta:
        verbose_name = "支出预算"
        verbose_name_plural = "支出预算"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "category", "program_year", "functional", "economic"],
                name="performance_spending_once", nulls_distinct=False,
                violation_error_message="这一科目的支出预算已经有了。",
            ),
            models.CheckConstraint(condition=Q(initial_amount__gte=0), name="performance_spending_amount",
                                   violation_error_message="年初预算数不能小于 0。"),
            models.CheckConstraint(
                condition=Q(category="project", program_year__isnull=False)
                | Q(category__in=("personnel", "routine"), program_year__isnull=True),
                name="performance_spending_program", violation_error_message="项目支出要写明项目，基本支出不写。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.economic}"


class BudgetAdjustment(models.Model):
    """A change of the budget during the year; append-only, by document (预算法第六十七条以下)."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="adjustments", verbose_name="预算年度")
    income_line = models.ForeignKey(
        IncomeLine, models.PROTECT, related_name="adjustments", verbose_name="收入预算", null=True, blank=True
    )
    spending_line = models.ForeignKey(
        SpendingLine, models.PROTECT, related_name="adjustments", verbose_name="支出预算", null=True, blank=True
    )
    expense_line = models.ForeignKey(
        ExpenseLine, models.PROTECT, related_name="adjustments", verbose_name="支出明细", null=True, blank=True
    )
    amount = money("调整金额（增为正，减为负）")
    document_number = models.CharField("文号", max_length=60)
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    adjusted_on = models.DateField("调整日期")
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "预算调整"
        verbose_name_plural = "预算调整"
        ordering = ["adjusted_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="performance_adjustment_amount",
                                   violation_error_message="调整金额不能是 0。"),
            models.CheckConstraint(condition=exactly_one("income_line", "spending_line", "expense_line"),
                                   name="performance_adjustment_line"),
            models.CheckConstraint(condition=~Q(document_number="") & ~Q(reason=""),
                                   name="performance_adjustment_told",
                                   violation_error_message="预算调整要写文号和理由。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.document_number} {self.amount}"


class IncomeEntry(models.Model):
    """Money received; append-only, corrected by a reversal."""

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="income_entries", verbose_name="预算年度")
    line = models.ForeignKey(IncomeLine, models.PROTECT, related_name="entries", verbose_name="收入预算")
    received_on = models.DateField("日期")
    amount = money("金额")
    summary = models.CharField("摘要", max_length=200)
    voucher_number = models.CharField("凭证号", max_length=60, blank=True, default="")
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", verbose_name="冲销哪一笔", null=True, blank=True
    )
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "收入登记"
        verbose_name_plural = "收入登记"
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reversal_of__isnull=True) | Q(amount__lt=0, reversal_of__isnull=False),
                name="performance_incomeentry_amount", violation_error_message="金额应大于 0，只有冲销是负数。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount}"


class SpendingEntry(models.Model):
    """Money spent; append-only, corrected by a reversal."""

    class Use(models.TextChoices):
        OWN = "own", "本项目（本科目）用途"
        ROUTINE = "routine", "单位日常公用"
        OTHER = "other", "其他用途"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="entries", verbose_name="预算年度")
    line = models.ForeignKey(SpendingLine, models.PROTECT, related_name="entries", verbose_name="支出预算")
    expense_line = models.ForeignKey(
        ExpenseLine, models.PROTECT, related_name="entries", verbose_name="支出明细", null=True, blank=True
    )
    spent_on = models.DateField("日期")
    amount = money("金额")
    purpose = models.CharField("用途", max_length=200)
    used_for = models.CharField("资金投向", max_length=20, choices=Use, default=Use.OWN)
    payee = models.CharField("收款人", max_length=NAME_LENGTH)
    voucher_number = models.CharField("凭证号", max_length=60)
    # The finance bureau's number of the payment, when it came from its list or was matched with it.
    payment_number = models.CharField("支付单号", max_length=60, blank=True, default="")
    approval = models.ForeignKey(
        SpecialApproval, models.PROTECT, related_name="entries", verbose_name="特别批准", null=True, blank=True
    )
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", verbose_name="冲销哪一笔", null=True, blank=True
    )
    reason = models.CharField("冲销理由", max_length=REASON_LENGTH, blank=True, default="")
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "支出登记"
        verbose_name_plural = "支出登记"
        ordering = ["-spent_on", "-id"]
        indexes = [
            models.Index(fields=["fiscal_year", "-spent_on", "-id"], name="performance_entry_day"),
            models.Index(fields=["line", "spent_on"], name="performance_entry_line"),
            # Once a line, until it is taken back: spent_guard (migration 0004) sees to it.
            models.Index(fields=["payment_number"], name="performance_entry_payment", condition=~Q(payment_number="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reversal_of__isnull=True)
                | Q(amount__lt=0, reversal_of__isnull=False) & ~Q(reason=""),
                name="performance_entry_amount",
                violation_error_message="金额应大于 0；只有冲销是负数，并写明理由。",
            ),
            models.CheckConstraint(condition=~Q(reversal_of=F("id")), name="performance_entry_itself"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.spent_on} {self.purpose} {self.amount}"


class EntryPaper(models.Model):
    """A file of a spending entry (invoice, contract, list of people); append-only."""

    entry = models.ForeignKey(SpendingEntry, models.PROTECT, related_name="papers", verbose_name="支出登记")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)
    by = person("上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "支出凭证附件"
        verbose_name_plural = "支出凭证附件"
        constraints = [models.UniqueConstraint(fields=["entry", "file"], name="performance_entrypaper_once")]

    def __str__(self) -> str:
        return self.name


class YearEndBalance(models.Model):
    """What was left of a line at the year's end: returned (财政收回) or carried over (结转); append-only."""

    class Kind(models.TextChoices):
        RETURNED = "returned", "财政收回"
        CARRIED = "carried", "结转下年"

    line = models.ForeignKey(SpendingLine, models.PROTECT, related_name="balances", verbose_name="支出预算")
    kind = models.CharField("处理", max_length=20, choices=Kind)
    amount = money("金额")
    document_number = models.CharField("文号", max_length=60, blank=True, default="")
    settled_on = models.DateField("日期")
    reason = models.CharField("说明", max_length=REASON_LENGTH, blank=True, default="")
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", verbose_name="冲销哪一笔", null=True, blank=True
    )
    by = person("登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "年末结余处理"
        verbose_name_plural = "年末结余处理"
        ordering = ["settled_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reversal_of__isnull=True) | Q(amount__lt=0, reversal_of__isnull=False),
                name="performance_balance_amount", violation_error_message="金额应大于 0，只有冲销是负数。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
