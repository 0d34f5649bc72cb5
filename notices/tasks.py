"""Tasks of the notices app: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notices.services import checkpoints_send, notice_deliver, notices_sweep


@shared_task
def deliver_notice(number: int) -> None:
    """After the commit of the notice, and again by the sweep."""
    notice_deliver(number=number, now=timezone.now())


@shared_task
def sweep_notices() -> None:
    """Every few seconds."""
    notices_sweep(now=timezone.now())


@shared_task
def send_checkpoints() -> None:
    """Every hour: the day's last checkpoint, after a pause those of the days that were missed."""
    checkpoints_send(now=timezone.now())
