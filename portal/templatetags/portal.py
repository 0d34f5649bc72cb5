"""Tags and filters that every template has: words of DESIGN 7, kept fragments, announcement rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from core.moments import day_words, minute_words
from portal import fragments, text, words

register = template.Library()

register.filter("money", words.money)
register.filter("money_wan", words.money_wan)
register.filter("day", day_words)
register.filter("minute", minute_words)
register.filter("published", words.published)
register.filter("machine_time", words.machine_time)
register.filter("file_size", words.file_size)
register.filter("visible", words.visible)
register.filter("plain", words.plain)
register.filter("text_html", text.text_html)
register.simple_tag(fragments.footer, name="site_footer")
register.simple_tag(fragments.options, name="options")
register.simple_tag(fragments.rows_html, name="announcement_rows")


@register.simple_tag(takes_context=True)
def site_header(context: Any, active: str = "", search: bool = True) -> SafeString:
    """The page's head, with the navigation item ``active`` marked."""
    return fragments.header(active, search, context.get("switch_url", "/large/"), context.get("large_print", False))


@register.simple_tag
def due(moment: datetime, now: datetime) -> SafeString:
    """``还有3天`` with the date."""
    return mark_safe(fragments.deadline_tag(moment, now))  # noqa: S308 (made of words of ours)


@register.simple_tag
def due_words(moment: datetime, now: datetime) -> words.Deadline:
    """The words and the state alone."""
    return words.deadline(moment, now)
