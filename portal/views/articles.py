"""Columns of the center's own articles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.models import Article, Column
from portal.selectors import article_get, article_page, column_get
from portal.text import text_html


@require_safe
def article_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Twenty articles of a column, newest first."""
    try:
        column = column_get(slug)
    except Column.DoesNotExist as error:
        raise Http404(f"没有栏目 {slug}") from error
    page = article_page(column, request.GET.get("after", ""))
    context = {"column": column, "page": page, "first": not request.GET.get("after")}
    return render(request, "portal/article_list.html", context)


@require_safe
def article_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One article with its source and time."""
    try:
        article = article_get(slug, pk)
    except Article.DoesNotExist as error:
        raise Http404(f"栏目 {slug} 里没有文章 {pk}") from error
    return render(request, "portal/article_detail.html", {"article": article, "text": text_html(article.text)})
