"""Input of goal tables and indicators."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Department
from core.fields import plain, storable
from core.measures import measures_all
from performance.forms.fields import NumberField, area
from performance.models import GoalTable, Indicator
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.models.goals import TEXT_LENGTH
from performance.selectors.goals import goal_title
from performance.selectors.schemes import groups_of, level2_of
from workflow.forms import HouseForm


class GoalNewForm(HouseForm):
    """编制一张目标表，或者它的新版本."""

    source = forms.TypedChoiceField(label="指标", required=False, coerce=int, empty_value=None)
    reason = forms.CharField(
        label="调整理由", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(3)
    )

    def __init__(self, *args: Any, sources: list[GoalTable], further: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.pk, f"从“{goal_title(one)}”复制，再修改") for one in sources]
        self.fields["source"].choices = [*choices, ("", "不复制，从空表开始")]  # type: ignore[attr-defined]
        if not further:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = "已有批准的版本，调整要写明理由，批准时一并审核。"


class GoalForm(HouseForm):
    """总体目标和调整理由."""

    overall_goal = forms.CharField(
        label="年度总体目标", required=False, max_length=TEXT_LENGTH, validators=[storable], widget=area(8),
        help_text=f"这笔钱全年要达到什么结果，分条写清，不超过 {TEXT_LENGTH} 字。提交以前要写好。",
    )  # fmt: skip
    reason = forms.CharField(
        label="调整理由", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(3)
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, further: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not further:
            del self.fields["reason"]


class IndicatorForm(HouseForm):
    """一个指标."""

    level1 = forms.ChoiceField(label="一级指标")
    level2 = forms.CharField(label="二级指标", max_length=NAME_LENGTH, validators=[plain])
    name = forms.CharField(label="三级指标", max_length=NAME_LENGTH, validators=[plain])
    target = forms.CharField(
        label="年度指标值", max_length=200, validators=[storable],
        help_text="符号、数字、单位，例如 ≥95%、≤10日、不少于 400 宗；用文字描述的写成“定性:提升”。",
    )  # fmt: skip
    weight = NumberField(label="分值", help_text="0 至 100，最多两位小数。")
    office = forms.ModelChoiceField(
        Department.objects.filter(is_active=True), label="责任科室", required=False, empty_label="由绩效管理人员填报",
        help_text="由它填报实际完成值。",
    )  # fmt: skip
    measure = forms.ChoiceField(
        label="自动取数", required=False, help_text="能由系统计算的，选上以后不用填报，点“取数”即可。"
    )
    definition = forms.CharField(
        label="指标解释", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(2)
    )
    formula = forms.CharField(label="计算方法", required=False, max_length=REASON_LENGTH, validators=[storable])
    evidence_source = forms.CharField(label="数据来源", required=False, max_length=REASON_LENGTH, validators=[storable])
    scoring_rule = forms.CharField(label="评分规则", required=False, max_length=REASON_LENGTH, validators=[storable])
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, table: GoalTable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(name, name) for name, _ in groups_of(table.scheme)]
        self.fields["level1"].choices = [("", "请选择"), *groups]  # type: ignore[attr-defined]
        # Offered by the browser (datalist level2-words of the page), not imposed.
        self.level2_words = level2_of(table.scheme)
        self.fields["level2"].widget.attrs |= {"list": "level2-words", "autocomplete": "off"}
        measures = [(one.name, f"{one.label}（{one.unit}）") for one in measures_all()]
        self.fields["measure"].choices = [("", "不自动取数，由人填报"), *measures]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, one: Indicator, seen: str) -> dict[str, Any]:
        """What the form of a stored indicator begins with."""
        names = [name for name in cls.base_fields if name not in ("seen", "office", "weight")]
        weight = f"{one.weight:f}".rstrip("0").rstrip(".")
        return {name: getattr(one, name) for name in names} | {
            "office": one.office_id, "weight": weight, "seen": seen,
        }  # fmt: skip

    def values(self) -> dict[str, Any]:
        """What the services want."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
