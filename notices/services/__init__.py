"""Writes of the notices app."""

from notices.services.checkpoints import checkpoint_send, checkpoints_send
from notices.services.delivery import holds, notice_deliver, notices_sweep
from notices.services.inbox import inbox_read, inbox_read_all
from notices.services.moves import notices_rewrite
from notices.services.outbox import notice_cancel, notice_create, notice_retry

__all__ = [
    "checkpoint_send",
    "checkpoints_send",
    "holds",
    "inbox_read",
    "inbox_read_all",
    "notice_cancel",
    "notice_create",
    "notice_deliver",
    "notice_retry",
    "notices_rewrite",
    "notices_sweep",
]
