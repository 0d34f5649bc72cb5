"""Forms of goals by office and month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from core.fields import storable
from performance.forms.fields import NumberField, area
from performance.models.common import REASON_LENGTH
from performance.models.monthly import MONTHS
from performance.selectors.goal_progress import OwnShare
from performance.services.goal_shares import Deed, Wish
from performance.weights import decimal
from workflow.forms import HouseForm

MOST = 10**15 - 1


def _number(label: str) -> NumberField:
    return NumberField(label=label, required=False, most=MOST, decimals=4)


def _words(label: str, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(rows)
    )


class ShareForm(HouseForm):
    """目标分解 of one indicator to one office: a number and words for each month.

    Args:
        start: month -> (planned, text); seen: number of the office's newest share; numbers: whether it has numbers.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)

    def __init__(
        self, *args: Any, start: Mapping[int, tuple[Decimal | None, str]], seen: int, numbers: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen
        self.numbers = numbers
        for month in MONTHS:
            planned, text = start.get(month, (None, ""))
            if numbers:
                self._add(f"planned{month}", _number(f"{month}月计划数"), "" if planned is None else decimal(planned))
            self._add(f"text{month}", _words(f"{month}月工作内容", 1), text)

    def _add(self, name: str, field: forms.Field, initial: str) -> None:
        field.initial = initial
        field.widget.attrs["aria-label"] = str(field.label)
        self.fields[name] = field

    def wishes(self) -> dict[int, Wish]:
        """Month -> what is to be done."""
        found = self.cleaned_data
        return {
            month: Wish(found.get(f"planned{month}"), found.get(f"text{month}", "")) for month in MONTHS
        }  # fmt: skip

    def table(self) -> list[tuple[int, Any, Any]]:
        """(month, number, words) for the template."""
        return [(month, self[f"planned{month}"] if self.numbers else None, self[f"text{month}"]) for month in MONTHS]


class OwnForm(HouseForm):
    """本科室本月: for each share what was done.

    Args:
        rows: the shares of the month.
    """

    def __init__(self, *args: Any, rows: Iterable[OwnShare], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for one in self.rows:
            done, name = one.cell.progress, one.indicator.name
            mark = self._mark(one)
            if one.numbered:
                field: forms.Field = _number("完成数")
                field.initial = decimal(done.value) if done and done.value is not None else ""
                field.widget.attrs["aria-label"] = f"{name} 完成数"
                self.fields[f"value{mark}"] = field
            words = _words("完成情况", 2)
            words.initial = done.text if done else ""
            words.widget.attrs["aria-label"] = f"{name} 完成情况"
            self.fields[f"text{mark}"] = words
            seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)
            seen.initial = done.pk if done else 0
            self.fields[f"seen{mark}"] = seen

    @staticmethod
    def _mark(one: OwnShare) -> str:
        return f"{one.indicator.pk}o{one.department.pk}"

    def deeds(self) -> list[Deed]:
        """What was written, for the service; rows that stay as they are are left out by it."""
        found = self.cleaned_data
        return [
            Deed(one.indicator, one.department, found.get(f"value{mark}"), found.get(f"text{mark}", ""),
                 found[f"seen{mark}"])
            for one in self.rows if (mark := self._mark(one))
        ]  # fmt: skip

    def table(self) -> list[dict[str, Any]]:
        """The rows with their fields, for the template."""
        return [
            {
                "one": one, "seen": self[f"seen{mark}"], "text": self[f"text{mark}"],
                "value": self[f"value{mark}"] if one.numbered else None,
            }
            for one in self.rows if (mark := self._mark(one))
        ]  # fmt: skip
