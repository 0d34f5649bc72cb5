"""Notices for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from notices.models import Notice
from notices.services import notice_create

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_notice(**changes: Any) -> Notice:
    """One notice, by default for the file channel."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "channel": Notice.Channel.FILE,
        "address": f"收件人{number}",
        "subject": f"开标时间变更（{number}）",
        "text": "改为下午三点。",
        "cause": ("tenders.announcement", number),
        "dedup_key": f"test:{number}",
        "now": NOW,
    }
    if "user" in changes:
        values |= {"channel": Notice.Channel.IN_SITE, "address": ""}
    return notice_create(**{**values, **changes})
