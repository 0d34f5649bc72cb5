"""One line of an announcement file (contracts: announcement files, version 1): read or refused."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import simplejson

from core.moments import SHANGHAI, moment_read
from core.text import first_not_storable
from tenders.facts import Facts, facts_of
from tenders.search_rows import SearchParts, search_parts

LONGEST_LINE = 32 * 1024 * 1024
LONGEST_TITLE = 1_000
LONGEST_TEXT = 2_000_000
LONGEST_TYPE = 200
DEEPEST = 100
LARGEST_EXPONENT = 300
LONGEST_IDENTITY = 2_500  # bytes; an entry of a PostgreSQL index holds 2,704
DEFAULT_TYPE = "公告"
DEFAULT_SOURCE = "import"
OTHER_PREFIX = "其他"
# None is older; one of the year 9999 would head every list for good.
PUBLISHED_YEARS = range(1949, 2101)


class RefusedLine(Exception):
    """A line that cannot go in.

    Args:
        code: one of the contract's codes.
        reason: a Chinese sentence.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    def __reduce__(self) -> tuple[type[RefusedLine], tuple[str, str]]:
        return type(self), (self.code, self.reason)


@dataclass(frozen=True)
class AttachmentLine:
    """A file named by a line: at an address, beside the import file, or given as text."""

    name: str
    url: str = ""
    sha256: str = ""
    size: int | None = None
    file: str = ""


@dataclass(frozen=True)
class AnnouncementLine:
    """An announcement as it came; ``digest`` tells two contents apart."""

    external_id: str
    category: str
    type: str
    title: str
    published_at: datetime
    text: str
    fields: Any
    source_name: str
    source_page: str
    attachments: tuple[AttachmentLine, ...] = field(default=())

    @property
    def type_name(self) -> str:
        """The type as lists and filters have it; the record keeps the whole."""
        return self.type[:LONGEST_TYPE]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content in canonical form."""
        return hashlib.sha256(canonical_json(self.content())).hexdigest()

    @cached_property
    def facts(self) -> Facts:
        """What lists and the head of the page show of it."""
        return facts_of(self.fields, self.text)

    @cached_property
    def search_parts(self) -> SearchParts:
        """What search keeps of it."""
        return search_parts(
            title=self.title,
            text=self.text,
            attachments=[attachment.name for attachment in self.attachments],
            codes=(self.facts.project_code, self.facts.unified_deal_code),
            parties=(self.facts.purchaser, self.facts.agency, self.facts.supplier),
        )

    def content(self) -> dict[str, Any]:
        """What is compared on a second import, and what the canonical record holds."""
        found: dict[str, Any] = {
            "category": self.category,
            "type": self.type,
            "title": self.title,
            "published": self.published_at.astimezone(SHANGHAI).isoformat(),
            "text": self.text,
            "fields": self.fields,
            "source": {"id": self.external_id, "name": self.source_name, "page": self.source_page},
        }
        if self.attachments:
            found["attachments"] = [
                {k: v for k, v in (("name", a.name), ("sha256", a.sha256), ("size", a.size), ("url", a.url)) if v}
                for a in self.attachments
            ]
        return found


def canonical_json(value: object) -> bytes:
    """Canonical JSON: keys sorted, no white space, non-ASCII characters as themselves, UTF-8."""
    text: str = simplejson.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, use_decimal=True, allow_nan=False
    )
    return text.encode()


def read_time(value: object) -> datetime:
    """``YYYY-MM-DD[ HH:MM[:SS]]``, optionally with T and an offset; without one, Asia/Shanghai.

    Raises:
        RefusedLine: ``no_time``, also for a year outside of PUBLISHED_YEARS.
    """
    try:
        # To UTC and back: a moment that the database would put before the year 1 is none.
        found = moment_read(value if isinstance(value, str) else "").astimezone(UTC).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        reason = f"发布时间无法识别（{str(value)[:40]}），应为 YYYY-MM-DD，可带 HH:MM[:SS] 和时区。"
        raise RefusedLine("no_time", reason) from None
    if found.year not in PUBLISHED_YEARS:
        first, last = PUBLISHED_YEARS[0], PUBLISHED_YEARS[-1]
        reason = f"发布时间 {str(value)[:40]} 不在{first}年至{last}年之间，请核对年份。"
        raise RefusedLine("no_time", reason)
    return found


def _text(value: object, what: str, longest: int) -> str:
    text = "" if value is None else value if isinstance(value, str) else simplejson.dumps(value, ensure_ascii=False)
    if bad := first_not_storable(text):
        raise RefusedLine("text_not_storable", f"{what}含有无法保存的字符 U+{ord(bad):04X}，请删除后重新导入。")
    if len(text) > longest:
        raise RefusedLine("text_not_storable", f"{what}有 {len(text)} 个字，超过 {longest} 个字的上限。")
    return text


def _check_storable(value: object) -> None:
    """Refuse what the database's JSON, a spreadsheet or a reader could not hold, at any depth of ``fields``."""
    stack = [(value, 0)]
    while stack:
        one, depth = stack.pop()
        if depth > DEEPEST:
            raise RefusedLine("text_not_storable", f"结构化信息 fields 嵌套超过 {DEEPEST} 层。")
        if isinstance(one, dict):
            stack.extend((key, depth + 1) for key in one)
            stack.extend((item, depth + 1) for item in one.values())
        elif isinstance(one, list):
            stack.extend((item, depth + 1) for item in one)
        elif isinstance(one, str):
            _text(one, "结构化信息 fields ", LONGEST_TEXT)
        elif isinstance(one, Decimal) and abs(one.adjusted()) > LARGEST_EXPONENT:
            raise RefusedLine("text_not_storable", "结构化信息 fields 含有超出范围的数字。")
        elif isinstance(one, int) and abs(one) >= 10**LARGEST_EXPONENT:
            raise RefusedLine("text_not_storable", "结构化信息 fields 含有过长的数字。")


def read_json(raw: bytes) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        RefusedLine: ``not_json``, also for a value that is no object.
    """
    try:
        value = simplejson.loads(raw.decode("utf-8"), use_decimal=True, allow_nan=False)
    except UnicodeDecodeError:
        raise RefusedLine("not_json", "不是 UTF-8 编码的文字。") from None
    except (ValueError, RecursionError, ArithmeticError):
        raise RefusedLine("not_json", "不是一个完整的 JSON 对象。") from None
    if not isinstance(value, dict):
        raise RefusedLine("not_json", "应是一个 JSON 对象，而不是其他值。")
    return value


def _category(value: object, known: frozenset[str]) -> str:
    name = _text(value, "类别 category ", 100).strip()
    if name not in known and not name.startswith(OTHER_PREFIX):
        raise RefusedLine("unknown_category", f"不认识类别“{name[:40]}”，应为 {'、'.join(sorted(known))} 或其他…。")
    return name


def _source(value: object) -> tuple[str, str]:
    if isinstance(value, str):
        value = {"page" if value.startswith(("http://", "https://")) else "name": value}
    source = value if isinstance(value, dict) else {}
    page = _text(source.get("page"), "来源网址 source.page ", 2_000).strip()
    name = _text(source.get("name"), "来源名称 source.name ", 200).strip()
    if not name:
        try:
            name = (urlsplit(page).hostname or "")[:200]
        except ValueError:  # such as an unclosed bracket of an IPv6 address
            name = ""
    return name or DEFAULT_SOURCE, page


def _attachments(value: object) -> tuple[AttachmentLine, ...]:
    found = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and one["name"].strip():
            size = one.get("size")
            found.append(
                AttachmentLine(
                    name=_text(one["name"].strip(), "附件名", 300),
                    url=_text(one.get("url"), "附件网址", 2_000),
                    sha256=digest if re.fullmatch(r"[0-9a-f]{64}", digest := str(one.get("sha256") or "")) else "",
                    size=size if isinstance(size, int) and 0 <= size < 2**62 else None,
                    file=_text(one.get("file"), "附件文件", 1_000),
                )
            )
    return tuple(found)


def announcement_line(value: dict[str, Any], known_categories: frozenset[str]) -> AnnouncementLine:
    """Check one object of an announcement file.

    Args:
        value: the JSON object.
        known_categories: names that are accepted besides ``其他…``.

    Raises:
        RefusedLine: with the contract's code.
    """
    identity = value.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int) or not str(identity).strip():
        raise RefusedLine("no_id", "缺少编号 id，无法判断是否已导入。")
    title = value.get("title")
    if not isinstance(title, str) or not title.strip():
        raise RefusedLine("no_title", "缺少标题 title。")
    title = _text(title.strip(), "标题", LONGEST_TITLE)
    external_id = _text(str(identity), "编号 id ", 500)
    published_at = read_time(value.get("published"))
    category = _category(value.get("category"), known_categories)
    source_name, source_page = _source(value.get("source"))
    if len((source_name + external_id).encode()) > LONGEST_IDENTITY:
        raise RefusedLine("text_not_storable", "来源名称和编号 id 加起来太长，数据库无法作为编号保存。")
    fields = value.get("fields")
    _check_storable(fields)
    return AnnouncementLine(
        external_id=external_id,
        category=category,
        type=_text(value.get("type"), "公告类型 type ", LONGEST_TEXT).strip() or DEFAULT_TYPE,
        title=title,
        published_at=published_at,
        text=_text(value.get("text"), "正文", LONGEST_TEXT),
        fields={} if fields is None else fields,
        source_name=source_name,
        source_page=source_page,
        attachments=_attachments(value.get("attachments")),
    )
