"""Columns of the center's own articles."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.models import Article, Column
from portal.prose import prose_html
from portal.selectors import article_get, article_page, column_get
from portal.selectors.articles import article_files, article_versions, withdrawal_of
from portal.text import text_html
from portal.views.common import download, this_moment

GONE = 410


@require_safe
def article_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Twenty articles of a column, newest first."""
    try:
        column = column_get(slug)
    except Column.DoesNotExist as error:
        raise Http404(f"没有栏目 {slug}") from error
    page = article_page(column, request.GET.get("after", ""), now=this_moment())
    context = {"column": column, "page": page, "first": not request.GET.get("after")}
    return render(request, "portal/article_list.html", context)


def _article(slug: str, pk: int) -> Article:
    try:
        return article_get(slug, pk, now=this_moment())
    except Article.DoesNotExist as error:
        raise Http404(f"栏目 {slug} 里没有文章 {pk}") from error


def version_items(versions: list[Article], here: Article) -> list[dict[str, object]]:
    """The versions as ``partials/timeline.html`` shows them."""
    return [
        {
            "time": one.published_at,
            "words": f"第 {number} 版" + ("（最新）" if one is versions[-1] else ""),
            "title": one.title,
            "url": reverse("portal:article", args=[one.column.slug, one.pk]),
            "here": one.pk == here.pk,
        }
        for number, one in enumerate(versions, 1)
    ]


@require_safe
def article_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One article with its source and time; an old version says so, a withdrawn one when and why."""
    article = _article(slug, pk)
    if withdrawal := withdrawal_of(article):
        told = {"article": article, "withdrawal": withdrawal}
        return render(request, "portal/article_withdrawn.html", told, status=GONE)
    versions = article_versions(article, now=this_moment())
    context: dict[str, Any] = {
        "article": article,
        "text": prose_html(article.text) if article.edited else text_html(article.text),
        "files": article_files(article),
        "newest": versions[-1],
        "items": version_items(versions, article) if len(versions) > 1 else [],
    }
    return render(request, "portal/article_detail.html", context)


@require_safe
def article_attachment(request: HttpRequest, slug: str, pk: int, position: int) -> FileResponse:
    """A file of an article, as a download; none of a withdrawn one."""
    article = _article(slug, pk)
    file = article.files.filter(position=position).first()
    if file is None or withdrawal_of(article):
        raise Http404(f"文章 {pk} 没有第 {position} 个附件")
    return download(file)
