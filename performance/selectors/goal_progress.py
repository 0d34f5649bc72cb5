"""Goals by office and month: what was planned, what was done, how far the work is beside its plan."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from performance.models import FiscalYear, GoalProgress, GoalShare, GoalState, Indicator, Milestone
from performance.scoring.form import half_up
from performance.scoring.values import is_qualitative, target_read

# Shares and grades of one month do not add up with those of another; nor do times within which something is done.
SHARES = frozenset({"%", "‰", "百分点", "个百分点", "分", "级", "星", "倍", "年"})
TIMES = frozenset({"秒", "分钟", "小时", "天", "日", "工作日", "个工作日", "周", "月", "个月"})
Place = tuple[uuid.UUID, int, int]


def adds_up(target: str) -> bool:
    """Whether the values of the months of an indicator add up to that of the year (``4次``), or the newest holds.

    A share (``98%``) is not the sum of twelve; nor is a limit of time (``4小时以内``).
    """
    read = target_read(target)
    if read is None:
        return False
    return read.unit not in SHARES and (read.upward or read.unit not in TIMES)


def _newest(rows: QuerySet[Any]) -> list[Any]:
    """The rows that hold: the newest of each key, office and month."""
    order = ("indicator_key", "department_id", "month")
    return list(rows.order_by(*order, "-id").distinct(*order))


def newest_shares(fiscal_year: FiscalYear | int, **filters: Any) -> list[GoalShare]:
    """The shares that hold in a year, with their offices; one query."""
    return _newest(GoalShare.objects.filter(fiscal_year=fiscal_year, **filters).select_related("department"))


def newest_progress(fiscal_year: FiscalYear | int, **filters: Any) -> list[GoalProgress]:
    """What was done, by the rows that hold, with offices and people; one query."""
    rows = GoalProgress.objects.filter(fiscal_year=fiscal_year, **filters)
    return _newest(rows.select_related("department", "by"))


def _so_far(found: Mapping[int, list[Decimal]], adding: bool, month: int) -> Decimal | None:
    """The value up to a month of the offices' values by month."""
    months = sorted(one for one in found if one <= month)
    if not months:
        return None
    chosen = months if adding else months[-1:]
    return sum((value for one in chosen for value in found[one]), Decimal(0))


def targets_in_force(fiscal_year: FiscalYear | int, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The targets of the approved goal tables of a year, by key; one query."""
    rows = Indicator.objects.filter(key__in=list(keys), table__fiscal_year=fiscal_year, table__state=GoalState.APPROVED)
    return dict(rows.values_list("key", "target"))


def actual_so_far(
    fiscal_year: FiscalYear | int, keys: Iterable[uuid.UUID], month: int
) -> dict[uuid.UUID, Decimal | None]:
    """What each indicator came to from January to the end of a month; two queries.

    Values of counts and amounts add up over months and offices; of a share or a limit of time the newest month's holds.

    Args:
        keys: indicators of approved goal tables of the year; month: 1 to 12.

    Returns:
        The value in the unit of the target; None where no office has given a number yet, which is not zero.
    """
    wanted = list(keys)
    targets = targets_in_force(fiscal_year, wanted)
    values: dict[uuid.UUID, dict[int, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for one in newest_progress(fiscal_year, indicator_key__in=wanted, month__lte=month):
        if one.value is not None:
            values[one.indicator_key][one.month].append(one.value)
    return {key: _so_far(values.get(key, {}), adds_up(targets.get(key, "")), month) for key in wanted}


@dataclass(frozen=True)
class MonthCell:
    """One office's month of one indicator: the share, and what was done; either may be missing."""

    share: GoalShare | None
    progress: GoalProgress | None

    @property
    def told(self) -> bool:
        """Whether the office has said what it did."""
        return self.progress is not None

    @property
    def asked(self) -> bool:
        """Whether the office has anything to do."""
        return self.share is not None and (self.share.planned is not None or bool(self.share.text))


@dataclass(frozen=True)
class IndicatorWork:
    """An indicator with its shares and what was done, by (office, month).

    Args:
        adding: whether its months add up; limit: a target that must not be exceeded measures no work.
    """

    indicator: Indicator
    cells: Mapping[tuple[int, int], MonthCell]
    adding: bool
    limit: bool

    def planned_to(self, month: int) -> Decimal | None:
        """Planned so far in the unit of the target; None where no share has a number."""
        return self._to(month, "share", "planned")

    def done_to(self, month: int) -> Decimal | None:
        """Done so far."""
        return self._to(month, "progress", "value")

    def _to(self, month: int, part: str, name: str) -> Decimal | None:
        values: dict[int, list[Decimal]] = defaultdict(list)
        for (_, number), cell in self.cells.items():
            row = getattr(cell, part)
            value = None if row is None else getattr(row, name)
            if value is not None:
                values[number].append(value)
        return _so_far(values, self.adding, month)

    def share_done(self, month: int) -> Fraction | None:
        """Done of planned so far, 1 at most; None without a plan to that month. What nobody told of counts as 0."""
        planned = self.planned_to(month)
        if self.limit or not planned:
            return None
        return min(Fraction(1), Fraction(self.done_to(month) or 0) / Fraction(planned))

    def untold(self, month: int) -> bool:
        """Whether there is a plan to that month and no number of what was done."""
        return not self.limit and bool(self.planned_to(month)) and self.done_to(month) is None


def works_of(fiscal_year: FiscalYear, **filters: Any) -> list[IndicatorWork]:
    """The indicators of a year's approved goal tables with shares and progress; three queries.

    Args:
        filters: of Indicator, e.g. ``key``.
    """
    rows = Indicator.objects.filter(table__fiscal_year=fiscal_year, table__state=GoalState.APPROVED, **filters)
    found = list(
        rows.select_related("office", "table__program_year__program", "table__fiscal_year__unit", "table__scheme")
        .order_by("table__program_year__program__code", "table_id", "position", "id")
    )  # fmt: skip
    keys = [one.key for one in found]
    shares = {_place(one): one for one in newest_shares(fiscal_year, indicator_key__in=keys)}
    done = {_place(one): one for one in newest_progress(fiscal_year, indicator_key__in=keys)}
    cells: dict[uuid.UUID, dict[tuple[int, int], MonthCell]] = defaultdict(dict)
    for place in {**shares, **done}:
        cells[place[0]][place[1:]] = MonthCell(shares.get(place), done.get(place))
    return [_work(one, cells[one.key]) for one in found]


def _place(row: GoalShare | GoalProgress) -> Place:
    return row.indicator_key, row.department_id, row.month


def _work(one: Indicator, cells: Mapping[tuple[int, int], MonthCell]) -> IndicatorWork:
    read = target_read(one.target)
    return IndicatorWork(one, cells, adds_up(one.target), read is not None and not read.upward)


@dataclass(frozen=True)
class WorkProgress:
    """How far the work of a program is beside its own plan, per cent.

    Args:
        goals: indicators done of planned so far, by their weights; None where none is split.
        steps: steps done of those due so far; None where none is due.
        done: the mean of both, or the one there is; None: nobody planned the work.
        steps_done, steps_due: numbers of steps; untold: indicators with a plan of which no number was given.
    """

    goals: Decimal | None
    steps: Decimal | None
    done: Decimal | None
    steps_done: int = 0
    steps_due: int = 0
    untold: int = 0


DEFINITION = (
    "工作进度对照计划计算：指标完成度是各项指标“截至本月累计完成÷截至本月累计计划”（最高 100%）按分值加权的平均，"
    "没有填报的按 0 计，上限类指标（≤、<）是约束，不计入；节点完成度是已完成的节点÷到期的节点；"
    "两项都有的取平均，只有一项的取那一项，都没有的不计算。"
)


def _steps_done(steps: Iterable[Milestone], last: date) -> tuple[int, int]:
    due = [one for one in steps if one.due_on <= last]
    return sum(one.done_on is not None and one.done_on <= last for one in due), len(due)


def work_progress(
    works: Iterable[IndicatorWork], steps: Iterable[Milestone], *, month: int, last: date
) -> WorkProgress:
    """The work of one program up to the end of a month.

    Args:
        last: the last day of the month.
    """
    rows = list(works)
    parts = [(one.indicator.weight, part) for one in rows if (part := one.share_done(month)) is not None]
    weight = sum((Fraction(one) for one, _ in parts), Fraction(0))
    goals = sum((Fraction(one) * part for one, part in parts), Fraction(0)) / weight if weight else None
    done, due = _steps_done(steps, last)
    made = Fraction(done, due) if due else None
    known = [one for one in (goals, made) if one is not None]
    mean = sum(known, Fraction(0)) / len(known) if known else None
    return WorkProgress(
        _per_cent(goals), _per_cent(made), _per_cent(mean), done, due, sum(one.untold(month) for one in rows)
    )


def _per_cent(share: Fraction | None) -> Decimal | None:
    return None if share is None else half_up(share * 100)


@dataclass(frozen=True)
class OwnShare:
    """A line of 本科室本月."""

    indicator: Indicator
    department: Any
    month: int
    cell: MonthCell
    work: IndicatorWork

    @property
    def numbered(self) -> bool:
        """Whether a number can be given: not of what is met in words."""
        return not is_qualitative(self.indicator.target)


def own_shares(works: Iterable[IndicatorWork], offices: Iterable[int], month: int) -> list[OwnShare]:
    """What the offices have to do in a month, in the order of the goal tables."""
    wanted = frozenset(offices)
    return [
        OwnShare(one.indicator, cell.share.department, month, cell, one)
        for one in works
        for (office, number), cell in sorted(one.cells.items())
        if number == month and office in wanted and cell.share is not None and cell.asked
    ]
