"""Reads of the editors' sheets."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts.duties import Duty
from core.moments import minute_words
from portal.models import Article, ArticleDraft
from portal.selectors.articles import articles_standing
from workflow.actors import Actor

SEE = frozenset({Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD, Duty.DEPUTY_DIRECTOR, Duty.DIRECTOR})
PAGE = 20


def draft_rows(*, now: datetime) -> QuerySet[ArticleDraft]:
    """Sheets with the names that lists show."""
    return ArticleDraft.objects.select_related("column", "created_by", "article__column", "replaces__column")


def drafts_visible(rows: QuerySet[ArticleDraft], *, actor: Actor) -> QuerySet[ArticleDraft]:
    """Editors, heads of offices and directors see every sheet."""
    return rows if actor.duties & SEE else rows.none()


def draft_title(draft: ArticleDraft) -> str:
    """The sheet in one line."""
    return draft.title


def draft_url(draft: ArticleDraft) -> str:
    """The sheet's page."""
    return reverse("staff_article", args=[draft.pk])


def draft_facts(draft: ArticleDraft) -> list[tuple[str, str]]:
    """What one decides on."""
    facts = [("栏目", draft.column.name), ("来源", draft.source), ("起草人", str(draft.created_by))]
    if draft.publish_at:
        facts.append(("发布时间", minute_words(draft.publish_at)))
    return [*facts, ("正文", draft.text[:600] + ("……" if len(draft.text) > 600 else ""))]


def draft_page(
    rows: QuerySet[ArticleDraft], *, state: str = "", column: str = "", words: str = "", before: int = 0
) -> tuple[list[ArticleDraft], int]:
    """Twenty sheets, newest first, and the number before which the next page begins (0: none).

    Args:
        rows: what the person may see; state: of ``ArticleState``; column: a slug; words: a part of the title.
        before: the cursor.
    """
    wanted = {"state": state, "column__slug": column, "title__contains": words, "pk__lt": before}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value}).defer("text")
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def published_page(*, now: datetime, column: str = "", words: str = "", before: int = 0) -> tuple[list[Article], int]:
    """Twenty articles that stand on the site, newest first, imported ones too; as ``draft_page``."""
    wanted = {"column__slug": column, "title__contains": words, "pk__lt": before}
    rows = articles_standing(now=now).filter(**{name: value for name, value in wanted.items() if value})
    found = list(rows.select_related("column").defer("text").order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0
