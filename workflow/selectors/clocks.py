"""Reads of legal periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from workflow.models import Clock


def clocks_of(subject: Any) -> QuerySet[Clock]:
    """Every clock of an object, in the order of their due times."""
    return Clock.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("due_at", "id")


def clocks_due(*, before: datetime) -> QuerySet[Clock]:
    """Running clocks of ``latest`` rules that are due before a moment, the earliest first."""
    return Clock.objects.filter(stopped_at__isnull=True, kind=Clock.Kind.LATEST, due_at__lte=before).order_by(
        "due_at", "id"
    )


def clocks_next(subject_type: str, ids: Iterable[int]) -> dict[int, Clock]:
    """The running ``latest`` clock that is due first, of each of several objects of one kind; one query."""
    running = Clock.objects.filter(
        subject_type=subject_type, subject_id__in=list(ids), stopped_at__isnull=True, kind=Clock.Kind.LATEST
    )
    found: dict[int, Clock] = {}
    for clock in running.order_by("due_at", "id"):
        found.setdefault(clock.subject_id, clock)
    return found


def is_late(clock: Clock, *, now: datetime) -> bool:
    """Whether a ``latest`` clock was, or is, too late."""
    return clock.kind == Clock.Kind.LATEST and (clock.stopped_at or now) >= clock.due_at
