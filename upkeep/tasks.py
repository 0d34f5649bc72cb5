"""Tasks of the watch; each may run twice."""

from __future__ import annotations

import json
import logging
import socket

import redis
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from upkeep.services.clock import clock_ask, clock_base, clock_jump

log = logging.getLogger(__name__)
# Kept for a day: what was before that the newest reading of another clock tells better.
BASE_KEY = "tc:clock:base:"
BASE_SECONDS = 24 * 3600


@shared_task
def clock_read() -> None:
    """Ask the time server, where there is one."""
    if settings.CONFIG.NTP_SERVER:
        clock_ask(server=settings.CONFIG.NTP_SERVER, now=timezone.now())


@shared_task
def clock_watch() -> None:
    """Compare the wall clock with the machine's own counter since the last time, on this host."""
    key = BASE_KEY + socket.gethostname()
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
    try:
        after = clock_base()
        kept = client.getset(key, json.dumps(after))
        client.expire(key, BASE_SECONDS)
        before = tuple(json.loads(kept)) if kept else None
    finally:
        client.close()
    clock_jump(before=before, after=after, now=timezone.now())
