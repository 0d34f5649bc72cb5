"""How the action log writes times and subjects."""

from __future__ import annotations

from datetime import datetime

from django import template

from audit import words
from core.moments import SHANGHAI

register = template.Library()
register.filter("subject_words", words.subject_words)
register.filter("route_words", words.route_words)


@register.filter
def moment(value: datetime) -> str:
    """``2026年3月2日 09:00:07``: to the second, in Asia/Shanghai."""
    local = value.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}"
