"""Background work of the tenders app; every task may run twice and at any time."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from tenders.services.masking import maskings_told
from tenders.services.publication import drafts_publish_due


@shared_task(ignore_result=True)
def publish_due() -> None:
    """Publish what is due now, also what a machine that was off has missed."""
    now = timezone.now()
    drafts_publish_due(now=now)
    maskings_told(now=now)
