"""Input of actual values and deal figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from core.fields import storable
from performance.forms.fields import CountField, NumberField, area
from performance.models import Indicator
from performance.models.common import REASON_LENGTH
from performance.scoring.scores import BANDS
from performance.selectors.actuals import is_satisfaction, qualitative
from performance.services.actuals import MOST_FORMS, Survey
from workflow.forms import HouseForm, PapersField

_PAPERS = "可选几个，每个不超过 100 MB；统计表、截图、文件扫描件等。"
UNITS = {"yuan": ("元", Decimal(1)), "wan": ("万元", Decimal(10_000)), "yi": ("亿元", Decimal(100_000_000))}
_SHARES = {"达成预期指标": "80%–100%", "部分达成预期指标并具有一定效果": "60%–80%", "未达成预期指标且效果较差": "0–60%"}


class ActualForm(HouseForm):
    """实际完成值."""

    field_order = ["value", "ratio", "sent", "returned", "valid", "satisfied", "evidence", "papers"]

    value = forms.CharField(label="实际完成值", max_length=200, validators=[storable], required=False)
    ratio = NumberField(
        label="得分比例", required=False, most=1, decimals=4,
        help_text="在所选档次的区间内，例如 0.9；不填按这一档的标准比例（1、0.8、0.6）。",
    )  # fmt: skip
    sent = CountField(label="发放份数", required=False, most=MOST_FORMS)
    returned = CountField(label="收回份数", required=False, most=MOST_FORMS)
    valid = CountField(label="有效份数", required=False, most=MOST_FORMS)
    satisfied = CountField(
        label="满意份数",
        required=False,
        most=MOST_FORMS,
        help_text="填了有效和满意的份数，完成值可以留空，由系统计算。",
    )
    evidence = forms.CharField(
        label="佐证说明", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(3),
        help_text="从哪份台账、哪张报表得来。说明和材料至少要有一样。",
    )  # fmt: skip
    papers = PapersField(_PAPERS)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"].label = "佐证材料"
        if qualitative(indicator):
            words = [(name, f"{name}（{_SHARES[name]}）") for name in BANDS]
            self.fields["value"] = forms.ChoiceField(label="完成情况", choices=words, widget=forms.RadioSelect)
        else:
            del self.fields["ratio"]
            self.fields["value"].help_text = f"带上单位，与指标值“{indicator.target}”同一口径。"
        if not is_satisfaction(indicator):
            # A survey gives the value; without one it is typed.
            self.fields["value"].required = True
            for name in ("sent", "returned", "valid", "satisfied"):
                del self.fields[name]
        self.order_fields(self.field_order)

    def values(self) -> dict[str, Any]:
        """What the service wants, but for the files."""
        found = self.cleaned_data
        survey = Survey(*(found.get(name) for name in ("sent", "returned", "valid", "satisfied")))
        return {
            "value": found.get("value") or "", "ratio": found.get("ratio"), "evidence": found.get("evidence") or "",
            "survey": survey, "seen": found.get("seen"),
        }  # fmt: skip


class DealForm(HouseForm):
    """一类交易的业务量."""

    deal_count = CountField(label="宗数", most=1_000_000)
    amount = NumberField(label="成交金额", most=10**14, decimals=8)
    unit = forms.ChoiceField(
        label="金额单位", choices=[(name, label) for name, (label, _) in UNITS.items()], initial="yuan",
        help_text="按来源资料上的单位填，系统换算成元保存，不四舍五入。",
    )  # fmt: skip
    evidence = forms.CharField(
        label="佐证说明", max_length=REASON_LENGTH, validators=[storable], widget=area(3),
        help_text="从哪份统计报表、哪本台账得来。",
    )  # fmt: skip
    paper = forms.FileField(label="佐证材料", required=False, max_length=200, help_text="可选，不超过 100 MB。")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        """The amount in yuan, exact to the fen."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        amount, unit = found.get("amount"), found.get("unit")
        if amount is not None and unit in UNITS:
            yuan = amount * UNITS[unit][1]
            if yuan != round(yuan, 2):
                self.add_error("amount", "换算成元以后超过两位小数，请核对。")
            elif yuan >= Decimal(10) ** 14:
                self.add_error("amount", "金额太大，请核对单位。")
            else:
                found["yuan"] = round(yuan, 2)
        return found
