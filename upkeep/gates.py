"""The one question that everything that sends, publishes, draws or pays asks first."""

from __future__ import annotations

from typing import Any

from core.errors import BusinessError
from upkeep.models import HoldEvent

ON_HOLD = (
    "系统刚从备份恢复（或退回了较早的数据），处于恢复保全状态："
    "在系统管理员核对存证检查点之前，不发送、不发布、不抽取、不付款。"
    "请系统管理员到“运行维护”页面办理。"
)


def hold_is_on() -> bool:
    """Whether a recovery hold is on: one row by primary key, cheap enough for every task."""
    newest = HoldEvent.objects.order_by("-id").values_list("kind", flat=True).first()
    return newest == HoldEvent.Kind.BEGUN


def hold_reasons(*_: Any, **__: Any) -> list[str]:
    """A gate for moves (whatever they pass): the sentence while a hold is on, else nothing."""
    return [ON_HOLD] if hold_is_on() else []


def hold_require_off() -> None:
    """For services that are no moves.

    Raises:
        BusinessError: ``on_hold``.
    """
    if hold_is_on():
        raise BusinessError(ON_HOLD, "on_hold")
