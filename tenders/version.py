"""The content version: a word in Redis that changes with every publication, so that caches know."""

from __future__ import annotations

import logging
import os
import secrets
import time
from functools import cache
from threading import local

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEY = "content:version"
TIMEOUT_SECONDS = 0.3
# A Redis that is away costs one visitor in this many seconds the timeout, not every one.
PAUSE_SECONDS = 2.0
# Monotonic seconds before which Redis is not asked again, for each process.
_ask_again_at = 0.0
log = logging.getLogger(__name__)


@cache
def client() -> redis.Redis:
    """The process's Redis client (a pool of connections)."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # By itself the library asks again and again, for seconds.
        retry=Retry(NoBackoff(), 0),
    )


class _Line(local):
    """A connection of this thread alone: taking one from the pool and making the question costs more than Redis."""

    pid = 0
    pool: redis.ConnectionPool | None = None
    link: redis.Connection | None = None
    question: tuple[bytes, ...] = ()

    def ask(self) -> bytes | None:
        """The value under KEY.

        Raises:
            redis.RedisError: Redis is away or slow.
        """
        pool = client().connection_pool
        if self.link is None or self.pool is not pool or self.pid != os.getpid():
            self.link = pool.connection_class(**pool.connection_kwargs)
            self.pool, self.pid = pool, os.getpid()
            self.question = tuple(self.link.pack_command("GET", KEY))
        fresh = not self.link.is_connected
        try:
            return self._answer(self.link)
        except redis.TimeoutError:
            raise
        except redis.ConnectionError:
            if fresh:
                raise
            # A server that was started anew has forgotten the connection.
            return self._answer(self.link)

    def _answer(self, link: redis.Connection) -> bytes | None:
        try:
            link.send_packed_command(self.question, check_health=False)
            found = link.read_response()
        except BaseException:
            # Whatever is still to come would be taken for the answer to the next question.
            link.disconnect()
            raise
        return bytes(found) if isinstance(found, bytes) else None


_line = _Line()


def content_version_bump() -> None:
    """Let every cache forget what it shows. Call it after the commit, never inside a transaction."""
    try:
        client().set(KEY, secrets.token_hex(8))
    except redis.RedisError:
        # The publication stands; cached pages end by themselves at the full minute.
        log.exception("content version could not be bumped")


def content_version() -> bytes | None:
    """The present version, or None when Redis cannot say (then nothing may be served from a cache).

    After a failure it answers None without asking, for PAUSE_SECONDS.
    """
    global _ask_again_at
    if time.monotonic() < _ask_again_at:
        return None
    try:
        found = _line.ask()
        if found is None:
            client().set(KEY, secrets.token_hex(8), nx=True)
            found = _line.ask()
    except redis.RedisError:
        _ask_again_at = time.monotonic() + PAUSE_SECONDS
        return None
    return found or None
