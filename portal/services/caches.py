"""Caches are told of what was published."""

from __future__ import annotations

from tenders.version import content_version_bump


def version_bump(change_id: int) -> None:
    """Effect of publishing, withdrawing, releasing, repealing: after the commit every cache forgets."""
    content_version_bump()
