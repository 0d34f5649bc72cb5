"""Forms of notices of a lag and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Department
from core.fields import DayField
from performance.forms.entries import FilesField
from performance.forms.years import text_field
from performance.models import LagAnswer
from performance.models.monthly import TEXT_LENGTH
from performance.services.files import files_keep
from workflow.forms import HouseForm


def office_field(label: str = "承办科室", **options: Any) -> forms.ModelChoiceField:
    """An office in use."""
    return forms.ModelChoiceField(Department.objects.filter(is_active=True), label=label, **options)


class LagAskForm(HouseForm):
    """要求说明."""

    department = office_field(empty_label="请选择", help_text="由这个科室的负责人（或者项目负责人）说明。")
    text = text_field("要求", TEXT_LENGTH, 5)


class LagAnswerForm(HouseForm):
    """说明情况."""

    cause = forms.ChoiceField(label="原因", choices=[("", "请选择"), *LagAnswer.Cause.choices])
    text = text_field("情况说明和措施", TEXT_LENGTH, 6, help_text="为什么没有按计划支付，已经做了什么，接下来怎么办。")
    pay_on = DayField(label="新的支付时间", help_text="预计哪一天付完到本月为止的计划数。")
    papers = FilesField()

    def store(self, *, now: datetime, kept: bool = True) -> None:
        """Put the files where they stay before the move; a refusal stores nothing. Raises BusinessError."""
        uploads = self.cleaned_data["papers"] if kept else []
        self.cleaned_data["papers"] = files_keep(uploads=uploads, now=now)


class ProgramOfficeForm(HouseForm):
    """承办科室."""

    department = office_field(
        required=False, empty_label="还没有定", help_text="用款进度滞后时，由承办科室负责人说明；批复以后也可以改。"
    )
