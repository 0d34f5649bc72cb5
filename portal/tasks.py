"""Tasks of the portal: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from portal.services.watch import site_watch, site_watch_due


def _outside() -> bool:
    return bool(settings.CONFIG.SITE_WATCH_OUTSIDE == "on")


@shared_task
def site_watch_nightly() -> None:
    """Every half hour: runs when the night's look is missing, so that a machine that was off catches up."""
    now = timezone.now()
    if day := site_watch_due(now=now):
        site_watch(now=now, day=day, outside=_outside())


@shared_task
def site_watch_asked() -> None:
    """When somebody asks for it on the page."""
    site_watch(now=timezone.now(), day=None, outside=_outside())
