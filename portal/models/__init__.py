"""The portal's own tables: articles, the center's rules, what the nightly watch found."""

from portal.models.articles import (
    Article,
    ArticleDraft,
    ArticleFile,
    ArticleWithdrawal,
    Column,
    DraftFile,
)
from portal.models.rules import CenterRule, RuleFile, RuleVersion
from portal.models.watch import WatchFinding, WatchRun

__all__ = [
    "Article",
    "ArticleDraft",
    "ArticleFile",
    "ArticleWithdrawal",
    "CenterRule",
    "Column",
    "DraftFile",
    "RuleFile",
    "RuleVersion",
    "WatchFinding",
    "WatchRun",
]
