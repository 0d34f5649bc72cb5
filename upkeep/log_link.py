"""What upkeep asks of the transparency log, by name: this app stands beside it, not above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

# () -> (size, root in hexadecimal digits), read in the caller's transaction.
STATE = "audit.log_selectors.log_state"
# (checkpoint: Mapping) -> list of sentences why today's tree does not extend it; empty when it does.
EXTENDS = "audit.log_verification.checkpoint_reasons"
# (*, kind, ref, content: bytes, now) -> appends a leaf in the caller's transaction.
APPEND = "audit.log_services.object_append"

NO_LOG = "存证日志尚未启用，无法核对检查点；没有可核对的检查点时请声明检查点遗失。"


def _found(path: str) -> Callable[..., Any] | None:
    try:
        return import_string(path)
    except ImportError:
        return None


def log_state() -> dict[str, Any] | None:
    """``{"size", "root"}`` of the log, or None where there is none."""
    asked = _found(STATE)
    if asked is None:
        return None
    size, root = asked()
    return {"size": size, "root": root}


def checkpoint_reasons(checkpoint: Mapping[str, Any]) -> list[str]:
    """Why today's log does not extend a checkpoint that was kept outside.

    Args:
        checkpoint: an answer of ``/log/checkpoint``.

    Returns:
        Chinese sentences, none when it does.
    """
    asked = _found(EXTENDS)
    return [NO_LOG] if asked is None else list(asked(checkpoint))


def restored_append(*, content: bytes, ref: str, now: datetime) -> bool:
    """Append the leaf that says for ever that the portal was restored without a checkpoint from outside.

    Returns:
        False where there is no log.
    """
    append = _found(APPEND)
    if append is None:
        return False
    append(kind="restored", ref=ref, content=content, now=now)
    return True
