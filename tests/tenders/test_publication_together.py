"""Many who check and publish at once, and processes that are killed: each draft once, the log whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from audit.log_models import LogHead, LogLeaf
from audit.log_verification import log_verification
from core.errors import BusinessError
from tenders.models import Announcement, AnnouncementDraft, SearchEntry
from tests.tenders.drafts import NOW, Cast, input_of, make_draft
from tests.tenders.test_masking import ask, published
from tests.workflow.people import make_staff
from trading_center.config import ROOT
from workflow.models import StateChange
from workflow.services import move

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, DRAFTS, KILLS = 8, 24, 100


def together(*attempts: Callable[[], object]) -> list[str]:
    """Run all at the same moment in threads; ``done`` or the code of the refusal of each."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> str:
        barrier.wait(timeout=30)
        try:
            attempt()
        except BusinessError as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sorted(pool.map(run, attempts))


def environment() -> dict[str, str]:
    return {**os.environ, "TEST_DATABASE": str(connection.settings_dict["NAME"])}


def everything_is_whole(drafts: list[AnnouncementDraft]) -> None:
    """Each draft published once, with record, search entry, leaf and change; the log without gaps, verified."""
    numbers = [draft.pk for draft in drafts]
    rows = AnnouncementDraft.objects.filter(pk__in=numbers)
    assert set(rows.values_list("state", flat=True)) == {"published"}
    assert Announcement.objects.count() == SearchEntry.objects.count() == len(drafts)
    changes = StateChange.objects.filter(subject_type="tenders.announcementdraft", move="publish")
    assert sorted(changes.values_list("subject_id", flat=True)) == sorted(numbers)
    assert list(LogLeaf.objects.order_by("seq").values_list("seq", flat=True)) == list(range(len(drafts)))
    assert LogHead.objects.get().size == len(drafts)
    refs = LogLeaf.objects.values_list("ref", flat=True)
    assert sorted(map(int, refs)) == sorted(rows.values_list("announcement_id", flat=True))
    found = log_verification()
    assert (found.size, found.problems) == (len(drafts), [])


def test_of_two_checkers_at_once_one_checks_and_the_other_is_told() -> None:
    cast = Cast.make()
    draft = make_draft("submitted", cast=cast)
    move(draft, "secrecy_check", by=cast.secrecy, now=NOW, data=input_of("secrecy_check", draft))
    people = [cast.checker, make_staff("announcement_check")]
    found = together(*(
        lambda person=person: move(  # type: ignore[misc]
            AnnouncementDraft.objects.get(pk=draft.pk), "check", by=person, now=NOW, data={"confirmed": []}
        )
        for person in people
    ))  # fmt: skip
    assert found == ["done", "wrong_state"]


def test_of_a_check_and_a_return_at_once_one_happens() -> None:
    cast = Cast.make()
    draft = make_draft("submitted", cast=cast)
    move(draft, "secrecy_check", by=cast.secrecy, now=NOW, data=input_of("secrecy_check", draft))
    other = make_staff("announcement_check")
    found = together(
        lambda: move(AnnouncementDraft.objects.get(pk=draft.pk), "check", by=cast.checker, now=NOW, data={}),
        lambda: move(AnnouncementDraft.objects.get(pk=draft.pk), "return", by=other, now=NOW, comment="再改"),
    )
    assert found.count("done") in (1, 2)  # a return may follow the check; never the other way round
    history = list(StateChange.objects.filter(subject_id=draft.pk, move__in=["check", "return"]).order_by("number"))
    assert [row.move for row in history] in (["check"], ["return"], ["check", "return"])


def test_of_two_who_confirm_a_masking_at_once_one_does() -> None:
    asked = ask(published(), make_staff("masking"))
    people = [make_staff("masking"), make_staff("masking")]
    found = together(*(
        lambda person=person: move(type(asked).objects.get(pk=asked.pk), "confirm", by=person, now=NOW)  # type: ignore[misc]
        for person in people
    ))  # fmt: skip
    assert found == ["done", "wrong_state"]
    assert LogLeaf.objects.filter(kind="redaction").count() == 1
    assert log_verification().problems == []


def test_eight_processes_that_publish_at_the_same_moment_leave_no_gap() -> None:
    cast = Cast.make()
    drafts = [make_draft("scheduled", cast=cast) for _ in range(DRAFTS)]
    command = [sys.executable, "-m", "tests.tenders.publisher"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.close()
    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    everything_is_whole(drafts)


def test_killed_at_a_hundred_moments_nothing_is_lost_and_nothing_doubled() -> None:
    cast = Cast.make()
    drafts = [make_draft("scheduled", cast=cast) for _ in range(DRAFTS)]
    command = [sys.executable, "-m", "tests.tenders.publisher", str(KILLS), "3"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=True)
    assert int(done.stdout.split()[0]) > KILLS // 10
    everything_is_whole(drafts)
