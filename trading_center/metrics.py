"""``GET /metrics`` for Prometheus: requests counted in front of everything, numbers asked for when it comes.

Every web process writes its counts into a file of its own in PROMETHEUS_MULTIPROC_DIR (prometheus-client's
multiprocess mode, by mmap: no lock, no call to anybody), and whichever process answers adds them up.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Lock, Thread
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from upkeep.metrics import gauges

log = logging.getLogger(__name__)
Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Set by whoever knows the route; what nobody knows is one label, whatever the address was.
ROUTE = "tc.route"
OTHER = "(other)"
LIMITS = (0.001, 0.005, 0.02, 0.1, 0.3, 1.0, 3.0)
# Often, so that there are few notes each time: while they are added up nobody else computes.
WRITE_SECONDS = 0.05
SECONDS = Histogram(
    "tc_http_request_seconds",
    "Time to the answer, by route and status",
    ["route", "status"],
    buckets=LIMITS,
)
REFUSED = "这个地址只供监控系统读取：请从本机访问，或设置 METRICS_TOKEN 并带上口令。"


class Measured:
    """WSGI middleware in front of the page cache: counts and times every answer.

    A page from the cache takes less time than counting it in a file, so a request only leaves a note in memory
    (one append, safe among threads); a thread adds the notes up many times a second and writes sums.

    Args:
        application: everything else.
    """

    def __init__(self, application: WsgiApplication) -> None:
        self.application = application
        self.notes: deque[tuple[str | None, str, float]] = deque()
        self.lock = Lock()
        self.thread: Thread | None = None

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as ``application`` does."""
        begun = perf_counter()
        told: list[str] = []

        def started(status: str, *rest: Any) -> Any:
            told.append(status)
            return start_response(status, *rest)

        try:
            return self.application(environ, started)
        finally:
            # Nothing but plain values: what the garbage collector need not follow.
            self.notes.append((environ.get(ROUTE), told[-1][:3] if told else "500", perf_counter() - begun))
            if self.thread is None:
                self._start()

    def _start(self) -> None:
        # Not before the first request: threads do not survive the fork of a worker.
        with self.lock:
            if self.thread is None:
                self.thread = Thread(target=self._write_for_ever, name="metrics", daemon=True)
                self.thread.start()

    def _write_for_ever(self) -> None:
        while True:
            sleep(WRITE_SECONDS)
            self.write()

    def write(self) -> None:
        """Add up the notes and write the sums where every process reads them."""
        found: dict[tuple[str, str], list[float]] = {}
        for _ in range(len(self.notes)):
            route, status, seconds = self.notes.popleft()
            key = (route or OTHER, status)
            sums = found.get(key)
            if sums is None:
                sums = found[key] = [0.0] * (len(LIMITS) + 2)
            sums[bisect_left(LIMITS, seconds)] += 1
            sums[-1] += seconds
        for key, sums in found.items():
            child = SECONDS.labels(*key)
            # What observe() does for one, for many at once; it has no such call (prometheus-client is pinned).
            for bucket, count in zip(child._buckets, sums, strict=False):
                if count:
                    bucket.inc(count)
            child._sum.inc(sums[-1])


class _Asked:
    """The registered numbers, as a collector; one that fails is left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge in gauges():
            try:
                value = gauge.ask()
            except Exception as error:  # a number that cannot be had must not take the others along
                log.warning("metric %s: %s", gauge.name, type(error).__name__)
                continue
            if value is not None:
                yield GaugeMetricFamily(gauge.name, gauge.help, value=value)


def _may_read(request: HttpRequest) -> bool:
    token = settings.CONFIG.METRICS_TOKEN
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    # A proxy on this machine would make every visitor look like it.
    if any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    asked = CollectorRegistry()
    asked.register(_Asked())
    return counted + generate_latest(asked)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """200 for this machine or with the token, else 403 with a sentence."""
    if not _may_read(request):
        return HttpResponse(REFUSED, status=403, content_type="text/plain; charset=utf-8", headers=_PRIVATE)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers=_PRIVATE)


_PRIVATE = {"Cache-Control": "no-store"}
