"""Numbers as officers type them: full-width digits, spaces and thousands commas are understood, nothing else."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
_SPACES = re.compile(r"[\s,]+")
LONGEST = 60


def number_read(value: Any) -> Decimal | None:
    """A typed number, exact; None of an empty text. Raises ValueError: it is none."""
    text = str(value if value is not None else "")
    if len(text) > LONGEST:
        raise ValueError(text)
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    if not _PLAIN.fullmatch(plain):
        raise ValueError(text)
    return Decimal(plain)


class NumberField(forms.Field):
    """A decimal from ``least`` to ``most`` with at most ``decimals`` decimals."""

    def __init__(self, *, least: int = 0, most: int = 100, decimals: int = 2, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)
        self.least, self.most, self.decimals = Decimal(least), Decimal(most), decimals

    def to_python(self, value: Any) -> Decimal | None:
        """Raises ValidationError: no number, out of range, too many decimals."""
        try:
            found = number_read(value)
        except ValueError:
            raise ValidationError("请填数字，例如 12.5，不带单位。", "invalid") from None
        if found is None:
            return None
        if not self.least <= found <= self.most:
            raise ValidationError(f"应在 {self.least:,} 至 {self.most:,} 之间，请核对。", "out_of_range")
        if found != round(found, self.decimals):
            words = f"最多 {self.decimals} 位小数，请核对。" if self.decimals else "请填整数，不带小数。"
            raise ValidationError(words, "decimals")
        return found


class CountField(NumberField):
    """A whole number from 0, or from ``least``."""

    def __init__(self, *, least: int = 0, most: int = 10_000_000, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(least=least, most=most, decimals=0, **options)

    def clean(self, value: Any) -> int | None:
        """A whole number, or None."""
        found = super().clean(value)
        return None if found is None else int(found)


def phone_field() -> forms.RegexField:
    """An office's telephone, printed below a form."""
    return forms.RegexField(
        r"^[0-9 +()\-]{5,40}$", label="联系电话", required=False, max_length=40, help_text="办公电话，印在表末。",
        error_messages={"invalid": "联系电话由数字、空格、括号和连接号组成。"},
    )  # fmt: skip


def area(rows: int) -> forms.Textarea:
    """A field for running text."""
    return forms.Textarea(attrs={"rows": rows})
