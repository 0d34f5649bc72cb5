"""Reads of the portal's own tables."""

from portal.selectors.articles import (
    ArticlePage,
    article_get,
    article_newest,
    article_page,
    column_get,
    column_list,
)

__all__ = ["ArticlePage", "article_get", "article_newest", "article_page", "column_get", "column_list"]
