"""The first three administrators of a real, empty instance."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from accounts.duties import Duty
from accounts.models import User
from accounts.rulebook import ADDRESS_RULE
from accounts.selectors import has_administrator
from accounts.services import guards
from accounts.services.duties import duty_give
from accounts.services.people import account_create
from core.errors import BusinessError

# Who sets up waits for who is setting up already.
ADVISORY_LOCK = 7_305_003
SECRET = "setup_code"  # noqa: S105 (the name of the file)
CLOSED = "初始设置已经完成，这一页不再使用。请从登录页进入。"


@dataclass(frozen=True)
class NewAdministrator:
    """One of the three, as typed."""

    duty: Duty
    username: str
    name: str
    employer: str
    password: str


def setup_is_open() -> bool:
    """Is there a setup code and not yet an administrator?"""
    return bool(settings.INSTANCE == "center" and settings.PATHS.secret(SECRET)) and not has_administrator()


def setup_finish(*, code: str, people: list[NewAdministrator], now: datetime, address: str) -> list[User]:
    """Make the administrators, all or none, once.

    Args:
        code: what the supervisor printed.
        people: one for each of the three duties.
        now: the time of the request.
        address: the visitor's.

    Raises:
        BusinessError: ``closed``, ``bad_code``, ``locked``, or what an account or a password lacks.
    """
    if not setup_is_open():
        raise BusinessError(CLOSED, "closed")
    key = "setup:" + guards.address_key(address)
    attempt = guards.attempt_begin(key=key, rule=ADDRESS_RULE, now=now)
    if not attempt.allowed and attempt.locked_until:
        minutes = max(1, -(-int((attempt.locked_until - now).total_seconds()) // 60))
        raise BusinessError(
            f"没有建立：设置码错了太多次，请 {minutes} 分钟后再试，"
            "或在服务器上用 manage.py staff_unlock --address 解除。",
            "locked",
        )
    if not hmac.compare_digest(code.strip().encode(), settings.PATHS.secret(SECRET).encode()):
        raise BusinessError(
            "没有建立：设置码不对。它在启动 make serve 的终端里，也在日志 supervisor.log 里。", "bad_code"
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        if has_administrator():
            raise BusinessError(CLOSED, "closed")
        made = [_named(person, now, address) for person in people]
    guards.attempt_clear(key=key)
    (settings.PATHS.secrets / SECRET).unlink(missing_ok=True)
    return made


FIELDS = {
    "bad_username": "username",
    "taken": "username",
    "bad_name": "name",
    "bad_employer": "employer",
    "bad_password": "password",
}


def _named(person: NewAdministrator, now: datetime, address: str) -> User:
    """As ``_administrator``; a refusal names the field of the page that it is about."""
    try:
        return _administrator(person, now, address)
    except BusinessError as error:
        name = FIELDS.get(error.code)
        field = {"field": f"{person.duty.value}-{name}"} if name else {}
        raise BusinessError(error.message, error.code, **field) from error


def _administrator(person: NewAdministrator, now: datetime, address: str) -> User:
    user, _ = account_create(
        username=person.username,
        name=person.name,
        employer=person.employer,
        password=person.password,
        by=None,
        now=now,
        address=address,
    )
    duty_give(user=user, duty=person.duty, department=None, begins_at=now, by=None, now=now, address=address)
    return user
