"""The watched clock: readings from a time server or by two persons, jumps, alarms and what was done about them."""

from __future__ import annotations

import logging
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import require_storable
from upkeep.models import ClockAlarm, ClockComparison, ClockReading
from upkeep.rulebook import COMPARISON_FAR, COMPARISON_OPEN, JUMP_LIMIT_MS
from upkeep.selectors import limit_ms
from upkeep.sntp import NoAnswer, sntp_offset

log = logging.getLogger(__name__)


def _alarm(*, kind: ClockAlarm.Kind, offset_ms: int, now: datetime) -> ClockAlarm:
    """One row for each kind until somebody has seen it, and a line in the log each time."""
    log.error("clock alarm: %s by %d ms", kind.value, offset_ms)
    known = (
        ClockAlarm.objects.filter(kind=kind, seen_at__isnull=True).first() if kind == ClockAlarm.Kind.OFFSET else None
    )
    if known is not None:
        return known
    alarm = ClockAlarm.objects.create(at=now, kind=kind, offset_ms=offset_ms, host=socket.gethostname()[:100])
    detail = {"kind": kind.value, "offset_ms": offset_ms}
    action_record(tag=Tag.UPKEEP, by=None, now=now, subject="upkeep.clock", detail=detail, success=False)
    return alarm


def _reading(*, source: ClockReading.Source, reference: str, now: datetime, offset_ms: int) -> ClockReading:
    reading = ClockReading.objects.create(at=now, source=source, reference=reference, offset_ms=offset_ms)
    if abs(offset_ms) > limit_ms(source):
        _alarm(kind=ClockAlarm.Kind.OFFSET, offset_ms=offset_ms, now=now)
    return reading


def clock_ask(*, server: str, now: datetime, port: int = 123, timeout: float = 2.0) -> ClockReading:
    """Ask a time server and keep what it said; a server that does not answer is a row with the reason.

    Args:
        server: name or address (setting NTP_SERVER).
        now: aware time.
        port: UDP port.
        timeout: seconds.
    """
    try:
        # Before the transaction: nothing outside the database is asked inside one.
        found = sntp_offset(server, port=port, timeout=timeout)
    except NoAnswer as error:
        log.warning("time server %s: %s", server, error)
        return ClockReading.objects.create(
            at=now, source=ClockReading.Source.NTP, reference=server, offset_ms=None, error=str(error)[:200]
        )
    with transaction.atomic():
        return _reading(
            source=ClockReading.Source.NTP, reference=server, now=now, offset_ms=round(found.seconds * 1000)
        )


def clock_base() -> tuple[str, int]:
    """The boot of this machine, and its wall clock less its own counter, in milliseconds.

    The counter (CLOCK_BOOTTIME, which runs on while the machine sleeps) is nobody's to set: within one boot the
    difference changes only when the wall clock is set.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return boot, round((time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)) * 1000)


def clock_jump(*, before: tuple[str, int] | None, after: tuple[str, int], now: datetime) -> ClockAlarm | None:
    """Raise an alarm when the wall clock was set between two bases.

    Args:
        before: an earlier ``clock_base``; None at the first time.
        after: the present one.
        now: aware time.

    Returns:
        The alarm, or None when the clock only ran, or the machine was started anew in between.
    """
    if before is None or before[0] != after[0] or abs(after[1] - before[1]) <= JUMP_LIMIT_MS:
        return None
    with transaction.atomic():
        return _alarm(kind=ClockAlarm.Kind.JUMP, offset_ms=after[1] - before[1], now=now)


def comparison_enter(*, reference: str, reference_time: datetime, by: Any, now: datetime) -> ClockComparison:
    """The first person reads another clock.

    Args:
        reference: which clock, e.g. 国家授时中心网页.
        reference_time: aware; what it showed when the form was sent.
        by: the first person.
        now: aware; this machine's time when the form arrived.

    Raises:
        BusinessError: ``no_reference``, ``far_off``.
    """
    reference = " ".join(reference.split())
    if not 2 <= len(reference) <= 100:
        raise BusinessError(
            "没有保存：请写明对照的是哪个时钟，例如“国家授时中心网页”。", "no_reference", field="reference"
        )
    if abs(now - reference_time) > COMPARISON_FAR:
        raise BusinessError("没有保存：读数与本机相差超过一天，请检查年月日。", "far_off", field="reference_time")
    offset = round((now - reference_time).total_seconds() * 1000)
    with transaction.atomic():
        entered = ClockComparison.objects.create(
            entered_at=now, entered_by=by, reference=reference, reference_time=reference_time, offset_ms=offset
        )
        detail = {"kind": "entered", "offset_ms": offset}
        action_record(tag=Tag.UPKEEP, by=by, now=now, subject=f"upkeep.comparison:{entered.pk}", detail=detail)
    return entered


def comparison_decide(*, pk: int, confirmed: bool, by: Any, now: datetime) -> ClockComparison:
    """The second person confirms, or refuses, what the first one entered.

    Args:
        pk: number of the comparison.
        confirmed: whether the second person read the same.
        by: the second person; never the first.
        now: aware time.

    Raises:
        BusinessError: ``not_found``, ``decided``, ``too_late``, ``same_person``.
    """
    with transaction.atomic():
        found = ClockComparison.objects.select_for_update().filter(pk=pk).first()
        if found is None:
            raise BusinessError("没有办理：没有这条核对记录。", "not_found")
        if found.decided_at is not None:
            raise BusinessError("没有办理：这条核对别人已经复核过了。", "decided")
        if found.entered_by_id == by.pk:
            raise BusinessError("没有办理：录入和复核应是两个人，请另一位同事复核。", "same_person")
        if now - found.entered_at > COMPARISON_OPEN:
            raise BusinessError("没有办理：录入已超过 30 分钟，请重新录入再复核。", "too_late")
        found.decided_at, found.decided_by, found.confirmed = now, by, confirmed
        found.save(update_fields=["decided_at", "decided_by", "confirmed"])
        if confirmed:
            _reading(
                source=ClockReading.Source.PEOPLE,
                reference=found.reference,
                now=found.entered_at,
                offset_ms=found.offset_ms,
            )
        detail = {"kind": "confirmed" if confirmed else "refused", "offset_ms": found.offset_ms}
        action_record(tag=Tag.UPKEEP, by=by, now=now, subject=f"upkeep.comparison:{pk}", detail=detail)
    return found


def alarm_see(*, pk: int, note: str, by: Any, now: datetime) -> ClockAlarm:
    """An administrator has dealt with an alarm.

    Raises:
        BusinessError: ``not_found``, ``no_note``.
    """
    note = require_storable(" ".join(note.split()), "没有保存")
    if not 2 <= len(note) <= 300:
        raise BusinessError("没有保存：请写明原因和处理情况。", "no_note", field="note")
    with transaction.atomic():
        found = ClockAlarm.objects.select_for_update().filter(pk=pk, seen_at__isnull=True).first()
        if found is None:
            raise BusinessError("没有办理：没有这条告警，或别人已经处理。", "not_found")
        found.seen_at, found.seen_by, found.note = now, by, note
        found.save(update_fields=["seen_at", "seen_by", "note"])
        action_record(tag=Tag.UPKEEP, by=by, now=now, subject=f"upkeep.alarm:{pk}", detail={"kind": "seen"})
    return found
