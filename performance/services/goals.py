"""Writes of goal tables: a version is written, submitted, approved by another; then it is frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import Department, User
from core.errors import BusinessError
from core.text import first_not_typed
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.models import FiscalYear, GoalState, GoalTable, Indicator, ProgramYear
from performance.models.common import REASON_LENGTH
from performance.models.goals import TEXT_LENGTH
from performance.selectors.goals import goal_title, kind_of
from performance.selectors.offices import members_of
from performance.selectors.schemes import scheme_for
from performance.services import indicators as rows
from workflow.models import StateChange
from workflow.services import create, move

COPIED = (
    "key", "position", "level1", "level2", "name", "target", "weight", "definition", "formula", "evidence_source",
    "scoring_rule", "office_id", "measure",
)  # fmt: skip


def _text(label: str, text: str, longest: int) -> str:
    words = text.replace("\r\n", "\n").strip()
    if len(words) > longest or first_not_typed(words):
        raise BusinessError(f"没有保存：{label}超过 {longest} 字，或者有不能保存的控制字符，请改好再保存。", "invalid")
    return words


def goals_create(
    *,
    fiscal_year: FiscalYear,
    by: User,
    now: datetime,
    program_year: ProgramYear | None = None,
    overall_goal: str = "",
    reason: str = "",
    copy_from: GoalTable | None = None,
    address: str = "",
) -> GoalTable:
    """Begin a goal table, or its next version.

    Args:
        fiscal_year: the budget year; program_year: the program's year, None for the whole department.
        overall_goal: 年度总体目标; empty: that of ``copy_from``.
        reason: why a further version is needed.
        copy_from: an approved table of the same object (this year's or an earlier one) whose indicators it begins
            with; they keep their keys.

    Raises:
        BusinessError: as ``workflow.services.create``; ``no_scheme``; ``changed`` when somebody was faster.
    """
    scheme = scheme_for("project" if program_year else "department", fiscal_year.year)
    known = GoalTable.objects.filter(fiscal_year=fiscal_year, program_year=program_year)
    number = (known.aggregate(last=Max("number"))["last"] or 0) + 1
    table = GoalTable(
        fiscal_year=fiscal_year, program_year=program_year, number=number, scheme=scheme,
        overall_goal=_text("年度总体目标", overall_goal or (copy_from.overall_goal if copy_from else ""), TEXT_LENGTH),
        reason=_text("调整理由", reason, REASON_LENGTH), created_by=by, created_at=now,
    )  # fmt: skip
    # Versions of which none was approved are no adjustment of anything; the database wants a word all the same.
    if number > 1 and not table.reason and not known.filter(state=GoalState.APPROVED).exists():
        table.reason = "以前的版本没有批准，重新编制"
    try:
        with transaction.atomic():
            create(table, by=by, now=now, address=address)
            if copy_from is not None:
                indicators_copy(table, copy_from.indicators.all())
    except IntegrityError as error:
        raise BusinessError("不能编制：别人刚刚开始编制这一版，请刷新页面，在那一版上改。", "changed") from error
    return table


def indicators_copy(table: GoalTable, indicators: Iterable[Indicator]) -> None:
    """Give a new version the indicators of another one."""
    Indicator.objects.bulk_create(
        Indicator(table=table, **{name: getattr(one, name) for name in COPIED}) for one in indicators
    )


def goals_save(
    *, table: GoalTable, overall_goal: str, reason: str, by: User, now: datetime, seen: int | None = None,
    address: str = "",
) -> GoalTable:  # fmt: skip
    """Change the words of a draft.

    Args:
        seen: number of the last change that the form showed; another one of these words since then is a refusal that
            shows both.

    Raises:
        BusinessError: ``changed``, ``invalid``, or as ``workflow.services.move``.
    """
    data = {
        "do": "goal", "name": "", "seen": seen, "overall_goal": _text("年度总体目标", overall_goal, TEXT_LENGTH),
        "reason": _text("调整理由", reason, REASON_LENGTH),
    }  # fmt: skip
    move(table, "save", by=by, now=now, data=data, address=address)
    table.refresh_from_db(fields=["overall_goal", "reason"])
    return table


def scheme_renew(*, table: GoalTable, by: User, now: datetime, address: str = "") -> GoalTable:
    """Let a draft be scored by the scheme that is in use now.

    Raises:
        BusinessError: ``no_scheme``, or as ``workflow.services.move``.
    """
    scheme = scheme_for(kind_of(table), table.fiscal_year.year)
    move(table, "save", by=by, now=now, data={"do": "scheme", "name": scheme.name, "scheme": scheme}, address=address)
    table.refresh_from_db(fields=["scheme"])
    return table


def _goal_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    others = StateChange.objects.filter(
        subject_type="performance.goaltable", subject_id=table.pk, data__do="goal", number__lt=change.number
    )
    last = others.select_related("by").order_by("-number").first()
    if data["seen"] is not None and last is not None and last.number > data["seen"]:
        raise BusinessError(
            f"没有保存：您打开之后，{last.person_words}改过总体目标。现在是“{table.overall_goal[:200]}”；"
            f"您写的是“{data['overall_goal'][:200]}”。请对照后再保存，您写的还在表单里。",
            "changed",
        )
    if table.number > 1 and not data["reason"]:
        raise BusinessError("没有保存：调整绩效目标要写明理由。", "invalid", field="reason")
    table.overall_goal, table.reason = data["overall_goal"], data["reason"]
    table.save(update_fields=["overall_goal", "reason"])


def _scheme_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    table.scheme = data["scheme"]
    table.save(update_fields=["scheme"])


_WRITES: dict[str, Callable[[GoalTable, dict[str, Any], StateChange], None]] = {
    "goal": _goal_write, "scheme": _scheme_write, "add": rows.add_write, "edit": rows.edit_write,
    "delete": rows.delete_write, "shift": rows.shift_write,
}  # fmt: skip


def save_record(table: GoalTable, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``save``: the change that ``data["do"]`` names. The table is locked."""
    _WRITES[data["do"]](table, data, change)


def approve_record(table: GoalTable, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``approve``: the version before is superseded; the offices learn what they have to fill."""
    before = GoalTable.objects.filter(
        fiscal_year=table.fiscal_year_id, program_year=table.program_year_id, state=GoalState.APPROVED
    ).exclude(pk=table.pk)
    for one in before:
        move(one, "supersede", by=None, now=now, comment=f"由第 {table.number} 版替代")
    _offices_told(table, by=by, now=now)


def _offices_told(table: GoalTable, *, by: User, now: datetime) -> None:
    wanted: dict[int, list[str]] = {}
    for one in table.indicators.exclude(office=None):
        wanted.setdefault(one.office_id or 0, []).append(one.name)
    offices = Department.objects.in_bulk(wanted)
    for pk, names in wanted.items():
        for user in members_of([pk], now=now).exclude(pk=by.pk):
            notice_create(
                channel=Notice.Channel.IN_SITE, user=user, now=now, link="/staff/performance/indicators/",
                subject=f"请留意：{offices[pk]}负责 {len(names)} 项绩效指标",
                text=f"{goal_title(table)}已批准，由{offices[pk]}负责的指标：{'、'.join(names)}。"
                "请平时留存佐证材料，有了结果在“指标完成情况”里填报。",
                cause=("performance.goaltable", table.pk), dedup_key=f"performance.goals:{table.pk}:{pk}:{user.pk}",
            )  # fmt: skip
