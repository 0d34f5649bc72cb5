"""``GET /healthz``: does each part of the instance answer? And the signs of life that worker and scheduler leave."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import psycopg2
import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from upkeep.selectors import clock_state

logger = logging.getLogger(__name__)

WORKER_KEY = "tc:alive:worker"
SCHEDULER_KEY = "tc:alive:scheduler"
# Signs come every two to five seconds; without one for this long the part counts as dead.
ALIVE_SECONDS = 15
CHECK_SECONDS = 2
OK, FAILING = "ok", "failing"
# What the last reading said; empty before the first.
_clock_details: dict[str, object] = {}


def _redis() -> redis.Redis:
    # Asked once: the library's own attempts would outlast CHECK_SECONDS.
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def leave_sign(key: str) -> None:
    """Say that a part of the kind ``key`` is alive, for ALIVE_SECONDS; never raises, for it must not harm the part."""
    try:
        client = _redis()
        try:
            client.set(key, "1", ex=ALIVE_SECONDS)
        finally:
            client.close()
    except (redis.RedisError, OSError) as error:
        logger.warning("sign of life not written: %s", error)


def _database() -> dict[str, str]:
    # A connection of its own: a persistent one to a server that hangs would wait for ever.
    params = {**connection.get_connection_params(), "connect_timeout": 2}
    params["options"] = f"{params.get('options') or ''} -c statement_timeout=1500".strip()
    fresh = psycopg2.connect(**params)
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SELECT 1")
            return {"database": OK if cursor.fetchone()[0] == 1 else FAILING}
    finally:
        fresh.close()


def _clock() -> dict[str, str]:
    """Asked of the database, which has the readings of every host."""
    try:
        state = clock_state(now=timezone.now())
    finally:
        connection.close()  # of this thread, which ends now
    if state.offset_ms is not None and state.age is not None:
        _clock_details.update(
            offset_seconds=state.offset_ms / 1000, age_seconds=round(state.age.total_seconds()), source=state.source
        )
    return {"clock": OK if state.ok else FAILING}


def _redis_parts() -> dict[str, str]:
    client = _redis()
    try:
        worker, scheduler = client.mget(WORKER_KEY, SCHEDULER_KEY)
    finally:
        client.close()
    return {"redis": OK, "worker": OK if worker else FAILING, "scheduler": OK if scheduler else FAILING}


class _Check:
    """Runs one question in a thread with a deadline; a question still hanging is not asked again."""

    def __init__(self, names: tuple[str, ...], ask: Callable[[], dict[str, str]]) -> None:
        self.names = names
        self.ask = ask
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None
        self.answer: dict[str, str] = {}

    def _run(self, answer: dict[str, str]) -> None:
        try:
            answer.update(self.ask())
        except Exception as error:  # whatever fails, the answer is "failing"
            logger.warning("health check of %s: %s", "/".join(self.names), error)

    def start(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                answer: dict[str, str] = {}
                thread = threading.Thread(target=self._run, args=(answer,), daemon=True)
                thread.start()
                # Only now: others may already be waiting for what stands here.
                self.thread, self.answer = thread, answer

    def result(self, until: float | None = None) -> dict[str, str]:
        """What it answered by ``until`` (monotonic seconds; CHECK_SECONDS from now)."""
        until = time.monotonic() + CHECK_SECONDS if until is None else until
        with self.lock:
            thread, answer = self.thread, self.answer
        if thread is not None:
            thread.join(max(0.0, until - time.monotonic()))
        return {name: answer.get(name, FAILING) for name in self.names}


_CHECKS = (
    _Check(("database",), _database),
    _Check(("redis", "worker", "scheduler"), _redis_parts),
    _Check(("clock",), _clock),
)


def health() -> dict[str, object]:
    """State of every part, within about CHECK_SECONDS.

    Returns:
        ``{"status": "ok"|"failing", "parts": {"database"|"redis"|"worker"|"scheduler"|"clock": "ok"|"failing"}}``;
        ``clock`` fails when the newest reading is off by more than the limit, or the clock jumped and nobody has
        dealt with it. Once there is a reading, ``"clock": {"offset_seconds", "age_seconds", "source"}`` as well.
    """
    until = time.monotonic() + CHECK_SECONDS
    for check in _CHECKS:
        check.start()
    parts: dict[str, str] = {}
    for check in _CHECKS:
        parts.update(check.result(until))
    if parts["database"] != OK:
        # A database that is away does not make the clock wrong.
        parts["clock"] = OK
    state: dict[str, object] = {"status": OK if set(parts.values()) == {OK} else FAILING, "parts": parts}
    return {**state, "clock": dict(_clock_details)} if _clock_details else state


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503; JSON as in ``health``."""
    state = health()
    answer = JsonResponse(state, status=200 if state["status"] == OK else 503, headers={"Cache-Control": "no-store"})
    # The answer is the report; Django would log an error for every question of every monitor besides.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
