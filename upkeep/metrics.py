"""Numbers for Prometheus that are asked for when it comes: every app may add its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Gauge:
    """A number with a name.

    Args:
        name: ``tc_…``, letters, digits and underscores.
        help: one line.
        ask: gives the number now, in well under a second, or None when it is not known.
    """

    name: str
    help: str
    ask: Callable[[], float | None]


_gauges: dict[str, Gauge] = {}


def gauge_register(name: str, help: str, ask: Callable[[], float | None]) -> None:
    """Add a number to ``/metrics``; call it from ``AppConfig.ready``. The same name again replaces it.

    Args:
        name: e.g. ``tc_outbox_size``.
        help: one line for whoever reads ``/metrics``.
        ask: asked at every scrape; what it raises is logged and the number left out.
    """
    _gauges[name] = Gauge(name, help, ask)


def gauges() -> list[Gauge]:
    """All that are registered, by name."""
    return [_gauges[name] for name in sorted(_gauges)]
