"""The parts of a page that are the same for every visitor, rendered once and kept in process.

Template rendering is most of a page's cost (PERFORMANCE.md): the header and footer depend on settings alone,
the row of an announcement on the announcement and the day. All of it ends with the content version: what was
masked or corrected is shown by no process that kept it. Without a version (Redis is away) nothing outlives a request.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

from django.core.signals import request_started
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.moments import day_words, minute_words
from portal import words
from portal.context import page_url, the_site
from portal.selectors import column_list
from portal.selectors.rules import rules_are_public
from tenders.highlight import highlight, surroundings
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery
from tenders.selectors import CORRECTED, TERMINATED, superseded
from tenders.version import content_version

V = TypeVar("V")
# What a kept page lacks is put in by mark; nobody outside can know a mark, so no content can hold one.
SWITCH_MARK, ROWS_MARK, HITS_MARK, NEXT_MARK, TITLE_MARK, LINK_MARK, BODY_MARK = (
    f"#{secrets.token_hex(8)}#" for _ in range(7)
)
ROWS_KEPT = 8192
PAGES_KEPT = 4096
FRAGMENTS_KEPT = 1024
BYTES_KEPT = 32 * 1024 * 1024  # of rows, and again of all else
PAGE_BYTES_KEPT = 64 * 1024 * 1024
LARGEST_KEPT = 400_000
SECONDS = 20.0
DAY_SECONDS = 86_400.0
# Where portal.edge hands on the version that it has read for the request.
VERSION = "portal.content_version"


def _bytes(value: object) -> int:
    if isinstance(value, tuple):
        return sum(map(_bytes, value))
    return sys.getsizeof(value if isinstance(value, str) else repr(value))


class Kept:
    """Values by key, each for some seconds; the one not asked for longest goes when there are too many.

    Args:
        most: number of values.
        most_bytes: bytes of keys and values together.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most, self.most_bytes, self.bytes = most, most_bytes, 0
        self._values: OrderedDict[Hashable, tuple[float, int, Any]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], V], seconds: float) -> V:
        """The kept value, else that of ``make()``, which is kept unless it is too large."""
        with self._lock:
            found = self._values.get(key)
            if found and found[0] > time.monotonic():
                self._values.move_to_end(key)
                kept_value: V = found[2]
                return kept_value
        value = make()
        size = _bytes(key) + _bytes(value)
        if size <= LARGEST_KEPT:
            self._put(key, time.monotonic() + seconds, size, value)
        return value

    def _put(self, key: Hashable, until: float, size: int, value: object) -> None:
        with self._lock:
            old = self._values.pop(key, None)
            self._values[key] = (until, size, value)
            self.bytes += size - (old[1] if old else 0)
            while self._values and (len(self._values) > self.most or self.bytes > self.most_bytes):
                _, (_, freed, _) = self._values.popitem(last=False)
                self.bytes -= freed


class Store:
    """What is kept of one content version."""

    def __init__(self, version: bytes | None) -> None:
        self.version = version
        self.rows = Kept(ROWS_KEPT, BYTES_KEPT)
        self.pages = Kept(PAGES_KEPT, PAGE_BYTES_KEPT)
        self.fragments = Kept(FRAGMENTS_KEPT, BYTES_KEPT)


_newest = Store(None)
# Of the request that is being answered: what the edge has handed on (None: Redis is away), and the store in use.
_handed: ContextVar[bytes | str | None] = ContextVar("handed", default="")
_mine: ContextVar[Store | None] = ContextVar("mine", default=None)


def begin_request(environ: dict[str, Any] | None = None, **_: Any) -> None:
    """Receiver of Django's ``request_started``: take the version from the WSGI environment, or ask for it later."""
    _handed.set((environ or {}).get(VERSION, ""))
    _mine.set(None)


request_started.connect(begin_request, dispatch_uid="portal.fragments")


def store() -> Store:
    """The store of the present request, chosen by the content version when it is first asked for.

    A request that began before a change goes on with its own store: nothing it keeps is seen after the change.
    """
    global _newest
    found = _mine.get()
    if found is None:
        handed = _handed.get()
        version = content_version() if isinstance(handed, str) else handed
        found = _newest
        if version is None or version != found.version:
            found = Store(version)
            if version is not None:
                _newest = found
        _mine.set(found)
    return found


def kept(key: Hashable, make: Callable[[], V], seconds: float) -> V:
    """The value of ``make()``, at most ``seconds`` old and of the present content version."""
    return store().fragments.get(key, make, seconds)


def for_seconds(key: Hashable, make: Callable[[], V]) -> V:
    """Lists and numbers that many pages need, at most 20 seconds old."""
    return kept(key, make, SECONDS)


def forget() -> None:
    """Drop what is kept (tests; a process after a restore)."""
    global _newest
    _newest = Store(None)
    _mine.set(None)
    _rendered.cache_clear()


@lru_cache(maxsize=256)
def _rendered(template: str, prefix: str, **parts: Hashable) -> SafeString:
    """``prefix`` is part of the key because links depend on it."""
    return SafeString(get_template(template).render({"site": the_site(), **parts}))


def columns() -> tuple[tuple[str, str], ...]:
    """(slug, name) of the columns that have articles."""
    return for_seconds("columns", lambda: tuple((c.slug, c.name) for c in column_list(now=timezone.now())))


def header(active: str, search: bool, switch_url: str, large_print: bool) -> SafeString:
    """The head of a page: name, navigation with ``active`` marked, search box when ``search``, print size."""
    found = _rendered(
        "partials/header.html",
        get_script_prefix(),
        active=active,
        search=search,
        columns=columns(),
        rules=for_seconds("rules", rules_are_public),
        large=large_print,
        switch=SWITCH_MARK,
    )
    # The one part that differs by address is put in afterwards, so that the rest can be kept.
    return mark_safe(found.replace(SWITCH_MARK, escape(switch_url)))  # noqa: S308 (escaped)


def footer() -> SafeString:
    """The foot of a page, as the rules for government sites ask."""
    return _rendered("partials/footer.html", get_script_prefix(), columns=columns())


def due_words(moment: datetime, now: datetime, state: str) -> words.Deadline:
    """How long there is; for a project that ended or was corrected, that instead: no countdown to a dead date."""
    return {
        TERMINATED: words.Deadline("past", "已终止"),
        CORRECTED: words.Deadline("past", "有更正"),
    }.get(state) or words.deadline(moment, now)


def deadline_tag(moment: datetime, now: datetime, state: str = "") -> str:
    """``<span class="due far">还有3天</span>`` with the date after it."""
    due = due_words(moment, now, state)
    if state == TERMINATED:
        return f'<span class="due {due.state}">{due.words}</span>'
    return (
        f'<span class="due {due.state}">{due.words}</span>'
        f'<span class="due-at">截止 <time datetime="{words.machine_time(moment)}">{minute_words(moment)}</time></span>'
    )


def _row(announcement: Announcement, now: datetime, title: str, around: str, state: str) -> str:
    url = page_url("portal:announcement", announcement.pk)
    place = f'<span class="place">{words.visible(announcement.region_id)}</span>' if announcement.region_id else ""
    due = announcement.deadline and f'<span class="row-due">{deadline_tag(announcement.deadline, now, state)}</span>'
    more = f'<p class="row-excerpt"><bdi>{around}</bdi></p>' if around else ""
    moment = announcement.published_at
    return (
        f'<li class="row"><div class="row-main"><a class="row-title" href="{url}"><bdi>{title}</bdi></a>{more}'
        f'<p class="row-facts"><span class="kind">{words.visible(announcement.category_id)}</span>'
        f"<span>{words.visible(announcement.type_id)}</span>{place}{due or ''}</p></div>"
        f'<time class="row-time" datetime="{words.machine_time(moment)}">{day_words(moment)}</time></li>'
    )


def row(announcement: Announcement, now: datetime, state: str = "") -> str:
    """One line of a list; kept, because an announcement never changes."""
    due = due_words(announcement.deadline, now, state).words if announcement.deadline else ""
    key = (announcement.pk, announcement.content_digest, announcement.masked_at, get_script_prefix(), due)
    return store().rows.get(
        key, lambda: _row(announcement, now, words.visible(announcement.title), "", state), DAY_SECONDS
    )


def found_row(announcement: Announcement, now: datetime, title: str, around: str, state: str = "") -> str:
    """One line of a search result: ``title`` and ``around`` are escaped markup with the hits marked."""
    return _row(announcement, now, words.show_invisible(title), words.show_invisible(around), state)


def rows_html(rows: Sequence[Announcement], query: AnnouncementQuery | None, now: datetime) -> SafeString:
    """The ``<li>`` elements of a list; where ``query`` searches, hits are marked and shown with their surroundings."""
    dated = tuple(r.pk for r in rows if r.deadline and r.deadline > now)
    states = kept(("superseded", dated, now), lambda: superseded(rows, now=now), SECONDS) if dated else {}
    if query is None or not query.terms:
        return mark_safe("".join(row(r, now, states.get(r.pk, "")) for r in rows))  # noqa: S308 (escaped in _row)
    found = (found_row(r, now, highlight(r.title, query), surroundings(r, query), states.get(r.pk, "")) for r in rows)
    return mark_safe("".join(found))  # noqa: S308 (escaped in _row)


def options(names: tuple[str, ...] | list[str], chosen: str) -> SafeString:
    """``<option>`` elements; a chosen name that is not among them is kept, so that the form says what applies."""
    if chosen and chosen not in names:
        names = [*names, chosen]
    out = []
    for name in names:
        state = " selected" if name == chosen else ""
        out.append(f'<option value="{escape(name)}"{state}>{escape(words.plain(name))}</option>')
    return mark_safe("".join(out))  # noqa: S308 (names are escaped)
