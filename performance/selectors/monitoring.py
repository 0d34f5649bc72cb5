"""Reads of monitoring forms: what the data say by a month's end, the year's list, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse

from accounts.duties import Duty
from core.moments import SHANGHAI
from performance.amounts import percent, trimmed, wan, wan_words
from performance.models import (
    ActualValue,
    FiscalYear,
    GoalState,
    GoalTable,
    IncomeSource,
    Indicator,
    Monitoring,
    MonitoringLine,
    MonitoringState,
    ProgramYear,
    Rectification,
    SpendingEntry,
)
from performance.monitoring_rules import HALF_YEAR, USUAL_MONTH, month_end
from performance.scoring.values import is_qualitative, target_read
from performance.selectors.goal_progress import actual_so_far
from performance.selectors.goals import indicators_of
from performance.selectors.money import ZERO, spending_lines, totals
from performance.selectors.sources import incomes_of, source_parts
from workflow.actors import Actor

READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR, Duty.OFFICE_HEAD)
MAKERS = (Duty.PERFORMANCE, Duty.FINANCE)
FUNDS = "funds"
TOTAL = "年度资金总额"


def monitoring_rows(*, now: datetime) -> QuerySet[Monitoring]:
    """Forms with what title, page and desk read."""
    return Monitoring.objects.select_related(
        "fiscal_year__unit", "program_year__program__unit", "goal_table", "created_by"
    ).order_by("-id")


def monitorings_visible(rows: QuerySet[Monitoring], *, actor: Actor) -> QuerySet[Monitoring]:
    """Everything, for those who manage money and performance or lead an office."""
    return rows if actor.user is None or actor.duties & set(READERS) else rows.none()


def subject_of(monitoring: Monitoring) -> str:
    """The program's or the unit's name."""
    return str(monitoring.program_year.program if monitoring.program_year else monitoring.fiscal_year.unit)


def monitoring_title(monitoring: Monitoring) -> str:
    """One line."""
    return f"{subject_of(monitoring)} {monitoring.fiscal_year.year}年度绩效运行监控表（{monitoring.months}）"


def monitoring_url(monitoring: Monitoring) -> str:
    """The form's page."""
    return reverse("staff_monitoring", args=[monitoring.pk])


def cause_words(line: MonitoringLine) -> str:
    """The causes of a line: ``经费保障、其他``."""
    return "、".join(str(MonitoringLine.Cause(one).label) for one in line.causes if one in MonitoringLine.Cause.values)


def rate_of(line: MonitoringLine) -> Decimal | None:
    """Spent of 年初预算数, per cent: the form's own columns."""
    if line.initial_amount is None or line.spent_amount is None:
        return None
    return percent(line.spent_amount, line.initial_amount)


def money_words(amount: Decimal | None) -> str:
    """万元 with two decimals; a dash for what is unknown."""
    return "—" if amount is None else f"{wan(amount):,}"


def monitoring_facts(monitoring: Monitoring) -> list[tuple[str, str]]:
    """What one decides on: every line."""
    return [
        (line.name, _line_words(line)) for line in monitoring.lines.all() if line.line == FUNDS or not line.is_money
    ]


def _line_words(line: MonitoringLine) -> str:
    if line.is_money:
        words = [
            f"年初预算 {money_words(line.initial_amount)} 万元", f"已执行 {money_words(line.spent_amount)} 万元",
            f"预计全年 {money_words(line.expected_amount)} 万元",
        ]  # fmt: skip
    else:
        words = [f"目标 {line.target}", f"至今 {line.so_far or '—'}", f"预计全年 {line.expected or '—'}"]
    words.append(str(line.get_likelihood_display()) or "没有选可能性")
    if line.causes or line.explanation:
        words.append(f"{cause_words(line) or '没有选原因'}：{line.explanation or '没有写明'}")
    return "，".join(words)


@dataclass(frozen=True)
class Taken:
    """What the data say of a line: names and target, sums of the money (yuan), the value so far (empty: none)."""

    line: str
    name: str
    level1: str = ""
    level2: str = ""
    target: str = ""
    initial: Decimal | None = None
    adjusted: Decimal | None = None
    spent: Decimal | None = None
    so_far: str = ""


def _spent(year: FiscalYear, program: ProgramYear | None, month: int) -> Decimal:
    rows = SpendingEntry.objects.filter(fiscal_year=year, spent_on__lte=month_end(year.year, month))
    if program is not None:
        rows = rows.filter(line__program_year=program)
    return rows.aggregate(all=Sum("amount"))["all"] or ZERO


def _money(year: FiscalYear, program: ProgramYear | None, month: int) -> Iterable[Taken]:
    """The total, then each source; entries name no source: what was spent is known where there is but one."""
    lines = list(spending_lines(year, program))
    sums, spent = totals(lines), _spent(year, program, month)
    known = program.approved_amount if program is not None and not lines else None
    whole: tuple[Decimal | None, Decimal | None] = (sums.initial, sums.adjusted) if lines else (known, known)
    yield Taken(FUNDS, TOTAL, initial=whole[0], adjusted=whole[1], spent=spent)
    parts = {one.source: one for one in source_parts(*incomes_of(year, program), *whole)}
    for source in IncomeSource:
        found = parts.get(source)
        first, later = (found.initial, found.adjusted) if found else (None, None)
        alone = found.spent(spent) if found else None
        yield Taken(f"{FUNDS}:{source}", str(source.label), initial=first, adjusted=later, spent=alone)


def _newest_before(year: FiscalYear, keys: list[Any], month: int) -> dict[Any, str]:
    """The value that held at the end of the month, by indicator; one query."""
    after = datetime.combine(month_end(year.year, month) + timedelta(days=1), time(), SHANGHAI)
    rows = ActualValue.objects.filter(fiscal_year=year, indicator_key__in=keys, at__lt=after)
    newest = rows.order_by("indicator_key", "-id").distinct("indicator_key")
    return dict(newest.values_list("indicator_key", "value"))


def _value_words(one: Indicator, value: Decimal) -> str:
    """A counted value with the unit of the target."""
    target = None if is_qualitative(one.target) else target_read(one.target)
    return f"{trimmed(value)}{target.unit if target else ''}"


def taken(year: FiscalYear, program: ProgramYear | None, table: GoalTable, month: int) -> list[Taken]:
    """What the data say by the last day of a month, a line each of the money and the indicators of a goal table."""
    indicators = indicators_of(table)
    keys = [one.key for one in indicators]
    counted, newest = actual_so_far(year, keys, month), _newest_before(year, keys, month)
    found = list(_money(year, program, month))
    for one in indicators:
        value = counted.get(one.key)
        words = newest.get(one.key, "") if value is None else _value_words(one, value)
        found.append(Taken(str(one.key), one.name, one.level1, one.level2, one.target, so_far=words))
    return found


@dataclass(frozen=True)
class MonitoringRow:
    """A line of the year's page: the department or a program with its goals and its forms, the newest first."""

    program_year: ProgramYear | None
    name: str
    goals: GoalTable | None
    forms: Sequence[Monitoring] = field(default_factory=tuple)

    @property
    def missing(self) -> bool:
        """Whether the mid-year form (of June or July) was not begun though there are goals."""
        return self.goals is not None and not any(one.through_month in (HALF_YEAR, USUAL_MONTH) for one in self.forms)

    @property
    def open(self) -> bool:
        """Whether a mid-year form was begun but is not approved."""
        middle = [one for one in self.forms if one.through_month in (HALF_YEAR, USUAL_MONTH)]
        return bool(middle) and all(one.state != MonitoringState.APPROVED for one in middle)


def year_monitorings(year: FiscalYear) -> list[MonitoringRow]:
    """The department's line, then the programs'; three queries."""
    forms: dict[int | None, list[Monitoring]] = {}
    rows = Monitoring.objects.filter(fiscal_year=year).exclude(state=MonitoringState.DISCARDED)
    for one in rows.order_by("-through_month"):
        forms.setdefault(one.program_year_id, []).append(one)
    goals: dict[int | None, GoalTable] = {
        one.program_year_id: one for one in GoalTable.objects.filter(fiscal_year=year, state=GoalState.APPROVED)
    }
    programs = ProgramYear.objects.filter(fiscal_year=year).select_related("program").order_by("program__code")
    department = MonitoringRow(None, f"{year.unit}（部门整体）", goals.get(None), forms.get(None, []))
    return [
        department,
        *(MonitoringRow(one, one.program.name, goals.get(one.pk), forms.get(one.pk, [])) for one in programs),
    ]


def overview_rows(rows: Iterable[MonitoringRow]) -> list[tuple[Any, ...]]:
    """The list as cells: object, code, month, state, maker's day."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        code = row.program_year.program.code if row.program_year else ""
        if not row.forms:
            found.append((row.name, code, "", "还没有填报" if row.goals else "还没有批准的绩效目标", None))
        for one in row.forms:
            found.append((row.name, code, one.months, str(one.get_state_display()), one.created_at))
    return found


def impossible_lines(monitoring: Monitoring) -> list[tuple[MonitoringLine, str]]:
    """Lines of which the form says 完全不可能, each with the problem in words, for the ledger (问题整改台账)."""
    rows = [one for one in monitoring.lines.all() if one.likelihood == MonitoringLine.Likelihood.IMPOSSIBLE]
    return [(one, f"{subject_of(monitoring)}“{one.name}”预计完不成年度目标：{_target_words(one)}") for one in rows]


def impossible_line(number: int) -> tuple[MonitoringLine, str] | None:
    """One such line of an approved form, with the problem in words; None where there is none of that number."""
    line = MonitoringLine.objects.filter(pk=number, monitoring__state=MonitoringState.APPROVED).first()
    if line is None:
        return None
    return next(((one, words) for one, words in impossible_lines(line.monitoring) if one.pk == number), None)


def impossible_told(monitoring: Monitoring) -> list[tuple[MonitoringLine, str, Rectification | None]]:
    """The same lines, each with the line of the ledger that was opened from it."""
    lines = impossible_lines(monitoring)
    rows = Rectification.objects.filter(
        origin_type=MonitoringLine._meta.label_lower, origin_id__in=[one.pk for one, _ in lines]
    )
    found = {one.origin_id: one for one in rows}
    return [(one, words, found.get(one.pk)) for one, words in lines]


def _target_words(line: MonitoringLine) -> str:
    if line.is_money:
        whole = line.adjusted_amount if line.adjusted_amount is not None else line.initial_amount
        return (
            f"预算 {wan_words(whole or ZERO)}，预计执行 {wan_words(line.expected_amount or ZERO)}。{line.explanation}"
        )
    return f"目标 {line.target}，预计 {line.expected}。{line.explanation}"
