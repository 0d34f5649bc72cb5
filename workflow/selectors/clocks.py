"""Reads of legal periods."""

from __future__ import annotations

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


def is_late(clock: Clock, *, now: datetime) -> bool:
    """Whether a ``latest`` clock was, or is, too late."""
    return clock.kind == Clock.Kind.LATEST and (clock.stopped_at or now) >= clock.due_at
