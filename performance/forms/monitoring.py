"""Input of the monitoring pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.fields import plain, storable
from performance.forms.amounts import AmountField
from performance.forms.fields import area, phone_field
from performance.models import MonitoringLine
from performance.models.common import REASON_LENGTH
from performance.models.monitoring import VALUE_LENGTH
from performance.monitoring_rules import USUAL_MONTH, required
from workflow.forms import HouseForm


class MonitoringNewForm(HouseForm):
    """填报监控表."""

    through_month = forms.TypedChoiceField(
        label="监控到哪个月", coerce=int, choices=[(one, f"1—{one}月" if one > 1 else "1月") for one in range(1, 13)],
        initial=USUAL_MONTH, help_text="按财预〔2019〕136号，每年8月填1—7月；当地要求半年填报的选1—6月。",
    )  # fmt: skip


def _unused(line: MonitoringLine) -> tuple[str, ...]:
    """Fields that a line does not have: a part of the money is explained with its whole."""
    if not line.is_money:
        return ("expected_amount",)
    return (
        ("so_far", "expected")
        if required(line)
        else tuple(one for one in LineForm.base_fields if one != "expected_amount")
    )


class LineForm(HouseForm):
    """What people fill of one line."""

    so_far = forms.CharField(label="至今执行情况", required=False, max_length=VALUE_LENGTH, validators=[plain])
    expected = forms.CharField(label="全年预计完成情况", required=False, max_length=VALUE_LENGTH, validators=[plain])
    expected_amount = AmountField(label="全年预计执行数（元）", required=False, zero=True)
    likelihood = forms.ChoiceField(
        label="完成目标可能性", required=False, choices=[("", "请选择"), *MonitoringLine.Likelihood.choices]
    )
    causes = forms.MultipleChoiceField(
        label="偏差原因", required=False, choices=MonitoringLine.Cause.choices, widget=forms.CheckboxSelectMultiple
    )
    explanation = forms.CharField(
        label="原因说明", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(2)
    )
    remark = forms.CharField(label="备注", required=False, max_length=REASON_LENGTH, validators=[storable])

    def __init__(self, *args: Any, line: MonitoringLine, **kwargs: Any) -> None:
        self.line = line
        start = {name: getattr(line, name) for name in self.base_fields}
        super().__init__(*args, prefix=f"l{line.pk}", initial=start, **kwargs)
        for name in _unused(line):
            del self.fields[name]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{line.name}：{field.label}"
            if name == "expected_amount":
                field.widget.attrs["placeholder"] = "元"


class HeadsForm(HouseForm):
    """Who signs, and the edition that the form began with."""

    filled_by = forms.CharField(label="填表人", required=False, max_length=100, validators=[plain])
    phone = phone_field()
    head = forms.CharField(label="单位负责人", required=False, max_length=100, validators=[plain])
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class LinesForm:
    """The whole form: its lines, and who signs."""

    def __init__(self, data: Any, *, lines: Sequence[MonitoringLine], heads: dict[str, Any]) -> None:
        self.lines = [LineForm(data, line=line) for line in lines]
        self.heads = HeadsForm(data, initial=heads)

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """(id of the field, label, message) of everything that is wrong."""
        return [
            (form[name].auto_id, f"{form.line.name}：{form.fields[name].label}", str(message))
            for form in self.lines
            for name, messages in form.errors.items()
            for message in messages
        ] + [
            (self.heads[name].auto_id, str(self.heads.fields[name].label), str(message))
            for name, messages in self.heads.errors.items()
            for message in messages
        ]

    def is_valid(self) -> bool:
        """Whether all of it can be saved."""
        return all([*(one.is_valid() for one in self.lines), self.heads.is_valid()])

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """By line what was sent."""
        return {one.line.line: dict(one.cleaned_data) for one in self.lines}
