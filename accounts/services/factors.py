"""The second factor: set up, confirm, check, reset; printed codes for when the phone lies in the locker."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts import totp
from accounts.models import Factor, RecoveryCode, User
from accounts.rulebook import RECOVERY_CODES
from accounts.selectors import factor_confirmed
from audit.services import action_record
from audit.tags import Tag
from core import keys
from core.errors import BusinessError

# No letters or digits that are taken for one another on paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PREFIX = 2
REST = 8


def _open(sealed: str) -> bytes:
    return bytes.fromhex(keys.decrypt(sealed, context="accounts.Factor"))


def factor_begin(*, user: User, now: datetime) -> str:
    """Make a new secret that waits for its first code; a factor in force stays so until then.

    Returns:
        The secret in base32. Who has a factor has shown a code of it (the caller checks).
    """
    secret = totp.secret_new()
    sealed = keys.encrypt(secret.hex(), context="accounts.Factor")
    with transaction.atomic():
        Factor.objects.update_or_create(
            user=user, defaults={"waiting": sealed}, create_defaults={"waiting": sealed, "created_at": now}
        )
        action_record(tag=Tag.ACCOUNT, by=user, now=now, subject=_subject(user), detail={"what": "factor_begin"})
    return totp.base32(secret)


def factor_waiting(user: User) -> bytes | None:
    """The secret that waits for its first code."""
    found = Factor.objects.filter(user=user).exclude(waiting="").first()
    return _open(found.waiting) if found else None


def factor_confirm(*, user: User, code: str, now: datetime, address: str = "") -> list[str]:
    """Put the waiting secret in force.

    Returns:
        New recovery codes, readable here and now only.

    Raises:
        BusinessError: the code is wrong, or nothing waits.
    """
    with transaction.atomic():
        found = Factor.objects.select_for_update().filter(user=user).exclude(waiting="").first()
        if found is None:
            raise BusinessError("没有启用：请先点“开始设置”，取得新的二维码。", "no_factor")
        step = totp.matching_step(_open(found.waiting), _digits(code), now=now, after=0)
        if step is None:
            raise BusinessError("验证码不对。请输入手机上现在显示的 6 位数字；一直不对，请检查手机时间。", "bad_code")
        found.secret, found.waiting, found.confirmed_at, found.last_step = found.waiting, "", now, step
        found.save()
        action_record(
            tag=Tag.ACCOUNT,
            by=user,
            now=now,
            subject=_subject(user),
            detail={"what": "factor_confirm"},
            address=address,
        )
        return _codes_make(user, now)


def recovery_codes_renew(*, user: User, now: datetime, address: str = "") -> list[str]:
    """Ten new codes; the old ones are void. The caller has checked a code of the factor."""
    with transaction.atomic():
        action_record(
            tag=Tag.ACCOUNT,
            by=user,
            now=now,
            subject=_subject(user),
            detail={"what": "recovery_codes"},
            address=address,
        )
        return _codes_make(user, now)


def _codes_make(user: User, now: datetime) -> list[str]:
    prefixes: set[str] = set()
    while len(prefixes) < RECOVERY_CODES:
        prefixes.add(_random(PREFIX))
    codes = [prefix + _random(REST) for prefix in sorted(prefixes)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, prefix=code[:PREFIX], encoded=make_password(code), created_at=now) for code in codes
    )
    return [f"{code[:2]}-{code[2:6]}-{code[6:]}" for code in codes]


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _digits(code: str) -> str:
    return "".join(code.split())


def code_use(*, user: User, code: str, now: datetime) -> str:
    """Use a code of the person's factor, once.

    Args:
        user: who has a factor in force.
        code: six digits from the phone, or a printed code (spaces, hyphens and small letters do not matter).
        now: the time of the request.

    Returns:
        ``totp``, ``recovery``, or empty when the code is wrong or was used before.
    """
    plain = _digits(code)
    if len(plain) == totp.DIGITS and plain.isascii() and plain.isdigit():
        return "totp" if _totp_use(user, plain, now) else ""
    return "recovery" if _recovery_use(user, plain.replace("-", "").upper(), now) else ""


def code_was_used(*, user: User, code: str, now: datetime) -> bool:
    """Is a refused code one that was right, but has been used already?"""
    plain = _digits(code)
    factor = factor_confirmed(user)
    if factor and len(plain) == totp.DIGITS and plain.isascii() and plain.isdigit():
        return totp.matching_step(_open(factor.secret), plain, now=now, after=0) is not None
    plain = plain.replace("-", "").upper()
    used = RecoveryCode.objects.filter(
        user=user, prefix=plain[:PREFIX].replace("\x00", ""), used_at__isnull=False
    ).first()
    return used is not None and check_password(plain, used.encoded)


def _totp_use(user: User, code: str, now: datetime) -> bool:
    factor = factor_confirmed(user)
    if factor is None:
        return False
    step = totp.matching_step(_open(factor.secret), code, now=now, after=factor.last_step)
    if step is None:
        return False
    # Of two who come with the same code at once, one finds the step taken.
    return bool(
        Factor.objects.filter(pk=factor.pk, confirmed_at__isnull=False, last_step__lt=step).update(last_step=step)
    )


def _recovery_use(user: User, code: str, now: datetime) -> bool:
    if len(code) != PREFIX + REST or not code.isascii():
        return False
    found = RecoveryCode.objects.filter(user=user, prefix=code[:PREFIX], used_at__isnull=True).first()
    if found is None or not check_password(code, found.encoded):
        return False
    return bool(RecoveryCode.objects.filter(pk=found.pk, used_at__isnull=True).update(used_at=now))


def _subject(user: User) -> str:
    return f"accounts.user:{user.pk}"
