"""What the list page says about its query: conditions that can be taken away, ways to sort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from portal.context import standard_prefix, switch_url
from portal.forms import list_form
from portal.fragments import HITS_MARK, NEXT_MARK, ROWS_MARK, SWITCH_MARK, columns, for_seconds, kept, rows_html
from tenders import selectors
from tenders.queries import AnnouncementQuery
from tenders.selectors import AnnouncementPage
from tenders.tokens import is_short

FRAME_SECONDS = 20.0  # new types and regions appear in the form within this time
LABELS = {
    "q": "关键词",
    "category": "类别",
    "type": "公告类型",
    "region": "地区",
    "since": "起始日",
    "until": "截止日",
}


@dataclass(frozen=True)
class Chip:
    """A condition in force; ``url`` is the same list without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True)
class Choice:
    """One of several ways; ``url`` chooses it."""

    label: str
    url: str
    chosen: bool


def list_url(query: AnnouncementQuery, **changes: str) -> str:
    """The list's address with ``changes`` made to the query; without ``after`` from its first page on."""
    text = query.urlencode(**changes)
    return reverse("portal:announcements") + (f"?{text}" if text else "")


def chips(query: AnnouncementQuery) -> list[Chip]:
    """The conditions of the query, in the order of the form."""
    params = query.params()
    return [
        Chip(label, params[name], list_url(query, **{name: ""})) for name, label in LABELS.items() if name in params
    ]


def sort_links(query: AnnouncementQuery) -> list[Choice]:
    """By time or by relevance; nothing to choose without a search word."""
    if not query.terms:
        return []
    named = (("time", "按时间"), ("relevance", "按相关度"))
    return [
        Choice(label, list_url(query, sort="" if name == "time" else name), query.sort == name) for name, label in named
    ]


def tabs(query: AnnouncementQuery, categories: list[str]) -> list[Choice]:
    """All categories as one row of links; an unknown name in an address makes no tab of the official site."""
    found = [Choice("全部", list_url(query, category=""), not query.category)]
    return found + [Choice(name, list_url(query, category=name), query.category == name) for name in categories]


def filter_html(query: AnnouncementQuery) -> SafeString:
    """Tabs, form and chips of the list."""
    categories = for_seconds("categories", selectors.categories)
    types = for_seconds(("types", query.category), lambda: selectors.types_of(query.category))
    regions = for_seconds("regions", selectors.regions)
    context = {
        "tabs": tabs(query, categories),
        "form": list_form(query, types, regions),
        "chips": chips(query),
        "all_url": reverse("portal:announcements"),
    }
    return SafeString(get_template("partials/filter.html").render(context))


def _frame(query: AnnouncementQuery, page: AnnouncementPage, request: HttpRequest) -> SafeString:
    same = query.urlencode()
    data = f"?{same}" if same else ""
    context = {
        "query": query,
        "exact": page.hits_exact,
        "empty": not page.rows,
        "filtered": bool(query.params() or query.after),
        "filter": filter_html(query),
        "sorts": sort_links(query),
        "short": [term for term in query.terms if is_short(term)],
        "all_url": reverse("portal:announcements"),
        "first_url": list_url(query) if query.after else "",
        "feed_url": standard_prefix() + "feeds/announcements.atom" + data,
        "json_url": standard_prefix() + "api/v1/announcements/" + data,
        "rows": ROWS_MARK,
        "hits": HITS_MARK,
        "next_url": NEXT_MARK if page.next else "",
        "switch_url": SWITCH_MARK,
    }
    return SafeString(get_template("portal/announcement_list.html").render(context, request))


def list_html(query: AnnouncementQuery, page: AnnouncementPage, now: datetime, request: HttpRequest) -> str:
    """The whole list page: a frame kept for all pages of the query, and what changes from page to page.

    Args:
        query, page: what was asked and what was found.
        now: aware time; deadlines are told in days from it.
        request: for the address of the same page in the other print size.
    """
    shape = (query.after is not None, bool(page.next), bool(page.rows), page.hits_exact)
    key = ("list", get_script_prefix(), query.urlencode(), shape, columns())
    frame = kept(key, lambda: _frame(query, page, request), FRAME_SECONDS)
    found = frame.replace(SWITCH_MARK, escape(switch_url(request))).replace(HITS_MARK, f"{page.hits:,}")
    found = found.replace(NEXT_MARK, escape(list_url(query, after=page.next)) if page.next else "")
    return found.replace(ROWS_MARK, rows_html(page.rows, query, now))
