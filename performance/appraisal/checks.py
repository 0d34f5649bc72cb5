"""What a check is, and those that are declared.

A check judges one item of the work of one year. It gives a share of the item's points together with the rows that it
rests on, each leading to its page; nothing to judge is no share, which is not nothing reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import Protocol

from core.measures import MeasureRow
from performance.appraisal.material import Material
from performance.models import ManagementGroup

# The files of this package that declare checks, in the order of the groups.
PARTS = ("goals", "monitoring", "monitored", "lags", "evaluation", "use")
DAY, DAYS, PERCENT, LENGTH, NOTHING = "day", "days", "percent", "length", ""
# What a parameter is, how it is written, and the highest number.
KINDS = {
    DAY: ("截止日（月-日）", "写成 03-31 这样"), DAYS: ("天数", "1 至 400 的整数"),
    PERCENT: ("比例（%）", "1 至 100 的整数"), LENGTH: ("字数", "1 至 400 的整数"), NOTHING: ("", "不用参数"),
}  # fmt: skip
_DAY = re.compile(r"(0[1-9]|1[0-2])-([0-2][0-9]|3[01])")
_MOST = {DAYS: 400, PERCENT: 100, LENGTH: 400}


@dataclass(frozen=True)
class Outcome:
    """What a check came to.

    Args:
        share: of the item's points, 0 to 1, exact; None: there is nothing to judge (yet).
        words: why, a Chinese sentence.
        rows: what it rests on: label, address of its page, what is so.
    """

    share: Fraction | None
    words: str
    rows: tuple[MeasureRow, ...] = ()


class Judge(Protocol):
    """What judges: a pure function over the year's material."""

    def __call__(self, material: Material, parameter: str) -> Outcome:
        """The outcome of a year; ``parameter`` as :func:`parameter_fault` allows it."""


@dataclass(frozen=True)
class Check:
    """A check.

    Args:
        name: identifier, kept for ever, since schemes name it.
        group: of ManagementGroup.
        label: what the item is called; about: what is counted, a Chinese sentence.
        judge: see :class:`Judge`.
        parameter: kind of the parameter; default: as the built-in scheme has it.
    """

    name: str
    group: str
    label: str
    about: str
    judge: Judge
    parameter: str = NOTHING
    default: str = ""


_checks: dict[str, Check] = {}


def check_add(check: Check) -> Check:
    """Declare a check. Raises ValueError: another one has the name."""
    if _checks.setdefault(check.name, check) is not check:
        raise ValueError(f"check {check.name} is declared twice")
    return check


@cache
def checks_discover() -> None:
    """Import every file of PARTS, once."""
    for name in PARTS:
        import_module(f"performance.appraisal.{name}")


def checks_all() -> list[Check]:
    """Every check, by group, then as declared."""
    checks_discover()
    order = {group: place for place, group in enumerate(ManagementGroup.values)}
    return sorted(_checks.values(), key=lambda one: order[one.group])


def check_find(name: str) -> Check | None:
    """The check of that name, or None where it is not declared any more."""
    checks_discover()
    return _checks.get(name)


def parameter_fault(kind: str, text: str) -> str:
    """Why a parameter is none of its kind, without a full stop; empty when it is."""
    if kind == NOTHING:
        return "" if not text else "这一项不用参数，请留空"
    if kind == DAY:
        found = _DAY.fullmatch(text)
        try:
            # 2001 has no 29 February: the day must exist in every year.
            _ = found and date(2001, int(found[1]), int(found[2]))
        except ValueError:
            found = None
        return "" if found else f"{KINDS[DAY][0]}{KINDS[DAY][1]}"
    whole = text.isascii() and text.isdigit() and len(text) <= 4
    return "" if whole and 1 <= int(text) <= _MOST[kind] else f"{KINDS[kind][0]}应是 {KINDS[kind][1]}"


def parameter_words(kind: str, text: str) -> str:
    """A parameter as people read it: ``3月31日以前``, ``20 天内``, ``不低于 70%``, ``不少于 6 字``."""
    if kind == NOTHING or parameter_fault(kind, text):
        return text
    if kind == DAY:
        return f"{int(text[:2])}月{int(text[3:])}日以前"
    return {DAYS: f"{text} 天内", PERCENT: f"不低于 {text}%", LENGTH: f"不少于 {text} 字"}[kind]


def day_of(year: int, parameter: str) -> date:
    """The day ``03-31`` of a year."""
    return date(year, int(parameter[:2]), int(parameter[3:]))


def share_of(good: int, whole: int) -> Fraction | None:
    """``good`` of ``whole``; None of nothing."""
    return Fraction(good, whole) if whole else None


def counted(
    rows: Sequence[tuple[MeasureRow, bool]] | Iterable[tuple[MeasureRow, bool]], *, what: str, none: str
) -> Outcome:
    """How many of the rows are as they should be.

    Args:
        rows: each row and whether it is good.
        what: completes ``N 项中 M 项…``; none: the sentence where there are no rows.
    """
    found = list(rows)
    good = sum(fine for _, fine in found)
    # What is not as it should be is read first.
    ordered = tuple(row for row, fine in sorted(found, key=lambda one: one[1]))
    share = share_of(good, len(found))
    return Outcome(share, none if share is None else f"{len(found)} 项中 {good} 项{what}。", ordered)
