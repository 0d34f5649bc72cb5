"""Accounts: made, closed and opened by the system administrator; factors are reset by the security administrator.

Neither alone can take over an account with a second factor: one gives a password, the other takes the factor away.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.duties import Duty
from accounts.gates import require_duty
from accounts.models import Factor, RecoveryCode, Session, User
from accounts.selectors import duties_of, people_with
from accounts.services import guards
from accounts.services.login import username_plain
from accounts.services.passwords import password_check, password_set, temporary_password
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.fields import not_plain

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,29}")


def _record(what: str, user: User, by: Any, now: datetime, address: str) -> None:
    action_record(
        tag=Tag.ACCOUNT, by=by, now=now, subject=f"accounts.user:{user.pk}", detail={"what": what}, address=address
    )


def account_create(
    *,
    username: str,
    name: str,
    employer: str = "",
    password: str = "",
    by: User | None,
    now: datetime,
    address: str = "",
) -> tuple[User, str]:
    """Make an account of the staff, without any duty.

    Args:
        username: small letters, digits, ``. _ -``, 2 to 30 characters, a letter first.
        name: the person's.
        employer: another body's name, blank for the center.
        password: blank for a temporary one, which must be changed at the first login.
        by: the system administrator; None for commands and the setup page.
        now: the moment.
        address: the visitor's.

    Returns:
        The account, and the temporary password (empty when one was given).

    Raises:
        BusinessError: ``bad_username``, ``bad_name``, ``bad_employer``, ``bad_password``, ``taken``, ``no_duty``.
    """
    if by is not None:
        require_duty(duties_of(by, now=now), Duty.SYSTEM_ADMIN, what="新建账号")
    username, name = username_plain(username), name.strip()
    if not USERNAME.fullmatch(username):
        raise BusinessError(
            "登录名不合要求：用 2 到 30 个小写字母、数字或 . _ -，以字母开头，例如 lixiaomei。", "bad_username"
        )
    if not name or len(name) > 100:
        raise BusinessError("请填写姓名，不超过 100 个字。", "bad_name")
    if reason := not_plain(name):
        raise BusinessError(f"姓名{reason}", "bad_name")
    if reason := not_plain(employer):
        raise BusinessError(f"所在单位{reason}", "bad_employer")
    user = User(username=username, name=name, employer=employer.strip()[:100])
    temporary = "" if password else temporary_password()
    if password:
        password_check(user=user, new=password)
    try:
        with transaction.atomic():
            password_set(user=user, new=password or temporary, now=now, temporary=bool(temporary))
            _record("create", user, by, now, address)
    except IntegrityError as error:
        raise BusinessError(f"没有新建：登录名 {username} 已有人使用，请换一个。", "taken") from error
    return user, temporary


def _other(user: User, by: User, now: datetime, duty: Duty, what: str) -> None:
    require_duty(duties_of(by, now=now), duty, what=what)
    if user.pk == by.pk:
        raise BusinessError(f"{what}没有办成：不能对自己的账号这样做，请另一位管理员来办。", "oneself")


def account_close(*, user: User, by: User, now: datetime, address: str = "") -> None:
    """Close an account: its sessions end, its duties count no longer; nothing it did is lost.

    Raises:
        BusinessError: ``oneself``, ``last_admin`` (the only one with an administrator's duty), ``no_duty``.
    """
    _other(user, by, now, Duty.SYSTEM_ADMIN, "停用账号")
    with transaction.atomic():
        # All who close accounts wait for each other: two of them must not remove the last two administrators.
        list(User.objects.select_for_update().order_by("pk").values_list("pk", flat=True).filter(is_active=True))
        for duty in (Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN):
            if set(people_with(duty, now=now).values_list("pk", flat=True)) == {user.pk}:
                raise BusinessError(f"没有停用：{user.name}是唯一的{duty.label}，请先让别人担任。", "last_admin")
        User.objects.filter(pk=user.pk).update(is_active=False)
        Session.objects.filter(user=user).delete()
        _record("close", user, by, now, address)


def account_open(*, user: User, by: User, now: datetime, address: str = "") -> None:
    """Open a closed account again; duties that were not ended count again."""
    _other(user, by, now, Duty.SYSTEM_ADMIN, "启用账号")
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        _record("open", user, by, now, address)


def account_unlock(*, user: User, by: User | None, now: datetime, address: str = "") -> bool:
    """Forget the failed logins of an account; was there anything?"""
    if by is not None:
        _other(user, by, now, Duty.SYSTEM_ADMIN, "解除锁定")
    with transaction.atomic():
        found = guards.account_unlock(user)
        _record("unlock", user, by, now, address)
    return found


def password_reset(*, user: User, by: User, now: datetime, address: str = "") -> str:
    """A temporary password for who has forgotten the own one; all sessions end; returns it."""
    _other(user, by, now, Duty.SYSTEM_ADMIN, "重置密码")
    new = temporary_password()
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        password_set(user=locked, new=new, now=now, temporary=True)
        Session.objects.filter(user=user).delete()
        guards.account_unlock(user)
        _record("password_reset", user, by, now, address)
    return new


def factor_reset(*, user: User, by: User, now: datetime, address: str = "") -> None:
    """Take a lost second factor away, with its printed codes; all sessions end."""
    _other(user, by, now, Duty.SECURITY_ADMIN, "重置第二重验证")
    with transaction.atomic():
        Factor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        Session.objects.filter(user=user).delete()
        _record("factor_reset", user, by, now, address)
