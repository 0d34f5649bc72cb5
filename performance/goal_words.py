"""What the action log says of goals, values and scores, in words: an audit.words teller."""

from __future__ import annotations

from performance.models import DealFigure

_WHAT = {
    "scheme_make": "新建评分方案", "scheme_retire": "停用评分方案", "actual_set": "填报实际完成值",
    "actual_compute": "自动取数", "deal_set": "填报交易业务量", "score_set": "人工评分", "reason_set": "填写偏差原因",
}  # fmt: skip


def record_words(subject: str, name: str, value: str) -> str | None:
    """Values of ``what`` and ``kind`` in rows of this app."""
    if not subject.startswith("performance."):
        return None
    if name == "what":
        return _WHAT.get(value)
    if name == "kind" and subject.startswith("performance.dealfigure"):
        return str(dict(DealFigure.Category.choices).get(value, "")) or None
    return None
