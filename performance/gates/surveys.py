"""Why a move that rests on a survey may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from performance.models import Rectification


def effect_confirmed(item: Rectification, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What a survey found wanting is done when a second survey confirms it."""
    return []
