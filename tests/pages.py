"""Forms of a page as a browser would send them, and every form class of the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

from django import forms

FORM_MODULES = (
    *("accounts.forms", "workflow.forms", "tenders.forms", "portal.staff_forms", "upkeep.forms"),
    *("performance.forms.years", "performance.forms.programs", "performance.forms.entries", "performance.forms.moves"),
    *("performance.forms.goals", "performance.forms.actuals", "performance.forms.scores", "performance.forms.schemes"),
    "performance.forms.reports",
    *("performance.forms.lags", "performance.forms.month_plans", "performance.forms.shares"),
    "performance.forms.appraisals",
    "performance.forms.editions",
)


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form class that the project declares."""
    for name in FORM_MODULES:
        import_module(name)
    found: list[type[forms.BaseForm]] = []
    waiting: list[Any] = [forms.BaseForm]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            if child.__module__ in FORM_MODULES and child not in found:
                found.append(child)
    return found


@dataclass
class Sent:
    """One form: where it goes and what it holds; ``dates``: names of its fields for days and moments."""

    action: str
    values: dict[str, Any] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self._now: Sent | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self._now = Sent(given.get("action") or "")
            self.forms.append(self._now)
        elif self._now is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str | None]) -> None:
        assert self._now is not None
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and (value or "selected" in given):
            if not self._now.values.get(self._select) or "selected" in given:
                self._now.values[self._select] = value
        elif tag == "textarea":
            self._area = name
            self._now.values.setdefault(name, "")
        elif tag == "input" and name:
            kind = given.get("type") or "text"
            if kind in ("date", "datetime-local"):
                self._now.dates.append(name)
            if kind in ("radio", "checkbox"):
                self._now.values.setdefault(name, value or "on")
            elif kind not in ("file", "submit"):
                self._now.values[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._now = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._now is not None:
            self._now.values[self._area] += data


def posted_forms(page: str) -> list[Sent]:
    """The forms of a page that are sent by POST, with what they hold; a select holds its first real choice."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def date_fields() -> Iterator[tuple[str, str, forms.Field]]:
    """(form, name, field) of every field for a day or a moment."""
    for form in form_classes():
        for name, one in getattr(form, "base_fields", {}).items():
            if isinstance(one, forms.DateField | forms.DateTimeField | forms.TimeField):
                yield form.__name__, name, one
