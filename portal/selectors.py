"""Reads of the portal's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from core.errors import BusinessError
from portal.models import Article, Column

PAGE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ArticlePage:
    """One page of a column; ``next`` is the cursor of the following one, or empty."""

    rows: list[Article]
    next: str


def column_list() -> list[Column]:
    """Columns with at least one article, in order: an empty column is not shown (政府网站普查, DOMAIN 8)."""
    return list(Column.objects.filter(Exists(Article.objects.filter(column=OuterRef("pk")))))


def column_get(slug: str) -> Column:
    """The column of this address. Raises Column.DoesNotExist."""
    return Column.objects.get(slug=slug)


def article_newest(slug: str, limit: int) -> list[Article]:
    """The newest articles of a column, without their texts."""
    found = Article.objects.filter(column__slug=slug).select_related("column").defer("text")
    return list(found.order_by("-published_at", "-id")[:limit])


def article_get(slug: str, pk: int) -> Article:
    """One article of a column. Raises Article.DoesNotExist."""
    return Article.objects.select_related("column").get(pk=pk, column__slug=slug)


def _cursor(article: Article) -> str:
    return f"{(article.published_at - EPOCH) // timedelta(microseconds=1)}-{article.pk}"


def _after(cursor: str) -> Q:
    try:
        time, pk = (int(part) for part in cursor.split("-"))
        published_at = EPOCH + timedelta(microseconds=time)
        if not 0 < pk < 2**63:
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise BusinessError("不能翻到这一页：页码标记无效。请从第一页重新开始。", code="bad_cursor") from error
    return Q(published_at__lt=published_at) | Q(published_at=published_at, pk__lt=pk)


def article_page(column: Column, after: str) -> ArticlePage:
    """Twenty articles of a column, newest first.

    Args:
        after: cursor of an earlier page, or empty for the first.

    Raises:
        BusinessError: the cursor is none of ours.
    """
    found = Article.objects.filter(column=column).defer("text").order_by("-published_at", "-id")
    if after:
        found = found.filter(_after(after))
    rows = list(found[: PAGE + 1])
    return ArticlePage(rows[:PAGE], _cursor(rows[PAGE - 1]) if len(rows) > PAGE else "")
