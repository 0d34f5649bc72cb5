"""Why something may not be done."""

from __future__ import annotations

from accounts.duties import Duty
from core.errors import BusinessError


def require_duty(held: frozenset[Duty], *duties: Duty, what: str) -> None:
    """The check of accounts.access in a service, which page, API, task and command call.

    Args:
        held: the duties of the one who acts.
        duties: one of these is needed.
        what: what is refused, a few words.

    Raises:
        BusinessError: none of ``duties`` is held (``no_duty``).
    """
    if not held & set(duties):
        names = "、".join(duty.label for duty in duties)
        raise BusinessError(f"{what}没有办成：这要由有“{names}”职责的人来办。", "no_duty")
