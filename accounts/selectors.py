"""Reads of the accounts app."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.duties import ADMINISTRATORS, SECOND_FACTOR, Duty
from accounts.models import DutyAssignment, DutyPair, Factor, LoginGuard, Session, User
from accounts.rulebook import PASSWORD_AGE, SESSION_IDLE, SESSION_LONGEST


def _in_force(now: datetime) -> Q:
    return Q(begins_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))


def assignments_now(*, now: datetime) -> QuerySet[DutyAssignment]:
    """Assignments in force at ``now``, of active people; a delegated one only while its giver still has the duty."""
    own = DutyAssignment.objects.filter(
        _in_force(now), user=OuterRef("delegated_from"), duty=OuterRef("duty"), delegated_from=None
    )
    return DutyAssignment.objects.filter(
        _in_force(now), Q(delegated_from=None) | Exists(own), user__is_active=True, user__kind=User.Kind.STAFF
    )


def duties_of(user: User, *, now: datetime) -> frozenset[Duty]:
    """The duties that a person has at ``now``, delegated ones too."""
    found = assignments_now(now=now).filter(user=user).values_list("duty", flat=True)
    return frozenset(Duty(duty) for duty in found)


def people_with(duty: Duty, *, now: datetime) -> QuerySet[User]:
    """The people who have a duty at ``now``."""
    return User.objects.filter(pk__in=assignments_now(now=now).filter(duty=duty).values("user")).order_by("id")


def people_list(*, now: datetime, query: str = "") -> QuerySet[User]:
    """All staff, active ones first, each with ``now_assignments`` (department joined) and ``factor``.

    Args:
        now: whose duties are meant.
        query: a part of the name, the login name or the employer; blank for all.
    """
    present = assignments_now(now=now).select_related("department").order_by("id")
    found = User.objects.filter(kind=User.Kind.STAFF).select_related("factor")
    if query:
        found = found.filter(Q(name__contains=query) | Q(username__contains=query) | Q(employer__contains=query))
    return found.prefetch_related(Prefetch("assignments", present, to_attr="now_assignments")).order_by(
        "-is_active", "id"
    )


def assignments_listed(*, now: datetime, user: User | None = None) -> QuerySet[DutyAssignment]:
    """Assignments of ``user`` (None: of all) that are in force or to come, delegations not among them."""
    found = DutyAssignment.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), delegated_from=None)
    if user is not None:
        found = found.filter(user=user)
    return found.select_related("user", "department", "given_by").order_by("department__position", "user", "id")


def delegations_listed(*, now: datetime, user: User | None = None) -> QuerySet[DutyAssignment]:
    """Delegations in force or to come; with ``user`` only those from or to that person."""
    found = DutyAssignment.objects.filter(delegated_from__isnull=False, ends_at__gt=now)
    if user is not None:
        found = found.filter(Q(user=user) | Q(delegated_from=user))
    return found.select_related("user", "delegated_from", "department", "given_by").order_by("ends_at", "id")


def duty_pairs() -> list[DutyPair]:
    """Every pair of duties that check each other."""
    return list(DutyPair.objects.order_by("id"))


def factor_confirmed(user: User) -> Factor | None:
    """The second factor in force."""
    return Factor.objects.filter(user=user, confirmed_at__isnull=False).first()


def factor_is_required(user: User, *, now: datetime) -> bool:
    """Does one of the person's duties ask for a second factor?"""
    return bool(duties_of(user, now=now) & SECOND_FACTOR)


def password_is_due(user: User, *, now: datetime) -> bool:
    """Must the password be changed before anything else?

    The age limit is not for demonstrations: their passwords are printed for everybody.
    """
    if user.must_change_password:
        return True
    if settings.INSTANCE == "demo" and user.is_demo:
        return False
    return user.password_changed_at is None or now - user.password_changed_at >= PASSWORD_AGE


def sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """The logins of a person that still work, the last used first."""
    return Session.objects.filter(
        user=user, expire_date__gt=now, seen_at__gt=now - SESSION_IDLE, begun_at__gt=now - SESSION_LONGEST
    ).order_by("-seen_at")


def locked_until(key: str, *, now: datetime) -> datetime | None:
    """Until when the key of a login guard is locked, None when it is not."""
    return LoginGuard.objects.filter(key=key, locked_until__gt=now).values_list("locked_until", flat=True).first()


def has_administrator() -> bool:
    """Was there ever an administrator? Then the setup page is closed for good."""
    return DutyAssignment.objects.filter(duty__in=ADMINISTRATORS).exists()
