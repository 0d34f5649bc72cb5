"""Input of the report pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from core.fields import DayField, plain, storable
from performance.forms.fields import phone_field
from performance.models import FiscalYear, ProgramYear, Report
from performance.models.reports import SECTION_LENGTH
from workflow.forms import HouseForm

_RATE = re.compile(r"\d{1,6}(\.\d{1,6})?[%％]?")
_TOTAL = re.compile(r"\d{1,3}(\.\d{1,6})?")
ROLES = ("组长", "副组长", "组员")
_MEMBER = re.compile(r"([^:：\s]{1,20})[:：]\s*(.+)")
_SEPARATORS = re.compile(r"[、,，;；\s]+")


class ReportNewForm(HouseForm):
    """新建自评报告."""

    subject = forms.ChoiceField(
        label="报告", help_text="每个年度，部门整体支出一份，每个项目一份。",
        error_messages={"invalid_choice": "请从列出的报告里选，已经建立的从列表打开。"},
    )  # fmt: skip
    dated_on = DayField(label="落款日期", help_text="应在年度结束以后。")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def subject_of(self) -> tuple[FiscalYear, ProgramYear | None]:
        """The year and perhaps the program that was chosen."""
        kind, number = self.cleaned_data["subject"].split(":")
        if kind == "year":
            return FiscalYear.objects.select_related("unit").get(pk=number), None
        program = ProgramYear.objects.select_related("program", "fiscal_year__unit").get(pk=number)
        return program.fiscal_year, program


class ReportForm(HouseForm):
    """基本情况."""

    title = forms.CharField(label="标题", max_length=200, validators=[plain])
    dated_on = DayField(label="落款日期", help_text="应在年度结束以后。")
    red_head = forms.BooleanField(label="作为红头文件印发", required=False)
    document_number = forms.CharField(
        label="文号",
        required=False,
        max_length=60,
        validators=[plain],
        help_text="如：云资交〔2026〕5号。红头文件才印。",
    )
    members = forms.CharField(
        label="自评工作小组", required=False, max_length=2000, validators=[storable],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一种职务，如：组长：周文博；下一行 组员：吴婷、邓凯。",
    )  # fmt: skip
    filled_by = forms.CharField(label="填表人", required=False, max_length=100, validators=[plain])
    phone = phone_field()
    head = forms.CharField(label="单位负责人", required=False, max_length=100, validators=[plain])
    goal_result = forms.CharField(
        label="年度总体目标实际完成情况", required=False, max_length=4000, validators=[storable],
        widget=forms.Textarea(attrs={"rows": 5}), help_text="印在自评表“实际完成情况”一栏。",
    )  # fmt: skip
    reported_rate = forms.RegexField(
        f"^{_RATE.pattern}$", label="填报执行率", required=False, max_length=20,
        help_text="只在外部表格里另有填报时写，如 72.74%；与计算值并列显示，不改计算值。",
        error_messages={"invalid": "写成 72.74%% 这样。"},
    )  # fmt: skip
    reported_total = forms.RegexField(
        f"^{_TOTAL.pattern}$", label="填报总分", required=False, max_length=20, help_text="同上，如 97。",
        error_messages={"invalid": "写成 97 或 97.27 这样。"},
    )  # fmt: skip
    reported_grade = forms.CharField(label="填报等级", required=False, max_length=10, validators=[plain])
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def clean_members(self) -> list[tuple[str, str]]:
        """Role and name each, in order."""
        return members_read(str(self.cleaned_data["members"]))


def members_read(text: str) -> list[tuple[str, str]]:
    """Role and name each, in order, of lines like 组员：吴婷、邓凯. Raises ValidationError."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        one = _MEMBER.fullmatch(line.strip())
        if one is None:
            raise forms.ValidationError(f"“{line.strip()[:30]}”没有写职务，应写成“组员：吴婷、邓凯”。")
        found += [(one[1], name[:100]) for name in _SEPARATORS.split(one[2].strip()) if name]
    return found


def members_words(members: Iterable[Any]) -> str:
    """The same lines of stored members."""
    by_role: dict[str, list[str]] = {}
    for member in members:
        by_role.setdefault(member.role, []).append(member.name)
    return "\n".join(f"{role}：{'、'.join(names)}" for role, names in by_role.items())


def report_initial(report: Report) -> dict[str, Any]:
    """What the form of a stored report shows."""
    return {
        **{name: getattr(report, name) for name in ReportForm.base_fields if hasattr(report, name)},
        "members": members_words(report.members.all()),
        "seen": report.edition,
    }


class SectionForm(HouseForm):
    """一节正文."""

    text = forms.CharField(
        label="正文", required=False, max_length=SECTION_LENGTH, validators=[storable], strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text="〔名称：数字〕是自动取数，只能整个移动或删去，不能改写；另起一行就是另一段。",
        error_messages={"max_length": f"正文超过 {SECTION_LENGTH:,} 字，请精简。"},
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
