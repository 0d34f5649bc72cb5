"""Legal periods of objects: started by an event, stopped by the deed, recalculated when the calendar changes.

A deadline is compared with the time of the request (``Clock.due_at``), never dependent on a job having run:
``latest`` rules end with the last day (民法典第二百零三条: at 24:00), so what happens at ``due_at`` or after is late;
``earliest`` rules of a moment to come (a bid deadline) are met from the beginning of the day, those of a period that
must have run out (公示期满) only after its last day: see ``due_moment``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import connection, transaction

from core.errors import BusinessError
from core.moments import SHANGHAI
from core.workdays import Calendar, Deadline, deadline_compute
from workflow.models import Clock, ClockChange
from workflow.moves import day_end
from workflow.rulebook import RULES, Rule, rule_get
from workflow.selectors.calendar import calendar_current

# Any number that no other lock of the house uses: append-only rows cannot be locked one by one.
CALENDAR_LOCK = 5_207_001
BATCH = 500


def _lock_calendar(*, shared: bool) -> None:
    """Who reads the calendar into a clock must not meet who changes it."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [CALENDAR_LOCK])


def due_moment(rule: Rule, deadline: Deadline) -> datetime:
    """The moment to compare with: before it in time for ``latest``, from it on lawful for ``earliest``.

    Ends of periods (``*_end``) are over with their last day; other earliest dates are lawful from that day's start.
    """
    if rule.kind == "latest" or rule.id.endswith("_end"):
        return day_end(deadline.due)
    return datetime.combine(deadline.due, time(), SHANGHAI)


def clock_reason(rule: Rule) -> str:
    """Why: ``投标截止：招标文件开始发出之日起20日，招标投标法第二十四条``."""
    unit = "个工作日" if rule.period.unit == "wd" else "日"
    where = "之日前" if rule.period.direction == "backward" else "之日起"
    return f"{rule.name}：{rule.event}{where}{rule.period.length}{unit}，{rule.article}"


def _rule_of(clock: Clock, rules: tuple[Rule, ...]) -> Rule:
    for rule in rules:
        if rule.id == clock.rule_id and rule.in_force_from == clock.rule_since:
            return rule
    raise LookupError(f"no rule {clock.rule_id} of {clock.rule_since}")


def clock_start(
    *, subject: Any, rule_id: str, started_at: datetime, by: Any, now: datetime, rules: tuple[Rule, ...] = RULES
) -> Clock:
    """Start a legal period of an object, in the caller's transaction if there is one.

    Args:
        subject: the object, stored.
        rule_id: of ``workflow.rulebook``; the version in force on the day of the event holds for good.
        started_at: the event; its day in Asia/Shanghai counts (and, forward, is not counted itself).

    Returns:
        The clock; the one that runs already when it was started by the same event.

    Raises:
        BusinessError: ``unknown_rule``, ``out_of_range``, ``clock_runs`` (started by another event; stop it first).
    """
    day = started_at.astimezone(SHANGHAI).date()
    rule = rule_get(rule_id, on=day, rules=rules)
    names = {"subject_type": subject._meta.label_lower, "subject_id": subject.pk, "rule_id": rule.id}
    with transaction.atomic():
        _lock_calendar(shared=True)
        deadline = deadline_compute(rule.period, day, calendar_current())
        clock, made = Clock.objects.get_or_create(
            **names,
            stopped_at=None,
            defaults={
                "rule_since": rule.in_force_from,
                "kind": rule.kind,
                "started_at": started_at,
                "due_on": deadline.due,
                "due_at": due_moment(rule, deadline),
                "reason": clock_reason(rule),
                "provisional": deadline.provisional,
            },
        )
        if made:
            ClockChange.objects.create(
                clock=clock, kind=ClockChange.Kind.STARTED, at=now, by=by, cause=rule.event, new_due=clock.due_on
            )
        elif clock.started_at != started_at:
            raise BusinessError(
                f"不能起算“{rule.name}”：这个期限已从 {clock.started_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 起算。",
                "clock_runs",
            )
    return clock


def clock_stop(*, clock: Clock, at: datetime, by: Any, now: datetime, cause: str) -> Clock:
    """Stop a clock: what it waited for has happened, or it is void. Stopping twice changes nothing.

    Args:
        at: the moment of the deed, which decides whether it was in time.
        cause: one Chinese sentence without personal data.
    """
    with transaction.atomic():
        locked = Clock.objects.select_for_update().get(pk=clock.pk)
        if locked.stopped_at is None:
            locked.stopped_at = at
            locked.full_clean()
            locked.save(update_fields=["stopped_at"])
            ClockChange.objects.create(
                clock=locked, kind=ClockChange.Kind.STOPPED, at=now, by=by, cause=cause, old_due=locked.due_on
            )
    return locked


def _recalculated(clock: Clock, calendar: Calendar, rules: tuple[Rule, ...]) -> bool:
    """Set the clock's due day anew; whether the day or its certainty changed."""
    rule = _rule_of(clock, rules)
    deadline = deadline_compute(rule.period, clock.started_at.astimezone(SHANGHAI).date(), calendar)
    before = (clock.due_on, clock.provisional)
    clock.due_on, clock.provisional = deadline.due, deadline.provisional
    clock.due_at = due_moment(rule, deadline)
    return before != (clock.due_on, clock.provisional)


def clocks_recalculate(
    *, cause: str, by: Any, now: datetime, calendar: Calendar | None = None, rules: tuple[Rule, ...] = RULES
) -> list[ClockChange]:
    """Compute the running clocks anew with the calendar as it is, and record each that changed.

    Called by ``calendar_import`` in its transaction. Clocks are locked in the order of their numbers.

    Returns:
        One row a clock whose due day changed; a clock that only became certain is updated without a row.
    """
    made: list[ClockChange] = []
    with transaction.atomic():
        _lock_calendar(shared=False)
        current = calendar or calendar_current()
        running = Clock.objects.select_for_update().filter(stopped_at__isnull=True).order_by("pk")
        batch: list[Clock] = []
        for clock in running.iterator(BATCH):
            old = clock.due_on
            if not _recalculated(clock, current, rules):
                continue
            batch.append(clock)
            if clock.due_on != old:
                made.append(
                    ClockChange(
                        clock=clock, kind=ClockChange.Kind.RECALCULATED, at=now, by=by, cause=cause,
                        old_due=old, new_due=clock.due_on,
                    )
                )  # fmt: skip
        _save(batch, made)
    return made


def _save(clocks: list[Clock], changes: Iterable[ClockChange]) -> None:
    Clock.objects.bulk_update(clocks, ["due_on", "due_at", "provisional"], batch_size=BATCH)
    ClockChange.objects.bulk_create(changes, batch_size=BATCH)
