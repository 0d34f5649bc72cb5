"""Announcements for tests, made through the service that every import uses."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from tenders.lines import announcement_line
from tenders.models import Announcement
from tenders.services.announcements import announcements_store

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
CATEGORIES = frozenset({"工程建设", "政府采购", "土地使用权", "国有产权"})
_numbers = itertools.count(1)


def line_of(**changes: Any) -> dict[str, Any]:
    """A lawful line of an announcement file, with ``changes``; ``None`` takes a key out."""
    number = next(_numbers)
    value = {
        "id": f"test-{number}",
        "category": "政府采购",
        "type": "公开招标公告",
        "title": f"云泽县第三中学食堂设备采购项目({number})招标公告",
        "published": "2026-03-17 09:00",
        "text": "一、项目基本情况\n采购需求:蒸饭柜两台。",
        "fields": {"purchaser": "云泽县第三中学", "region": "云泽县"},
        "source": {"name": "测试来源", "page": "https://example.test/1"},
        **changes,
    }
    return {k: v for k, v in value.items() if v is not None}


def make_announcement(**changes: Any) -> Announcement:
    """Store one announcement and return it."""
    line = announcement_line(line_of(**changes), CATEGORIES)
    assert announcements_store(lines=[line], now=NOW) == ["imported"]
    return Announcement.objects.get(source_name=line.source_name, external_id=line.external_id)
