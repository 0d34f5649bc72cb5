"""People of the upkeep tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from accounts.duties import Duty
from accounts.models import DutyAssignment, User

_numbers = count(1)
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes a member of the staff with the given duties."""

    def make(*duties: Duty) -> User:
        user = User.objects.create(username=f"p{next(_numbers)}", name="甲某")
        for duty in duties:
            DutyAssignment.objects.create(user=user, duty=duty, begins_at=NOW - timedelta(days=1000))
        return user

    return make
