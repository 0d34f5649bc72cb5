"""What was masked is on no page any more, whatever was kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.duties import Duty
from tests.tenders.test_masking import NAME, SECRET, mask, published
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db


def test_pages_feed_interface_and_record_show_it_no_more(
    django_capture_on_commit_callbacks: Any,
) -> None:
    announcement, client = published(), Client()
    paths = [
        f"/announcements/{announcement.pk}/", f"/announcements/{announcement.pk}/canonical.json", "/announcements/",
        "/feeds/announcements.atom", "/api/v1/announcements/", "/",
    ]  # fmt: skip
    assert all(NAME in client.get(path).content.decode() for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        mask(announcement, (make_staff(Duty.MASKING), make_staff(Duty.MASKING)))
    for path in paths:
        shown = client.get(path).content.decode()
        assert NAME not in shown and SECRET not in shown, path
    assert "个人信息已于" in client.get(paths[0]).content.decode()
