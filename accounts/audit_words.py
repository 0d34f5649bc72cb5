"""Duties and offices in words, for whoever shows what was recorded of them."""

from __future__ import annotations

import time
from functools import lru_cache

from accounts.duties import Duty
from accounts.models import Department
from accounts.page_names import STAFF, page_words

KEPT_SECONDS = 60


@lru_cache(maxsize=2)
def _departments(_minute: int) -> dict[str, str]:
    return dict(Department.objects.values_list("code", "name"))


def record_words(subject: str, name: str, value: str) -> str | None:
    """An audit.words teller: duties, offices, pages. Offices are read once a minute: exports have many rows."""
    if name in ("", "route") and value.startswith(STAFF):
        return page_words(value)
    if name in ("duty", "duties"):
        return str(Duty(value).label) if value in Duty.values else None
    if name == "department":
        return _departments(int(time.monotonic() // KEPT_SECONDS)).get(value)
    if name == "delegated_from" and value.isdecimal():
        return f"第 {value} 项职责分配"
    return None
