"""Forms of the upkeep page."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import MomentField
from upkeep.services.holds import LARGEST_CHECKPOINT


class CheckpointForm(forms.Form):
    """A checkpoint kept outside: a file, or its text."""

    file = forms.FileField(label="检查点文件", required=False)
    text = forms.CharField(
        label="或粘贴原文",
        required=False,
        max_length=LARGEST_CHECKPOINT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text='形如 {"origin": …, "size": …, "root": …, "at": …, "signature": …}',
    )

    def clean(self) -> dict[str, Any]:
        """``content``: the bytes given, by file first."""
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST_CHECKPOINT:
            self.add_error("file", "这个文件太大，不是检查点。")
        elif file is not None:
            cleaned["content"] = file.read()
        elif cleaned.get("text"):
            cleaned["content"] = cleaned["text"].encode()
        else:
            self.add_error("text", "请选择检查点文件，或粘贴它的原文。")
        return cleaned


class LostForm(forms.Form):
    """Why there is no checkpoint."""

    reason = forms.CharField(
        label="为什么找不到",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="5 到 200 个字，写明向谁核实过",
    )
    confirmed = forms.BooleanField(
        label="我已向保存检查点的单位核实，明白这一声明不能撤销、永远公开",
        error_messages={"required": "请先勾选：声明遗失不能撤销，任何人永远可以看到。"},
    )


class ComparisonForm(forms.Form):
    """What another clock shows now."""

    reference = forms.CharField(label="对照的时钟", max_length=100, help_text="例如：国家授时中心网页、电视台报时")
    reference_time = MomentField(
        seconds=True, label="它此刻的读数", help_text="填好对照时钟马上要到的一秒，到那一秒时按提交"
    )
