"""Writes of the portal: articles come in from files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import BusinessError
from core.text import first_not_storable
from portal.models import Article, Column
from tenders.lines import LONGEST_LINE, LONGEST_TEXT, RefusedLine, read_json, read_time
from tenders.version import content_version_bump
from upkeep.gates import hold_require_off

TITLE_LIMIT = 300
SOURCE_LIMIT = 200


@dataclass
class ImportOutcome:
    """What became of a file: counts, and (line number, sentence) of each refusal."""

    imported: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def _text(row: dict[str, Any], name: str, limit: int = LONGEST_TEXT) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or first_not_storable(value):
        raise BusinessError(f"{name} 不是可保存的文字", code="text_not_storable")
    value = value.strip() if name != "text" else value
    if len(value) > limit:
        raise BusinessError(f"{name} 有 {len(value)} 个字，超过 {limit} 个字的上限", code="text_not_storable")
    return value


def _published(row: dict[str, Any]) -> datetime:
    try:
        return read_time(row.get("published"))
    except RefusedLine as refusal:
        raise BusinessError(refusal.reason.rstrip("。"), code=refusal.code) from refusal


def _row(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise BusinessError(f"这一行超过 {LONGEST_LINE // 1024 // 1024} MB", code="text_not_storable")
    try:
        return read_json(line)
    except RefusedLine as refusal:
        raise BusinessError(refusal.reason.rstrip("。"), code=refusal.code) from refusal


def _article(row: dict[str, Any], columns: dict[str, Column], now: datetime) -> Article:
    title = _text(row, "title")
    if not title or len(title) > TITLE_LIMIT:
        raise BusinessError(f"标题应有 1 到 {TITLE_LIMIT} 个字", code="no_title")
    column = columns.get(_text(row, "column"))
    if column is None:
        known = "、".join(dict.fromkeys(c.name for c in columns.values()))
        raise BusinessError(f"没有栏目“{_text(row, 'column')[:40]}”，现有：{known}", code="unknown_column")
    return Article(
        column=column,
        title=title,
        text=_text(row, "text"),
        source=_text(row, "source", SOURCE_LIMIT),
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


def article_import(*, rows: Iterable[bytes], now: datetime) -> ImportOutcome:
    """Take in articles from JSON lines; a second run changes nothing.

    Args:
        rows: lines ``{"column": 栏目名 or slug, "title", "published", "text", "source"}`` in UTF-8; a time without
            an offset is Asia/Shanghai.
        now: aware time of the import.

    Raises:
        BusinessError: ``on_hold`` while a recovery hold is on.

    Returns:
        Counts, and a Chinese sentence for each refused line (numbered from 1); the others are in.
    """
    hold_require_off()
    columns = {key: c for c in Column.objects.all() for key in (c.slug, c.name)}
    outcome = ImportOutcome()
    try:
        for number, line in enumerate(rows, 1):
            if line.strip():
                _take_in(number, line, columns, now, outcome)
    finally:
        # Also after a failure: the articles before it are published.
        if outcome.imported:
            content_version_bump()
    return outcome


def _take_in(number: int, line: bytes, columns: dict[str, Column], now: datetime, outcome: ImportOutcome) -> None:
    try:
        with transaction.atomic():
            new = _keep(_article(_row(line), columns, now))
    except BusinessError as refusal:
        outcome.refused.append((number, refusal.message))
    else:
        outcome.imported += new
        outcome.unchanged += not new
