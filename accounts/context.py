"""What every staff template has: the person, the duties, the navigation, the unread numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import navigation
from accounts.duties import Duty
from accounts.selectors import duties_of


def staff(request: HttpRequest) -> dict[str, Any]:
    """Context processor; nothing on public pages and for who is not logged in.

    Gives ``me`` (User), ``my_duties`` (labels), ``duties`` (set of Duty), ``navigation`` (list of Link),
    ``unread`` (numbers by name).
    """
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    now = request.now  # type: ignore[attr-defined]
    duties = getattr(request, "duties", None)
    held = duties_of(user, now=now) if duties is None else duties
    return {
        "me": user,
        "duties": held,
        "my_duties": [duty.label for duty in Duty if duty in held],
        "navigation": SimpleLazyObject(lambda: navigation.links(user, held, now=now, path=request.path)),
        "unread": SimpleLazyObject(lambda: navigation.unread(user, now=now)),
    }
