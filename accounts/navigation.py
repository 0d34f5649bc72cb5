"""The staff navigation: every app adds its entries when it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.duties import Duty

Counter = Callable[..., int]


@dataclass(frozen=True)
class Entry:
    """One link; ``counter(user=…, now=…)`` is a number shown beside it."""

    label: str
    url_name: str
    duties: frozenset[Duty] = field(default_factory=frozenset)
    position: int = 50
    group: str = ""
    counter: Counter | None = None


_entries: dict[str, Entry] = {}
_counters: dict[str, Counter] = {}


def entry_add(entry: Entry) -> None:
    """Add an entry, or replace that of the same address."""
    _entries[entry.url_name] = entry


def counter_add(name: str, counter: Counter) -> None:
    """Add a number that every staff template has as ``unread.<name>``."""
    _counters[name] = counter
