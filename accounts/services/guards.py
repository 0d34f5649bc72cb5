"""Failed logins and what they lock.

An attempt is counted as failed before anything is compared, in one short transaction that holds its row: so parallel
attempts cannot get more guesses than the rule gives. Who then turns out to be right takes it back.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import LoginGuard, User
from accounts.rulebook import ACCOUNT_RULE, GuardRule
from core.moments import SHANGHAI

KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Attempt:
    """An attempt as the guard sees it.

    ``allowed``: it may be looked at; else it is refused. ``locked_until``: when refused, until when; when allowed,
    until when the key will be locked if this one fails (None: it will not).
    """

    allowed: bool
    locked_until: datetime | None = None


def until_words(moment: datetime) -> str:
    """``2026年3月2日 09:00``, rounded up to the minute, so that who comes then is not too early."""
    local = moment.astimezone(SHANGHAI)
    if local.second or local.microsecond:
        local = datetime.fromtimestamp((local.timestamp() // 60 + 1) * 60, SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def account_key(username: str) -> str:
    """The key of a login name, known or unknown: by digest, since people type passwords into that field."""
    return "account:" + hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()


def address_key(address: str) -> str:
    """The key of a visitor's address; an IPv6 visitor owns a /64, so that counts as one."""
    return f"address:{ipaddress.ip_network(f'{address}/64', strict=False) if ':' in address else address}"


def code_key(user: User) -> str:
    """The key of a person's second factor."""
    return f"code:{user.pk}"


def _locked_row(key: str, now: datetime) -> LoginGuard:
    """The row of ``key``, made if need be, held until the transaction ends."""
    LoginGuard.objects.bulk_create(
        [LoginGuard(key=key, touched_at=now)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["touched_at"],
    )
    return LoginGuard.objects.get(key=key)


def attempt_begin(*, key: str, rule: GuardRule, now: datetime) -> Attempt:
    """Count an attempt as failed, unless its key is locked.

    Args:
        key: one of the keys above.
        rule: how many failures lock it, for how long.
        now: the time of the request.
    """
    with transaction.atomic():
        row = _locked_row(key, now)
        if row.locked_until is not None and row.locked_until > now:
            return Attempt(False, row.locked_until)
        if row.failed_at is None or now - row.failed_at > rule.forget:
            row.failures = row.locks = 0
        elif row.locked_until is not None:
            row.failures = 0
        row.failures += 1
        row.failed_at = now
        row.locked_until = None
        if row.failures >= rule.failures:
            row.locked_until = now + min(rule.first * 2 ** min(row.locks, 16), rule.longest)
            row.locks += 1
        row.save()
    return Attempt(True, row.locked_until)


def attempt_release(*, key: str, rule: GuardRule, now: datetime) -> None:
    """Take one attempt back that was right, and the lock that it had set; other failures stay counted."""
    with transaction.atomic():
        row = _locked_row(key, now)
        if row.failures:
            row.failures -= 1
            if row.locked_until is not None and row.failures < rule.failures:
                row.locked_until = None
                row.locks = max(row.locks - 1, 0)
            row.save()


def attempt_clear(*, key: str) -> bool:
    """Forget all failures of a key; was there anything?"""
    return bool(LoginGuard.objects.filter(key=key).delete()[0])


def account_unlock(user: User) -> bool:
    """Forget the failures of a person's name and codes; was there anything?"""
    name, code = attempt_clear(key=account_key(user.username)), attempt_clear(key=code_key(user))
    return name or code


def account_attempt(*, username: str, now: datetime) -> Attempt:
    """``attempt_begin`` for a login name."""
    return attempt_begin(key=account_key(username), rule=ACCOUNT_RULE, now=now)


def guards_purge(*, now: datetime) -> None:
    """Remove rows that nobody has touched for longer than any rule remembers."""
    LoginGuard.objects.filter(touched_at__lt=now - KEPT).delete()
