"""Whose business an indicator is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import assignments_now
from performance.models import Indicator
from workflow.actors import Actor
from workflow.moves import STAFF


def members_of(offices: Iterable[int], *, now: datetime) -> QuerySet[User]:
    """The people who have any duty in one of the offices."""
    found = assignments_now(now=now).filter(department__in=list(offices), duty__in=STAFF)
    return User.objects.filter(pk__in=found.values("user")).order_by("pk")


def fills_all(actor: Actor) -> bool:
    """Whether a person fills the values of every office."""
    return Duty.PERFORMANCE in actor.duties


def reads_all(actor: Actor) -> bool:
    """Whether a person reads the values of every office: who manages, keeps the money, or leads the center."""
    return not actor.duties.isdisjoint({Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR})


def offices_of(actor: Actor) -> frozenset[int]:
    """The offices for which a person fills values: any duty there will do, delegated ones too."""
    return actor.departments_for(STAFF)


def may_fill(actor: Actor, indicator: Indicator) -> bool:
    """Whether a person may give an indicator's actual value."""
    return fills_all(actor) or indicator.office_id in offices_of(actor)
