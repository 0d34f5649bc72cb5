"""Writes of the portal: articles from files and from editors, the center's rules, the watch over the site."""

from portal.services.imports import ImportOutcome, article_import

__all__ = ["ImportOutcome", "article_import"]
