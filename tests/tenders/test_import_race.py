"""Two imports of the same announcements at once: each goes in once, each run tells the truth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from tenders.lines import announcement_line
from tenders.models import Announcement, AnnouncementRecord, SearchEntry
from tenders.services.announcements import announcements_store
from tests.tenders.factories import CATEGORIES, NOW, line_of

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4


def test_same_lines_from_many_importers_go_in_once() -> None:
    values = [line_of(type=f"类型{n % 7}", fields={"region": f"镇{n % 5}"}) for n in range(200)]
    lines = [announcement_line(value, CATEGORIES) for value in values]
    together = Barrier(THREADS)

    def run(number: int) -> list[str]:
        together.wait(timeout=30)
        try:
            # Each in another order, so that locks taken in order of lines would meet head on.
            mine = lines[number * 50 :] + lines[: number * 50]
            return [outcome for part in range(4) for outcome in announcements_store(lines=mine[part::4], now=NOW)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = [one for found in pool.map(run, range(THREADS)) for one in found]
    assert outcomes.count("imported") == 200
    assert outcomes.count("unchanged") == 200 * (THREADS - 1)
    assert [m.objects.count() for m in (Announcement, AnnouncementRecord, SearchEntry)] == [200, 200, 200]


def test_one_id_with_two_contents_at_once_keeps_one_and_refuses_the_other() -> None:
    values = [line_of(id="same", title=f"内容{n}") for n in range(THREADS)]
    lines = [announcement_line(value, CATEGORIES) for value in values]
    together = Barrier(THREADS)

    def run(number: int) -> list[str]:
        together.wait(timeout=30)
        try:
            return announcements_store(lines=[lines[number]], now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = [one for found in pool.map(run, range(THREADS)) for one in found]
    assert sorted(outcomes) == ["differs"] * (THREADS - 1) + ["imported"]
    assert Announcement.objects.get().title == lines[outcomes.index("imported")].title
