"""People for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from django.test import Client

from accounts.duties import Duty
from accounts.models import Department, DutyAssignment, User

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def make_staff(*duties: str, department: str = "intake", name: str = "", delegated_from: User | None = None) -> User:
    """A person with ``duties`` in an office, since 2020."""
    number = next(_numbers)
    user = User(username=f"person{number}", name=name or f"周试{number}")
    user.set_unusable_password()
    user.save()
    give(user, *duties, department=department, delegated_from=delegated_from)
    return user


def give(user: User, *duties: str, department: str = "intake", delegated_from: User | None = None) -> None:
    """More duties for a person."""
    office = Department.objects.get(code=department)
    for duty in duties:
        DutyAssignment.objects.create(
            user=user, duty=Duty(duty), department=office, begins_at=SINCE, delegated_from=delegated_from
        )


def enter(client: Client, user: User) -> None:
    """Let ``client`` be logged in as ``user``: the one place that knows how (the login pages are another part's)."""
    client.force_login(user)
