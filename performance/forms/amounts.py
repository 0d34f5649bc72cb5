"""Amounts of money as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from performance.money_words import amount_read


class AmountField(forms.CharField):
    """An amount in yuan with at most two decimals.

    Args:
        negative: whether it may be below zero; zero: whether it may be 0.
    """

    def __init__(self, *, negative: bool = False, zero: bool = False, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=60, **options)
        self.negative, self.zero = negative, zero

    def prepare_value(self, value: Any) -> Any:
        """Without needless places, as one types it."""
        return f"{value:.2f}" if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """The Decimal, or None where it may be left out. Raises ValidationError."""
        text = super().clean(value)
        if not text:
            return None
        try:
            found = amount_read(text)
        except ValueError as error:
            raise ValidationError(f"{error}。", "invalid") from None
        if found < 0 and not self.negative:
            raise ValidationError("金额不能是负数，请核对。", "negative")
        if not found and not self.zero:
            raise ValidationError("金额不能是 0，请核对。", "zero")
        return found
