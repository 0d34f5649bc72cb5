"""Messages of moves: written in the transaction of the move, one a person, with the way to the thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from accounts.models import DutyAssignment, User
from core.moments import minute_words
from notices.models import Notice
from notices.services.outbox import LONGEST_SUBJECT, notice_create
from workflow.models import StateChange
from workflow.moves import Move, Table
from workflow.recipients import next_people
from workflow.selectors.changes import changes_of


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def move_told(
    *, table: Table, step: Move, obj: Any, change: StateChange, people: Iterable[tuple[User, bool]], now: datetime
) -> list[Notice]:
    """Tell people of a move (named by ``workflow.moves.TELL``); called in the move's transaction.

    Args:
        people: with whether it is for them to do the next step.
    """
    people = list(people)
    dropped = _settle(table, obj, {user.pk for user, _ in people}, now)
    if step.optional and change.target in table.final:
        # It is over without what they were asked for: they read why, and look for it no more.
        people += [(user, False) for user in dropped if user.pk != change.by_id]
    title, state = table.title_of(obj), table.state_label(change.target)
    text = f"{table.name}“{title}”：{change.person_words}已{step.verb}，现在是“{state}”。"
    if change.comment:
        text += f"\n意见：{change.comment}"
    return [
        notice_create(
            channel=Notice.Channel.IN_SITE,
            user=user,
            subject=_cut(f"{'请办理' if to_do else f'已{step.verb}'}：{title}", LONGEST_SUBJECT),
            text=text + ("\n请打开办理。" if to_do else ""),
            cause=(table.subject_type, obj.pk),
            dedup_key=f"{table.subject_type}:{obj.pk}:{change.number}:user:{user.pk}",
            link=table.url_of(obj),
            now=now,
            asks=to_do,
        )
        for user, to_do in people
    ]


def _settle(table: Table, obj: Any, told: set[int], now: datetime) -> list[User]:
    """What was asked before is done, or is another's now; whoever is told anew reads that.

    Returns:
        Who had been asked, is not asked any more and not told by this move.
    """
    asked = Notice.objects.filter(
        asks=True, settled_at__isnull=True, cause_type=table.subject_type, cause_id=str(obj.pk)
    )  # fmt: skip
    people = set(asked.values_list("user", flat=True))
    if not people:
        return []
    still = next_people(table, obj, changes_of(obj), now=now) - told
    asked.filter(user__in=people - still).update(settled_at=now)
    gone = User.objects.filter(pk__in=people - still - told, is_active=True)
    return list(gone.order_by("pk"))


def delegation_told(*, assignment: DutyAssignment, now: datetime) -> Notice:
    """Tell somebody that a duty was handed to them for a time (settings.DELEGATION_TOLD)."""
    duty, absent = assignment.get_duty_display(), assignment.delegated_from
    times = " 至 ".join(minute_words(one) for one in (assignment.begins_at, assignment.ends_at or now))
    return notice_create(
        channel=Notice.Channel.IN_SITE,
        user=assignment.user,
        subject=f"委托您代办：{duty}",
        text=f"{absent}的“{duty}”职责委托给您代办，时间为 {times}。这段时间里，相应事项会出现在您的工作台上。",
        cause=("accounts.dutyassignment", assignment.pk),
        dedup_key=f"accounts.dutyassignment:{assignment.pk}:delegated",
        link="/staff/",
        now=now,
    )


def notices_rewrite(*, cause_type: str, cause_ids: Iterable[int], change: Callable[[str], str]) -> int:
    """Change words in the messages about some things: what is masked must not stand in an inbox either.

    Args:
        change: the text as it may stand, of the text as it was.

    Returns:
        How many messages were changed.
    """
    rows = Notice.objects.filter(cause_type=cause_type, cause_id__in=list(map(str, cause_ids)), confidential=False)
    count = 0
    for notice in rows.order_by("pk").iterator(chunk_size=500):
        subject, text = change(notice.subject), change(notice.text)
        if (subject, text) != (notice.subject, notice.text):
            count += Notice.objects.filter(pk=notice.pk).update(subject=subject, text=text)
    return count
