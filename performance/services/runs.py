"""Runs: a wish for a PDF, worked on by whoever claims it; a worker that dies leaves it to the next.

A run is claimed by a conditional update and a number of its own; a thread renews ``alive_at`` while the work goes on.
Every later write names the claim, so that one who was thought dead changes nothing any more. The file itself is made
once for each content (report_files), so work done twice does no harm.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.errors import BusinessError
from notices.broker import task_enqueue
from performance.document.render import LAYOUT, WRITING
from performance.models import Edition, Report, ReportFile, ReportRun
from performance.models.common import REASON_LENGTH
from performance.services.report_files import KEEPING, READING, report_file_make

logger = logging.getLogger(__name__)
TASK = "performance.tasks.make_report"
# Whoever gave no sign for this long is dead; signs come four times as often.
LEASE = timedelta(seconds=20)
SIGN_SECONDS = 5.0
# A run that hangs gives no sign after this long, so that it ends some day.
LONGEST_SECONDS = 600.0
MOST_ATTEMPTS = 3
# What was handed over so long ago and still waits may have been lost by the broker.
LOST_AFTER = timedelta(seconds=30)
SWEPT_AT_ONCE = 100
PROGRESS = {READING: 5, LAYOUT: 20, WRITING: 70, KEEPING: 90}
# Faults that may be gone at the next attempt; any other refusal is final.
PASSING = {"storage_failed", "key_missing", "damaged_storage"}
GIVEN_UP = f"试了 {MOST_ATTEMPTS} 次都没有生成：任务进程中断了。请稍后再试，仍不行请联系信息科。"
FAULT = "没有生成：程序出错，详见任务进程的日志。请联系信息科。"
State = ReportRun.State


class _Lost(Exception):
    """Somebody else has the run now."""


def report_run(*, report: Report, by: Any, now: datetime, edition: str = Edition.SUBMISSION) -> ReportRun:
    """Wish for the PDF of a report; a wish of the same person that nobody has begun yet is given again.

    Args:
        report: which; what stands in it when the work begins is made.
        by: who waits.
        now: aware time.
        edition: of Edition.
    """
    with transaction.atomic():
        Report.objects.select_for_update(no_key=True).get(pk=report.pk)
        run = ReportRun.objects.filter(report=report, edition=edition, by=by, state=State.WAITING, attempts=0).first()
        if run is None:
            run = ReportRun.objects.create(report=report, edition=edition, by=by, at=now, enqueued_at=now)
            number = run.pk
            transaction.on_commit(lambda: task_enqueue(TASK, number))
    return run


def _free(now: datetime) -> Q:
    """Runs that nobody works on: waiting, or begun by somebody who gives no sign any more."""
    return Q(state=State.WAITING) | Q(state=State.RUNNING, alive_at__lte=now - LEASE)


def _claim(number: int, now: datetime) -> ReportRun | None:
    claimed = ReportRun.objects.filter(_free(now), pk=number, attempts__lt=MOST_ATTEMPTS).update(
        state=State.RUNNING,
        claim=uuid.uuid4(),
        alive_at=now,
        attempts=F("attempts") + 1,
        step="",
        progress=0,
        message="",
    )
    return ReportRun.objects.select_related("report").get(pk=number) if claimed else None


def _held(run: ReportRun) -> Any:
    return ReportRun.objects.filter(pk=run.pk, state=State.RUNNING, claim=run.claim)


def _step_note(run: ReportRun, step: str) -> None:
    if not _held(run).update(step=step, progress=PROGRESS[step], alive_at=timezone.now()):
        raise _Lost


@contextmanager
def _signs_of_life(run: ReportRun) -> Iterator[None]:
    """Renew ``alive_at`` from a thread of its own while the work goes on."""
    over = threading.Event()

    def renew() -> None:
        try:
            for _ in range(int(LONGEST_SECONDS / SIGN_SECONDS)):
                if over.wait(SIGN_SECONDS) or not _held(run).update(alive_at=timezone.now()):
                    return
        except Exception as error:
            # The database is away for a moment: the run is taken over, and ends once.
            logger.warning("run %s gives no sign of life any more: %s", run.pk, type(error).__name__)
        finally:
            connection.close()  # this thread's own

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _done(run: ReportRun, file: ReportFile, now: datetime) -> bool:
    return bool(
        _held(run).update(state=State.DONE, claim=None, result=file, progress=100, step="", message="", finished_at=now)
    )


def _not_done(run: ReportRun, message: str, now: datetime, *, final: bool) -> None:
    """Failed, or waiting for the next attempt, which the sweep hands over."""
    over = final or run.attempts >= MOST_ATTEMPTS
    _held(run).update(
        state=State.FAILED if over else State.WAITING, claim=None, step="", progress=0, message=message[:REASON_LENGTH],
        finished_at=now if over else None, enqueued_at=now,
    )  # fmt: skip


def run_work(*, number: int, now: datetime, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Work on a run unless somebody else does; safe for any number, any number of times, by several at once.

    Args:
        number: the run.
        now: aware time of the claim.
        clock: tells the time when the work ends.

    Returns:
        Whether it was this call that finished it with a file.
    """
    run = _claim(number, now)
    if run is None:
        return False
    try:
        with _signs_of_life(run):
            file = report_file_make(
                report=run.report, now=now, step=lambda step: _step_note(run, step), edition=run.edition
            )
        return _done(run, file, clock())
    except _Lost:
        logger.warning("run %s was taken over by another worker", number)
    except BusinessError as error:
        _not_done(run, error.message, clock(), final=error.code not in PASSING)
    except Exception:
        logger.exception("run %s could not be done", number)
        _not_done(run, FAULT, clock(), final=False)
    return False


def runs_sweep(*, now: datetime) -> int:
    """Hand over what was forgotten: dead workers' runs, those the broker lost; give up those that were tried enough.

    Args:
        now: aware time.

    Returns:
        How many were handed over.
    """
    given_up = ReportRun.objects.filter(_free(now), attempts__gte=MOST_ATTEMPTS)
    given_up.update(state=State.FAILED, claim=None, step="", progress=0, message=GIVEN_UP, finished_at=now)
    due = _free(now) & (Q(enqueued_at__isnull=True) | Q(enqueued_at__lte=now - LOST_AFTER))
    count = 0
    for number in list(ReportRun.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:SWEPT_AT_ONCE]):
        # Two sweeps at once hand it over once.
        if ReportRun.objects.filter(due, pk=number).update(enqueued_at=now):
            if not task_enqueue(TASK, number):
                break
            count += 1
    return count
