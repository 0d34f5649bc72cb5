"""Demonstration drafts: in every state, a correction, a masked one; a rerun changes nothing."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from accounts.duties import Duty
from audit.log_verification import log_verification
from tenders.demo.drafts import MASKED, SAMPLE_IDENTITY, SAMPLE_NAME, SCRIPTS, demo_part
from tenders.models import Announcement, AnnouncementDraft
from tenders.models.drafts import DraftState
from tests.accounts.factories import make_person


def people() -> None:
    for duty in (Duty.ANNOUNCEMENT_DRAFT, Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK, Duty.MASKING, Duty.MASKING):
        make_person(duty)


@pytest.mark.django_db
def test_without_people_nothing_is_added() -> None:
    assert demo_part(size="small", now=timezone.now()) == ""


@pytest.mark.django_db(transaction=True)
def test_every_state_is_shown_and_a_rerun_changes_nothing() -> None:
    people()
    assert demo_part(size="small", now=timezone.now()) == f"已写入演示公告稿 {len(SCRIPTS)} 件。"
    assert set(AnnouncementDraft.objects.values_list("state", flat=True)) == set(DraftState.values)
    masked = Announcement.objects.get(title=MASKED)
    content = bytes(masked.record.content).decode()
    assert masked.masked_at is not None and "original_sha256" in json.loads(content)
    assert SAMPLE_NAME not in content and SAMPLE_IDENTITY not in content
    correction = AnnouncementDraft.objects.get(template__relation="correction")
    assert correction.target is not None and correction.state == "scheduled"
    found = log_verification()
    assert (found.problems, len(found.masked)) == ([], 1)
    assert demo_part(size="county", now=timezone.now()) == ""
