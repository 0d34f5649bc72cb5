"""What became of a backup is written down once it is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import action_record
from audit.tags import Tag
from upkeep.models import BackupRun


def backup_note(
    *,
    kind: BackupRun.Kind,
    success: bool,
    sentence: str,
    started_at: datetime,
    now: datetime,
    path: str = "",
    size: int = 0,
    sha256: str = "",
    verified: BackupRun.Verified = BackupRun.Verified.NONE,
    damaged: int = 0,
    by: Any = None,
) -> BackupRun:
    """Write down one backup, and a row of what was done.

    Args:
        kind: nightly, by command, before an upgrade.
        success: whether the archive is whole.
        sentence: the result in Chinese.
        started_at: aware time.
        now: aware time of the end.
        path: the archive.
        size: of the archive, bytes.
        sha256: of the archive, 64 hexadecimal digits.
        verified: how it was checked.
        damaged: stored files that the storage had lost or spoilt.
        by: the user; None for the system.
    """
    with transaction.atomic():
        run = BackupRun.objects.create(
            started_at=started_at,
            # The clock may have been set meanwhile.
            finished_at=max(started_at, now),
            kind=kind,
            success=success,
            verified=verified,
            path=path[:1000],
            size=size,
            sha256=sha256,
            damaged=damaged,
            sentence=sentence[:500],
        )
        detail = {"kind": kind.value, "verified": verified.value, "size": size}
        action_record(tag=Tag.UPKEEP, by=by, now=now, subject=f"upkeep.backup:{run.pk}", detail=detail, success=success)
    return run
