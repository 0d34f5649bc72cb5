"""Tasks of the wiring; each may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from trading_center.backup.nightly import backup_nightly


@shared_task
def backup_tonight() -> None:
    """The backup of the night, when it is due."""
    backup_nightly(now=timezone.now())
