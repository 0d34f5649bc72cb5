"""Hands the number of a row to the workers; a broker that is away never fails the page, for a sweep makes it good."""

from __future__ import annotations

import logging

import redis
from celery import current_app
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)


def task_enqueue(task: str, number: int) -> bool:
    """Tell the workers; False when the broker is away.

    Args:
        task: the task's dotted name; number: its only argument.
    """
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        # Celery asks a dead server for seconds; once is enough here.
        client.ping()
        current_app.send_task(task, args=[number], retry=False)
        return True
    except Exception as error:
        logger.warning("%s %s not enqueued, the sweep will do it: %s", task, number, type(error).__name__)
        return False
    finally:
        client.close()
