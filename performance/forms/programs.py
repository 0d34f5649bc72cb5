"""Forms of responsibilities, programs, their plans, inspections and special approvals."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.models import User
from core.fields import DayField
from performance.forms.amounts import AmountField
from performance.forms.years import line_field, text_field
from performance.models import Activity, BudgetUnit, FiscalYear, Program, SpecialApproval
from performance.models.programs import TEXT_LENGTH
from workflow.forms import HouseForm
from workflow.selectors.tasks import people_at_work


class ResponsibilityForm(HouseForm):
    """部门职责."""

    name = line_field("部门职责")
    text = text_field("职责内容", TEXT_LENGTH, 4, required=False)


class ActivityForm(HouseForm):
    """工作活动."""

    name = line_field("工作活动")


class ProgramForm(HouseForm):
    """项目."""

    unit = forms.ModelChoiceField(BudgetUnit.objects.all(), label="实施单位", empty_label="请选择")
    activity = forms.ModelChoiceField(
        Activity.objects.select_related("responsibility__unit"),
        label="工作活动",
        required=False,
        empty_label="还没有归类",
    )
    code = forms.RegexField(
        label="项目代码", regex=re.compile(r"^[0-9A-Za-z][0-9A-Za-z._-]*$", re.ASCII), max_length=40,
        error_messages={"invalid": "项目代码由字母、数字、点和连接号组成。"}, help_text="预算系统里的项目代码。",
    )  # fmt: skip
    name = line_field("项目名称")


class ApplicationForm(HouseForm):
    """项目资金申报."""

    purpose = text_field("资金用途", TEXT_LENGTH, 3, help_text="批复以后，只能用于这里写明的用途。")
    applied_amount = AmountField(label="申请金额（元）")
    basis = text_field("立项依据", TEXT_LENGTH, required=False)
    estimate = text_field("测算", TEXT_LENGTH, required=False, help_text="数量、单价、次数，算出申请金额。")
    expected_goal = text_field("事前绩效目标", TEXT_LENGTH, required=False)
    plan = text_field("实施方案", TEXT_LENGTH, required=False)
    background = text_field("项目背景", TEXT_LENGTH, required=False)
    leader = forms.ModelChoiceField(User.objects.none(), label="项目负责人", required=False, empty_label="还没有定")

    def __init__(self, *args: Any, now: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leader"].queryset = people_at_work(now=now)  # type: ignore[attr-defined]


class NewApplicationForm(ApplicationForm):
    """申报 a program for a year."""

    field_order = ["program", "fiscal_year"]

    program = forms.ModelChoiceField(Program.objects.all(), label="项目", empty_label="请选择")
    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.exclude(state="closed").select_related("unit"), label="预算年度", empty_label="请选择"
    )


class ExpenseForm(HouseForm):
    """支出明细."""

    name = line_field("支出明细")
    initial_amount = AmountField(label="预算金额（元）", required=False, zero=True,
                                 help_text="申报时没有分列的空着：空着不等于 0。")  # fmt: skip
    economic_codes = forms.CharField(
        label="适用的经济分类科目", required=False, max_length=200,
        help_text="科目编码，用空格或顿号隔开，例如 30201 30202；空着不限。",
    )  # fmt: skip

    def clean_economic_codes(self) -> list[str]:
        """The codes by themselves."""
        return [one for one in re.split(r"[\s,，、;；]+", self.cleaned_data["economic_codes"]) if one]


class MilestoneForm(HouseForm):
    """实施节点."""

    name = line_field("内容")
    due_on = DayField(label="计划完成日期")
    planned_amount = AmountField(label="计划支付金额（元）", zero=True, initial="0.00")


class DoneForm(HouseForm):
    """节点完成."""

    done_on = DayField(label="实际完成日期")
    remark = text_field("完成情况", 1000, 3, required=False)


class InspectionForm(HouseForm):
    """督查."""

    plan = text_field("督查计划", 1000, 2, help_text="为什么查、查什么，例如 二季度专项资金例行督查。")
    inspected_on = DayField(label="督查日期")
    people = line_field("督查人员", 200)
    findings = text_field("发现的情况", TEXT_LENGTH, 5, help_text="没有发现问题的，也写明查了什么。")


class RemedyForm(HouseForm):
    """整改."""

    text = text_field("整改情况", TEXT_LENGTH, 4)
    done_on = DayField(label="整改日期")


class ApprovalForm(HouseForm):
    """特别批准."""

    kind = forms.ChoiceField(label="事由", choices=SpecialApproval.Kind.choices)
    amount = AmountField(label="金额上限（元）", help_text="用这份批准登记的支出按全额计入上限。")
    reason = text_field("理由", 1000)
    document_number = line_field("请示文号", 60, required=False)
