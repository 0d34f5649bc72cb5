"""Input of schemes: groups and bands as rows of plain fields."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from core.fields import plain, storable
from performance.forms.fields import CountField, NumberField, area
from performance.models import Scheme
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.weights import decimal
from workflow.forms import HouseForm

GROUP_ROWS, BAND_ROWS = 6, 5
_SPLIT = re.compile(r"[、,，;；\n]+")


class SchemeForm(HouseForm):
    """评分方案."""

    name = forms.CharField(label="名称", max_length=NAME_LENGTH, validators=[plain])
    first_year = CountField(label="自哪年起", most=2100, help_text="从这一年的预算起，新编制的目标表用它。")
    basis = forms.CharField(label="依据", max_length=REASON_LENGTH, validators=[storable], widget=area(2),
                            help_text="文件名称和文号。")  # fmt: skip
    heading = forms.CharField(label="表头", max_length=NAME_LENGTH, validators=[plain])
    funds_weight = NumberField(label="预算执行率分值")
    denominator = forms.ChoiceField(label="执行率的分母", choices=Scheme.Denominator.choices)
    reverse_rule = forms.ChoiceField(
        label="反向指标超出时", choices=Scheme.Reverse.choices,
        help_text="“≤”的指标没有达到时怎样计分：按比例（指标值÷完成值×分值），或者超出百分之几扣百分之几。",
    )  # fmt: skip
    decimals = forms.TypedChoiceField(label="得分保留小数", coerce=int, choices=[(2, "两位"), (1, "一位"), (0, "整数")])
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(GROUP_ROWS):
            self.fields[f"group{place}"] = forms.CharField(
                label=f"一级指标 {place + 1}", required=False, max_length=NAME_LENGTH, validators=[plain]
            )
            self.fields[f"weight{place}"] = NumberField(label=f"一级指标 {place + 1} 的分值", required=False)
            self.fields[f"level2{place}"] = forms.CharField(
                label=f"一级指标 {place + 1} 的二级指标",
                required=False,
                max_length=REASON_LENGTH,
                validators=[storable],
            )
        for place in range(BAND_ROWS):
            self.fields[f"grade{place}"] = forms.CharField(
                label=f"等级 {place + 1}", required=False, max_length=10, validators=[plain]
            )
            self.fields[f"lowest{place}"] = NumberField(label=f"等级 {place + 1} 的最低得分", required=False)

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Fields that are no part of a row."""
        rows = re.compile(r"(group|weight|level2|grade|lowest)[0-9]$")
        return [field for field in self.visible_fields() if not rows.match(field.name)]

    @property
    def group_rows(self) -> list[tuple[forms.BoundField, ...]]:
        """Name, points and names of level 2 of each group."""
        return [tuple(self[f"{name}{place}"] for name in ("group", "weight", "level2")) for place in range(GROUP_ROWS)]

    @property
    def band_rows(self) -> list[tuple[forms.BoundField, ...]]:
        """Grade and lowest total of each band."""
        return [tuple(self[f"{name}{place}"] for name in ("grade", "lowest")) for place in range(BAND_ROWS)]

    @classmethod
    def initial_of(cls, scheme: Scheme, seen: int) -> dict[str, Any]:
        """What a form that begins with a scheme shows."""
        found: dict[str, Any] = {name: getattr(scheme, name) for name in cls.base_fields if name != "seen"}
        found |= {"seen": seen, "funds_weight": decimal(scheme.funds_weight)}
        for place, group in enumerate(list(scheme.groups.all())[:GROUP_ROWS]):
            found |= {f"group{place}": group.level1, f"weight{place}": decimal(group.weight)}
            found[f"level2{place}"] = "、".join(group.level2)
        for place, band in enumerate(list(scheme.bands.all())[:BAND_ROWS]):
            found |= {f"grade{place}": band.grade, f"lowest{place}": decimal(band.lowest)}
        return found

    def _pairs(self, first: str, second: str, rows: int, what: str) -> list[tuple[int, str, Decimal]]:
        found = []
        for place in range(rows):
            name, number = self.cleaned_data.get(f"{first}{place}"), self.cleaned_data.get(f"{second}{place}")
            if bool(name) != (number is not None) and not self.errors:
                self.add_error(f"{first}{place}", f"{what}要一起填写，不用的一行全部留空。")
            if name and number is not None:
                found.append((place, name, number))
        return found

    def clean(self) -> dict[str, Any]:
        """Rows with a name; one with half of it is a mistake."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        groups = self._pairs("group", "weight", GROUP_ROWS, "名称和分值")
        bands = self._pairs("grade", "lowest", BAND_ROWS, "等级和最低得分")
        found["groups"] = [
            (name, weight, [one.strip() for one in _SPLIT.split(found.get(f"level2{place}") or "") if one.strip()])
            for place, name, weight in groups
        ]
        found["bands"] = [(grade, lowest) for _, grade, lowest in bands]
        return found

    def values(self) -> dict[str, Any]:
        """What the service wants."""
        names = [*(name for name in self.base_fields if name != "seen"), "groups", "bands", "seen"]
        return {name: self.cleaned_data[name] for name in names}
