"""People of the staff for tests, logged in."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import DutyAssignment, User
from tests.workflow.people import enter

_numbers = itertools.count(1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def make_person(*duties: Duty, name: str = "") -> User:
    """A member of the staff with these duties since long ago."""
    number = next(_numbers)
    user = User(username=f"person-{number}", name=name or f"甲{number}", password_changed_at=timezone.now())
    user.set_unusable_password()
    user.save()
    for duty in duties:
        DutyAssignment.objects.create(user=user, duty=duty, begins_at=LONG_AGO)
    return user


def client_of(user: User) -> Client:
    """A browser in which ``user`` is logged in."""
    client = Client()
    enter(client, user)
    return client
