"""The yearly holiday notices (国务院办公厅关于部分节假日安排的通知) as files, and the calendar they make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.errors import BusinessError
from core.text import first_not_storable
from core.workdays import Calendar

BUILTIN_PATH = Path(__file__).with_name("holidays.json")
MAX_BYTES = 1_000_000
MAX_SOURCE = 200
# Before 1949 there was no such notice; three digits more or less are a typing error.
FIRST_YEAR, LAST_YEAR = 1950, 2199
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Notice:
    """One year's notice.

    Args:
        year: the year it is for.
        off: its days off; weekends may be among them.
        work: its working days at weekends (调休).
        source: the notice's name.
    """

    year: int
    off: frozenset[date]
    work: frozenset[date]
    source: str

    @property
    def days(self) -> dict[date, bool]:
        """Each day named, True where it is a working day; ascending."""
        return {day: day in self.work for day in sorted(self.off | self.work)}


def calendar_of(notices: Iterable[Notice]) -> Calendar:
    """The calendar that ``notices`` (at most one a year) make together.

    A day named by two of them is what the later year's says, since that one was issued later.
    """
    ordered = sorted(notices, key=lambda notice: notice.year)
    days: dict[date, bool] = {}
    for notice in ordered:
        days.update(notice.days)
    return Calendar(days, frozenset(notice.year for notice in ordered))


def _refuse(reason: str) -> BusinessError:
    return BusinessError(f"日历未导入：{reason}。", "bad_calendar")


def _shown(value: object) -> str:
    """``value`` as a short text that any terminal can print."""
    text = json.dumps(value, ensure_ascii=True) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _days_read(year: int, name: str, label: str, value: Any) -> frozenset[date]:
    if not isinstance(value, list):
        raise _refuse(f"{year} 年的 {name} 应是日期的列表")
    days: set[date] = set()
    for item in value:
        try:
            if not isinstance(item, str) or not _DAY.fullmatch(item):
                raise ValueError
            day = date.fromisoformat(item)
        except ValueError:
            raise _refuse(f"{year} 年的{label}里有 {_shown(item)}，不是 YYYY-MM-DD 形式的真实日期") from None
        if not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
            raise _refuse(f"{year} 年的{label}里有 {item}，离这一年太远（只收上年 12 月至次年 1 月的日期）")
        if day in days:
            raise _refuse(f"{year} 年的{label}里 {item} 写了两次")
        days.add(day)
    return frozenset(days)


def _source_read(year: int, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_SOURCE:
        raise _refuse(f"{year} 年的 source（来源）应是不超过 {MAX_SOURCE} 字的文字")
    if first_not_storable(value) or len(value.splitlines()) > 1:
        raise _refuse(f"{year} 年的 source（来源）应是一行文字，不含控制字符")
    return value.strip()


def _notice_read(item: Any) -> Notice:
    if not isinstance(item, dict):
        raise _refuse('每个年度应写成 {"year": 年, "off": [放假日], "work": [调休上班日], "source": "来源"}')
    unknown = sorted(set(item) - {"year", "off", "work", "source"})
    if unknown:
        raise _refuse(f"不认识 {_shown(unknown[0])} 一项，只用 year、off、work、source")
    year = item.get("year")
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refuse(f"year 应是 {FIRST_YEAR} 至 {LAST_YEAR} 之间的整数")
    if "off" not in item:
        raise _refuse(f"{year} 年缺少 off（放假日）")
    off = _days_read(year, "off", "放假日", item["off"])
    work = _days_read(year, "work", "调休上班日", item.get("work", []))
    both = sorted(off & work)
    if both:
        raise _refuse(f"{year} 年的 {both[0].isoformat()} 既写在放假日又写在调休上班日")
    return Notice(year, off, work, _source_read(year, item.get("source", "")))


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _refuse("同一个年度里有一项写了两次")
    return found


def notices_read(content: bytes) -> list[Notice]:
    """Read a file of notices: one object, or a list of them.

    Args:
        content: UTF-8 JSON, ``{"year": 2027, "off": ["2027-01-01", …], "work": […], "source": "…"}``; ``work``
            and ``source`` may be missing.

    Raises:
        BusinessError: ``bad_calendar``, saying what is wrong; a file is good as a whole or not at all.
    """
    if len(content) > MAX_BYTES:
        raise _refuse("文件超过 1 MB，不像节假日安排")
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_pairs)
    except UnicodeDecodeError:
        raise _refuse("文件不是 UTF-8 编码的文字") from None
    except json.JSONDecodeError as error:
        raise _refuse(f"文件不是 JSON（第 {error.lineno} 行第 {error.colno} 列）") from None
    except (ValueError, RecursionError):
        raise _refuse("文件里的数字太长或层次太深，不像节假日安排") from None
    items = data if isinstance(data, list) else [data]
    if not items:
        raise _refuse("文件里没有任何年度")
    notices = [_notice_read(item) for item in items]
    years = [notice.year for notice in notices]
    for year in years:
        if years.count(year) > 1:
            raise _refuse(f"文件里 {year} 年出现了两次")
    return notices


def builtin_notices() -> list[Notice]:
    """The notices that every new instance starts with: 2023 to 2026."""
    return notices_read(BUILTIN_PATH.read_bytes())
