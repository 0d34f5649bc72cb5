"""Tasks of the audit app: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit import log_services
from audit.denials import denials_sweep
from audit.failures import login_failures_sweep
from audit.sealing import actions_requeue, actions_seal, days_digest
from audit.verify import actions_verify


@shared_task
def log_days_close() -> None:
    """Mark the last checkpoint of every day that has passed."""
    log_services.log_days_close(now=timezone.now())


@shared_task
def seal_actions() -> None:
    """Every few seconds."""
    actions_seal(now=timezone.now())


@shared_task
def digest_days() -> None:
    """Every hour: after midnight the day's head, after a pause those of the days that were missed."""
    actions_seal(now=timezone.now())
    days_digest(now=timezone.now())


@shared_task
def verify_actions() -> None:
    """Every night: the whole chain. First the rows that somebody took out of the queue are found and told of."""
    actions_verify(now=timezone.now())
    actions_requeue()


@shared_task
def sweep_login_failures() -> None:
    """Every night: failed logins and refused pages that were kept long enough."""
    login_failures_sweep(now=timezone.now())
    denials_sweep(now=timezone.now())
