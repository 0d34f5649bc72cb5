"""How far the work of indicators is (month by month, as the offices tell it)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal

from performance.models import FiscalYear


def actual_so_far(fiscal_year: FiscalYear, keys: Iterable[uuid.UUID], month: int) -> dict[uuid.UUID, Decimal | None]:
    """What each indicator came to by the end of a month; indicators of which nothing was told are left out.

    Args:
        fiscal_year: the budget year; keys: of indicators; month: 1 to 12.
    """
    return {}
