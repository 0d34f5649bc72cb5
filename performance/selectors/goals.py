"""Reads of goal tables and their indicators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from performance.models import FiscalYear, GoalState, GoalTable, Indicator, ProgramYear
from performance.selectors.schemes import groups_of
from performance.weights import WHOLE, ZERO, GroupSum, decimal, group_sums, weight_faults
from workflow.actors import Actor
from workflow.moves import STAFF

OPEN = (GoalState.DRAFTING, GoalState.SUBMITTED)
# Fields of an indicator that people fill, with their labels.
FIELDS = {
    "level1": "一级指标", "level2": "二级指标", "name": "三级指标", "target": "年度指标值", "weight": "分值",
    "definition": "指标解释", "formula": "计算方法", "evidence_source": "数据来源", "scoring_rule": "评分规则",
    "office": "责任科室", "measure": "自动取数",
}  # fmt: skip


def _tables() -> QuerySet[GoalTable]:
    return GoalTable.objects.select_related(
        "fiscal_year__unit", "program_year__program__unit", "scheme", "created_by"
    )  # fmt: skip


def goal_rows(*, now: datetime) -> QuerySet[GoalTable]:
    """Tables with what title, page and desk read."""
    return _tables().order_by("-id")


def goals_visible(rows: QuerySet[GoalTable], *, actor: Actor) -> QuerySet[GoalTable]:
    """Whoever works here may read the goals; the administrators have no business with them."""
    return rows if actor.user is None or not actor.duties.isdisjoint(STAFF) else rows.none()


def subject_of(table: GoalTable) -> str:
    """What the goals are of: the program's or the unit's name."""
    return str(table.program_year.program) if table.program_year else str(table.fiscal_year.unit)


def kind_of(table: GoalTable) -> str:
    """``project`` or ``department``."""
    return "project" if table.program_year_id else "department"


def goal_title(table: GoalTable) -> str:
    """One line."""
    what = "绩效目标" if table.program_year_id else "部门整体绩效目标"
    return f"{subject_of(table)} {table.fiscal_year.year}年度{what}（第{table.number}版）"


def goal_url(table: GoalTable) -> str:
    """The table's page."""
    return reverse("staff_goal", args=[table.pk])


def goal_facts(table: GoalTable) -> list[tuple[str, str]]:
    """What one decides on: the goal, the weights, every indicator."""
    indicators = indicators_of(table)
    sums = sums_of(table, indicators)
    facts = [("年度总体目标", table.overall_goal or "（还没有写）")]
    if table.reason:
        facts.append(("调整理由", table.reason))
    facts += [
        ("评分方案", str(table.scheme)),
        ("分值合计", f"{decimal(sums.total)} 分" + ("" if not sums.faults else f"；{'；'.join(sums.faults)}")),
    ]
    return facts + [
        (f"{one.level1}—{one.level2 or '—'}", f"{one.name}：{one.target}，{decimal(one.weight)} 分")
        for one in indicators
    ]


def goals_all() -> QuerySet[GoalTable]:
    """Tables with everything a page of one needs."""
    offices = Prefetch("indicators", Indicator.objects.select_related("office"))
    return _tables().prefetch_related("scheme__groups", "scheme__bands", offices)


def indicators_of(table: GoalTable) -> list[Indicator]:
    """The indicators in the scheme's order of groups, then their own."""
    return in_order(table, table.indicators.select_related("office"))


def in_order(table: GoalTable, indicators: Iterable[Indicator]) -> list[Indicator]:
    """Indicators of a table, already read, in the scheme's order of groups, then their own."""
    order = {name: place for place, (name, _) in enumerate(groups_of(table.scheme))}
    return sorted(indicators, key=lambda one: (order.get(one.level1, len(order)), one.position, one.pk))


@dataclass(frozen=True)
class Sums:
    """The weights of a table against its scheme.

    Attributes:
        groups: a sum for each group of level 1; funds: points of the execution rate.
        faults: why they do not fit, sentences without a full stop.
    """

    groups: list[GroupSum]
    funds: Decimal
    faults: list[str]

    @property
    def total(self) -> Decimal:
        """All points, those of the execution rate among them."""
        return self.funds + sum((one.found for one in self.groups), ZERO)

    @property
    def left(self) -> str:
        """What is still to be given out, in words."""
        gap = WHOLE - self.total
        return "" if not gap else f"还差 {decimal(gap)} 分" if gap > 0 else f"多出 {decimal(-gap)} 分"


def sums_of(table: GoalTable, indicators: Iterable[Indicator] | None = None) -> Sums:
    """The weights of a table, perhaps of indicators already read."""
    rows = indicators_of(table) if indicators is None else indicators
    groups = group_sums(groups_of(table.scheme), ((one.level1, one.weight) for one in rows))
    return Sums(groups, table.scheme.funds_weight, weight_faults(table.scheme.funds_weight, groups))


def versions_of(table: GoalTable) -> list[GoalTable]:
    """All versions of the same object and year, the newest first."""
    rows = GoalTable.objects.filter(fiscal_year=table.fiscal_year_id, program_year=table.program_year_id)
    return list(rows.select_related("created_by").order_by("-number"))


def approved_of(fiscal_year: FiscalYear, program_year: ProgramYear | None = None) -> GoalTable | None:
    """The approved version of an object, or None."""
    rows = goals_all().filter(fiscal_year=fiscal_year, program_year=program_year, state=GoalState.APPROVED)
    return rows.first()


def copy_sources(fiscal_year: FiscalYear, program_year: ProgramYear | None = None) -> list[GoalTable]:
    """What a new table may begin with: the approved version of the same year, and the newest of an earlier year."""
    rows = goals_all().filter(state=GoalState.APPROVED, fiscal_year__unit=fiscal_year.unit_id)
    if program_year is None:
        rows = rows.filter(program_year=None)
    else:
        rows = rows.filter(program_year__program=program_year.program_id)
    past = rows.filter(fiscal_year__year__lte=fiscal_year.year).order_by("-fiscal_year__year", "-number")
    return list(past[:2])


@dataclass(frozen=True)
class GoalRow:
    """A line of the year's page: the department or a program, its versions (the newest first)."""

    program_year: ProgramYear | None
    versions: Sequence[GoalTable]

    @property
    def open(self) -> GoalTable | None:
        """The version that is being written or judged."""
        return next((one for one in self.versions if one.state in OPEN), None)

    @property
    def approved(self) -> GoalTable | None:
        """The version in force."""
        return next((one for one in self.versions if one.state == GoalState.APPROVED), None)


@dataclass(frozen=True)
class Branch:
    """部门职责 and 工作活动 with the programs below; both empty for programs that stand under none."""

    responsibility: str
    activity: str
    rows: tuple[GoalRow, ...]


def years_all() -> list[FiscalYear]:
    """Every budget year, the center's own and the newest first."""
    return list(FiscalYear.objects.select_related("unit").order_by("-unit__is_home", "unit__code", "-year"))


def year_goals(fiscal_year: FiscalYear) -> tuple[GoalRow, list[Branch]]:
    """The department's line and the programs' lines by 部门职责 and 工作活动; two queries."""
    versions: dict[int | None, list[GoalTable]] = {}
    for table in _tables().filter(fiscal_year=fiscal_year).order_by("-number"):
        versions.setdefault(table.program_year_id, []).append(table)
    programs = (
        ProgramYear.objects.filter(fiscal_year=fiscal_year)
        .select_related("program__unit", "program__activity__responsibility")
        .order_by(
            "program__activity__responsibility__position", "program__activity__responsibility_id",
            "program__activity__position", "program__activity_id", "program__code",
        )
    )  # fmt: skip
    branches: dict[tuple[str, str], list[GoalRow]] = {}
    for one in programs:
        activity = one.program.activity
        place = (activity.responsibility.name, activity.name) if activity else ("", "")
        branches.setdefault(place, []).append(GoalRow(one, versions.get(one.pk, [])))
    found = [Branch(*place, tuple(rows)) for place, rows in branches.items()]
    return GoalRow(None, versions.get(None, [])), found
