"""Tasks of the audit app: each calls one service and is safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit import log_services


@shared_task
def log_days_close() -> None:
    """Mark the last checkpoint of every day that has passed."""
    log_services.log_days_close(now=timezone.now())
