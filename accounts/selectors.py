"""Reads of the accounts app."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.duties import Duty
from accounts.models import DutyAssignment, User


def assignments_now(*, now: datetime) -> QuerySet[DutyAssignment]:
    """Assignments in force at ``now``, of active people."""
    open_end = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return DutyAssignment.objects.filter(open_end, begins_at__lte=now, user__is_active=True)


def duties_of(user: User, *, now: datetime) -> frozenset[Duty]:
    """The duties that a person has at ``now``, delegated ones too."""
    found = assignments_now(now=now).filter(user=user).values_list("duty", flat=True)
    return frozenset(Duty(duty) for duty in found)


def people_with(duty: Duty, *, now: datetime) -> QuerySet[User]:
    """The people who have a duty at ``now``."""
    return User.objects.filter(pk__in=assignments_now(now=now).filter(duty=duty).values("user")).order_by("id")
