"""Numbers of headings: 一、 （一） 1. （1） (GB/T 9704-2012 7.3.3), and lines of a title that keep words together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from performance.document.model import Heading

DIGITS = "零一二三四五六七八九"
_HAS_NUMBER = re.compile(
    r"\s*(第[一二三四五六七八九十百]+[章节部分]|[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十]+[）)]"
    r"|[0-9０-９]+[、.．](?![0-9０-９])|[（(][0-9０-９]+[）)])"
)
# Characters of 22 pt on a line of 156 mm.
TITLE_LINE = 20
# After these a title may go to the next line.
_TITLE_ENDS = ("年度", "中心", "部门", "关于", "项目", "资金", "经费", "工作", "支出", "整体", "绩效", "的", "》", "）")


def chinese(number: int) -> str:
    """1 to 99 in Chinese: 一, 十, 十一, 二十, 二十三."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones or not tens else "")


def _number(level: int, count: int) -> str:
    return (f"{chinese(count)}、", f"（{chinese(count)}）", f"{count}.", f"（{count}）")[min(level, 4) - 1]


def numbered(headings: Iterable[Heading]) -> list[tuple[int, str, Heading]]:
    """(level, text with its number, heading) of each; a number that the text has already is kept."""
    counts = [0] * 5
    found = []
    for heading in headings:
        level = min(max(heading.level, 1), 4)
        counts[level] += 1
        counts[level + 1 :] = [0] * (4 - level)
        has = _HAS_NUMBER.match(heading.text)
        found.append((level, heading.text if has else _number(level, counts[level]) + heading.text, heading))
    return found


def title_lines(title: str, unit: str = "", most: int = TITLE_LINE) -> list[str]:
    """A title on as few lines as it needs, broken where a word ends, the lines about equally long (7.3.1: 词意完整).

    Args:
        title: the whole title.
        unit: the unit's name; a title that begins with it is broken behind it first.
        most: characters of one line.
    """
    title = title.strip()
    if len(title) <= most:
        return [title]
    if unit and title.startswith(unit) and 4 <= len(unit) <= most:
        return [unit, *title_lines(title[len(unit) :], most=most)]
    lines = -(-len(title) // most)
    middle = len(title) / lines
    ends = [n for n in range(4, len(title) - 3) if title[:n].endswith(_TITLE_ENDS) and n <= most]
    at = min(ends, key=lambda n: abs(n - middle), default=0)
    if not at or abs(at - middle) > middle / 2:
        at = min(round(middle), most)
    return [title[:at], *title_lines(title[at:], most=most)]
