"""Writes of 部门职责 – 工作活动 – 项目."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.fields import not_plain
from core.text import first_not_storable
from performance.models import Activity, BudgetUnit, Program, Responsibility


def _stored(row: Any, what: str, *, by: User, now: datetime, address: str) -> Any:
    if not row.name.strip() or not_plain(row.name) or first_not_storable(getattr(row, "text", "")):
        raise BusinessError("没有保存：名称是空的，或者有不能用的字符，请改好再保存。", "invalid", field="name")
    try:
        row.full_clean()
    except ValidationError as error:
        message = str(next(iter(error.message_dict.values()))[0]).rstrip("。")
        told = f"已经有“{row.name}”了" if "__all__" in error.message_dict else message
        raise BusinessError(f"没有保存：{told}。", "invalid", field="name") from None
    row.save()
    subject = f"{row._meta.label_lower}:{row.pk}"
    action_record(tag=Tag.SETTING, by=by, now=now, subject=subject, detail={"what": what}, address=address)
    return row


def _next(rows: Any) -> int:
    return min((rows.aggregate(last=Max("position"))["last"] or 0) + 1, 32_000)


def responsibility_save(
    *, unit: BudgetUnit, name: str, by: User, now: datetime, text: str = "", row: Responsibility | None = None,
    address: str = "",
) -> Responsibility:  # fmt: skip
    """Add a 部门职责, or change ``row``. Raises BusinessError ``invalid``."""
    with transaction.atomic():
        found = row or Responsibility(unit=unit, position=_next(unit.responsibilities))
        found.name, found.text = name.strip(), text.replace("\r\n", "\n").strip()
        saved: Responsibility = _stored(found, "responsibility_save", by=by, now=now, address=address)
    return saved


def activity_save(
    *, responsibility: Responsibility, name: str, by: User, now: datetime, row: Activity | None = None,
    address: str = "",
) -> Activity:  # fmt: skip
    """Add a 工作活动 below a 部门职责, or change ``row``. Raises BusinessError ``invalid``."""
    with transaction.atomic():
        found = row or Activity(responsibility=responsibility, position=_next(responsibility.activities))
        found.name = name.strip()
        saved: Activity = _stored(found, "activity_save", by=by, now=now, address=address)
    return saved


def program_place(
    *, program: Program, activity: Activity | None, by: User, now: datetime, address: str = ""
) -> Program:
    """Put a program below a 工作活动 of its unit; None takes it away from its place.

    Raises:
        BusinessError: ``invalid``: the activity is another unit's.
    """
    if activity is not None and activity.responsibility.unit_id != program.unit_id:
        raise BusinessError("没有保存：工作活动和项目不是同一个单位的。", "invalid", field="activity")
    with transaction.atomic():
        program.activity = activity
        program.save(update_fields=["activity"])
        action_record(
            tag=Tag.SETTING, by=by, now=now, subject=f"performance.program:{program.pk}",
            detail={"what": "program_place"}, address=address,
        )  # fmt: skip
    return program
