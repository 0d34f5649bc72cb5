"""The staff navigation: every app adds its entries when it is loaded; a person sees those of his duties.

entry_add(Entry("公告", "announcements_work", duties={Duty.ANNOUNCEMENT_DRAFT}, position=20, group="业务"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.duties import Duty

HOME = "staff_home"
Counter = Callable[..., int]


@dataclass(frozen=True)
class Entry:
    """One link.

    Args:
        label: Chinese words.
        url_name: to reverse, without arguments.
        duties: who sees it; empty is everybody on the staff.
        position: order, small first (own work 0 to 9, business 10 to 69, the house 70 to 99).
        group: heading above it, blank for none.
        counter: ``counter(user=…, now=…)``, a number shown beside it (unread, waiting); 0 shows nothing.
    """

    label: str
    url_name: str
    duties: frozenset[Duty] = field(default_factory=frozenset)
    position: int = 50
    group: str = ""
    counter: Counter | None = None


@dataclass(frozen=True)
class Link:
    """An entry as one person sees it."""

    label: str
    url: str
    group: str
    count: int
    current: bool


_entries: dict[str, Entry] = {}
_counters: dict[str, Counter] = {}


def entry_add(entry: Entry) -> None:
    """Add an entry, or replace that of the same address."""
    _entries[entry.url_name] = entry


def labels() -> dict[str, str]:
    """The words of every entry by the name of its address."""
    return {entry.url_name: entry.label for entry in _entries.values()}


def counter_add(name: str, counter: Counter) -> None:
    """Add a number that every staff template has as ``unread.<name>``: ``counter(user=…, now=…)``."""
    _counters[name] = counter


def links(user: Any, duties: Iterable[Duty], *, now: datetime, path: str) -> list[Link]:
    """What ``user`` with ``duties`` sees on the page at ``path``; the longest address that begins it is the current."""
    held = frozenset(duties)
    seen = sorted(
        (e for e in _entries.values() if not e.duties or e.duties & held), key=lambda e: (e.position, e.url_name)
    )
    urls = {entry.url_name: reverse(entry.url_name) for entry in seen}
    # The start page's address begins all others.
    current = max(
        (url for name, url in urls.items() if path == url or (name != HOME and path.startswith(url))),
        key=len,
        default="",
    )
    return [
        Link(
            entry.label,
            urls[entry.url_name],
            entry.group,
            entry.counter(user=user, now=now) if entry.counter else 0,
            urls[entry.url_name] == current,
        )
        for entry in seen
    ]


def unread(user: Any, *, now: datetime) -> dict[str, int]:
    """Every number by its name."""
    return {name: counter(user=user, now=now) for name, counter in _counters.items()}


_people = frozenset({Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN})
entry_add(Entry("工作台", HOME, position=0))
entry_add(Entry("人员账号", "staff_people", _people, 80, "人员与权限"))
entry_add(Entry("职责分配", "staff_duties", _people, 81, "人员与权限"))
entry_add(Entry("登录锁定", "staff_locks", frozenset({Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN}), 83, "人员与权限"))
entry_add(Entry("职责委托", "staff_delegations", position=82, group="人员与权限"))
# audit stands below and knows nothing of people.
entry_add(Entry("操作记录", "audit:list", frozenset({Duty.AUDIT_ADMIN}), 90, "审计"))
