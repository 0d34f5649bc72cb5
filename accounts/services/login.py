"""Logging in: name and password, then a code; every answer takes the same time and words whoever is asked for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Session, User
from accounts.rulebook import ACCOUNT_RULE, ADDRESS_RULE
from accounts.selectors import factor_confirmed
from accounts.services import guards
from accounts.services.factors import code_use, code_was_used
from audit.failures import login_failure_count
from audit.services import action_record
from audit.tags import Tag
from core import keys


class Result(Enum):
    """What became of an attempt."""

    DONE = "done"
    CODE = "code"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class Outcome:
    """``user`` when the password (or the code) was right; ``locked_until`` when the next attempt must wait.

    ``by_address``: not the account waits but the address. ``used``: the code was right, but works only once.
    """

    result: Result
    user: User | None = None
    locked_until: datetime | None = None
    by_address: bool = False
    used: bool = False


def username_plain(username: str) -> str:
    """A login name as it is kept: NFKC, small letters, no spaces around it."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def _password_fits(username: str, password: str) -> User | None:
    """The person, when the password is right; a name that there is not takes as long."""
    readable = "\x00" not in username and len(username) <= 150 and len(password) <= 1024
    user = User.objects.filter(username=username).first() if readable else None
    if user is None:
        User().set_password(password[:1024])
        return None
    if not user.check_password(password):
        return None
    allowed = user.is_active and user.kind == User.Kind.STAFF and (not user.is_demo or settings.DEMO_LOGINS)
    return user if allowed else None


def password_login(*, username: str, password: str, address: str, now: datetime, device: str = "") -> Outcome:
    """The first step.

    Args:
        username: as typed.
        password: as typed.
        address: the visitor's.
        now: the time of the request.
        device: the number of a device that this name has logged in from before (accounts.devices): it counts its own
            failures, so that strangers who lock the name or the address do not shut its owner out.

    Returns:
        DONE (no second factor: logged in), CODE (a code is wanted), WRONG, or LOCKED.
    """
    name = username_plain(username)
    place = guards.address_key(address)
    account = guards.device_key(name, device) if device else guards.account_key(name)
    here = guards.attempt_begin(key=place, rule=ADDRESS_RULE, now=now)
    if not here.allowed and not device and not guards.place_is_known(name, address, now=now):
        return _refused(None, "locked_address", address, now, here.locked_until)
    mine = guards.attempt_begin(key=account, rule=ACCOUNT_RULE, now=now)
    if not mine.allowed:
        return _refused(None, "locked_account", address, now, mine.locked_until)
    user = _password_fits(name, password)
    if user is None:
        # Where it was locked already, that lock does not hold for who got this far.
        until = max(filter(None, (here.locked_until if here.allowed else None, mine.locked_until)), default=None)
        return _wrong(name, "password", address, now, until)
    if here.allowed:
        guards.attempt_release(key=place, rule=ADDRESS_RULE, now=now)
    if factor_confirmed(user):
        # The failures before are forgotten only when the code is right, too.
        guards.attempt_release(key=account, rule=ACCOUNT_RULE, now=now)
        return Outcome(Result.CODE, user)
    return _done(user, "password", address, now, device)


def code_login(*, user: User, code: str, address: str, now: datetime, device: str = "") -> Outcome:
    """The second step, of who has given the right password: DONE, WRONG or LOCKED. No code is no attempt."""
    if not code.strip():
        return Outcome(Result.WRONG)
    mine = guards.attempt_begin(key=guards.code_key(user), rule=ACCOUNT_RULE, now=now)
    if not mine.allowed:
        return _refused(user, "locked_code", address, now, mine.locked_until)
    kind = code_use(user=user, code=code, now=now)
    if not kind:
        used = code_was_used(user=user, code=code, now=now)
        return replace(_wrong(user.username, "code", address, now, mine.locked_until), used=used)
    return _done(user, kind, address, now, device)


def identity_confirm(*, user: User, password: str, code: str | None, address: str, now: datetime) -> Outcome:
    """Ask somebody who is logged in again, before a change to password or factor: DONE, WRONG or LOCKED.

    ``code`` is a code of the factor in force; None where the password is enough.
    """
    key = guards.confirm_key(user)
    mine = guards.attempt_begin(key=key, rule=ACCOUNT_RULE, now=now)
    if not mine.allowed:
        return _refused(user, "locked_account", address, now, mine.locked_until)
    fits, used = user.check_password(password), False
    if fits and code is not None:
        fits = bool(code_use(user=user, code=code, now=now))
        used = not fits and code_was_used(user=user, code=code, now=now)
    if not fits:
        return replace(_wrong(user.username, "confirm", address, now, mine.locked_until), used=used)
    guards.attempt_clear(key=key)
    return Outcome(Result.DONE, user)


def logout_record(*, user: User, address: str, now: datetime, what: str = "logout") -> None:
    """Write down that a person left (or ended other sessions)."""
    action_record(tag=Tag.LOGOUT, by=user, now=now, subject=_subject(user), detail={"what": what}, address=address)


def sessions_end(*, user: User, keys: list[str] | None, keep: str, address: str, now: datetime) -> int:
    """End sessions of a person.

    Args:
        user: whose.
        keys: digests of the sessions to end; None for all.
        keep: the digest of the session that stays.
        address: the visitor's.
        now: the time of the request.

    Returns:
        How many ended.
    """
    with transaction.atomic():
        found = Session.objects.filter(user=user).exclude(session_key=keep)
        count, _ = (found if keys is None else found.filter(session_key__in=keys)).delete()
        if count:
            logout_record(user=user, address=address, now=now, what="sessions_end")
    return count


def _subject(user: User | None) -> str:
    return f"accounts.user:{user.pk}" if user else ""


def _done(user: User, kind: str, address: str, now: datetime, device: str) -> Outcome:
    # Who comes from the own device leaves the strangers' failures counted.
    guards.attempt_clear(key=guards.device_key(user.username, device) if device else guards.account_key(user.username))
    guards.attempt_clear(key=guards.code_key(user))
    guards.place_note(user, address, now=now)
    guards.guards_purge(now=now)
    Session.objects.filter(expire_date__lt=now).delete()
    action_record(tag=Tag.LOGIN, by=user, now=now, subject=_subject(user), detail={"second": kind}, address=address)
    return Outcome(Result.DONE, user)


def _failed(user: User | None, why: str, address: str, now: datetime, tried: str = "") -> None:
    # People type passwords where the name belongs: what was tried is only told apart, not kept.
    digest = keys.blind_index(tried, context="accounts.login")[:64] if tried else ""
    with transaction.atomic():
        login_failure_count(address=address, username_digest=digest, now=now)
        action_record(
            tag=Tag.LOGIN,
            by=None,
            now=now,
            subject=_subject(user),
            detail={"why": why},
            address=address,
            success=False,
        )


def _refused(user: User | None, why: str, address: str, now: datetime, until: Any) -> Outcome:
    _failed(user, why, address, now)
    return Outcome(Result.LOCKED, None, until, by_address=why == "locked_address")


def _wrong(username: str, why: str, address: str, now: datetime, until: Any) -> Outcome:
    readable = "\x00" not in username and len(username) <= 150
    user = User.objects.filter(username=username).first() if readable else None
    _failed(user, why, address, now, username[:150])
    return Outcome(Result.WRONG, None, until)
