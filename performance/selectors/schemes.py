"""Reads of schemes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from core.errors import BusinessError
from performance.models import GoalTable, Scheme


def schemes_all() -> QuerySet[Scheme]:
    """Every scheme with its groups and bands, those in use first, the newest first."""
    rows = Scheme.objects.select_related("created_by").prefetch_related("groups", "bands")
    return rows.order_by("kind", "-is_active", "-first_year", "-id")


def scheme_for(kind: str, year: int) -> Scheme:
    """The scheme by which new goal tables of a year are made.

    Args:
        kind: ``project`` or ``department``.
        year: the budget year.

    Raises:
        BusinessError: ``no_scheme``.
    """
    rows = Scheme.objects.filter(kind=kind, is_active=True, first_year__lte=year)
    found = rows.prefetch_related("groups", "bands").order_by("-first_year").first()
    if found is None:
        raise BusinessError(
            f"{year} 年还没有可用的评分方案，请绩效管理人员在“评分方案”里新建一个从这一年或更早起用的方案。",
            "no_scheme",
        )
    return found


def bands_of(scheme: Scheme) -> tuple[tuple[Decimal, str], ...]:
    """Lowest printed total and grade, the best first."""
    return tuple((band.lowest, band.grade) for band in sorted(scheme.bands.all(), key=lambda one: -one.lowest))


def groups_of(scheme: Scheme) -> list[tuple[str, Decimal]]:
    """Names of level 1 with their weights, in the scheme's order."""
    return [(group.level1, group.weight) for group in scheme.groups.all()]


def level2_of(scheme: Scheme) -> list[str]:
    """The names offered for level 2."""
    return list(dict.fromkeys(name for group in scheme.groups.all() for name in group.level2))


def scheme_uses(scheme: Scheme) -> dict[str, Any]:
    """How many goal tables name a scheme, and how many of them are or were approved."""
    states = list(GoalTable.objects.filter(scheme=scheme).values_list("state", flat=True))
    return {"all": len(states), "approved": sum(one in ("approved", "superseded") for one in states)}
