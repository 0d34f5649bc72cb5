"""The Celery application: acks late, one task at a time, arguments that are ids only.

A worker and a scheduler leave signs of life in Redis for ``/healthz``. Their processes die with their parent, so that
a worker killed hard leaves no task running that is also given to the next worker.
"""

from __future__ import annotations

import logging.config
import os
import signal
import time
from typing import Any
from uuid import UUID

from billiard import pool
from celery import Celery, Task
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent, setup_logging, worker_process_init

from trading_center.embedded.child import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")


class TaskOfIds(Task):
    """A task that takes ids only: rows may change between call and run, and a queue is no place for their data."""

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send it.

        Raises:
            TypeError: an argument is neither an int nor a UUID (or its text).
        """
        for value in [*(args or ()), *(kwargs or {}).values()]:
            if not _is_id(value):
                raise TypeError(f"{self.name}: an argument of a task must be an id, not {type(value).__name__}")
        return super().apply_async(args, kwargs, **options)


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        try:
            return str(UUID(value)) == value.lower()
        except ValueError:
            return False
    return isinstance(value, int | UUID) and not isinstance(value, bool)


app = Celery("trading_center", task_cls=TaskOfIds)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _own_logging(**_: Any) -> None:
    """Worker and scheduler write the same lines as the web: Celery would put its own format in their place."""
    from django.conf import settings  # noqa: PLC0415 (needs this module's app)

    logging.config.dictConfig(settings.LOGGING)


_SIGN_EVERY_SECONDS = 4.0
_last_sign = 0.0


def _sign(part: str) -> None:
    global _last_sign
    if _last_sign and time.monotonic() - _last_sign < _SIGN_EVERY_SECONDS:
        return
    from trading_center import health  # noqa: PLC0415 (needs Django's settings, which need this module's app)

    health.leave_sign({"worker": health.WORKER_KEY, "scheduler": health.SCHEDULER_KEY}[part])
    _last_sign = time.monotonic()


@heartbeat_sent.connect
def _worker_alive(**_: Any) -> None:
    _sign("worker")


@worker_process_init.connect
def _pool_process(**_: Any) -> None:
    die_with_parent(signal.SIGKILL)


# Tenths of a second that an ending task process waits until the worker has read its last words. A worker asked to stop
# between handing a task over and hearing that it began reads them no more (Celery 5.7, AsynPool.flush): the library's
# 300 made such a stop half a minute long, until the supervisor killed it. Nothing depends on those words: a task that
# was not acknowledged goes back to the queue, and each may run twice.
pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 10


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, with a sign of life at every tick (at most five seconds apart)."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        _sign("scheduler")
        return super().tick(*args, **kwargs)
