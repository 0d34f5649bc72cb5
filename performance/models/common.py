"""Fields and constraints that the tables of this app share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

REASON_LENGTH = 1000
NAME_LENGTH = 100
DIGEST = r"^[0-9a-f]{64}$"


def money(label: str, **options: Any) -> models.DecimalField[Any, Any]:
    """An amount in yuan, exact to the fen (up to 9,999,999,999,999,999.99)."""
    return models.DecimalField(label, max_digits=18, decimal_places=2, **options)


def person(label: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A member of the staff, who stays named for ever."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **options)


def exactly_one(*names: str) -> Q:
    """Exactly one of the keys is given."""
    found = Q()
    for name in names:
        found |= Q(**{f"{other}__isnull": other != name for other in names})
    return found
