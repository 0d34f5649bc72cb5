"""What several views need."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def this_minute() -> datetime:
    """Now, cut to the minute: within one minute a page is the same for everybody and may be kept."""
    return timezone.now().replace(second=0, microsecond=0)
