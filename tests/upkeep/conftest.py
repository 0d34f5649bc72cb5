"""People of the upkeep tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import DutyAssignment, User

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
_numbers = count(1)
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def plain_static(settings: Any) -> None:
    """No manifest, and a folder for whitenoise to find."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes a member of the staff with the given duties."""

    def make(*duties: Duty) -> User:
        user = User.objects.create(username=f"p{next(_numbers)}", name="甲某", password_changed_at=timezone.now())
        for duty in duties:
            DutyAssignment.objects.create(user=user, duty=duty, begins_at=NOW - timedelta(days=1000))
        return user

    return make
