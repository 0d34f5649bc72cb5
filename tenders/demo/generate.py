"""Demonstration announcements as lines of the import format (contracts: announcement files, version 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tenders.demo.basics import Stream, is_workday
from tenders.demo.common import Chain, Item
from tenders.demo.names import county
from tenders.demo.projects import attach, build, locate, slot, write_chain
from tenders.demo.texts import read_words

SIZES = {"small": 200, "county": 6_000, "province": 1_000_000}
"""How many announcements each size of ``demo_load`` holds."""

_CATEGORY = {"P": "政府采购", "W": "工程建设", "L": "土地使用权", "A": "国有产权", "R": "其他交易"}
# The county as it stands on the day of the first look: chains cut off at that day; the last word says what for.
_LIVE = read_words("chains.txt")["live"]
_LIVE_SERIALS = 7_000
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def _line(external_id: str, category: str, chain: Chain, item: Item, first: str | None) -> dict[str, Any]:
    fields = item.fields if first is None else {**item.fields, "corrects": first}
    line: dict[str, Any] = {
        "id": external_id,
        "category": category,
        "type": item.type,
        "title": item.title,
        "published": item.published,
        "text": item.text,
        "fields": fields,
        "source": {"name": chain.county.center, "page": f"{chain.county.page}/notices/{external_id}.html"},
    }
    if item.attachments:
        line["attachments"] = [dict(a) for a in item.attachments]
    return line


def demo_announcements(count: int, *, first: int = 0) -> Iterator[dict[str, Any]]:
    """The demonstration announcements, the same for ever: a larger count begins with the smaller one.

    Args:
        count: how many there are in all; 200, 6,000 and 1,000,000 are the sizes of ``demo_load``.
        first: position to begin at (0 is the first), for carrying on where a load stopped.

    Yields:
        One dict a line: id ``demo-000001`` and on, category, type, title, published, text, fields, source, for some
        attachments (``[{"name", "text"}]``). ``fields["corrects"]`` is the id of the announcement that a correction is
        about.
    """
    position = first
    while position < count:
        number, step = locate(position)
        chain = build(number)
        category = _CATEGORY[slot(number)[0]]
        start = position - step
        for item in chain.items[step : step + count - position]:
            corrected = None if item.corrects is None else f"demo-{start + item.corrects + 1:06d}"
            yield _line(f"demo-{position + 1:06d}", category, chain, item, corrected)
            position += 1


def demo_live(*, now: datetime) -> Iterator[dict[str, Any]]:
    """Some sixty announcements of 云泽县 around a day: openings today and in the next weeks, results of the last days.

    Args:
        now: any moment of the day of the first load; the content depends on the day alone. Nothing is published on
            that day itself or later, so that all of it is past whatever the hour.

    Yields:
        Lines as ``demo_announcements`` does, ids ``live-20261121-01`` and on.
    """
    today = now.astimezone(_SHANGHAI).date()
    count, used = 0, set[str]()
    for place, wanted in enumerate(_LIVE):
        kind, steps, aim = wanted.split(":")
        chain = _around(place, f"{kind}:{steps}", aim, today, used)
        if chain is None:
            continue
        used.add(_thing(chain))
        first = count
        for item in chain.items:
            count += 1
            corrected = None if item.corrects is None else f"live-{today:%Y%m%d}-{first + item.corrects + 1:02d}"
            yield _line(f"live-{today:%Y%m%d}-{count:02d}", _CATEGORY[kind], chain, item, corrected)


def _thing(chain: Chain) -> str:
    return chain.facts.get("item") or chain.facts["parcel"]


def _around(place: int, steps: str, aim: str, today: date, used: set[str]) -> Chain | None:
    """The chain with the start that fits: its notices until yesterday, the last of them as ``aim`` says; else None."""
    day = today.toordinal()
    aim = "open" if aim == "today" and not is_workday(day) else aim
    for attempt in range(9):
        recent, again = (10, 10, 10, 20, 20, 20, 60, 60, 60)[attempt], attempt > 3
        shift = Stream(day * 100 + place).next() % 30
        for back in range(260):
            key = (day * 100 + place) * 10_000 + attempt * 260 + back
            chain = Chain(key, county(0), day - 1 - (back + shift) % 260)
            chain.serial = _LIVE_SERIALS + place
            write_chain(chain, steps)
            chain.items = [item for item in chain.items if item.published[:10] < today.isoformat()]
            if not chain.items or not _fits(chain.items[-1], aim, today, recent):
                continue
            if again or _thing(chain) not in used:
                if place % 4 == 0:
                    attach(chain)
                return chain
    # After a long holiday no tender of twenty days can end on just that day.
    return _around(place, steps, "open", today, used) if aim == "today" else None


def _fits(last: Item, aim: str, today: date, recent: int) -> bool:
    if aim == "done":
        return "deadline" not in last.fields and (today - date.fromisoformat(last.published[:10])).days <= recent
    if "deadline" not in last.fields:
        return False
    left = (date.fromisoformat(last.fields["deadline"][:10]) - today).days
    return left == 0 if aim == "today" else 1 <= left <= 30
