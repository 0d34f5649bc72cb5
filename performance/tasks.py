"""Tasks of this app: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from performance.services.imports import import_read, imports_sweep


@shared_task
def read_import(number: int) -> None:
    """After an upload, and again by the sweep."""
    import_read(number=number, clock=timezone.now)


@shared_task
def sweep_imports() -> None:
    """Every few seconds."""
    imports_sweep(now=timezone.now())
