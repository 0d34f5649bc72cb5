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
from django.db.models import Q

from accounts.models import KnownPlace, LoginGuard, User
from accounts.rulebook import GuardRule

KEPT = timedelta(days=2)
PLACE_KEPT = timedelta(days=365)
# Hexadecimal digits that tell names apart.
DIGEST = 40


@dataclass(frozen=True)
class Attempt:
    """An attempt as the guard sees it.

    ``allowed``: it may be looked at; else it is refused. ``locked_until``: when refused, until when; when allowed,
    until when the key will be locked if this one fails (None: it will not).
    """

    allowed: bool
    locked_until: datetime | None = None


def name_digest(username: str) -> str:
    """Stands for a login name, known or unknown: people type passwords into that field."""
    return hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]


def account_key(username: str) -> str:
    """The key of a login name, by digest."""
    return "account:" + name_digest(username)


def device_key(username: str, device: str) -> str:
    """The key of a login name on a device that it has logged in from before (accounts.devices)."""
    return f"device:{name_digest(username)}:{device[:30]}"


def confirm_key(user: User) -> str:
    """The key of a person who is logged in and asked again: strangers cannot reach it."""
    return f"confirm:{user.pk}"


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
    """Forget the failures of a person's name, codes and devices; was there anything?"""
    keys = (account_key(user.username), code_key(user), confirm_key(user))
    devices = f"device:{name_digest(user.username)}:"
    return bool(LoginGuard.objects.filter(Q(key__in=keys) | Q(key__startswith=devices)).delete()[0])


def place_is_known(username: str, address: str, *, now: datetime) -> bool:
    """Has this name logged in from this address within a year?"""
    place = address_key(address).removeprefix("address:")
    readable = "\x00" not in username and len(username) <= 150
    return (
        readable
        and KnownPlace.objects.filter(user__username=username, place=place, seen_at__gt=now - PLACE_KEPT).exists()
    )


def place_note(user: User, address: str, *, now: datetime) -> None:
    """After a login: the address is known for this person."""
    KnownPlace.objects.bulk_create(
        [KnownPlace(user=user, place=address_key(address).removeprefix("address:"), seen_at=now)],
        update_conflicts=True,
        unique_fields=["user", "place"],
        update_fields=["seen_at"],
    )


def guards_purge(*, now: datetime) -> None:
    """Remove rows that nobody has touched for longer than any rule remembers."""
    LoginGuard.objects.filter(touched_at__lt=now - KEPT).delete()
    KnownPlace.objects.filter(seen_at__lt=now - PLACE_KEPT).delete()
