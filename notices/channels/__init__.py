"""How a message leaves: one small module a way. To add one (SMS, voice) copy ``files.py``, add it to WAYS and give
``Notice.Channel`` a member.

A way has a ``name``, ``ready()`` (is it set up?), and ``send(message)``, which returns when the message is handed over
and raises ``Later`` (worth another try) or ``Never`` (this message cannot go). ``send`` is called outside of any
transaction, and may be called again for a message that it has sent, when a worker died before it could note that: what
each way makes of that is written in its module.
"""

from __future__ import annotations

from typing import Protocol

from core.errors import BusinessError
from notices.sealed import Message


class Later(Exception):
    """Not now; the text is the reason, a Chinese sentence without personal data."""


class Never(Exception):
    """Not ever; the text likewise."""


class Way(Protocol):
    """How a message leaves the portal."""

    name: str

    def ready(self) -> bool:
        """Whether the settings say how to reach it."""

    def send(self, message: Message) -> None:
        """Hand it over.

        Raises:
            Later, Never: it was not handed over.
        """


def way_for(channel: str) -> Way:
    """The way of a channel; where it is not set up, files that somebody carries on (embedded mode).

    Raises:
        BusinessError: ``no_channel``.
    """
    # Ways import from this module.
    from notices.channels.email import EmailWay  # noqa: PLC0415 (see above)
    from notices.channels.files import FileWay  # noqa: PLC0415 (see above)

    ways: dict[str, Way] = {"email": EmailWay(), "file": FileWay()}
    if channel not in ways:
        raise BusinessError("没有这种通知渠道。", "no_channel")
    return ways[channel] if ways[channel].ready() else ways["file"]
