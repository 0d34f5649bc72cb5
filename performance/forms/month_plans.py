"""Forms of planned spending by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from performance.flows import ZERO
from performance.forms.amounts import AmountField
from performance.forms.years import text_field
from performance.models.common import REASON_LENGTH
from performance.models.monthly import MONTHS
from performance.selectors.progress import LineFlow
from workflow.forms import HouseForm

_REASON = "原来填过的月份改动时要写，例如 合同付款条件变更。"


def cell(line: int, month: int) -> str:
    """The name of a field."""
    return f"line{line}m{month}"


class PlanForm(HouseForm):
    """月度用款计划 of some lines: twelve amounts for each, and a reason for changes.

    Args:
        rows: the lines; start: number of a line -> 12 amounts that stand there at first; seen: newest plan rows.
    """

    def __init__(
        self, *args: Any, rows: Iterable[LineFlow], start: Mapping[int, Iterable[Decimal]], seen: Mapping[int, int],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for one in self.rows:
            months = tuple(start.get(one.line.pk, ()))
            for month in MONTHS:
                field = AmountField(label=f"{month}月", required=False, zero=True)
                field.initial = months[month - 1] if months else None
                field.widget.attrs["aria-label"] = f"{one.line.economic.name} {month}月"
                self.fields[cell(one.line.pk, month)] = field
            name = f"seen{one.line.pk}"
            self.fields[name] = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)
            self.fields[name].initial = seen[one.line.pk]
        self.fields["reason"] = text_field("调整理由", REASON_LENGTH, 2, required=False, help_text=_REASON)

    def plans(self) -> dict[int, list[Decimal]]:
        """Number of a line -> 12 amounts; what is empty beside a number is 0, lines without any are left out."""
        found = {}
        for one in self.rows:
            months = [self.cleaned_data.get(cell(one.line.pk, month)) for month in MONTHS]
            if any(amount is not None for amount in months):
                found[one.line.pk] = [ZERO if amount is None else amount for amount in months]
        return found

    def seen(self) -> dict[int, int]:
        """Number of a line -> its newest plan row when the form was shown."""
        return {one.line.pk: self.cleaned_data[f"seen{one.line.pk}"] for one in self.rows}

    def table(self) -> list[dict[str, Any]]:
        """The rows with their fields, for the template."""
        return [
            {
                "one": one, "seen": self[f"seen{one.line.pk}"], "planned": one.flow.planned_to(12),
                "fields": [self[cell(one.line.pk, month)] for month in MONTHS],
            }
            for one in self.rows
        ]  # fmt: skip
