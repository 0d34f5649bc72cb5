"""What a confidential notice says and to whom: encrypted in the outbox, opened by the process that sends it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from core.keys import decrypt, encrypt
from notices.models import Notice

CONTEXT = "notices.Notice"


@dataclass(frozen=True)
class Message:
    """A notice in the clear, as a channel sends it. ``user_id`` is 0 where the recipient is an address."""

    name: str
    number: int
    user_id: int
    address: str
    subject: str
    text: str
    created_at: str


def notice_name(notice: Notice) -> str:
    """What a channel calls the notice: always the same, and never that of another.

    The number alone is not enough: after a restore numbers are given a second time, to other messages.
    """
    content = f"{notice.dedup_key}\n{notice.created_at.astimezone(UTC).isoformat(timespec='microseconds')}"
    return f"{notice.pk:09}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def fields_stored(
    *, user: Any, address: str, subject: str, text: str, dedup_key: str, confidential: bool
) -> dict[str, Any]:
    """The columns that hold recipient, subject and text; the tokens open for this notice alone."""
    if not confidential:
        return {"user": user, "recipient": address, "subject": subject, "text": text}
    whom = json.dumps({"user": user.pk if user else 0, "address": address})
    values = {"recipient": whom, "subject": subject, "text": text}
    return {"user": None, **{n: encrypt(v, context=f"{CONTEXT}.{n}:{dedup_key}") for n, v in values.items()}}


def _open(notice: Notice, name: str) -> str:
    return decrypt(getattr(notice, name), context=f"{CONTEXT}.{name}:{notice.dedup_key}")


def message_open(notice: Notice) -> Message:
    """The notice in the clear.

    Raises:
        BusinessError: its key is not at hand, or it was damaged.
    """
    if notice.confidential:
        whom = json.loads(_open(notice, "recipient"))
        user_id, address = whom["user"], whom["address"]
        subject, text = _open(notice, "subject"), _open(notice, "text")
    else:
        user_id, address = notice.user_id or 0, notice.recipient
        subject, text = notice.subject, notice.text
    return Message(
        notice_name(notice), notice.pk, user_id, address, subject, text, notice.created_at.isoformat(timespec="seconds")
    )
