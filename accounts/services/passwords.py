"""Passwords: the rules, a change by the person, a temporary one."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import OldPassword, Session, User
from accounts.rulebook import PASSWORD_HISTORY, PASSWORD_KINDS, PASSWORD_LENGTH
from accounts.services.factors import ALPHABET
from accounts.services.weak_passwords import house_names, known_name, weak_word
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError


class LengthValidator:
    """At least ``PASSWORD_LENGTH`` characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence."""
        if len(password) < PASSWORD_LENGTH:
            raise ValidationError(f"密码太短：至少 {PASSWORD_LENGTH} 位，现在有 {len(password)} 位。")

    def get_help_text(self) -> str:
        """One sentence."""
        return f"至少 {PASSWORD_LENGTH} 位。"


class CommonValidator(CommonPasswordValidator):
    """Not one of the 20,000 that everybody tries first (Django's list), nor a common word with a year and a sign."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence."""
        if password.lower().strip() in self.passwords:
            raise ValidationError("这个密码太常见，别人容易猜到，请换一个。")
        if word := weak_word(password):
            raise ValidationError(
                f"这个密码太常见：去掉首尾的数字和符号、把 @、0 之类看作字母，就是常用词“{word}”，别人容易猜到。"
                "请换成几个不相干的词。"
            )

    def get_help_text(self) -> str:
        """One sentence."""
        return "不是常见的密码，也不是常用词加年份、符号。"


class KindsValidator:
    """At least ``PASSWORD_KINDS`` of: capital letters, small letters, digits, anything else."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence."""
        kinds = {
            "upper" if c.isupper() else "lower" if c.islower() else "digit" if c.isdigit() else "other"
            for c in password
        }
        if len(kinds) < PASSWORD_KINDS:
            raise ValidationError(f"密码太简单：大写字母、小写字母、数字、符号中至少要有 {PASSWORD_KINDS} 种。")

    def get_help_text(self) -> str:
        """One sentence."""
        return f"大写字母、小写字母、数字、符号中至少有 {PASSWORD_KINDS} 种。"


class NamesValidator:
    """Neither a name of the person nor one of the house is a part of the password."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence."""
        names = [n.lower() for n in (getattr(user, "username", ""), getattr(user, "name", "")) if len(n) > 1]
        if known_name(password, names):
            raise ValidationError("密码里不要含有登录名或姓名，别人容易猜到。")
        if known_name(password, house_names()):
            raise ValidationError("密码里不要含有本县或者本中心的名称（拼音也一样），别人容易猜到。")

    def get_help_text(self) -> str:
        """One sentence."""
        return "不含登录名、姓名、本县和本中心的名称。"


class HistoryValidator:
    """None of the last ``PASSWORD_HISTORY`` passwords, the present one included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence."""
        if user is None or user.pk is None:
            return
        old = OldPassword.objects.filter(user=user).order_by("-id").values_list("encoded", flat=True)
        for encoded in [user.password, *old[: PASSWORD_HISTORY - 1]]:
            if check_password(password, encoded):
                raise ValidationError(f"这个密码最近用过。请换一个，最近 {PASSWORD_HISTORY} 个都不能再用。")

    def get_help_text(self) -> str:
        """One sentence."""
        return f"不是最近用过的 {PASSWORD_HISTORY} 个之一。"


def password_check(*, user: User, new: str) -> None:
    """Is ``new`` good enough for ``user`` (perhaps not saved yet)?

    Raises:
        BusinessError: the first rule it breaks (code ``bad_password``), all of them in ``messages``.
    """
    if len(new) > 128:
        raise BusinessError("密码太长，不要超过 128 个字符。", "bad_password")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise BusinessError("".join(error.messages), "bad_password", messages=error.messages) from error


def password_set(*, user: User, new: str, now: datetime, temporary: bool) -> None:
    """Write a password that was checked; in the caller's transaction."""
    if user.pk and user.password and user.has_usable_password():
        OldPassword.objects.create(user=user, encoded=user.password, changed_at=now)
        kept = OldPassword.objects.filter(user=user).order_by("-id").values_list("pk", flat=True)[:PASSWORD_HISTORY]
        OldPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    user.set_password(new)
    user.password_changed_at, user.must_change_password = now, temporary
    user.save()


def password_change(*, user: User, new: str, now: datetime, address: str = "") -> None:
    """A person changes the own password (the old one has been checked); all sessions end, the caller keeps one.

    Raises:
        BusinessError: it breaks a rule.
    """
    password_check(user=user, new=new)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        password_set(user=locked, new=new, now=now, temporary=False)
        Session.objects.filter(user=user).delete()
        action_record(
            tag=Tag.ACCOUNT,
            by=user,
            now=now,
            subject=f"accounts.user:{user.pk}",
            detail={"what": "password_change"},
            address=address,
        )
    user.refresh_from_db()


def temporary_password() -> str:
    """A random one that keeps the rules and can be read out on the telephone."""
    parts = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)]
    return f"{parts[0]}-{parts[1].lower()}-{parts[2]}{secrets.randbelow(90) + 10}"
