"""Words of the pages of goals and scores."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import template

from performance.weights import decimal
from workflow.models import StateChange

register = template.Library()
_SAVED = {
    "goal": "修改总体目标", "scheme": "改用方案", "add": "增加指标", "edit": "修改指标", "delete": "删去指标",
    "shift": "调整次序", "cover": "修改封面和签署", "section": "修改", "refresh": "更新数字：", "redraft": "重新起草",
    "score": "人工评分", "reason": "填写偏差原因", "plan": "修改方案", "members": "修改领导小组",
    "steps": "修改进度安排", "programs": "修改项目名单",
}  # fmt: skip


@register.filter
def points(value: Decimal | None) -> str:
    """Points without needless zeros; an em dash for none."""
    return "—" if value is None else decimal(value)


@register.filter
def unknown(value: Any) -> str:
    """A value, or an em dash for what is unknown; zero is known."""
    return "—" if value is None or value == "" else str(value)


@register.filter
def folded(history: Iterable[StateChange]) -> list[list[StateChange]]:
    """The history with neighbouring changes of a draft together."""
    return [list(group) for _, group in groupby(history, lambda one: one.move == "save")]


@register.filter
def saved_words(change: StateChange) -> str:
    """What a change of a draft was: ``增加指标“采购招标率”``."""
    name = str(change.data.get("name") or "")
    return _SAVED.get(str(change.data.get("do")), "修改") + (f"“{name}”" if name else "")
