"""People with duties, and clients that are logged in as they would be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import totp
from accounts.duties import Duty
from accounts.models import Department, DutyAssignment, Factor, User
from core import keys

PASSWORD = "Shan-Shui-42"
SECRET = bytes(range(20))
_numbers = count(1)


@cache
def hashed(password: str) -> str:
    """Its hash, made once: argon2 is slow on purpose."""
    return make_password(password)


def make_person(*duties: Duty, factor: bool = False, password: str = PASSWORD, **values: Any) -> User:
    """An active member of staff with ``duties`` since yesterday; ``factor``: with SECRET as second factor."""
    number = next(_numbers)
    now = timezone.now()
    values = {"username": f"ren{number}", "name": f"甲{number}", "password_changed_at": now, **values}
    user = User(**values, password=hashed(password))
    user.save()
    office = Department.objects.get(code="intake")
    for duty in duties:
        DutyAssignment.objects.create(user=user, duty=duty, department=office, begins_at=now - timedelta(days=1))
    if factor:
        sealed = keys.encrypt(SECRET.hex(), context="accounts.Factor")
        Factor.objects.create(user=user, secret=sealed, created_at=now, confirmed_at=now)
    return user


@contextmanager
def rules_of_assignments_off() -> Iterator[None]:
    """One person may be given both duties of a pair, as before the rule: so that one browser sees every page."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE accounts_dutyassignment DISABLE TRIGGER assignment_check")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE accounts_dutyassignment ENABLE TRIGGER assignment_check")
            cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


def code_now(steps: int = 0) -> str:
    """The code of SECRET, some steps from now."""
    return totp.code_at(SECRET, totp.step_of(timezone.now()) + steps)


def post_login(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    """POST the first step."""
    return client.post("/staff/login/", {"username": username, "password": password, **more})


def logged_in(user: User, **options: Any) -> Client:
    """A client that went through the login pages, second factor included."""
    client = Client(**options)
    answer = post_login(client, user.username)
    if answer.headers.get("Location") == "/staff/login/code/":
        Factor.objects.filter(user=user).update(last_step=0)
        answer = client.post("/staff/login/code/", {"code": code_now()})
    assert answer.status_code == 302, answer.content.decode()
    return client
