"""Words of the staff pages: how late something is, what a change was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.moments import SHANGHAI, day_words
from workflow.models import StateChange
from workflow.moves import Table

register = template.Library()
NEAR = 3


def due_words(due: datetime, now: datetime) -> tuple[str, str]:
    """The css class and the words of a due moment: ``late`` 逾期2天, ``near`` 今天到期, ``far`` 还有5天.

    Days are those of Asia/Shanghai; the end of a day belongs to that day.
    """
    last = last_day(due)
    days = (last - now.astimezone(SHANGHAI).date()).days
    if due <= now:
        return "late", f"逾期{-days}天" if days < 0 else "已过时"
    if days <= 1:
        return "near", "明天到期" if days else "今天到期"
    return "near" if days <= NEAR else "far", f"还有{days}天"


def last_day(due: datetime) -> date:
    """The day on which something must be done: midnight ends the day before."""
    return (due - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


@register.simple_tag
def due_tag(due: datetime | None, now: datetime, is_open: bool = True) -> SafeString:
    """The due day, with how far it is while the thing is open; nothing where there is none."""
    if due is None:
        return SafeString("")
    day = last_day(due)
    written = format_html(
        '<time datetime="{}">{}年{}月{}日</time>', day.isoformat(), str(day.year), str(day.month), str(day.day)
    )
    if not is_open:
        return written
    state, words = due_words(due, now)
    return format_html('<span class="due-at"><span class="due {}">{}</span> {}</span>', state, words, written)


@register.filter
def verb(change: StateChange, table: Table) -> str:
    """The change's verb."""
    return table.verb(change.move)


@register.filter
def verb_named(name: str, table: Table) -> str:
    """The verb of a move by name; empty when the table has none of that name."""
    found = [move.verb for move in table.moves if move.name == name]
    return found[0] if found else ""


@register.filter
def state_words(change: StateChange, table: Table) -> str:
    """The state that the change led to."""
    return table.state_label(change.target)


@register.filter
def chinese_date(value: object) -> str:
    """``2026年3月2日`` of a date, or of the text that a change keeps."""
    day = value if isinstance(value, date) else date.fromisoformat(str(value))
    return day_words(day)


@register.filter
def last(items: list[object], count: int) -> list[object]:
    """The last ``count`` items."""
    return list(items)[-count:]
