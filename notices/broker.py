"""Hands a task and its number to the workers, without ever holding up or failing whoever wrote it."""

from __future__ import annotations

import logging
import time

import redis
from celery import current_app
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)
DELIVER = "notices.tasks.deliver_notice"
# How long a broker that did not answer is left alone; the sweep makes good for what was written meanwhile.
ALONE_SECONDS = 5.0
_ask_again_at = 0.0


def _ask() -> None:
    # Celery and its client library ask a dead server for six seconds; once is enough here.
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
    finally:
        client.close()


def task_enqueue(task: str, number: int) -> bool:
    """Tell the workers of a task with its one number; False when the broker is away, which the task's sweep makes good.

    Args:
        task: dotted name, as Celery knows it.
        number: what it works on.
    """
    global _ask_again_at
    if time.monotonic() < _ask_again_at:
        return False
    try:
        _ask()
        current_app.send_task(task, args=[number], retry=False)
        return True
    except Exception as error:
        # Whatever is the matter with the broker: the cause is committed, and its page must not fail.
        logger.warning("%s %s not enqueued, the sweep will do it: %s", task, number, type(error).__name__)
        _ask_again_at = time.monotonic() + ALONE_SECONDS
        return False


def notice_enqueue(number: int) -> bool:
    """Tell the workers of a notice; False when the broker is away, which the sweep makes good."""
    return task_enqueue(DELIVER, number)
