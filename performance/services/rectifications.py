"""Writes of the 问题整改台账: lines are opened by people and by what finds problems, answered by their offices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Department, User
from core.errors import BusinessError
from core.moments import SHANGHAI
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.models import (
    FiscalYear,
    Rectification,
    RectificationAnswer,
    RectificationPaper,
    RectificationState,
)
from performance.selectors.offices import members_of
from performance.selectors.rectifications import item_title, item_url
from performance.services.common import texts_storable
from performance.services.files import KeptFile
from upkeep.gates import hold_is_on
from workflow.models import StateChange
from workflow.services import create

# Offices are reminded so many days before a line is due, and every so many days after.
REMIND_BEFORE, REMIND_AGAIN = timedelta(days=7), 7
REMINDED_AT_ONCE = 500


def _known(origin_type: str, origin_id: int | None, origin_line: str) -> Rectification | None:
    if not origin_type:
        return None
    rows = Rectification.objects.filter(origin_type=origin_type, origin_id=origin_id, origin_line=origin_line)
    return rows.first()


def rectification_open(
    *,
    fiscal_year: FiscalYear,
    source: str,
    problem: str,
    measure: str,
    department: Department,
    due_on: date,
    by: User | None,
    now: datetime,
    origin_type: str = "",
    origin_id: int | None = None,
    origin_line: str = "",
    person: User | None = None,
    address: str = "",
) -> Rectification:
    """Enter a problem into the ledger. The same origin is entered once: the line that is there is given again.

    Args:
        fiscal_year: in whose work the problem showed.
        source: of ``Rectification.Source``.
        problem, measure: what is wrong, what is to be done; at most 4,000 characters each.
        department: which office answers; person: who of it, or None for anybody there.
        due_on: the last day, in Asia/Shanghai.
        by: who enters it (PERFORMANCE or DIRECTOR); None for the portal itself.
        origin_type, origin_id, origin_line: what it came from (``app.model``, number, line), all empty when typed.

    Raises:
        BusinessError: as ``workflow.services.create``.
    """
    texts_storable("不能列入台账", problem, measure, origin_line)
    if found := _known(origin_type, origin_id, origin_line):
        return found
    item = Rectification(
        fiscal_year=fiscal_year, source=source, problem=problem.strip(), measure=measure.strip(), department=department,
        person=person, due_on=due_on, first_due_on=due_on, origin_type=origin_type, origin_id=origin_id,
        origin_line=origin_line, created_by=by, created_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            create(item, by=by, now=now, address=address)
    except (BusinessError, IntegrityError):
        # Another was faster with the same origin.
        if found := _known(origin_type, origin_id, origin_line):
            return found
        raise
    return item


def answer_record(
    item: Rectification, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]
) -> None:  # fmt: skip
    """Record of ``answer``: a row of its own, also the second time, with the papers stored before."""
    papers: Sequence[KeptFile] = data.get("papers", ())
    answer = RectificationAnswer.objects.create(
        rectification=item, text=str(data["text"]).strip(), done_on=data["done_on"], by=by, at=now
    )
    RectificationPaper.objects.bulk_create(
        RectificationPaper(answer=answer, file=one.file, name=one.name) for one in papers
    )


def _reminder(item: Rectification, today: date) -> tuple[str, str]:
    """Words and the name of the reminder that is due today: once before the day, then week by week."""
    if item.due_on >= today:
        return f"{(item.due_on - today).days} 天后到期" if item.due_on > today else "今天到期", f"{item.due_on}:before"
    late = (today - item.due_on).days
    return f"已逾期 {late} 天", f"{item.due_on}:late:{(late - 1) // REMIND_AGAIN}"


def rectifications_remind(*, now: datetime) -> int:
    """Remind offices of lines that are due within a week or overdue; once each, and week by week afterwards.

    Args:
        now: aware time; the day counts in Asia/Shanghai.

    Returns:
        How many lines somebody is reminded of; asked again, the same messages are not written again. None while the
        portal is held after a recovery.
    """
    if hold_is_on():
        return 0
    today = now.astimezone(SHANGHAI).date()
    rows = Rectification.objects.filter(state=RectificationState.OPEN, due_on__lte=today + REMIND_BEFORE)
    found = rows.select_related("department", "fiscal_year__unit", "person").order_by("due_on", "id")
    count = 0
    for item in found[:REMINDED_AT_ONCE]:
        words, name = _reminder(item, today)
        people = [item.person] if item.person else list(members_of([item.department_id], now=now))
        with transaction.atomic():
            for user in people:
                notice_create(
                    channel=Notice.Channel.IN_SITE, user=user, now=now, link=item_url(item),
                    subject=f"整改{words}：{item_title(item)}",
                    text=f"问题：{item.problem}\n措施：{item.measure}\n责任科室：{item.department}，"
                    f"期限 {item.due_on:%Y-%m-%d}，{words}。请打开填报整改情况。",
                    cause=("performance.rectification", item.pk),
                    dedup_key=f"performance.rectification:{item.pk}:{name}:{user.pk}",
                )  # fmt: skip
        count += bool(people)
    return count
