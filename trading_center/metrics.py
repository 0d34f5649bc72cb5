"""``GET /metrics`` for Prometheus: requests counted in front of everything, numbers asked for when it comes.

Every web process writes its counts into a file of its own in PROMETHEUS_MULTIPROC_DIR (prometheus-client's
multiprocess mode, by mmap: no lock, no call to anybody), and whichever process answers adds them up.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
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
SECONDS = Histogram(
    "tc_http_request_seconds",
    "Time to the answer, by route and status",
    ["route", "status"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.3, 1.0, 3.0),
)
REFUSED = "这个地址只供监控系统读取：请从本机访问，或设置 METRICS_TOKEN 并带上口令。"


class Measured:
    """WSGI middleware in front of the page cache: counts and times every answer.

    Args:
        application: everything else.
    """

    def __init__(self, application: WsgiApplication) -> None:
        self.application = application
        # Finding a labelled child takes longer than counting in it.
        self.known: dict[tuple[str, str], Callable[[float], None]] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as ``application`` does."""
        begun = perf_counter()
        told = ["500"]

        def started(status: str, *rest: Any) -> Any:
            told[0] = status[:3]
            return start_response(status, *rest)

        try:
            return self.application(environ, started)
        finally:
            key = (environ.get(ROUTE) or OTHER, told[0])
            observe = self.known.get(key)
            if observe is None:
                observe = self.known[key] = SECONDS.labels(*key).observe
            observe(perf_counter() - begun)


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
