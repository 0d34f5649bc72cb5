"""Checks of figures, dates, purposes and scores of one report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.moments import day_words
from performance.amounts import percent, trimmed, wan, wan_words
from performance.models import GoalTable, Report, SpendingLine
from performance.models.goals import GoalState
from performance.narrative.department import GAP
from performance.narrative.facts import Facts
from performance.scoring.findings import LOW_RATE, Finding
from performance.selectors.actuals import is_satisfaction
from performance.selectors.money import ZERO

HALF = Decimal(50)


def final_accounts(facts: Facts) -> Iterator[Finding]:
    """The entries against the confirmed final accounts (决算)."""
    year = facts.report.fiscal_year
    if facts.program is not None:
        return
    for label, final, ours in (
        ("收入", year.final_income, facts.received.executed),
        ("支出", year.final_spending, facts.spent().executed),
    ):
        if final is not None and final != ours:
            said = f"{label}登记合计 {trimmed(wan(ours))} 万元，决算 {trimmed(wan(final))} 万元，不一致，请核对。"
            yield Finding("final_accounts_differ", said, "final_accounts")


def low_rate(facts: Facts) -> Iterator[Finding]:
    """A low rate of the whole department, also where no form says so (contract: rate_below_90)."""
    spent = facts.spent()
    rate = percent(spent.executed, spent.adjusted)
    if facts.scored is None and rate is not None and rate < LOW_RATE:
        yield Finding("rate_below_90", f"预算执行率 {rate}%，低于 90%，请逐项说明原因。", "funds")


def income_and_spending(facts: Facts) -> Iterator[Finding]:
    """More was spent than came in, though no carry-over is named (contract: spending_exceeds_income)."""
    spent, received = facts.spent().executed, facts.received.executed
    if facts.income and spent > received:
        only = "，而收入全部是当年财政拨款" if facts.only_appropriation else ""
        said = f"支出超过收入 {trimmed(wan(spent - received))} 万元{only}，请说明上年结转等来源，或者核对登记。"
        yield Finding("spending_exceeds_income", said, "income")


def gap_by_category(facts: Facts, reasons: Mapping[str, str], blamed: bool) -> Iterator[Finding]:
    """Where the money was not spent: a reason for each part, and none for a part that did not cause it."""
    total = facts.spent()
    gap = total.initial - total.executed
    if gap <= 0 or (percent(gap, total.initial) or ZERO) < GAP or facts.program is not None:
        return
    project = facts.spent(SpendingLine.Category.PROJECT)
    own = max(project.initial - project.executed, ZERO)
    share, rest = percent(own, gap) or ZERO, gap - own
    if blamed and share < HALF:
        said = (
            f"支出比预算少 {trimmed(wan(gap))} 万元，正文归因于项目资金，但项目只占其中 {trimmed(wan(own))} 万元"
            f"（{share}%），其余 {trimmed(wan(rest))} 万元是基本支出，原因要逐项写明。"
        )
        yield Finding("cause_missing_by_line", said, "spending")
        return
    for category in SpendingLine.Category:
        part = facts.spent(category)
        if part.initial - part.executed > gap / 10 and not reasons.get(f"category:{category}"):
            said = f"{category.label}比预算少 {wan_words(part.initial - part.executed)}，没有写明原因。"
            yield Finding("cause_missing_by_line", said, f"category:{category}")


def causes_by_line(facts: Facts, reasons: Mapping[str, str]) -> Iterator[Finding]:
    """A low rate of a program is explained expense line by expense line."""
    scored = facts.scored
    spent = facts.spent()
    rate = scored.scores.rate_printed if scored else percent(spent.executed, spent.adjusted)
    if facts.program is None or rate is None or rate >= LOW_RATE:
        return
    unknown = [line.name for line in facts.expenses if line.adjusted is None]
    if unknown:
        left = trimmed(wan(spent.left))
        said = (
            f"结余 {left} 万元追溯不到明细：{'、'.join(unknown[:3])}{'等' if len(unknown) > 3 else ''}没有各自的预算。"
        )
        yield Finding("cause_missing_by_line", said, "expense_lines")
    missing = [line.name for line in facts.expenses if not reasons.get(f"expense:{line.pk}") and _is_short(line)]
    if missing:
        said = f"预算执行率 {rate}%，{'、'.join(missing[:6])}没有逐项写明原因（价格、数量或者其他）。"
        yield Finding("cause_missing_by_line", said, "expense_lines")


def _is_short(line: Any) -> bool:
    adjusted = line.adjusted
    return adjusted is None or line.executed < adjusted


def purposes(facts: Facts) -> Iterator[Finding]:
    """Earmarked money that went elsewhere, program by program."""
    for one in facts.earmarked:
        other = facts.spent_elsewhere.get(one.pk, ZERO)
        if other > 0:
            whole = sum((line.executed for line in facts.spending if line.program_year_id == one.pk), ZERO)
            said = (
                f"专项资金“{one.program.name}”支出 {trimmed(wan(whole))} 万元，其中 {trimmed(wan(other))} 万元"
                f"（{percent(other, whole)}%）用在规定用途以外，与专款专用不符，请说明批准的依据。"
            )
            yield Finding("purpose_differs", said, f"program:{one.program.code}")


def dates(report: Report) -> Iterator[Finding]:
    """A year is closed on its last day: a report dated on it or before speaks of what was not over."""
    end = date(report.fiscal_year.year, 12, 31)
    if report.dated_on <= end:
        yield Finding(
            "dated_before_year_end",
            f"报告落款 {day_words(report.dated_on)}，年度还没有结束，数字不会是全年的。",
            "dated_on",
        )


def score_there(facts: Facts) -> Iterator[Finding]:
    """A report says what it is worth."""
    scored = facts.scored
    if scored is None:
        yield Finding("score_missing", "没有批准的绩效目标表，报告没有得分和等级。", "total")
    elif scored.total is None or not scored.grade:
        yield Finding("score_missing", "有的指标还算不出得分，报告没有总分和等级。", "total")


def goal_table(facts: Facts) -> Iterator[Finding]:
    """The form is judged by the approved goals; a newer version under way is told."""
    scored = facts.scored
    if scored is None:
        return
    if scored.table.state != GoalState.APPROVED:
        yield Finding("goal_table_differs", "自评表所用的绩效目标表还没有批准，指标和分值可能与批准的不同。", "goals")
    newer = GoalTable.objects.filter(
        fiscal_year=facts.report.fiscal_year, program_year=facts.program, number__gt=scored.table.number,
        state__in=(GoalState.DRAFTING, GoalState.SUBMITTED),
    )  # fmt: skip
    if newer.exists():
        yield Finding("goal_table_differs", "绩效目标表有新的版本在办，批准以后自评表会不同。", "goals")


def surveys(facts: Facts) -> Iterator[Finding]:
    """Satisfaction stands on numbers sent, returned and valid."""
    scored = facts.scored
    if scored is None:
        return
    keys = {row.key: row for row in scored.indicators if is_satisfaction(row)}
    for key, row in facts.actuals.items():
        if key not in keys:
            continue
        known = [row.sent, row.returned, row.valid]
        if any(one is None for one in known) and any(one is not None for one in known):
            said = f"“{keys[key].name}”的调查份数不全，发放、收回、有效份数都要填写。"
            yield Finding("survey_sample_missing", said, "survey")
        elif all(one is None for one in known):
            said = f"“{keys[key].name}”填了 {row.value}，没有调查的发放、收回、有效份数。"
            yield Finding("survey_sample_missing", said, "survey")


def claims_of_actuals(facts: Facts) -> Iterator[Finding]:
    """A value without a paper and without a word on where it comes from."""
    scored = facts.scored
    if scored is None:
        return
    names = {row.key: row.name for row in scored.indicators}
    bare = [key for key, row in facts.actuals.items() if not row.measure and not row.papers.all()]
    if bare:
        listed = "、".join(f"“{names[key]}”" for key in bare[:6]) + (f"等 {len(bare)} 项" if len(bare) > 6 else "")
        yield Finding("claim_without_evidence", f"{listed}填了完成值，没有附佐证材料。", "indicators")
