"""The backup of every night: when it is due, where it goes, how it is proved, which old ones go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import Instance
from core.errors import BusinessError
from core.moments import SHANGHAI
from trading_center.backup import databases
from trading_center.backup.make import Made, backup_make
from trading_center.backup.restore import scratch_restore
from upkeep.models import BackupRun
from upkeep.rulebook import BACKUP_RETRY, SCRATCH_EVERY
from upkeep.selectors import backups
from upkeep.services.backups import backup_note

# One night at a time, on whatever host.
LOCK = 7_305_005
NAME = "backup-{at:%Y%m%d-%H%M%S}.tar.gz"
_NAME = re.compile(r"backup-(\d{8}-\d{6})\.tar\.gz")


def backup_folder() -> Path:
    """Where the nightly backups go: BACKUP_DIR, else ``backups`` in DATA_DIR."""
    return settings.CONFIG.BACKUP_DIR or settings.PATHS.data_dir / "backups"


def same_disk() -> bool:
    """Whether the backups lie on the disk of the data they should outlive."""
    folder = backup_folder()
    place = next(p for p in (folder, *folder.parents) if p.exists())
    return settings.EMBEDDED_DATABASE and os.stat(place).st_dev == os.stat(settings.PATHS.data_dir).st_dev


def last_night(now: datetime) -> datetime:
    """The newest moment not after ``now`` at which a backup should have begun."""
    hour, minute = settings.CONFIG.BACKUP_TIME
    local = now.astimezone(SHANGHAI)
    due = datetime.combine(local.date(), time(hour, minute), SHANGHAI)
    return due if due <= local else due - timedelta(days=1)


def backup_is_due(*, now: datetime) -> bool:
    """Whether the newest night has no backup yet: so a night that was missed is made up for by day.

    An instance younger than the night owes none; after a failure it is tried again, but not at once.
    """
    night = last_night(now)
    made = Instance.objects.values_list("created_at", flat=True).first()
    if made is None or made > night:
        return False
    nightly = backups().filter(kind=BackupRun.Kind.NIGHTLY)
    if nightly.filter(success=True, started_at__gte=night).exists():
        return False
    newest = nightly.first()
    return newest is None or newest.success or now - newest.finished_at > BACKUP_RETRY


def scratch_is_due(*, now: datetime) -> bool:
    """Whether the database of the last week's backups has not been restored on trial, and could be."""
    with databases.connected() as cursor:
        if not databases.may_create(cursor):
            return False
    tried = backups().filter(success=True, verified=BackupRun.Verified.RESTORED).first()
    return tried is None or now - tried.finished_at > SCRATCH_EVERY - timedelta(hours=12)


def retained(times: Iterable[datetime], *, daily: int, weekly: int, monthly: int) -> set[datetime]:
    """Which backups stay: of the newest days, weeks and months that have one, the newest of each.

    Args:
        times: local times of the backups.
        daily: number of days.
        weekly: number of weeks (ISO 8601).
        monthly: number of months.
    """
    newest_first = sorted(times, reverse=True)
    kept = set(newest_first[:1])
    for count, period in ((daily, "%Y-%m-%d"), (weekly, "%G-%V"), (monthly, "%Y-%m")):
        seen: dict[str, datetime] = {}
        for at in newest_first:
            seen.setdefault(at.strftime(period), at)
        kept.update(list(seen.values())[:count])
    return kept


def _throw_away_old(folder: Path) -> int:
    found = {}
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            found[datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=SHANGHAI)] = path
    config = settings.CONFIG
    kept = retained(found, daily=config.BACKUP_DAILY, weekly=config.BACKUP_WEEKLY, monthly=config.BACKUP_MONTHLY)
    gone = [path for at, path in found.items() if at not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    # Parts of backups that were killed.
    for path in folder.glob(".backup-*.part"):
        path.unlink(missing_ok=True)
    return len(gone)


def _made(now: datetime) -> tuple[Made, BackupRun.Verified]:
    folder = backup_folder()
    if not settings.CONFIG.BACKUP_DIR:
        # A share that is not mounted must not become a folder of this disk; our own place may be made.
        folder.mkdir(mode=0o700, exist_ok=True)
    made = backup_make(path=folder / NAME.format(at=now.astimezone(SHANGHAI)), now=now)
    if not scratch_is_due(now=now):
        return made, BackupRun.Verified.DIGESTS
    scratch_restore(path=made.path, manifest=made.manifest)
    return made, BackupRun.Verified.RESTORED


def backup_nightly(*, now: datetime) -> BackupRun | None:
    """Make the backup of the night if it is due, prove it, throw away what is older than the settings keep.

    Args:
        now: aware time.

    Returns:
        What is written down, None when nothing was due or another backup is running.
    """
    with databases.connected() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        # Until the connection ends: who comes second finds the night noted, or another at it.
        return _night(now) if cursor.fetchone()[0] and backup_is_due(now=now) else None


def _night(now: datetime) -> BackupRun | None:
    kind = BackupRun.Kind.NIGHTLY
    try:
        made, verified = _made(now)
    except BusinessError as error:
        if error.code == "running":
            return None
        return backup_note(kind=kind, success=False, sentence=error.message, started_at=now, now=timezone.now())
    gone = _throw_away_old(made.path.parent)
    sentence = f"已备份 {made.files:,} 个文件和数据库，{made.size / 1024 / 1024:,.1f} MB" + (
        f"；清理旧备份 {gone} 份。" if gone else "。"
    )
    if made.damaged:
        sentence = f"备份不完整：存储中有 {len(made.damaged)} 个文件丢失或损坏，其余已备份。请信息科从旧备份找回。"
    return backup_note(
        kind=kind,
        success=True,
        verified=verified,
        sentence=sentence,
        started_at=now,
        now=timezone.now(),
        path=str(made.path),
        size=made.size,
        sha256=made.sha256,
        damaged=len(made.damaged),
    )
