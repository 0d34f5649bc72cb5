"""Reads: backups and their age, the clock and how far it is off, what every staff page must show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from core.moments import minute_words
from upkeep.gates import ON_HOLD, hold_is_on
from upkeep.models import BackupRun, ClockAlarm, ClockComparison, ClockReading, HoldEvent
from upkeep.rulebook import BACKUP_OLD, CLOCK_LIMIT_MS, CLOCK_OLD, COMPARISON_OPEN, PEOPLE_LIMIT_MS


@dataclass(frozen=True)
class BackupAge:
    """How old the newest verified backup is.

    Args:
        at: when it was finished; None when there is none.
        age: since then; None when there is none.
        late: older than two days, or none since the instance is two days old, or files are missing from it.
        sentence: for the staff home page.
    """

    at: datetime | None
    age: timedelta | None
    late: bool
    sentence: str


@dataclass(frozen=True)
class ClockState:
    """What is known of the clock.

    Args:
        ok: no known offset beyond the limit and no alarm unseen.
        offset_ms: of the newest successful reading, positive when this machine is ahead; None without one.
        age: of that reading; None without one.
        source: ``ntp`` or ``people``, blank without one.
    """

    ok: bool
    offset_ms: int | None
    age: timedelta | None
    source: str

    @property
    def old(self) -> bool:
        """Whether a new comparison is due."""
        return self.age is None or self.age > CLOCK_OLD


def holds() -> QuerySet[HoldEvent]:
    """All events, newest first."""
    return HoldEvent.objects.order_by("-id")


def backups() -> QuerySet[BackupRun]:
    """All that were tried, newest first."""
    return BackupRun.objects.order_by("-finished_at", "-id")


def backup_newest(*, nightly: bool = False) -> BackupRun | None:
    """The newest that succeeded and was read back; ``nightly``: of the nightly ones."""
    found = backups().filter(success=True).exclude(verified=BackupRun.Verified.NONE)
    return (found.filter(kind=BackupRun.Kind.NIGHTLY) if nightly else found).first()


def _days(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} 天前" if hours >= 24 else f"{hours} 小时前" if hours else "不到 1 小时前"


def backup_age(*, now: datetime, since: datetime | None = None) -> BackupAge:
    """The age of the newest verified backup.

    Args:
        now: the time to compare with.
        since: when the instance began; before it is two days old the lack of a backup is not late.
    """
    newest = backup_newest()
    if newest is None:
        late = since is None or now - since > BACKUP_OLD
        return BackupAge(
            None, None, late, "还没有核验过的备份，请信息科检查备份目录。" if late else "还没有备份，今夜自动进行。"
        )
    age = max(now - newest.finished_at, timedelta())
    late = age > BACKUP_OLD
    if newest.damaged:
        return BackupAge(newest.finished_at, age, True, newest.sentence)
    tail = "，已超过 2 天，请信息科立即检查备份目录。" if late else "，已核验。"
    return BackupAge(newest.finished_at, age, late, f"最近一次备份在 {_days(age)}{tail}")


def limit_ms(source: str) -> int:
    """The offset in milliseconds that a reading of this source may have."""
    return PEOPLE_LIMIT_MS if source == ClockReading.Source.PEOPLE else CLOCK_LIMIT_MS


def clock_state(*, now: datetime) -> ClockState:
    """What the newest readings and alarms say of the clock."""
    newest = (
        ClockReading.objects.filter(offset_ms__isnull=False)
        .order_by("-at", "-id")
        .values_list("at", "offset_ms", "source")
        .first()
    )
    alarmed = ClockAlarm.objects.filter(seen_at__isnull=True, kind=ClockAlarm.Kind.JUMP).exists()
    if newest is None:
        return ClockState(not alarmed, None, None, "")
    at, found, source = newest
    offset = found or 0
    return ClockState(not alarmed and abs(offset) <= limit_ms(source), offset, max(now - at, timedelta()), source)


def alarms_open() -> QuerySet[ClockAlarm]:
    """Alarms nobody has dealt with, newest first."""
    return ClockAlarm.objects.filter(seen_at__isnull=True).order_by("-id")


def comparisons_open(*, now: datetime) -> QuerySet[ClockComparison]:
    """Comparisons that a second person may still confirm, newest first."""
    return (
        ClockComparison.objects.filter(decided_at__isnull=True, entered_at__gt=now - COMPARISON_OPEN)
        .select_related("entered_by")
        .order_by("-id")
    )


def banners() -> list[str]:
    """Sentences that stand on top of every staff page now; two queries."""
    found = [ON_HOLD] if hold_is_on() else []
    alarm = alarms_open().first()
    if alarm is not None:
        found.append(
            f"{alarm.get_kind_display()}：{minute_words(alarm.at)} 前后幅度 {alarm.offset_ms / 1000:+.1f} 秒。"
            "涉及截止时间的操作请先核对时间；请系统管理员到“运行维护”页面处理。"
        )
    return found
