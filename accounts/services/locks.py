"""What too many failed logins have locked, and how it is opened again."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.duties import Duty
from accounts.gates import require_duty
from accounts.models import LoginGuard, User
from accounts.selectors import duties_of
from accounts.services import guards
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError

MOST = 300
KINDS = {
    "address": "网络地址",
    "setup": "网络地址（初始设置）",
    "account": "账号",
    "code": "账号的验证码",
    "confirm": "账号的本人确认",
    "device": "账号在一台常用设备上",
}


@dataclass(frozen=True)
class Lock:
    """One lock: its ``key``, in words what it is on, the person it is about (None: an address or an unknown name)."""

    key: str
    kind: str
    name: str
    user: User | None
    failures: int
    until: datetime


def locks_now(*, now: datetime) -> list[Lock]:
    """Every lock in force, addresses first, then the newest."""
    rows = list(LoginGuard.objects.filter(locked_until__gt=now).order_by("-locked_until")[:MOST])
    people = list(User.objects.filter(kind=User.Kind.STAFF)) if rows else []
    by_digest = {guards.name_digest(user.username): user for user in people}
    by_number = {str(user.pk): user for user in people}
    found = [_lock(row, by_digest, by_number) for row in rows]
    return sorted(found, key=lambda lock: lock.user is not None or not lock.kind.startswith("网络"))


def _lock(row: LoginGuard, by_digest: dict[str, User], by_number: dict[str, User]) -> Lock:
    kind, rest = row.key.split(":", 1)
    user = None
    if kind in ("account", "device"):
        user = by_digest.get(rest[: guards.DIGEST])
    elif kind in ("code", "confirm"):
        user = by_number.get(rest)
    place = rest.removeprefix("address:")
    name = f"{user.name}（{user.username}）" if user else place if kind in ("address", "setup") else "没有这个登录名"
    assert row.locked_until is not None  # noqa: S101 (asked for above; for the type checker)
    return Lock(row.key, KINDS.get(kind, kind), name, user, row.failures, row.locked_until)


def lock_open(*, key: str, by: User | None, now: datetime, address: str = "") -> Lock:
    """Open one lock before its time.

    Args:
        key: of a lock that ``locks_now`` lists.
        by: the system or the security administrator; None for a command.

    Raises:
        BusinessError: ``no_duty``, ``oneself``, ``not_locked``.
    """
    if by is not None:
        require_duty(duties_of(by, now=now), Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, what="解除锁定")
    found = next((lock for lock in locks_now(now=now) if lock.key == key), None)
    if found is None:
        raise BusinessError("没有解除：这里已经没有锁定了，可能刚刚到时，或别人已经解除。", "not_locked")
    if by is not None and found.user is not None and found.user.pk == by.pk:
        raise BusinessError("没有解除：不能解除自己账号的锁定，请另一位管理员来办。", "oneself")
    with transaction.atomic():
        guards.attempt_clear(key=key)
        _record(found.key, found.user, by, now, address)
    return found


def address_open(*, place: str, now: datetime) -> list[str]:
    """Forget the failures from an address, and those at its initial setup (``staff_unlock --address``).

    Returns:
        In words what was open again: empty when there was nothing.

    Raises:
        BusinessError: ``bad_address``.
    """
    try:
        key = guards.address_key(str(ipaddress.ip_address(place.strip())))
    except ValueError:
        raise BusinessError(f"没有解除：{place[:60]} 不是网络地址，写成 192.168.1.20 这样。", "bad_address") from None
    opened = []
    with transaction.atomic():
        for one, words in ((key, "登录"), (f"setup:{key}", "初始设置")):
            if guards.attempt_clear(key=one):
                opened.append(words)
                _record(one, None, None, now, "")
    return opened


def _record(key: str, user: User | None, by: User | None, now: datetime, address: str) -> None:
    subject = f"accounts.user:{user.pk}" if user else ""
    # What people type where the name belongs may be a password: of an unknown name nothing is told.
    place = key.split(":", 1)[1].removeprefix("address:") if key.startswith(("address:", "setup:")) else ""
    detail = {"what": "unlock", **({"place": place} if place else {})}
    action_record(tag=Tag.ACCOUNT, by=by, now=now, subject=subject, detail=detail, address=address)
