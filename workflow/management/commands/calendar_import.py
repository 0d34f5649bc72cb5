"""``manage.py calendar_import FILE``: the yearly holiday notices become the calendar."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandParser
from django.db import OperationalError
from django.utils import timezone

from core.commands import ChineseCommand
from core.errors import BusinessError
from workflow.holidays import MAX_BYTES, notices_read
from workflow.services import CalendarChange, calendar_import


def _dates(label: str, days: Iterable[date]) -> str:
    listed = "、".join(day.isoformat() for day in days)
    return f"{label} {listed}" if listed else ""


def sentence(change: CalendarChange) -> str:
    """What an import did to one year, for people."""
    notice = change.notice
    counts = f"放假 {len(notice.off)} 天，调休上班 {len(notice.work)} 天"
    if change.action == "new":
        return f"{notice.year} 年：已导入，{counts}。"
    if change.action == "unchanged":
        return f"{notice.year} 年：与现有日历相同，未改动（{counts}）。"
    parts = (
        _dates("新放假", change.now_off),
        _dates("新调休上班", change.now_working),
        _dates("不再列出", change.now_plain),
    )
    details = "；".join(part for part in parts if part) or "日期不变，只改来源"
    return f"{notice.year} 年：已更新，{counts}（{details}），原安排留作历史。"


class Command(ChineseCommand):
    help = "导入年度节假日安排（JSON：一个年度或年度的列表）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            help='文件，形如 {"year": 2027, "off": [放假日], "work": [调休上班日], "source": "来源"}',
        )

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            with Path(file).open("rb") as stream:
                notices = notices_read(stream.read(MAX_BYTES + 1))
            changes = calendar_import(notices=notices, now=timezone.now())
        except (OSError, ValueError):
            self._stop("日历未导入：打不开或读不出这个文件，请检查路径和权限。", 2)
        except BusinessError as error:
            self._stop(error.message, 2)
        except OperationalError:
            self._stop("日历未导入：连不上数据库，请先启动系统或检查 DATABASE_URL，再试一次。", 1)
        for change in changes:
            self.stdout.write(sentence(change))

    def _stop(self, message: str, code: int) -> NoReturn:
        self.stderr.write(message)
        sys.exit(code)
