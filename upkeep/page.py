"""What the upkeep page shows."""

from __future__ import annotations

import platform
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Instance
from core import keys
from core.moments import minute_words
from upkeep.forms import CheckpointForm, ComparisonForm, LostForm
from upkeep.gates import hold_is_on
from upkeep.models import ClockReading
from upkeep.selectors import alarms_open, backup_age, backups, clock_state, comparisons_open, holds

ROWS = 20
KEY_WORDS = {keys.FIELDS: "字段加密", keys.INDEX: "盲索引", keys.LOG: "存证签名", keys.SESSIONS: "会话"}


def _runs() -> dict[str, Any]:
    rows = [
        (
            minute_words(run.finished_at),
            run.get_kind_display(),
            ("成功，" + run.get_verified_display()) if run.success else "失败",
            f"{run.size / 1024 / 1024:,.1f}" if run.size else "",
            run.sentence,
        )
        for run in backups()[:ROWS]
    ]
    return {
        "caption": "最近的备份",
        "heads": ("时间", "种类", "结果", "大小（MB）", "说明"),
        "rows": rows,
        "numeric": {3},
    }


def _readings() -> dict[str, Any]:
    found = ClockReading.objects.order_by("-at", "-id")[:ROWS]
    rows = [
        (
            minute_words(one.at),
            one.get_source_display(),
            one.reference,
            one.error or f"{(one.offset_ms or 0) / 1000:+.3f}",
        )
        for one in found
    ]
    return {"caption": "最近的读数", "heads": ("时间", "来源", "对照", "偏差（秒）"), "rows": rows}


def _with_seconds(rows: Any) -> list[Any]:
    found = list(rows)
    for row in found:
        row.seconds = f"{abs(row.offset_ms) / 1000:.1f}"
    return found


def _keys() -> list[str]:
    """Which keys there are, as sentences."""
    found = []
    for purpose, label in KEY_WORDS.items():
        known = keys.versions(purpose)
        more = f"，另有 {len(known) - 1} 个旧版用来读旧内容" if len(known) > 1 else ""
        found.append(f"{label}：现用第 {known[-1]} 版{more}。" if known else f"{label}：缺失，请用 keys_import 恢复。")
    return found


def _versions() -> list[str]:
    """What runs here, as sentences; the newest migration says how far the program is."""
    newest = MigrationRecorder.Migration.objects.order_by("-applied", "-id").first()
    server = f"{connection.pg_version // 10000}.{connection.pg_version % 10000}"  # type: ignore[attr-defined]
    found = [f"Python {platform.python_version()}，Django {django.get_version()}，PostgreSQL {server}。"]
    if newest:
        app = apps.app_configs.get(newest.app)
        which = f"（{app.verbose_name}，第 {int(newest.name[:4])} 次）" if app and newest.name[:4].isdigit() else ""
        found.append(f"数据库结构最近一次更新：{minute_words(newest.applied)}{which}。")
    return found


def page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    """The upkeep page; ``more`` brings a sentence (``message``, ``saved``) or a form with what was entered.

    Args:
        request: of a member of the staff, with ``duties``.
        status: of the answer.
    """
    now = timezone.now()
    since = Instance.objects.values_list("created_at", flat=True).first()
    clock = clock_state(now=now)
    context = {
        "hold": holds().first() if hold_is_on() else None,
        "admin": Duty.SYSTEM_ADMIN in request.duties,  # type: ignore[attr-defined]
        "checkpoint_form": CheckpointForm(),
        "lost_form": LostForm(),
        "comparison_form": ComparisonForm(),
        "backup": backup_age(now=now, since=since),
        "backup_time": "{:02d}:{:02d}".format(*settings.CONFIG.BACKUP_TIME),
        "backup_folder": settings.CONFIG.BACKUP_DIR or settings.PATHS.data_dir / "backups",
        "same_disk": not settings.CONFIG.BACKUP_DIR,
        "runs": _runs(),
        "clock": clock,
        "clock_seconds": f"{abs(clock.offset_ms or 0) / 1000:.1f}",
        "clock_at": now - clock.age if clock.age is not None else None,
        "clock_source": ClockReading.Source(clock.source).label if clock.source else "",
        "ntp_server": settings.CONFIG.NTP_SERVER,
        "alarms": _with_seconds(alarms_open()[:ROWS]),
        "comparisons": _with_seconds(comparisons_open(now=now)[:ROWS]),
        "readings": _readings(),
        "user_id": request.user.pk,
        "key_lines": _keys(),
        "version_lines": _versions(),
        **more,
    }
    response = render(request, "upkeep/home.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
