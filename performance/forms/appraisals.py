"""Input of the schemes of 绩效管理工作: a row of plain fields for each check of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from core.fields import plain, storable
from performance.appraisal.checks import KINDS, NOTHING, Check, checks_all, parameter_fault
from performance.forms.fields import CountField, NumberField, area
from performance.models import ManagementGroup, ManagementScheme
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.services.appraisals import Item
from performance.weights import decimal
from workflow.forms import HouseForm


@dataclass(frozen=True)
class CheckRow:
    """A check with its fields as the page shows them."""

    check: Check
    group: str
    label: forms.BoundField
    weight: forms.BoundField
    parameter: forms.BoundField | None

    @property
    def parameter_label(self) -> str:
        """What the parameter is."""
        return KINDS[self.check.parameter][0]


class ManagementSchemeForm(HouseForm):
    """绩效管理评分方案."""

    name = forms.CharField(label="名称", max_length=NAME_LENGTH, validators=[plain])
    first_year = CountField(label="自哪年起", most=2100, help_text="从这一年的绩效管理工作起用它评分。")
    basis = forms.CharField(label="依据", max_length=REASON_LENGTH, validators=[storable], widget=area(3),
                            help_text="文件名称和文号；本单位自己定的期限和比例要写明。")  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for check in checks_all():
            self.fields[f"label_{check.name}"] = forms.CharField(
                label=f"{check.label}：名称", required=False, max_length=NAME_LENGTH, validators=[plain]
            )
            self.fields[f"weight_{check.name}"] = NumberField(label=f"{check.label}：分值", required=False)
            if check.parameter != NOTHING:
                self.fields[f"parameter_{check.name}"] = forms.CharField(
                    label=f"{check.label}：{KINDS[check.parameter][0]}", required=False, max_length=20,
                    help_text=KINDS[check.parameter][1],
                )  # fmt: skip

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Fields that are no part of a row."""
        return [self[name] for name in ("name", "first_year", "basis")]

    @property
    def check_rows(self) -> list[CheckRow]:
        """The checks in the order of their groups."""
        return [
            CheckRow(
                one, str(ManagementGroup(one.group).label), self[f"label_{one.name}"], self[f"weight_{one.name}"],
                self[f"parameter_{one.name}"] if one.parameter != NOTHING else None,
            )
            for one in checks_all()
        ]  # fmt: skip

    @classmethod
    def initial_of(cls, scheme: ManagementScheme, seen: int) -> dict[str, Any]:
        """What a form that begins with a scheme shows; a check that it does not use has no points."""
        found: dict[str, Any] = {
            "name": scheme.name, "first_year": scheme.first_year, "basis": scheme.basis, "seen": seen
        }  # fmt: skip
        for check in checks_all():
            found |= {f"label_{check.name}": check.label, f"parameter_{check.name}": check.default}
        for item in scheme.items.all():
            found |= {
                f"label_{item.check_name}": item.label, f"weight_{item.check_name}": decimal(item.weight),
                f"parameter_{item.check_name}": item.parameter,
            }  # fmt: skip
        return found

    def clean(self) -> dict[str, Any]:
        """Rows with points; each with a name and a parameter of its kind."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        items = []
        for check in checks_all():
            weight = found.get(f"weight_{check.name}")
            if not weight:
                continue
            parameter = str(found.get(f"parameter_{check.name}") or "").strip()
            if fault := parameter_fault(check.parameter, parameter):
                self.add_error(f"parameter_{check.name}", f"{fault}。")
            label = str(found.get(f"label_{check.name}") or "").strip() or check.label
            items.append(Item(check.name, label, weight, parameter))
        found["items"] = items
        return found

    def values(self) -> dict[str, Any]:
        """What the service wants."""
        return {name: self.cleaned_data[name] for name in ("name", "first_year", "basis", "items", "seen")}
