"""Input of the pages of a report's versions."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import DayField, storable
from performance.models import Edition, Report, ReportFile
from performance.models.common import REASON_LENGTH
from workflow.forms import HouseForm


class _FileChoice(forms.ModelChoiceField):
    """A submission by its code and time."""

    def label_from_instance(self, obj: Any) -> str:
        """As the page lists it."""
        made = obj.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
        return f"{made} 生成，{obj.pages} 页，验证码 {obj.code}"


class ScanForm(HouseForm):
    """盖章扫描件."""

    report_file = _FileChoice(
        ReportFile.objects.none(), label="扫描的是哪一份", empty_label=None,
        help_text="对照纸质件封面上的验证码。", error_messages={"invalid_choice": "请从列出的报送版里选。"},
    )  # fmt: skip
    file = forms.FileField(
        label="扫描件", max_length=200, help_text="一个 PDF 文件，不超过 50 MB，没有密码。",
        error_messages={"empty": "文件是空的，请核对后再传。", "max_length": "文件名太长，请改名后再传。"},
    )  # fmt: skip
    stamped_on = DayField(label="盖章日期")
    note = forms.CharField(label="说明", required=False, max_length=REASON_LENGTH, validators=[storable],
                           widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = report.files.filter(edition=Edition.SUBMISSION).defer("source")
        self.fields["report_file"].queryset = rows  # type: ignore[attr-defined]
