"""What a visitor asks of the list of announcements: read from an address, checked, written back."""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from core.errors import BusinessError
from core.text import first_not_storable, fold

LONGEST_QUERY = 200
SORTS = ("time", "relevance")
NAMES = ("q", "category", "type", "region", "since", "until", "sort")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PHRASE = re.compile(r"[\"“”]([^\"“”]*)[\"“”]|「([^「」]*)」|『([^『』]*)』")
_CURSOR = struct.Struct(">Bqq8s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAC_SIZE = 10
BAD_CURSOR = "翻页位置无效或已过期，无法继续翻页。请回到第一页重新查找。"


@dataclass(frozen=True)
class Position:
    """Where a page begins: after the row with this time and number, in this phase (0 title hits, 1 others)."""

    phase: int
    published_at: datetime
    id: int


def _read_date(name: str, text: str) -> date | None:
    if not text:
        return None
    label = "开始日期" if name == "since" else "结束日期"
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        message = f"{label}“{text[:20]}”不是有效的日期，请按 2026-03-02 的格式填写。"
        raise BusinessError(message, "bad_date", field=name) from None


def _read_text(name: str, text: str) -> str:
    if first_not_storable(text):
        raise BusinessError("查询内容含有无法识别的控制字符，请删除后重新查询。", "bad_text", field=name)
    if len(text) > LONGEST_QUERY:
        message = f"查询内容有 {len(text)} 个字，最多 {LONGEST_QUERY} 个字，请缩短后重新查询。"
        raise BusinessError(message, "too_long", field=name)
    return text.strip()


@dataclass(frozen=True)
class AnnouncementQuery:
    """The filters of the announcement list; they combine. Empty means not given."""

    q: str = ""
    category: str = ""
    type: str = ""
    region: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "time"
    after: Position | None = None

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> AnnouncementQuery:
        """Read a query from an address's parameters; unknown names are ignored (shared links carry some).

        Raises:
            BusinessError: a date, sort, cursor or text that cannot be used, with a sentence.
        """
        given = {name: _read_text(name, str(params.get(name) or "")) for name in NAMES}
        if given["sort"] not in ("", *SORTS):
            raise BusinessError("排序方式只能是“时间”或“相关度”，请重新选择。", "bad_sort", field="sort")
        query = cls(
            q=given["q"],
            category=given["category"],
            type=given["type"],
            region=given["region"],
            since=_read_date("since", given["since"]),
            until=_read_date("until", given["until"]),
            sort=given["sort"] or "time",
        )
        if not query.terms and query.sort == "relevance":
            query = replace(query, sort="time")
        after = str(params.get("after") or "")
        return replace(query, after=query.position_read(after)) if after else query

    @property
    def terms(self) -> tuple[str, ...]:
        """The folded words and phrases that all must occur."""
        found: list[str] = []
        rest = self.q
        while match := _PHRASE.search(rest):
            found.extend(rest[: match.start()].split())
            found.append(next(group for group in match.groups() if group is not None))
            rest = rest[match.end() :]
        # A quotation mark that was never closed is a slip of the finger, not a part of the word.
        found.extend(rest.replace('"', " ").split())
        return tuple(dict.fromkeys(f for f in map(fold, found) if f))

    def params(self, **changes: Any) -> dict[str, str]:
        """The query as address parameters without empty ones, with ``changes``; the page position is dropped."""
        values = {
            "q": self.q,
            "category": self.category,
            "type": self.type,
            "region": self.region,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "sort": self.sort if self.sort != "time" else "",
            **changes,
        }
        return {k: str(v) for k, v in values.items() if v}

    def urlencode(self, **changes: Any) -> str:
        """:meth:`params` as the text after the question mark."""
        return urlencode(self.params(**changes))

    def _fingerprint(self) -> bytes:
        return hashlib.sha256(self.urlencode().encode()).digest()[:8]

    def position_write(self, position: Position) -> str:
        """The cursor for ``position``: opaque, signed, good for this query only."""
        # Whole microseconds, exactly: a float would lose some.
        micros = (position.published_at - _EPOCH) // timedelta(microseconds=1)
        raw = _CURSOR.pack(position.phase, micros, position.id, self._fingerprint())
        return urlsafe_b64encode(raw + _mac(raw)).decode().rstrip("=")

    def position_read(self, text: str) -> Position:
        """The position that a cursor names.

        Raises:
            BusinessError: ``bad_cursor`` when it was not made here, or for another query.
        """
        try:
            whole = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            raw, mac = whole[: _CURSOR.size], whole[_CURSOR.size :]
            phase, micros, number, fingerprint = _CURSOR.unpack(raw)
            if not hmac.compare_digest(mac, _mac(raw)) or fingerprint != self._fingerprint():
                raise ValueError
            return Position(phase, _EPOCH + timedelta(microseconds=micros), number)
        except (ValueError, struct.error, OverflowError):
            raise BusinessError(BAD_CURSOR, "bad_cursor", field="after") from None


def _mac(raw: bytes) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"announcement-cursor\0" + raw, "sha256")[:_MAC_SIZE]
