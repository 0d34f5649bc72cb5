"""Tasks of this app: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from performance.services.imports import import_read, imports_sweep
from performance.services.lags import lags_ask
from performance.services.monitoring_reminders import monitorings_remind
from performance.services.rectifications import rectifications_remind
from performance.services.reminders import performance_remind
from performance.services.runs import run_work, runs_sweep
from performance.services.survey_answers import answers_sweep
from performance.services.survey_results import surveys_sweep
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


@shared_task
def release_answers() -> None:
    """Every minute."""
    answers_sweep()


@shared_task
def sweep_surveys() -> None:
    """Every few minutes."""
    surveys_sweep(now=timezone.now())


@shared_task
def ask_lags() -> None:
    """Every hour: from the 5th on, who lagged in the month before is asked why; what was missed, too."""
    lags_ask(now=timezone.now())


@shared_task
def remind_performance() -> None:
    """Every hour: shares without progress, answers that are overdue; each message once."""
    performance_remind(now=timezone.now())


@shared_task
def remind_monitorings() -> None:
    """Every hour: what is missing is asked of the database, so that a day without power is caught up."""
    monitorings_remind(now=timezone.now())
