"""Forms of income and spending entries and of lists to import."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import DayField
from performance.forms.amounts import AmountField
from performance.forms.years import line_field
from performance.models import (
    ApprovalState,
    ExpenseLine,
    FiscalYear,
    IncomeLine,
    SpecialApproval,
    SpendingEntry,
    SpendingImport,
    SpendingLine,
)
from performance.money_words import yuan
from performance.selectors.money import spending_lines
from performance.selectors.purse import approvals_left
from performance.services.files import LONGEST_NAME
from workflow.forms import HouseForm, PapersField


class LineChoice(forms.ModelChoiceField):
    """A line of the budget, named so that it can be told from others, with what is left of it."""

    def label_from_instance(self, line: Any) -> str:
        """``日常公用经费 30201 办公费（2010350），余 1,000.00 元``."""
        program = f"{line.program_year.program} " if line.program_year else ""
        return f"{line.get_category_display()} {program}{line.economic}（{line.functional.code}），余 {yuan(line.left)}"


class ApprovalChoice(forms.ModelChoiceField):
    """A special approval with what is left of it."""

    def label_from_instance(self, one: Any) -> str:
        """The program, the reason, the rest."""
        return f"{one.program_year.program}：{one.get_kind_display()}，余 {yuan(one.left)}"


class ExpenseChoice(forms.ModelChoiceField):
    """An expense line with its program."""

    def label_from_instance(self, one: Any) -> str:
        """The program and the line."""
        return f"{one.program_year.program}：{one.name}"


class FilesField(PapersField):
    """Some files or none, several at once."""

    def __init__(self) -> None:
        super().__init__("发票、合同、名册等，可选几个，每个不超过 100 MB。")
        self.label = "附件"


class EntryForm(HouseForm):
    """支出登记."""

    spent_on = DayField(label="支付日期")
    amount = AmountField(label="金额（元）")
    line = LineChoice(SpendingLine.objects.none(), label="支出预算", empty_label="请选择")
    expense_line = ExpenseChoice(ExpenseLine.objects.none(), label="支出明细", required=False, empty_label="不分明细",
                                 help_text="项目资金细化到明细的必须选，基本支出不选。")  # fmt: skip
    purpose = line_field("用途", 200, help_text="写具体，例如 购开标室办公用纸。")
    used_for = forms.ChoiceField(
        label="资金投向", choices=SpendingEntry.Use.choices, initial=SpendingEntry.Use.OWN,
        help_text="项目资金用到别处的要如实选，并选已批准的特别批准。",
    )  # fmt: skip
    payee = line_field("收款人")
    voucher_number = line_field("凭证号", 60)
    payment_number = line_field(
        "支付单号", 60, required=False, help_text="财政支付单的编号，有的填上，便于与支付清单核对。"
    )
    approval = ApprovalChoice(SpecialApproval.objects.none(), label="特别批准", required=False, empty_label="不用",
                              help_text="用途以外、超余额、批复以前的项目支出才选。")  # fmt: skip
    papers = FilesField()

    def __init__(self, *args: Any, year: FiscalYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "line": spending_lines(year),
            "expense_line": ExpenseLine.objects.filter(program_year__fiscal_year=year).select_related(
                "program_year__program"
            ),
            "approval": approvals_left(year).filter(state=ApprovalState.APPROVED).select_related(
                "program_year__program"
            ),
        }  # fmt: skip
        for field, rows in choices.items():
            self.fields[field].queryset = rows  # type: ignore[attr-defined]


class PapersOnlyForm(HouseForm):
    """More files for an entry."""

    papers = FilesField()

    def clean_papers(self) -> list[Any]:
        """Raises ValidationError: none was chosen."""
        found: list[Any] = self.cleaned_data["papers"]
        if not found:
            raise forms.ValidationError("请先选择文件。", "no_file")
        return found


class IncomeEntryForm(HouseForm):
    """收入登记."""

    received_on = DayField(label="到账日期")
    amount = AmountField(label="金额（元）")
    line = forms.ModelChoiceField(IncomeLine.objects.none(), label="收入预算", empty_label="请选择")
    summary = line_field("摘要", 200)
    voucher_number = line_field("凭证号", 60, required=False)

    def __init__(self, *args: Any, year: FiscalYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = IncomeLine.objects.filter(fiscal_year=year).select_related("functional", "program_year__program")
        field = self.fields["line"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = income_line_words  # type: ignore[attr-defined]


def income_line_words(line: Any) -> str:
    """``当年财政拨款 2010350 事业运行``, with the program's name for a part of one."""
    parts = [str(line.get_source_display()), str(line.functional) if line.functional else ""]
    return " ".join(
        [*(part for part in parts if part), *([f"（{line.program_year.program}）"] if line.program_year else [])]
    )


class ImportForm(HouseForm):
    """上传清单."""

    kind = forms.ChoiceField(label="种类", choices=SpendingImport.Kind.choices)
    file = forms.FileField(
        label="Excel 文件",
        max_length=LONGEST_NAME,
        help_text="只收 .xlsx，不超过 10 MB、20,000 行；读完先给您看，确认以后才登记。",
    )
