"""What leaves the house as a file is told to the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import action_record
from audit.tags import Tag


def export_record(*, by: Any, now: datetime, subject: str, count: int, address: str) -> None:
    """One row: who took ``count`` rows of what."""
    with transaction.atomic():
        action_record(tag=Tag.EXPORT, by=by, now=now, subject=subject, detail={"rows": count}, address=address)
