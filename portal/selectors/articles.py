"""Reads of columns and published articles: what the public sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from core.errors import BusinessError
from portal.models import Article, ArticleFile, ArticleWithdrawal, Column

PAGE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ArticlePage:
    """One page of a column; ``next`` is the cursor of the following one, or empty."""

    rows: list[Article]
    next: str


def articles_standing(*, now: datetime) -> QuerySet[Article]:
    """What lists show at ``now``: the newest published version of each article that was not withdrawn.

    Guides by role are not among them: they have pages of their own.
    """
    root = Coalesce(OuterRef("original"), OuterRef("pk"))
    return Article.objects.filter(
        ~Exists(Article.objects.filter(replaces=OuterRef("pk"), published_at__lte=now)),
        ~Exists(ArticleWithdrawal.objects.filter(article=root)),
        published_at__lte=now,
        role="",
    )


def column_list(*, now: datetime) -> list[Column]:
    """Columns with at least one article, in order: an empty column is not shown (政府网站普查, DOMAIN 8)."""
    return list(Column.objects.filter(Exists(articles_standing(now=now).filter(column=OuterRef("pk")))))


def column_get(slug: str) -> Column:
    """The column of this address. Raises Column.DoesNotExist."""
    return Column.objects.get(slug=slug)


def article_newest(slug: str, limit: int, *, now: datetime) -> list[Article]:
    """The newest articles of a column, without their texts."""
    found = articles_standing(now=now).filter(column__slug=slug).select_related("column").defer("text")
    return list(found.order_by("-published_at", "-id")[:limit])


def article_get(slug: str, pk: int, *, now: datetime) -> Article:
    """One article of a column, old versions too; never before its time. Raises Article.DoesNotExist."""
    return Article.objects.select_related("column").get(pk=pk, column__slug=slug, published_at__lte=now)


def article_versions(article: Article, *, now: datetime) -> list[Article]:
    """All versions of an article that the public may see, oldest first, without their texts; one query."""
    root = article.root_id
    found = Article.objects.filter(Q(pk=root) | Q(original=root), published_at__lte=now).defer("text")
    return list(found.select_related("column").order_by("published_at", "id"))


def article_files(article: Article) -> list[ArticleFile]:
    """The files of an article, in order."""
    return list(article.files.all())


def withdrawal_of(article: Article) -> ArticleWithdrawal | None:
    """When and why an article was taken from the site, or None."""
    return ArticleWithdrawal.objects.filter(article=article.root_id).first()


def is_withdrawn(article: Article) -> bool:
    """Whether an article was taken from the site."""
    return ArticleWithdrawal.objects.filter(article=article.root_id).exists()


def newest_version(article: Article) -> Article:
    """The last version of an article, one that waits for its time included."""
    root = article.root_id
    found = Article.objects.filter(Q(pk=root) | Q(original=root))
    return found.order_by("-id").first() or article


def guide_versions(role: str, *, now: datetime) -> list[Article]:
    """The published versions of the guide of a role, oldest first; empty while only the first one, of the code, is."""
    return list(Article.objects.filter(role=role, published_at__lte=now).order_by("published_at", "id"))


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


def article_page(column: Column, after: str, *, now: datetime) -> ArticlePage:
    """Twenty articles of a column, newest first.

    Args:
        after: cursor of an earlier page, or empty for the first.
        now: the moment of the request.

    Raises:
        BusinessError: the cursor is none of ours.
    """
    found = articles_standing(now=now).filter(column=column).defer("text").order_by("-published_at", "-id")
    if after:
        found = found.filter(_after(after))
    rows = list(found[: PAGE + 1])
    return ArticlePage(rows[:PAGE], _cursor(rows[PAGE - 1]) if len(rows) > PAGE else "")
