"""Forms of budget units, subjects, years, lines and posts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from core.fields import DayField, plain, storable
from performance.forms.amounts import AmountField
from performance.models import (
    BudgetUnit,
    FiscalYear,
    IncomeSource,
    ProgramYear,
    SpendingLine,
    Subject,
    YearEndBalance,
)
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from workflow.forms import HouseForm


def area(rows: int = 4) -> forms.Textarea:
    """A field for several lines."""
    return forms.Textarea(attrs={"rows": rows})


def line_field(label: str, longest: int = NAME_LENGTH, **options: Any) -> forms.CharField:
    """A name or title: one line, what is written is what is seen."""
    return forms.CharField(label=label, max_length=longest, validators=[plain], **options)


def text_field(label: str, longest: int = REASON_LENGTH, rows: int = 4, **options: Any) -> forms.CharField:
    """A longer text."""
    return forms.CharField(label=label, max_length=longest, widget=area(rows), validators=[storable], **options)


def subjects(kind: str, year: int) -> Any:
    """The subjects of the lowest level that hold in a year."""
    digits = 7 if kind == Subject.Kind.FUNCTIONAL else 5
    holds = Q(first_year__lte=year) & (Q(last_year__isnull=True) | Q(last_year__gte=year))
    return Subject.objects.filter(holds, kind=kind, code__regex=rf"^[0-9]{{{digits}}}$")


class UnitForm(HouseForm):
    """预算单位."""

    code = line_field("单位代码", 20, help_text="预算管理一体化系统里的单位代码，例如 138001。")
    name = line_field("单位名称")
    short_name = line_field("简称", required=False)
    competent_department = line_field("主管部门", required=False)
    credit_code = line_field("统一社会信用代码", 18, required=False)
    functions = text_field("主要职能", 4000, 6, required=False, help_text="写进绩效自评报告的部门概况。")
    business_scope = text_field("业务范围", 500, 2, required=False)


class SubjectForm(HouseForm):
    """新增科目."""

    kind = forms.ChoiceField(label="分类", choices=Subject.Kind.choices)
    code = forms.RegexField(label="科目编码", regex=r"^[0-9]{3,7}$", help_text="功能分类到项 7 位，经济分类到款 5 位。",
                            error_messages={"invalid": "科目编码是 3 至 7 位数字。"})  # fmt: skip
    name = line_field("科目名称")
    first_year = forms.IntegerField(label="自哪年起", min_value=2000, max_value=2100)


class YearForm(HouseForm):
    """建立预算年度."""

    unit = forms.ModelChoiceField(BudgetUnit.objects.all(), label="预算单位", empty_label="请选择")
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)


class PostForm(HouseForm):
    """人员编制."""

    kind = line_field("类别", help_text="例如 科级领导职数、管理岗、专业技术岗、工勤岗。")
    quota = forms.IntegerField(label="编制数", min_value=0, max_value=32_000)
    actual = forms.IntegerField(label="实有人数", min_value=0, max_value=32_000, required=False)


class _LineForm(HouseForm):
    """What lines of income and spending share."""

    def __init__(self, *args: Any, year: FiscalYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, kind in (("functional", Subject.Kind.FUNCTIONAL), ("economic", Subject.Kind.ECONOMIC)):
            if field in self.fields:
                self.fields[field].queryset = subjects(kind, year.year)  # type: ignore[attr-defined]
        rows = ProgramYear.objects.filter(fiscal_year=year).select_related("program", "fiscal_year")
        self.fields["program_year"].queryset = rows  # type: ignore[attr-defined]
        if year.state != "drafting":
            self.fields["initial_amount"].help_text = "预算已经提交或批复：新列的预算从 0 开始，金额由预算调整登记。"
            self.fields["initial_amount"].initial = "0.00"


class IncomeLineForm(_LineForm):
    """收入预算."""

    source = forms.ChoiceField(label="资金来源", choices=IncomeSource.choices)
    functional = forms.ModelChoiceField(Subject.objects.none(), label="功能分类科目", required=False,
                                        empty_label="不分科目")  # fmt: skip
    program_year = forms.ModelChoiceField(
        ProgramYear.objects.none(), label="项目", required=False, empty_label="全单位的收入",
        help_text="写明一个项目的资金来自哪里时才选；项目的来源是全单位收入的一部分，不重复计算。",
    )  # fmt: skip
    initial_amount = AmountField(label="年初预算数（元）", zero=True)


class SpendingLineForm(_LineForm):
    """支出预算."""

    category = forms.ChoiceField(label="支出类别", choices=SpendingLine.Category.choices)
    program_year = forms.ModelChoiceField(ProgramYear.objects.none(), label="项目", required=False,
                                          empty_label="基本支出，不属于项目")  # fmt: skip
    functional = forms.ModelChoiceField(Subject.objects.none(), label="功能分类科目", empty_label="请选择")
    economic = forms.ModelChoiceField(Subject.objects.none(), label="经济分类科目", empty_label="请选择")
    initial_amount = AmountField(label="年初预算数（元）", zero=True)


class AdjustForm(HouseForm):
    """预算调整."""

    amount = AmountField(
        label="调整金额（元）", negative=True, help_text="调增填正数，调减填负数；调减后不能低于已支出的金额。"
    )
    document_number = line_field("文号", 60, help_text="同意调整的文件，例如 云财预〔2026〕12号。")
    reason = text_field("理由", REASON_LENGTH, 3)
    adjusted_on = DayField(label="调整日期")


class SettleForm(HouseForm):
    """年末结余处理."""

    kind = forms.ChoiceField(label="处理", choices=YearEndBalance.Kind.choices)
    amount = AmountField(label="金额（元）", help_text="不超过这项预算的余额。")
    document_number = line_field("文号", 60, required=False)
    settled_on = DayField(label="日期")
    reason = text_field("说明", REASON_LENGTH, 3, required=False)


class ReverseForm(HouseForm):
    """冲销."""

    reversed_on = DayField(label="冲销日期")
    reason = text_field("冲销理由", REASON_LENGTH, 3, help_text="原登记保留，另记一笔相反的金额。")
