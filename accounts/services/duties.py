"""Giving, ending and delegating duties. The security administrator gives, the director delegates, nobody to himself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from accounts.duties import ADMINISTRATORS, Duty
from accounts.gates import require_duty
from accounts.models import Department, DutyAssignment, User
from accounts.selectors import assignments_now, duties_of, duty_pairs
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError

# What the trigger of migration 0006 says, and what it means.
REFUSALS = {
    "accounts_duty_excluded": (
        "管理员的职责与其他职责不能由同一个人在同一段时间担任（系统、安全、审计三员分立，也不办业务）。"
        "请先结束他现有的职责，或换一个人。"
    ),
    "accounts_duty_twice": "这个人在这段时间已有同一项职责，不必再给。",
    "accounts_duty_pair": "经办和复核的职责不能落到同一个人身上，委托来的也一样。请换一个人。",
}


# A year, and the end of its last day.
LONGEST_DELEGATION = timedelta(days=367)


def _refusal(error: Error) -> BusinessError | None:
    code = next((name for name in REFUSALS if name in str(error)), "")
    return BusinessError(f"没有办成：{REFUSALS[code]}", code) if code else None


def _create(**values: Any) -> DutyAssignment:
    try:
        with transaction.atomic():
            return DutyAssignment.objects.create(**values)
    except IntegrityError as error:
        if refusal := _refusal(error):
            raise refusal from error
        raise


def _check_period(begins_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None and ends_at <= max(begins_at, now):
        raise BusinessError("没有办成：结束时间应晚于开始时间，也应晚于现在。", "bad_period")


def overlapping(user: User, begins_at: datetime, ends_at: datetime | None) -> list[DutyAssignment]:
    """The person's assignments that share some time with the period."""
    found = DutyAssignment.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=begins_at), user=user)
    return list(found.filter(begins_at__lt=ends_at) if ends_at else found)


def pair_of(duty: Duty, held: set[str]) -> str:
    """The sentence of the pair that ``duty`` makes with one of ``held``, empty when it makes none."""
    for pair in duty_pairs():
        other = {pair.maker: pair.checker, pair.checker: pair.maker}.get(duty)
        if other in held:
            return f"“{duty.label}”与他已有的“{Duty(other).label}”互为经办和复核（{pair.reason}）"
    return ""


def duty_give(
    *,
    user: User,
    duty: Duty,
    department: Department | None,
    begins_at: datetime,
    ends_at: datetime | None = None,
    by: User | None,
    now: datetime,
    address: str = "",
) -> DutyAssignment:
    """Give a duty to a person.

    Args:
        user: an active member of staff.
        duty: which.
        department: the office it belongs to; None for administrators of other bodies.
        begins_at: from when.
        ends_at: until when, None for no end.
        by: the security administrator; None for commands and the setup page.
        now: the moment.
        address: the visitor's.

    Raises:
        BusinessError: ``no_duty``, ``oneself``, ``bad_period``, ``closed``, ``pair``, or a key of REFUSALS.
    """
    if by is not None:
        require_duty(duties_of(by, now=now), Duty.SECURITY_ADMIN, what="授予职责")
        if by.pk == user.pk:
            raise BusinessError("没有授予：不能给自己授予职责，请另一位安全管理员来办。", "oneself")
    if not user.is_active or user.kind != User.Kind.STAFF:
        raise BusinessError("没有授予：这个账号已停用，或不是工作人员。请先启用账号。", "closed")
    _check_period(begins_at, ends_at, now)
    held = {row.duty for row in overlapping(user, begins_at, ends_at)}
    if pair := pair_of(duty, held):
        raise BusinessError(f"没有授予：{pair}，不宜由一个人担任。请换一个人。", "pair")
    with transaction.atomic():
        made = _create(user=user, duty=duty, department=department, begins_at=begins_at, ends_at=ends_at, given_by=by)
        _record("give", made, by, now, address)
    return made


def duty_end(*, assignment: DutyAssignment, by: User, now: datetime, address: str = "") -> None:
    """End an assignment now; what was delegated from it ends with it. One that lies ahead is taken back whole.

    Raises:
        BusinessError: ``no_duty``, ``oneself``, ``ended``, ``last_admin``.
    """
    require_duty(duties_of(by, now=now), Duty.SECURITY_ADMIN, what="结束职责")
    if assignment.user_id == by.pk:
        raise BusinessError("没有结束：不能改自己的职责，请另一位安全管理员来办。", "oneself")
    with transaction.atomic():
        _lock_administrators()
        _keep_one(assignment, now)
        _end(assignment, by, now, address, "end")
        delegated = DutyAssignment.objects.filter(
            Q(ends_at__gt=now), delegated_from=assignment.user, duty=assignment.duty
        )
        still = assignments_now(now=now).filter(user=assignment.user, duty=assignment.duty, delegated_from=None)
        for row in [] if still.exists() else delegated:
            _end(row, by, now, address, "delegation_end")


def _lock_administrators() -> None:
    list(DutyAssignment.objects.select_for_update().filter(duty__in=ADMINISTRATORS).order_by("pk").values_list("pk"))


def _keep_one(assignment: DutyAssignment, now: datetime) -> None:
    if assignment.duty not in ADMINISTRATORS:
        return
    rest = assignments_now(now=now).filter(duty=assignment.duty, ends_at=None).exclude(pk=assignment.pk)
    if not rest.exists():
        label = assignment.get_duty_display()
        raise BusinessError(f"没有结束：这是唯一的{label}，请先让别人担任。", "last_admin")


def _end(assignment: DutyAssignment, by: User, now: datetime, address: str, what: str) -> None:
    locked = DutyAssignment.objects.select_for_update().filter(pk=assignment.pk).first()
    if locked is None or (locked.ends_at is not None and locked.ends_at <= now):
        raise BusinessError("没有结束：这项职责已经结束了。请刷新页面查看。", "ended")
    _record(what, locked, by, now, address)
    if locked.begins_at >= now:
        locked.delete()
    else:
        locked.ends_at = now
        locked.save(update_fields=["ends_at"])


def _check_deputy(deputy: User, duty: Duty, held: set[str]) -> None:
    if duty in held:
        raise BusinessError(
            f"没有委托：{deputy.name}在这段时间本来就有“{duty.label}”的职责，不必委托。请另选一位。", "held"
        )
    if ADMINISTRATORS & held:
        raise BusinessError(f"没有委托：{deputy.name}是管理员，不能办理业务。请另选一位。", "admin")
    if pair := pair_of(duty, held):
        raise BusinessError(f"没有委托：{pair}。请另选一位。", "pair")


def duty_delegate(
    *,
    duty: Duty,
    absent: User,
    deputy: User,
    begins_at: datetime,
    ends_at: datetime,
    by: User,
    now: datetime,
    address: str = "",
) -> DutyAssignment:
    """Hand a duty of ``absent`` to ``deputy`` for a period (A/B 岗); ``absent`` keeps it.

    Raises:
        BusinessError: ``no_duty`` (by is not the director), ``oneself``, ``admin``, ``not_held``, ``bad_period``,
            ``too_long``, ``closed``, ``held``, ``pair``, or a key of REFUSALS.
    """
    require_duty(duties_of(by, now=now), Duty.DIRECTOR, what="委托")
    if duty in ADMINISTRATORS:
        raise BusinessError("没有委托：管理员的职责不能委托，应由安全管理员另行授予。", "admin")
    if deputy.pk in (by.pk, absent.pk):
        raise BusinessError("没有委托：不能委托给自己，也不能委托给原来的人，请另选一位。", "oneself")
    if not deputy.is_active or deputy.kind != User.Kind.STAFF:
        raise BusinessError("没有委托：受托人的账号已停用。请另选一位。", "closed")
    _check_period(begins_at, ends_at, now)
    if ends_at > max(begins_at, now) + LONGEST_DELEGATION:
        raise BusinessError(
            "没有委托：委托最长一年。到期还需要的，请另行委托；长期由别人担任的，请安全管理员授予职责。", "too_long"
        )
    own = [
        row
        for row in overlapping(absent, begins_at, ends_at)
        if row.duty == duty and row.delegated_from_id is None and row.begins_at <= begins_at
    ]
    lasting = [row for row in own if row.ends_at is None or row.ends_at >= ends_at]
    if not lasting:
        raise BusinessError(
            f"没有委托：{absent.name}在这段时间没有“{duty.label}”的职责。请核对人员和日期。", "not_held"
        )
    _check_deputy(deputy, duty, {row.duty for row in overlapping(deputy, begins_at, ends_at)})
    with transaction.atomic():
        made = _create(
            user=deputy,
            duty=duty,
            department=lasting[0].department,
            begins_at=begins_at,
            ends_at=ends_at,
            given_by=by,
            delegated_from=absent,
        )
        _record("delegate", made, by, now, address)
        import_string(settings.DELEGATION_TOLD)(assignment=made, now=now)
    return made


def delegation_end(*, assignment: DutyAssignment, by: User, now: datetime, address: str = "") -> None:
    """Take a delegation back, by the director or by the person whose duty it is.

    Raises:
        BusinessError: ``no_duty``, ``ended``.
    """
    if assignment.delegated_from_id is None:
        raise BusinessError("没有收回：这不是委托，请安全管理员在职责分配里办理。", "no_duty")
    if assignment.delegated_from_id != by.pk:
        require_duty(duties_of(by, now=now), Duty.DIRECTOR, what="收回委托")
    with transaction.atomic():
        _end(assignment, by, now, address, "delegation_end")


def _record(what: str, assignment: DutyAssignment, by: User | None, now: datetime, address: str) -> None:
    detail: dict[str, Any] = {
        "what": what,
        "duty": assignment.duty,
        "department": assignment.department.code if assignment.department else "",
        "from": assignment.begins_at.isoformat(),
        "until": assignment.ends_at.isoformat() if assignment.ends_at else "",
    }
    if assignment.delegated_from_id:
        detail["delegated_from"] = assignment.delegated_from_id
    action_record(
        tag=Tag.RIGHTS, by=by, now=now, subject=f"accounts.user:{assignment.user_id}", detail=detail, address=address
    )
