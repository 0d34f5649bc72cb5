"""Input of the 问题整改台账."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Department, User
from core.fields import DayField
from performance.forms.fields import area
from performance.models import FiscalYear, Rectification
from performance.models.rectification import TEXT_LENGTH
from performance.services.files import files_keep
from workflow.forms import HouseForm, PapersForm
from workflow.selectors.tasks import people_at_work

_TOO_LONG = {"max_length": f"超过 {TEXT_LENGTH} 字，请精简。"}
_FROM_LIST = {"invalid_choice": "请从列出的里面选。"}


def _text(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=TEXT_LENGTH, widget=area(4), help_text=help_text, error_messages=dict(_TOO_LONG)
    )


class AnswerForm(PapersForm):
    """填报整改情况."""

    field_order = ["text", "done_on", "papers"]

    text = _text("整改情况", "做了什么、效果怎样、制度上有什么改变。")
    done_on = DayField(label="完成日期")

    def store(self, *, now: datetime, kept: bool = True) -> None:
        """Put the files where they stay; afterwards ``papers`` are KeptFile. Raises BusinessError."""
        uploads = self.cleaned_data["papers"] if kept else []
        self.cleaned_data["papers"] = files_keep(uploads=uploads, now=now)


class RectificationForm(HouseForm):
    """列入台账."""

    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.none(), label="预算年度", empty_label=None, error_messages=dict(_FROM_LIST),
        help_text="问题出在哪一年度的工作里；没有办完的，以后年度的台账继续列出。",
    )  # fmt: skip
    source = forms.ChoiceField(
        label="来源", choices=Rectification.Source.choices, error_messages=dict(_FROM_LIST),
        initial=Rectification.Source.SELF_EVALUATION,
    )  # fmt: skip
    problem = _text("问题", "一行写一个问题，写明表现和金额、数量。")
    measure = _text("整改措施")
    department = forms.ModelChoiceField(
        Department.objects.filter(is_active=True), label="责任科室", empty_label="请选择",
        error_messages=dict(_FROM_LIST),
    )  # fmt: skip
    person = forms.ModelChoiceField(
        User.objects.none(), label="责任人", required=False, empty_label="由责任科室安排",
        error_messages=dict(_FROM_LIST),
    )  # fmt: skip
    due_on = DayField(label="整改期限", help_text="这一天结束以前都算按时。")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years: Any = self.fields["fiscal_year"]
        years.queryset = FiscalYear.objects.select_related("unit").order_by("-unit__is_home", "-year")
        people: Any = self.fields["person"]
        people.queryset = people_at_work(now=now)
