"""The scan of a text before publication; the rules of the scan are those of announcements (``tenders.scan``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

# ``(text, *, now) -> findings``, each with a Chinese sentence ``words`` or a text itself.
SCAN = "tenders.scan.text_scan"


@cache
def _scan() -> Callable[..., Any] | None:
    try:
        found: Callable[..., Any] = import_string(SCAN)
    except ImportError:
        return None
    return found


def findings(text: str, *, now: datetime) -> list[str]:
    """Sentences on what must not stand in a published text; empty when it is clean."""
    scan = _scan()
    if scan is None:
        return []
    return [str(getattr(found, "words", found)).rstrip("。") for found in scan(text, now=now)]
