"""Writes of the portal: articles come in from files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import BusinessError
from core.text import first_not_storable
from portal.models import Article, Column
from tenders.lines import RefusedLine, read_time
from tenders.version import content_version_bump

TITLE_LIMIT = 300


@dataclass
class ImportOutcome:
    """What became of a file: counts, and (line number, sentence) of each refusal."""

    imported: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or first_not_storable(value):
        raise BusinessError(f"{name} 不是可保存的文字", code="text_not_storable")
    return value.strip() if name != "text" else value


def _published(row: dict[str, Any]) -> datetime:
    try:
        return read_time(row.get("published"))
    except RefusedLine as refusal:
        raise BusinessError(refusal.reason.rstrip("。"), code=refusal.code) from refusal


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BusinessError("不是 JSON", code="not_json") from error
    if not isinstance(row, dict):
        raise BusinessError("不是 JSON 对象", code="not_json")
    return row


def _article(row: dict[str, Any], columns: dict[str, Column], now: datetime) -> Article:
    title = _text(row, "title")
    if not title or len(title) > TITLE_LIMIT:
        raise BusinessError(f"标题应有 1 到 {TITLE_LIMIT} 个字", code="no_title")
    column = columns.get(_text(row, "column"))
    if column is None:
        known = "、".join(dict.fromkeys(c.name for c in columns.values()))
        raise BusinessError(f"没有栏目“{row.get('column', '')}”，现有：{known}", code="unknown_column")
    return Article(
        column=column,
        title=title,
        text=_text(row, "text"),
        source=_text(row, "source"),
        published_at=_published(row),
        created_at=now,
    )


def _keep(article: Article) -> bool:
    """Insert unless it is there already; True when inserted."""
    known = Article.objects.filter(
        column=article.column, title=article.title, published_at=article.published_at
    ).first()
    if known is None:
        article.save(force_insert=True)
        return True
    if (known.text, known.source) != (article.text, article.source):
        raise BusinessError(
            "同栏目、同标题、同时间的文章已发布，内容不同；已发布的不改，请另发一篇更正", code="differs"
        )
    return False


def article_import(*, rows: Iterable[str], now: datetime) -> ImportOutcome:
    """Take in articles from JSON lines; a second run changes nothing.

    Args:
        rows: lines ``{"column": 栏目名 or slug, "title", "published", "text", "source"}``; a time without an
            offset is Asia/Shanghai.
        now: aware time of the import.

    Returns:
        Counts, and a Chinese sentence for each refused line (numbered from 1); the others are in.
    """
    columns = {key: c for c in Column.objects.all() for key in (c.slug, c.name)}
    outcome = ImportOutcome()
    for number, line in enumerate(rows, 1):
        if not line.strip():
            continue
        try:
            with transaction.atomic():
                if _keep(_article(_row(line), columns, now)):
                    outcome.imported += 1
                else:
                    outcome.unchanged += 1
        except BusinessError as refusal:
            outcome.refused.append((number, refusal.message))
    if outcome.imported:
        content_version_bump()
    return outcome
