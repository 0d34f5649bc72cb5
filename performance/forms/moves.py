"""What the moves of budget years and programs ask for."""

from __future__ import annotations

from django import forms

from core.fields import DayField, plain
from performance.forms.amounts import AmountField
from workflow.forms import HouseForm

_DOCUMENT = "例如 云财预〔2026〕5号。"


class YearApproveForm(HouseForm):
    """登记批复 of a budget."""

    document_number = forms.CharField(label="批复文号", max_length=60, validators=[plain], help_text=_DOCUMENT)
    approved_on = DayField(label="批复日期")


class AccountsForm(HouseForm):
    """确认决算."""

    final_income = AmountField(
        label="决算收入（元）", zero=True, help_text="按决算报表填写；与登记数不同的，页面会列出差额。"
    )
    final_spending = AmountField(label="决算支出（元）", zero=True)
    final_on = DayField(label="决算批复日期")


class ProgramApproveForm(HouseForm):
    """登记批复 of a program."""

    approved_amount = AmountField(label="批复金额（元）")
    document_number = forms.CharField(label="批复文号", max_length=60, validators=[plain], help_text=_DOCUMENT)
    approved_on = DayField(label="批复日期", help_text="早于这一天的支出要有“批复以前先行支付”的特别批准。")
