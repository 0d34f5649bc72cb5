"""Which night is due, and which old backups stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Instance
from core.moments import SHANGHAI
from trading_center.backup.nightly import backup_is_due, backup_nightly, last_night, retained
from upkeep.models import BackupRun
from upkeep.selectors import backup_age
from upkeep.services.backups import backup_note

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=SHANGHAI)
DAYS = st.lists(st.integers(0, 1000).map(lambda days: MORNING + timedelta(days=days, hours=days % 5)), max_size=60)


def note(at: datetime, *, success: bool = True, kind: BackupRun.Kind = BackupRun.Kind.NIGHTLY, **more: Any) -> None:
    """A backup that took a minute."""
    backup_note(
        kind=kind,
        success=success,
        verified=BackupRun.Verified.DIGESTS if success else BackupRun.Verified.NONE,
        sentence="。",
        sha256="0" * 64 if success else "",
        started_at=at,
        now=at + timedelta(minutes=1),
        **more,
    )


@pytest.fixture
def instance(db: None) -> None:
    Instance.objects.create(kind="demo")


def test_the_last_night_is_the_newest_that_is_over() -> None:
    assert last_night(MORNING) == datetime(2026, 3, 2, 2, 30, tzinfo=SHANGHAI)
    assert last_night(datetime(2026, 3, 2, 2, 29, tzinfo=SHANGHAI)) == datetime(2026, 3, 1, 2, 30, tzinfo=SHANGHAI)
    assert last_night(datetime(2026, 3, 1, 18, 30, tzinfo=UTC)) == datetime(2026, 3, 2, 2, 30, tzinfo=SHANGHAI)


def later(**since: float) -> datetime:
    """A morning some days after the instance was made."""
    day = Instance.objects.get().created_at.astimezone(SHANGHAI) + timedelta(days=5)
    return day.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(**since)


def test_a_new_instance_owes_no_night(instance: None) -> None:
    made = Instance.objects.get().created_at
    assert not backup_is_due(now=made + timedelta(minutes=1))
    assert backup_is_due(now=made + timedelta(days=1, minutes=1))


def test_a_night_that_was_missed_is_made_up_for(instance: None) -> None:
    note(later(days=-2))
    assert backup_is_due(now=later())
    note(later())
    assert not backup_is_due(now=later(minutes=10))
    assert not backup_is_due(now=later(hours=18))
    assert backup_is_due(now=later(hours=18, minutes=30))


def test_a_failure_is_tried_again_but_not_at_once(instance: None) -> None:
    note(later(), success=False)
    assert not backup_is_due(now=later(minutes=30))
    assert backup_is_due(now=later(minutes=62))


def test_a_backup_by_command_does_not_stand_for_the_night(instance: None) -> None:
    note(later(), kind=BackupRun.Kind.COMMAND)
    assert backup_is_due(now=later(minutes=1))


@pytest.mark.django_db(transaction=True)
def test_nothing_is_made_when_nothing_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.CONFIG, "BACKUP_DIR", tmp_path)
    assert backup_nightly(now=MORNING) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_share_that_is_not_there_is_a_failure_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Instance.objects.get_or_create(id=1, defaults={"kind": "demo"})
    monkeypatch.setattr(settings.CONFIG, "BACKUP_DIR", tmp_path / "share")
    run = backup_nightly(now=later())
    assert run is not None
    assert (run.success, run.sentence) == (
        False,
        f"没有备份：目录 {tmp_path / 'share'} 不存在，请先建立它，或检查共享目录是否已经挂上。",
    )
    assert not (tmp_path / "share").exists()


def test_the_age_is_red_after_two_days(db: None) -> None:
    assert backup_age(now=MORNING, since=MORNING - timedelta(days=1)).sentence == "还没有备份，今夜自动进行。"
    assert backup_age(now=MORNING, since=MORNING - timedelta(days=3)).late
    note(MORNING)
    found = backup_age(now=MORNING + timedelta(days=2))
    assert (found.late, found.sentence) == (False, "最近一次备份在 1 天前，已核验。")
    assert backup_age(now=MORNING + timedelta(days=2, minutes=2)).late
    note(MORNING + timedelta(days=1), success=False)
    assert backup_age(now=MORNING + timedelta(days=2, minutes=2)).late


def test_a_backup_that_lacks_files_is_red_at_once(db: None) -> None:
    note(MORNING, damaged=2)
    assert backup_age(now=MORNING + timedelta(hours=1)).late


def test_a_year_of_nights_leaves_days_weeks_and_months() -> None:
    nights = [datetime(2025, 3, 2, 2, 30, tzinfo=SHANGHAI) + timedelta(days=n) for n in range(366)]
    kept = sorted(retained(nights, daily=7, weekly=5, monthly=12), reverse=True)
    assert [f"{at:%m-%d}" for at in kept[:7]] == ["03-02", "03-01", "02-28", "02-27", "02-26", "02-25", "02-24"]
    assert [f"{at:%y-%m-%d}" for at in kept[7:]] == [
        *("26-02-22", "26-02-15", "26-02-08", "26-01-31", "25-12-31", "25-11-30", "25-10-31", "25-09-30"),
        *("25-08-31", "25-07-31", "25-06-30", "25-05-31", "25-04-30"),
    ]


@given(DAYS, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_the_newest_always_stays_and_more_nights_never_keep_fewer(
    times: list[datetime], daily: int, weekly: int, monthly: int
) -> None:
    kept = retained(times, daily=daily, weekly=weekly, monthly=monthly)
    assert kept <= set(times)
    assert (max(times) in kept) if times else kept == set()
    assert len(kept) <= daily + weekly + monthly
    assert retained(kept, daily=daily, weekly=weekly, monthly=monthly) == kept
    days = sorted({at.date() for at in times}, reverse=True)[:daily]
    assert {at.date() for at in kept} >= set(days)
