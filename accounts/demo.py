"""People of the demonstration: nineteen of the center in eight offices, three administrators of other bodies.

All are made up. Login name, password and secret follow from the name alone, so that every run prints the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import totp
from accounts.duties import SECOND_FACTOR, Duty
from accounts.models import Department, DutyAssignment, Factor, Instance, User
from core import keys
from core.errors import BusinessError

# They have had their duties for a while: what the demonstration shows of their work began in 2025, or before today.
SINCE = timedelta(days=90)
FIRST_DAY = datetime(2025, 1, 6, 0, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """One demonstration person; ``office`` is the code of a department, or with ``employer`` of none."""

    username: str
    name: str
    office: str
    duties: tuple[Duty, ...]
    employer: str = ""

    @property
    def password(self) -> str:
        """The same at every run, and by the rules."""
        return "Yunze-" + _digest("password", self.username).hex()[:8]

    @property
    def secret(self) -> bytes | None:
        """The TOTP secret of who needs one."""
        return _digest("totp", self.username)[: totp.SECRET_BYTES] if SECOND_FACTOR & set(self.duties) else None


def _digest(what: str, username: str) -> bytes:
    return hashlib.sha256(f"demonstration {what} {username}".encode()).digest()


D = Duty
PEOPLE = (
    Person("zhouwenbo", "周文博", "directors", (D.DIRECTOR,)),
    Person("xuhuilan", "许慧兰", "deputies", (D.DEPUTY_DIRECTOR, D.SECRECY_CHECK)),
    Person("tangjianye", "唐建业", "deputies", (D.DEPUTY_DIRECTOR, D.PERFORMANCE)),
    Person("lixiaomei", "李晓梅", "intake", (D.OFFICE_HEAD, D.INTAKE, D.ANNOUNCEMENT_CHECK)),
    Person("zhaoyifan", "赵一凡", "intake", (D.INTAKE, D.ANNOUNCEMENT_DRAFT)),
    Person("sunjing", "孙静", "intake", (D.INTAKE, D.ANNOUNCEMENT_DRAFT)),
    Person("heguoqing", "何国庆", "evaluation", (D.OFFICE_HEAD, D.EVALUATION, D.EXPERT_DRAW)),
    Person("maliping", "马丽萍", "evaluation", (D.EVALUATION,)),
    Person("dongzhiqiang", "董志强", "evaluation", (D.EVALUATION, D.EXPERT_DRAW)),
    Person("gaoyulan", "高玉兰", "witness", (D.OFFICE_HEAD, D.WITNESS, D.MASKING)),
    Person("fengchao", "冯超", "witness", (D.WITNESS, D.ARCHIVE)),
    Person("luxinyi", "陆欣怡", "witness", (D.WITNESS, D.ARCHIVE)),
    Person("qianshulin", "钱树林", "finance", (D.OFFICE_HEAD, D.DEPOSIT_CHECK, D.PERFORMANCE)),
    Person("wuting", "吴婷", "finance", (D.DEPOSIT_MAKE, D.FINANCE)),
    Person("dengkai", "邓凯", "it", (D.OFFICE_HEAD, D.EQUIPMENT, D.EXPERT_LIBRARY)),
    Person("yaomin", "姚敏", "it", (D.EQUIPMENT, D.EXPERT_LIBRARY)),
    Person("weilihua", "魏丽华", "general", (D.OFFICE_HEAD, D.GENERAL_AFFAIRS, D.RULE_EDIT, D.MASKING)),
    Person("panyuchen", "潘雨辰", "general", (D.GENERAL_AFFAIRS, D.ARTICLE_EDIT)),
    Person("songdehai", "宋德海", "general", (D.GENERAL_AFFAIRS,)),
    Person("xitong.guo", "郭振宇", "", (D.SYSTEM_ADMIN,), "云泽县大数据服务中心"),
    Person("anquan.jiang", "江雪梅", "", (D.SECURITY_ADMIN,), "云泽县行政审批局"),
    Person("shenji.bai", "白志刚", "", (D.AUDIT_ADMIN,), "云泽县审计局"),
)


def demo_accounts(*, now: datetime) -> list[dict[str, Any]]:
    """Make the demonstration's people, or put back what was changed of their passwords and factors.

    Args:
        now: since when they have their duties, when they are new.

    Returns:
        ``{"username","password","totp_secret","name","department","duties"}`` each (contracts/commands.md).

    Raises:
        BusinessError: the instance is a real one (``not_demo``).
    """
    if settings.INSTANCE != "demo" or not Instance.objects.filter(kind=Instance.Kind.DEMO).exists():
        raise BusinessError("没有演示账号：这不是演示实例。演示账号只能用在 make run 建立的实例里。", "not_demo")
    offices = {office.code: office for office in Department.objects.all()}
    with transaction.atomic():
        for person in PEOPLE:
            _ensure(person, offices, now)
    return [
        {
            "username": person.username,
            "password": person.password,
            "totp_secret": base64.b32encode(person.secret).decode() if person.secret else None,
            "name": person.name,
            "department": offices[person.office].name if person.office else person.employer,
            "duties": [duty.value for duty in person.duties],
        }
        for person in PEOPLE
    ]


def _ensure(person: Person, offices: dict[str, Department], now: datetime) -> None:
    user, made = User.objects.select_for_update().get_or_create(
        username=person.username, defaults={"name": person.name, "employer": person.employer, "is_demo": True}
    )
    if not user.is_demo:
        raise BusinessError(f"没有建立演示账号：登录名 {person.username} 已由别人使用。", "taken")
    if made or not user.check_password(person.password):
        user.set_password(person.password)
        user.password_changed_at = now
    user.is_active, user.must_change_password = True, False
    user.save()
    _ensure_factor(user, person.secret, now)
    if not made:
        return
    office = offices.get(person.office)
    DutyAssignment.objects.bulk_create(
        DutyAssignment(user=user, duty=duty, department=office, begins_at=min(now - SINCE, FIRST_DAY))
        for duty in person.duties
    )


def _ensure_factor(user: User, secret: bytes | None, now: datetime) -> None:
    found = Factor.objects.filter(user=user).first()
    if secret is None:
        Factor.objects.filter(user=user).delete()
    elif (
        found is None
        or not found.secret
        or bytes.fromhex(keys.decrypt(found.secret, context="accounts.Factor")) != secret
    ):
        values = {
            "secret": keys.encrypt(secret.hex(), context="accounts.Factor"),
            "waiting": "",
            "confirmed_at": now,
            "last_step": 0,
        }
        Factor.objects.update_or_create(user=user, defaults=values, create_defaults={**values, "created_at": now})
