"""Reads of what the nightly look found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Instance
from portal.models import WatchFinding, WatchRun

MOST = 500
LATE = timedelta(hours=36)


@dataclass(frozen=True)
class WatchPage:
    """The last finished run: findings by kind (label, rows), whether it is too old, whether one is running."""

    run: WatchRun | None
    groups: list[tuple[str, list[WatchFinding]]]
    count: int
    is_late: bool
    is_running: bool


def watch_page(*, now: datetime) -> WatchPage:
    """What the page of the watch shows at ``now``; three queries."""
    runs = WatchRun.objects.order_by("-begun_at")
    run = runs.filter(finished_at__isnull=False).first()
    running = runs.filter(finished_at=None, begun_at__gt=now - timedelta(hours=2)).exists()
    found = list(WatchFinding.objects.filter(run=run).order_by("kind", "id")[:MOST]) if run else []
    groups = [
        (str(kind.label), rows) for kind in WatchFinding.Kind if (rows := [f for f in found if f.kind == kind.value])
    ]
    # Before the first look time runs from the beginning of the instance.
    since = run.begun_at if run else Instance.objects.values_list("created_at", flat=True).first()
    late = since is not None and now - since > LATE
    return WatchPage(run, groups, len(found), late, running)


def findings_count(*, user: object, now: datetime) -> int:
    """How many things the last run found: for the navigation."""
    run = WatchRun.objects.filter(finished_at__isnull=False).order_by("-begun_at").first()
    return WatchFinding.objects.filter(run=run).count() if run else 0
