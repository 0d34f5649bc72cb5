"""The scan of a text before publication; its rules are those of announcements (``tenders.scan``).

Identity and mobile numbers, wrong and sensitive words keep an article from being published. The rest is said to the
person who checks: a notice may well name the center's telephone or the account for deposits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from core.moments import SHANGHAI

# ``(text, words, *, where, today) -> findings`` and ``() -> words``; both came after this app's own first version.
SCAN, WORDS = "tenders.scan.scan", "tenders.drafts.words_active"
STOPPING = frozenset({"identity", "mobile", "wrong", "sensitive"})


def _found(text: str, now: datetime) -> Iterable[Any]:
    try:
        scan, words = import_string(SCAN), import_string(WORDS)
    except ImportError:
        return ()
    found: Iterable[Any] = scan(text, words(), today=now.astimezone(SHANGHAI).date())
    return found


def _sentence(finding: Any) -> str:
    advice = str(finding.advice).rstrip("。")
    return f"{finding.label}“{finding.text}”" + (f"：{advice}" if advice else "")


def findings(text: str, *, now: datetime) -> list[str]:
    """Why a text may not be published; empty when it may."""
    return list(dict.fromkeys(_sentence(one) for one in _found(text, now) if one.kind in STOPPING))


def remarks(text: str, *, now: datetime) -> list[str]:
    """What the person who checks a text should look at."""
    return list(dict.fromkeys(_sentence(one) for one in _found(text, now) if one.kind not in STOPPING))
