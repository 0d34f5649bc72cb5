"""The log's day-end checkpoint goes to addresses outside of the center (transparency-log.md, "Also")."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.utils.module_loading import import_string

from notices.models import Notice
from notices.services.outbox import notice_create

# Missed days are made good for, but not those of a whole past.
DAYS_AT_ONCE = 7
TEXT = """{site}公共资源交易存证日志 {day} 的日终检查点如下。

请原样保存这封邮件。需要核对时，把下面大括号内（含大括号）的内容存成文件 checkpoint.json，由中心或任何人运行

    manage.py log_verify --since checkpoint.json

即可证明此后的日志没有改动过这一天以前的任何内容。

{checkpoint}
"""


def checkpoint_send(*, checkpoint: str, day: date, now: datetime) -> list[Notice]:
    """Send a day's last checkpoint to every outside address of the settings (NOTICE_CHECKPOINT_TO), once a day each.

    Args:
        checkpoint: its JSON, as ``/log/checkpoint`` answers it.
        day: the day that it ends.
        now: aware time.

    Returns:
        The notices, also those that were written before; none where no address is set.
    """
    config = settings.CONFIG
    text = TEXT.format(site=config.SITE_NAME, day=day.isoformat(), checkpoint=checkpoint.strip())
    return [
        notice_create(
            channel=Notice.Channel.EMAIL,
            address=address,
            subject=f"{config.SITE_NAME} 存证日志检查点 {day.isoformat()}",
            text=text,
            cause=("audit.checkpoint", day.isoformat()),
            dedup_key=f"checkpoint:{day.isoformat()}:{address}"[:200],
            now=now,
        )
        for address in config.NOTICE_CHECKPOINT_TO
    ]


def checkpoints_send(*, now: datetime) -> int:
    """Send the day-end checkpoints of the last days that have not been sent; how many days were looked at.

    settings.NOTICE_CHECKPOINTS names the function that gives them, ``(limit) -> [(day, JSON text)]``, newest first;
    empty on an instance without a transparency log.
    """
    if not settings.NOTICE_CHECKPOINTS:
        return 0
    found = import_string(settings.NOTICE_CHECKPOINTS)(DAYS_AT_ONCE)
    for day, checkpoint in sorted(found):
        checkpoint_send(checkpoint=checkpoint, day=day, now=now)
    return len(found)
