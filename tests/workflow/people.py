"""People for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.duties import Duty
from accounts.models import Department, DutyAssignment, User

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def make_staff(*duties: str, department: str = "intake", name: str = "", delegated_from: User | None = None) -> User:
    """A person with ``duties`` in an office, since 2020."""
    number = next(_numbers)
    user = User(username=f"person{number}", name=name or f"周试{number}", password_changed_at=timezone.now())
    user.set_unusable_password()
    user.save()
    give(user, *duties, department=department, delegated_from=delegated_from)
    return user


def give(
    user: User, *duties: str, department: str = "intake", delegated_from: User | None = None, since: datetime = SINCE
) -> None:
    """More duties for a person."""
    office = Department.objects.get(code=department)
    until = UNTIL if delegated_from else None
    for duty in duties:
        DutyAssignment.objects.create(
            user=user, duty=Duty(duty), department=office, begins_at=since, ends_at=until, delegated_from=delegated_from
        )


def end_duties(user: User) -> datetime:
    """End what the person has, a day after the last change of duties; when that was. What has begun stays written."""
    held = DutyAssignment.objects.filter(user=user)
    change = SINCE + timedelta(days=held.count())
    held.filter(ends_at=None).update(ends_at=change)
    return change


def enter(client: Client, user: User) -> None:
    """Let ``client`` be logged in as ``user``, second factor included, without the login pages (tests/accounts)."""
    client.force_login(user)
    session, now = client.session, timezone.now().timestamp()
    session.update({sessions.BEGUN: now, sessions.SEEN: now, sessions.FACTOR: True})
    session.save()
