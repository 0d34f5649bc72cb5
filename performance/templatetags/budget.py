"""Amounts and rates as the pages of budget and spending write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template

from performance import money_words
from performance.amounts import percent, wan

register = template.Library()


@register.filter
def figures(amount: Decimal | None) -> str:
    """``1,234,567.00``; a dash where it is unknown."""
    return money_words.figures(amount)


@register.filter
def in_wan(amount: Decimal | None) -> str:
    """``302.94`` of 3029400.00 yuan."""
    return "—" if amount is None else f"{wan(amount):,}"


@register.filter
def rate(value: Decimal | None) -> str:
    """``85.16%``; a dash where there is nothing to divide by."""
    return "—" if value is None else f"{value}%"


@register.filter
def share_of(part: Decimal, whole: Decimal | None) -> str:
    """``part`` of ``whole`` in per cent."""
    return rate(percent(part, whole)) if whole else "—"


@register.filter
def minus(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """The difference, None where one is unknown."""
    return None if first is None or second is None else first - second


@register.filter
def iso(day: date | None) -> str:
    """``2022-03-02``, for columns of days."""
    return day.isoformat() if day else ""
