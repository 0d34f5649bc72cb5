"""Money, times, deadlines and invisible characters in words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.moments import day_words, minute_words
from portal import words

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 22, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("amount", "yuan", "wan"),
    [
        ("1234567", "1,234,567.00 元", "123.46 万元"),
        ("0.005", "0.01 元", "0.01 元"),
        ("9999.99", "9,999.99 元", "9,999.99 元"),
        ("-20000", "-20,000.00 元", "-2.00 万元"),
    ],
)
def test_money_is_told_in_yuan_and_wan(amount: str, yuan: str, wan: str) -> None:
    assert (words.money(Decimal(amount)), words.money_wan(Decimal(amount))) == (yuan, wan)


def test_times_are_told_in_chinese() -> None:
    moment = datetime(2026, 3, 2, 1, 5, tzinfo=ZoneInfo("UTC"))
    assert day_words(moment) == "2026年3月2日"
    assert minute_words(moment) == "2026年3月2日 09:05"
    assert words.machine_time(moment) == "2026-03-02T09:05:00+08:00"


def test_published_at_midnight_is_a_date_alone() -> None:
    assert words.published(datetime(2026, 3, 2, tzinfo=SHANGHAI)) == "2026年3月2日"
    assert words.published(datetime(2026, 3, 2, 0, 1, tzinfo=SHANGHAI)) == "2026年3月2日 00:01"


@pytest.mark.parametrize(
    ("moment", "state", "said"),
    [
        (datetime(2026, 3, 2, 22, 0, tzinfo=SHANGHAI), "past", "已截止"),
        (datetime(2026, 3, 2, 22, 1, tzinfo=SHANGHAI), "near", "今天截止"),
        (datetime(2026, 3, 3, 0, 1, tzinfo=SHANGHAI), "near", "明天截止"),
        (datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI), "near", "还有3天"),
        (datetime(2026, 3, 6, 9, 0, tzinfo=SHANGHAI), "far", "还有4天"),
    ],
)
def test_deadline_is_counted_in_calendar_days(moment: datetime, state: str, said: str) -> None:
    assert words.deadline(moment, NOW) == words.Deadline(state, said)


@pytest.mark.parametrize(("size", "said"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (5 * 1024**4, "5120.0 GB")])
def test_file_size_is_told_in_units(size: int, said: str) -> None:
    assert words.file_size(size) == said


def test_invisible_characters_become_visible() -> None:
    shown = words.visible("甲\u202e<b>\x0b乙\u200b")
    assert shown == (
        '甲<span class="ctl" title="不可见字符 RIGHT-TO-LEFT OVERRIDE">U+202E</span>&lt;b&gt;'
        '<span class="ctl" title="不可见字符 CONTROL CHARACTER">U+000B</span>乙\u200b'
    )
    assert words.plain("甲\u202e乙") == "甲[U+202E]乙"
