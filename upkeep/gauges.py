"""The numbers of the instance itself for ``/metrics``."""

from __future__ import annotations

import redis
from django.conf import settings
from django.utils import timezone

from audit.log_selectors import log_state
from upkeep.gates import hold_is_on
from upkeep.metrics import gauge_register
from upkeep.selectors import alarms_open, backup_newest, clock_state

QUEUES = ("celery",)


def _backup_age() -> float | None:
    newest = backup_newest()
    return None if newest is None else (timezone.now() - newest.finished_at).total_seconds()


def _clock_offset() -> float | None:
    offset = clock_state(now=timezone.now()).offset_ms
    return None if offset is None else offset / 1000


def _clock_age() -> float | None:
    age = clock_state(now=timezone.now()).age
    return None if age is None else age.total_seconds()


def _log_size() -> float:
    return float(log_state()[0])


def _queued() -> float:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return float(sum(int(client.llen(name)) for name in QUEUES))
    finally:
        client.close()


def register() -> None:
    """Register them all; the outbox adds its own."""
    gauge_register("tc_backup_age_seconds", "Age of the newest verified backup", _backup_age)
    gauge_register("tc_clock_offset_seconds", "This clock against the reference, positive when ahead", _clock_offset)
    gauge_register("tc_clock_age_seconds", "Age of the newest reading of the clock", _clock_age)
    gauge_register("tc_clock_alarms", "Clock alarms nobody has dealt with", lambda: float(alarms_open().count()))
    gauge_register("tc_log_size", "Leaves of the transparency log", _log_size)
    gauge_register("tc_queue_length", "Tasks that wait for a worker", _queued)
    gauge_register("tc_recovery_hold", "1 while a recovery hold is on", lambda: float(hold_is_on()))
