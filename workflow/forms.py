"""Input of the staff pages: forms that say in Chinese what is wrong, and what moves need to know."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Department, User
from core.fields import DayField, plain
from workflow.models import AssignedTask
from workflow.models.tasks import TEXT_LENGTH
from workflow.selectors.tasks import people_at_work


class HouseForm(forms.Form):
    """A form whose errors stand beside their fields (aria-describedby) and whose texts take no control characters."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = "这一项要填写。"


class AnswerForm(HouseForm):
    """反馈."""

    text = forms.CharField(
        label="办理情况",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"做了什么、结果怎样、还有什么没办，不超过 {TEXT_LENGTH} 字。",
        error_messages={"max_length": f"办理情况超过 {TEXT_LENGTH} 字，请精简。"},
    )


class ExtendForm(HouseForm):
    """延期."""

    due_on = DayField(label="新的期限", help_text="应晚于现在的期限。")


class TaskForm(HouseForm):
    """新建交办事项."""

    title = forms.CharField(
        label="事项", max_length=100, help_text="一句话，不超过 100 字。", validators=[plain],
        error_messages={"max_length": "事项超过 100 字，请把细节写在要求里。"},
    )  # fmt: skip
    text = forms.CharField(
        label="要求", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": f"要求超过 {TEXT_LENGTH} 字，请精简。"},
    )  # fmt: skip
    source = forms.ChoiceField(
        label="来源", choices=AssignedTask.Source.choices, error_messages={"invalid_choice": "请从列出的来源里选。"}
    )
    reference = forms.CharField(
        label="来源名称或文号", required=False, max_length=200, validators=[plain],
        help_text="会议名称、批示日期或来文文号，可不填。",
        error_messages={"max_length": "来源名称超过 200 字。"},
    )  # fmt: skip
    lead_office = forms.ModelChoiceField(
        Department.objects.filter(is_active=True), label="牵头科室", empty_label="请选择",
        error_messages={"invalid_choice": "请从列出的科室里选。"},
    )  # fmt: skip
    helping_offices = forms.ModelMultipleChoiceField(
        Department.objects.filter(is_active=True), label="协办科室", required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列出的科室里选。", "invalid_pk_value": "请从列出的科室里选。"},
    )  # fmt: skip
    person = forms.ModelChoiceField(
        User.objects.none(), label="经办人", required=False, empty_label="由牵头科室安排",
        error_messages={"invalid_choice": "请从列出的人员里选。"},
    )  # fmt: skip
    due_on = DayField(label="办结期限", help_text="这一天结束以前都算按时。")

    def __init__(self, *args: Any, by: User, now: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        field.queryset = people_at_work(now=now).exclude(pk=by.pk)
