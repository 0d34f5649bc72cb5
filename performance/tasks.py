"""Tasks of this app: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from performance.services.imports import import_read, imports_sweep
from performance.services.rectifications import rectifications_remind
from performance.services.runs import run_work, runs_sweep
from performance.services.year_ends import year_end_drafts


@shared_task
def make_report(number: int) -> None:
    """After the commit of the run, and again by the sweep."""
    run_work(number=number, now=timezone.now())


@shared_task
def sweep_runs() -> None:
    """Every few seconds."""
    runs_sweep(now=timezone.now())


@shared_task
def read_import(number: int) -> None:
    """After an upload, and again by the sweep."""
    import_read(number=number, clock=timezone.now)


@shared_task
def sweep_imports() -> None:
    """Every few seconds."""
    imports_sweep(now=timezone.now())


@shared_task
def draft_year_ends() -> None:
    """Every few seconds: begins nothing unless a year is over and a report of it is missing."""
    year_end_drafts(now=timezone.now())


@shared_task
def remind_rectifications() -> None:
    """Every hour; each reminder is written once."""
    rectifications_remind(now=timezone.now())
