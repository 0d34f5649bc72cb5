"""Input of manual scores, reasons and files to compare."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from core.fields import storable
from performance.forms.fields import NumberField, area
from performance.models import LineReason
from performance.models.common import REASON_LENGTH
from workflow.forms import HouseForm


class ScoreForm(HouseForm):
    """一行的人工评分."""

    score = NumberField(label="人工评分", required=False, help_text="留空并写明理由，收回人工评分，仍按公式计分。")
    reason = forms.CharField(
        label="评分理由", max_length=REASON_LENGTH, validators=[storable], widget=area(3),
        help_text="为什么不按公式的得分；会和公式的得分一起显示。",
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, weight: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["score"]
        assert isinstance(field, NumberField)  # noqa: S101 (for the type checker)
        field.most = weight


class ReasonForm(HouseForm):
    """一行的偏差原因."""

    cause = forms.ChoiceField(
        label="原因种类", required=False, choices=[("", "不选"), *LineReason.Cause.choices],
        error_messages={"invalid_choice": "请从列出的里面选。"},
        help_text="执行率低的支出明细要选：价格、数量或者其他。",
    )  # fmt: skip
    text = forms.CharField(
        label="偏差原因分析及改进措施", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(5),
        help_text="没有达到的原因、责任和改进办法；不超过 1000 字。留空保存即收回。",
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


class SelfevalFileForm(HouseForm):
    """一份自评文件."""

    file = forms.FileField(
        label="自评文件", max_length=200, help_text="扩展名 .json 的自评文件，不超过 16 MB；只用来对照，不保存。"
    )
