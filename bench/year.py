"""A county's budget year for measuring staff pages: made in a transaction that is taken back when it was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.moments import SHANGHAI

PROGRAMS, INDICATORS_EACH, ENTRIES, ANSWERS = 12, 12, 2_000, 1_000
LEVELS = (("产出指标", "数量指标", "50"), ("效益指标", "社会效益指标", "30"), ("满意度指标", "服务对象满意度", "10"))


@dataclass(frozen=True)
class Year:
    """What was made: keys of the budget year, of a program's year, a goal table, a survey, the center's own year."""

    year: int
    program: int
    table: int
    survey: int
    home: int
    entries: int
    indicators: int
    answers: int


def _weights() -> list[tuple[str, str, str, Decimal]]:
    """INDICATORS_EACH indicators whose weights add up group by group."""
    found = []
    each = INDICATORS_EACH // len(LEVELS)
    for level1, level2, weight in LEVELS:
        part = Decimal(weight) / each
        found += [(level1, level2, f"{level1}之{number}", part) for number in range(1, each + 1)]
    return found


def _plan(number: int, year: int) -> Any:
    from performance.demo.build import Expense, Plan  # noqa: PLC0415 (needs Django)

    amount = Decimal(100_000 + 7_000 * number)
    third = (amount / 3).quantize(Decimal(1))
    parts = (third, third, amount - 2 * third)
    return Plan(
        code=f"BENCH-{number:02}", name=f"测量项目之{number}", amount=str(amount), purpose="开标评标场所运转",
        texts={"basis": "测量", "estimate": "测量", "expected_goal": "全年交易活动有序", "plan": "按月支付"},
        functional="2010399", economic="30201",
        expenses=tuple(Expense(f"明细{n}", str(part), "30201") for n, part in enumerate(parts)),
        milestones=tuple((f"第{q}季度", date(year, q * 3, 28), str(third // 2), None) for q in range(1, 5)),
        document_number="云财预〔测〕1号", approved_on=date(year, 1, 6),
    )  # fmt: skip


def _spend(cast: Any, rows: list[Any], year: int, last: date) -> int:
    from performance.demo import build  # noqa: PLC0415 (needs Django)
    from performance.selectors.purse import Purse, Wanted  # noqa: PLC0415 (see above)

    days = [date(year, 1, 7) + timedelta(days=n) for n in range((last - date(year, 1, 7)).days + 1)]
    lines = [(row.spending_lines.get(), list(row.expense_lines.all())) for row in rows]
    wanted = []
    for number in range(ENTRIES):
        line, expenses = lines[number % len(lines)]
        wanted.append(
            Wanted(
                line.pk, days[number * len(days) // ENTRIES], Decimal("125.50"), f"购办公用品第{number}批",
                f"云泽县供货单位{number % 40}", f"测-{number:05}", "", expenses[number % len(expenses)].pk, "own", None,
            )
        )  # fmt: skip
    build.spent_at_once(cast, Purse.open(rows[0].fiscal_year, today=last, lock=True), wanted)
    return len(wanted)


def _survey(cast: Any, year: Any) -> Any:
    from accounts.models import Department  # noqa: PLC0415 (needs Django)
    from performance.demo.surveys import Plan, answers_make  # noqa: PLC0415 (see above)
    from performance.services.surveys import survey_create  # noqa: PLC0415 (see above)
    from workflow.services import move  # noqa: PLC0415 (see above)

    today = cast.now.astimezone(SHANGHAI).date()
    survey = survey_create(
        fiscal_year=year, kind="window", title="测量用满意度调查", department=Department.objects.get(code="intake"),
        opens_on=today, closes_on=today + timedelta(days=9), standard=True, by=cast.performance, now=cast.now,
    )  # fmt: skip
    move(survey, "submit", by=cast.performance, now=cast.now)
    move(survey, "open", by=cast.director, now=cast.now)
    # Slips are made 500 at a time.
    for _ in range(ANSWERS // 500):
        answers_make(cast, survey, Plan(slips=(500, 500), unhappy=30), last=today)
    return survey


def make(now: datetime | None = None) -> Year:
    """A year of another unit than the center: PROGRAMS programs with goals, ENTRIES entries up to today.

    Must be called inside a transaction that is rolled back.
    """
    from performance.demo import build  # noqa: PLC0415 (needs Django)
    from performance.demo.goals import Aim, actuals_fill, table_make  # noqa: PLC0415 (see above)
    from performance.models import FiscalYear  # noqa: PLC0415 (see above)

    now = now or timezone.now()
    today = now.astimezone(SHANGHAI).date()
    cast = build.Cast.of(now)
    assert cast is not None, "the demonstration's people are missing"
    unit = build.unit_make(cast, code="BENCH01", name="测量用预算单位", short_name="测量单位")
    year = build.year_begin(cast, unit, today.year)
    rows = [build.program_apply(cast, year, _plan(number, today.year)) for number in range(1, PROGRAMS + 1)]
    total = sum(one.applied_amount for one in rows)
    from performance.services import years  # noqa: PLC0415 (needs Django)

    years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=total, functional=build.subject("functional", "2010399"),
        by=cast.finance, now=now,
    )  # fmt: skip
    build.year_approve(cast, year, "云财预〔测〕1号", min(date(today.year, 1, 6), today))
    aims = [
        Aim(level1, level2, name, "≥100件", str(weight), actual="96件", evidence="台账")
        for level1, level2, name, weight in _weights()
    ]
    tables = [table_make(cast, year, row, "全年交易活动有序", aims) for row in rows]
    whole = [replace(one, name=f"整体{one.name}") for one in aims]
    tables.append(table_make(cast, year, None, "部门职责履行到位", whole))
    for table in tables:
        actuals_fill(cast, table, whole if table is tables[-1] else aims)
    spent = _spend(cast, rows, today.year, today)
    survey = _survey(cast, year)
    home = FiscalYear.objects.filter(unit__is_home=True).latest("year")
    return Year(year.pk, rows[0].pk, tables[0].pk, survey.pk, home.pk, spent, len(aims) * len(tables), ANSWERS)
