"""Who acts: a person with the duties they have at a moment, their own and those of others handed to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.duties import Duty
from accounts.selectors import assignments_now


@dataclass(frozen=True)
class Holding:
    """A duty as one has it.

    Args:
        duty: the duty.
        department_id: the office it is for, or None.
        user_id: who acts.
        person_id: whose duty it is: the same, or the one who handed it over (A/B岗).
    """

    duty: Duty
    department_id: int | None
    user_id: int
    person_id: int

    @property
    def delegated(self) -> bool:
        """Whether one acts for another."""
        return self.user_id != self.person_id


@dataclass(frozen=True)
class Actor:
    """A person at a moment; ``user`` None is the system itself."""

    user: Any
    holdings: tuple[Holding, ...] = ()

    @property
    def id(self) -> int | None:
        """The user's number, or None."""
        return self.user.pk if self.user else None

    @property
    def duties(self) -> frozenset[Duty]:
        """The duties, delegated ones too."""
        return frozenset(holding.duty for holding in self.holdings)

    @property
    def departments(self) -> frozenset[int]:
        """The offices of one's own duties."""
        return frozenset(h.department_id for h in self.holdings if h.department_id and not h.delegated)

    def departments_for(self, duties: Iterable[Duty]) -> frozenset[int]:
        """The offices in which one has one of ``duties``, delegated ones too."""
        wanted = frozenset(duties)
        return frozenset(h.department_id for h in self.holdings if h.department_id and h.duty in wanted)

    def people_for(self, duties: Iterable[Duty]) -> frozenset[int]:
        """Oneself and those whose ``duties`` were handed over."""
        wanted = frozenset(duties)
        return frozenset(h.person_id for h in self.holdings if h.duty in wanted) | {self.user.pk}


def actor_of(user: Any, *, now: datetime) -> Actor:
    """The person with the duties at ``now``: one query. Own duties come first, so that nobody acts for another
    without need."""
    if user is None:
        return Actor(None)
    found = assignments_now(now=now).filter(user=user).values_list("duty", "department_id", "delegated_from_id", "id")
    ordered = sorted(found, key=lambda row: (row[2] is not None, row[3]))
    return Actor(
        user, tuple(Holding(Duty(duty), office, user.pk, origin or user.pk) for duty, office, origin, _ in ordered)
    )
