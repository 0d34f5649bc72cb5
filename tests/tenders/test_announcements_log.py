"""Announcements of before the log existed get their leaves, in order of time, whatever interrupts it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from audit.models import LogCheckpoint, LogLeaf
from tenders.lines import announcement_line
from tenders.log import announcements_missing
from tenders.models import Announcement
from tenders.services.announcements import announcements_store
from tenders.services.log import announcements_log
from tests.audit.conftest import keys_dir
from tests.audit.test_log import sizes, verifier
from tests.audit.test_log_verify import verify
from tests.tenders.factories import CATEGORIES, NOW, line_of, make_announcement

__all__ = ["keys_dir"]
pytestmark = pytest.mark.django_db(transaction=True)


def without_log(count: int) -> None:
    """Announcements as they stood before there was a log, published on days in an order of their own."""
    values = [line_of(published=f"2026-{1 + n * 7 % 12:02}-{1 + n % 28:02} 09:00") for n in range(count)]
    lines = [announcement_line(value, CATEGORIES) for value in values]
    announcements_store(lines=lines, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "TRUNCATE audit_logleaf, audit_lognode, audit_logcheckpoint, audit_loghead, audit_logdayend,"
            " audit_logobject"
        )
        cursor.execute(f'SET ROLE "{connection.settings_dict["APP"]}"')


@pytest.fixture(autouse=True)
def role(settings: Any) -> None:
    connection.settings_dict["APP"] = settings.DATABASE_APP_ROLE


class Interrupted(Exception):
    pass


def test_backfill_is_in_order_of_publication_and_goes_on_after_an_interruption(keys_dir: Path) -> None:
    without_log(2_300)
    told: list[tuple[int, int]] = []
    clock = iter(NOW + timedelta(minutes=n) for n in range(100))

    def interrupt(done: int, count: int) -> None:
        told.append((done, count))
        raise Interrupted

    with pytest.raises(Interrupted):
        announcements_log(now=lambda: next(clock), progress=interrupt)
    assert (told, sizes()) == ([(1_000, 2_300)], [0, 1_000])
    make_announcement()  # publications need not wait for the rest
    assert announcements_log(now=lambda: next(clock), progress=lambda *_: None) == 1_300
    assert sizes() == [0, 1_000, 1_001, 2_001, 2_301]
    assert announcements_log(now=lambda: next(clock), progress=lambda *_: None) == 0
    assert announcements_missing() == []
    order = list(Announcement.objects.order_by("published_at", "id").values_list("id", flat=True))
    newest = Announcement.objects.latest("id").pk
    refs = [int(ref) for ref in LogLeaf.objects.order_by("seq").values_list("ref", flat=True)]
    assert [ref for ref in refs if ref != newest] == [pk for pk in order if pk != newest]
    assert refs.index(newest) == 1_000
    assert LogLeaf.objects.get(seq=1_001).at == NOW + timedelta(minutes=1)
    assert verify()[0] == 0


def test_an_upgrade_logs_what_stands(keys_dir: Path, settings: Any) -> None:
    from trading_center import prepare  # noqa: PLC0415 (sets the owner's role in the environment when it is imported)

    without_log(5)
    make_announcement(type="更正公告")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    prepare._log()
    leaves = verifier().everything(sizes())
    assert [leaf["kind"] for leaf in leaves] == ["correction", *["announcement"] * 5]
    assert LogCheckpoint.objects.count() == 3
