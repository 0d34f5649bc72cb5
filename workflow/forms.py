"""Input of the staff pages: forms that say in Chinese what is wrong, and what moves need to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Department, User
from core.fields import DayField, plain
from workflow.gates import person_outside
from workflow.models import AssignedTask
from workflow.models.tasks import TEXT_LENGTH
from workflow.selectors.tasks import people_at_work
from workflow.services.papers import LONGEST_NAME, papers_store

# As documents.rulebook.MAX_FILE_BYTES, which stands above this app (a test compares).
LARGEST_MEGABYTES = 100


class HouseForm(forms.Form):
    """A form whose errors stand beside their fields (aria-describedby) and whose texts take no control characters."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = "这一项要填写。"


class _ManyFiles(forms.ClearableFileInput):
    """The browser's own field for files, several at once."""

    template_name = "django/forms/widgets/file.html"
    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Some files or none; cleaned to a list. What they hold is checked when they are stored."""

    def __init__(self, help_text: str) -> None:
        super().__init__(
            label="材料", required=False, max_length=LONGEST_NAME, widget=_ManyFiles(), help_text=help_text,
            error_messages={"empty": "文件是空的，请核对后再传。", "max_length": "文件名太长，请改名后再传。"},
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself."""
        return [super(PapersField, self).clean(one, initial) for one in data or () if one]


class PapersForm(HouseForm):
    """A form that papers come with: they are stored before the transaction of what it is for."""

    papers = PapersField(
        f"可选几个，每个不超过 {LARGEST_MEGABYTES} MB；可传 PDF、OFD、Word、Excel、图片、压缩包、文本、录音录像。"
    )

    def store(self, *, now: datetime, kept: bool = True) -> None:
        """Put the files where they stay; afterwards ``papers`` are KeptPaper. Raises BusinessError.

        Args:
            kept: False leaves them out: the move will be refused, and a refusal stores nothing.
        """
        uploads = self.cleaned_data["papers"] if kept else []
        self.cleaned_data["papers"] = papers_store(uploads=uploads, now=now)


class AnswerForm(PapersForm):
    """反馈."""

    field_order = ["text", "papers"]

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


class TaskForm(PapersForm):
    """新建交办事项."""

    field_order = ["title", "text", "papers"]

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
        help_text="应是牵头或者协办科室的人。",
        error_messages={"invalid_choice": "请从列出的人员里选。"},
    )  # fmt: skip
    due_on = DayField(label="办结期限", help_text="这一天结束以前都算按时。")

    def __init__(self, *args: Any, by: User, now: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        field.queryset = people_at_work(now=now).exclude(pk=by.pk)
        self.now = now

    def clean(self) -> dict[str, Any]:
        """The person belongs to one of the offices."""
        data = super().clean() or {}
        person, lead = data.get("person"), data.get("lead_office")
        if (
            person
            and lead
            and (refusal := person_outside(person, [lead, *data.get("helping_offices", ())], now=self.now))
        ):
            self.add_error("person", refusal + "。")
        return data
