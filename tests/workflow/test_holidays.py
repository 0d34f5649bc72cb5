"""Files of holiday notices: the built-in one, and bad ones."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from core.errors import BusinessError
from workflow.holidays import MAX_BYTES, Notice, builtin_notices, calendar_of, notices_read

NEXT = {"year": 2027, "off": ["2027-01-01", "2026-12-31"], "work": ["2027-01-03"], "source": "2027 年安排"}


def _read(value: Any) -> list[Notice]:
    return notices_read(json.dumps(value).encode())


def test_builtin_notices_are_2023_to_2026() -> None:
    found = [(notice.year, len(notice.off), len(notice.work)) for notice in builtin_notices()]
    assert found == [(2023, 27, 7), (2024, 28, 8), (2025, 28, 5), (2026, 33, 6)]
    assert date(2022, 12, 31) in builtin_notices()[0].off


def test_notices_read_takes_one_object_or_a_list() -> None:
    notice = Notice(
        2027, frozenset({date(2027, 1, 1), date(2026, 12, 31)}), frozenset({date(2027, 1, 3)}), "2027 年安排"
    )
    assert _read(NEXT) == [notice]
    assert _read([NEXT, {"year": 2028, "off": []}]) == [notice, Notice(2028, frozenset(), frozenset(), "")]


def test_notices_read_takes_a_byte_order_mark() -> None:
    assert notices_read(b"\xef\xbb\xbf" + json.dumps(NEXT).encode()) == _read(NEXT)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "文件里没有任何年度"),
        ("x", "每个年度应写成"),
        ([NEXT, 3], "每个年度应写成"),
        ([NEXT, NEXT], "2027 年出现了两次"),
        ({**NEXT, "wrok": []}, '不认识 "wrok" 一项'),
        ({**NEXT, "year": "2027"}, "year 应是"),
        ({**NEXT, "year": True}, "year 应是"),
        ({**NEXT, "year": 2027.0}, "year 应是"),
        ({**NEXT, "year": 20270}, "year 应是"),
        ({**NEXT, "year": 10**4000}, "year 应是"),
        ({"off": []}, "year 应是"),
        ({"year": 2027}, "2027 年缺少 off"),
        ({**NEXT, "off": "2027-01-01"}, "off 应是日期的列表"),
        ({**NEXT, "work": None}, "work 应是日期的列表"),
        ({**NEXT, "off": ["2027-02-29"]}, '放假日里有 "2027-02-29"'),
        ({**NEXT, "off": ["20270101"]}, '放假日里有 "20270101"'),
        ({**NEXT, "work": [20270101]}, "调休上班日里有 20270101"),
        ({**NEXT, "work": ["2027-01-01\x00"]}, '调休上班日里有 "2027-01-01\\u0000"'),
        ({**NEXT, "off": ["2026-11-30"]}, "2026-11-30，离这一年太远"),
        ({**NEXT, "off": ["2028-02-01"]}, "2028-02-01，离这一年太远"),
        ({**NEXT, "off": ["2027-01-01", "2027-01-01"]}, "2027-01-01 写了两次"),
        ({**NEXT, "work": ["2027-01-01"]}, "2027-01-01 既写在放假日又写在调休上班日"),
        ({**NEXT, "source": 5}, "source（来源）应是"),
        ({**NEXT, "source": "长" * 201}, "source（来源）应是"),
        ({**NEXT, "source": "国务院\x00"}, "source（来源）应是一行文字"),
        ({**NEXT, "source": "国务院\ud800"}, "source（来源）应是一行文字"),
        ({**NEXT, "source": "国务院\n办公厅"}, "source（来源）应是一行文字"),
    ],
)
def test_notices_read_refuses_bad_content(value: Any, reason: str) -> None:
    with pytest.raises(BusinessError) as caught:
        _read(value)
    assert caught.value.code == "bad_calendar"
    assert caught.value.message.startswith("日历未导入：")
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件不是 JSON（第 1 行第 1 列）"),
        (b"year,off\n", "文件不是 JSON"),
        ("年".encode("gbk"), "文件不是 UTF-8"),
        (b"\x00\x00", "文件不是 JSON"),
        (b"[" * 100_000, "层次太深"),
        (b'{"year": ' + b"9" * 5000 + b"}", "数字太长"),
        (b'{"year": 2027, "off": [], "off": []}', "有一项写了两次"),
        (b" " * (MAX_BYTES + 1), "超过 1 MB"),
    ],
)
def test_notices_read_refuses_bad_files(content: bytes, reason: str) -> None:
    with pytest.raises(BusinessError) as caught:
        notices_read(content)
    assert reason in caught.value.message


def test_calendar_of_lets_the_later_notice_speak_last() -> None:
    new_year = date(2027, 1, 1)
    older = Notice(2026, frozenset({new_year}), frozenset(), "")
    newer = Notice(2027, frozenset(), frozenset({new_year}), "")
    for order in ([older, newer], [newer, older]):
        calendar = calendar_of(order)
        assert (calendar.days, calendar.years) == ({new_year: True}, frozenset({2026, 2027}))
