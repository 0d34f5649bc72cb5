"""The form of a goal table, built from the database: exact, in 万元; scored by the same functions as the command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from performance.models import ActualValue, GoalTable, ManualScore, Report
from performance.models import Indicator as IndicatorRow
from performance.scoring.findings import Finding, form_findings
from performance.scoring.form import ExpenseLine, Form, Fund, Indicator, Manual, Reported
from performance.scoring.scores import Scores, form_score
from performance.scoring.values import normalised
from performance.selectors.actuals import is_satisfaction, newest_actuals, survey_of
from performance.selectors.goals import indicators_of, kind_of, subject_of
from performance.selectors.money import ZERO, expense_lines, spending_lines, totals
from performance.selectors.schemes import bands_of
from performance.selectors.sources import Part, incomes_of, source_parts, sources_hint

WAN = 10_000
TOTAL = "年度资金总额"


def in_wan(amount: Decimal | None) -> Fraction | None:
    """万元, exact; None stays unknown."""
    return None if amount is None else Fraction(amount) / WAN


@dataclass(frozen=True)
class Scored:
    """A form with its scores and findings; ``indicators`` are the rows behind ``form.indicators``, in their order.

    ``hint`` says how to record the sources of a program's money where they are unknown.
    """

    form: Form
    scores: Scores
    findings: tuple[Finding, ...]
    indicators: tuple[IndicatorRow, ...]
    actuals: Mapping[Any, ActualValue]
    bands: tuple[tuple[Decimal, str], ...]
    hint: str = ""


def report_of(table: GoalTable) -> Report | None:
    """The self-evaluation that a table belongs to, or None before it was begun."""
    rows = Report.objects.filter(
        fiscal_year=table.fiscal_year_id, kind=kind_of(table), program_year=table.program_year_id
    )
    return rows.first()


@dataclass(frozen=True)
class FormRows:
    """What a form is built from: its indicators in order, newest values, lines of money with their sums."""

    indicators: list[IndicatorRow]
    actuals: Mapping[Any, ActualValue]
    lines: list[Any]
    income: list[Any]
    expenses: list[Any]
    manual: Mapping[Any, ManualScore]
    unit_income: Sequence[Any] = ()


def _total(table: GoalTable, lines: list[Any]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Initial, adjusted and executed, yuan."""
    if not lines:
        # Approved, but not yet broken down by subject: the amount is known all the same.
        approved = table.program_year.approved_amount if table.program_year else None
        return approved, approved, None
    found = totals(lines)
    return found.initial, found.adjusted, found.executed


def _lines(table: GoalTable) -> list[Any]:
    if table.program_year is not None:
        return list(spending_lines(program=table.program_year))
    return list(spending_lines(table.fiscal_year))


def _expense_rows(table: GoalTable) -> list[Any]:
    return [] if table.program_year is None else list(expense_lines(table.program_year).order_by("position", "id"))


def form_rows(table: GoalTable, report: Report | None) -> FormRows:
    """What the form of one table is built from, read for it alone."""
    indicators = indicators_of(table)
    actuals = newest_actuals(table.fiscal_year, [one.key for one in indicators])
    own, unit = incomes_of(table.fiscal_year, table.program_year)
    return FormRows(
        indicators, actuals, _lines(table), own, _expense_rows(table), manual_scores(report), unit
    )  # fmt: skip


def _parts(table: GoalTable, rows: FormRows) -> list[Part]:
    initial, adjusted, _ = _total(table, rows.lines)
    return source_parts(rows.income, rows.unit_income, initial, adjusted)


def _funds(table: GoalTable, rows: FormRows, manual: Manual | None) -> tuple[Fund, ...]:
    """The total, then its parts by source. Entries of spending name no source: it is known where there is but one."""
    total = _total(table, rows.lines)
    parts = (
        Fund(str(one.source.label), in_wan(one.initial), in_wan(one.adjusted), in_wan(one.spent(total[2])))
        for one in _parts(table, rows)
    )
    initial, adjusted, executed = map(in_wan, total)
    return (Fund(TOTAL, initial, adjusted, executed, None, manual), *parts)


def manual_scores(report: Report | None) -> dict[Any, ManualScore]:
    """The manual score that holds of each line, by key (None: the funds); one query. Taken back ones are left out."""
    if report is None:
        return {}
    rows = ManualScore.objects.filter(report=report).select_related("by")
    newest = rows.order_by("indicator_key", "-id").distinct("indicator_key")
    return {one.indicator_key: one for one in newest if one.score is not None}


def _manual(found: ManualScore | None) -> Manual | None:
    return None if found is None or found.score is None else Manual(Fraction(found.score), found.reason)


def _reported(text: str) -> Reported | None:
    """A figure as a published form prints it; None for what is none."""
    plain = normalised(text).rstrip("%")
    try:
        value = Decimal(plain)
    except ArithmeticError:
        return None
    if not plain or not value.is_finite():
        return None
    return Reported(normalised(text), Fraction(value), len(plain.partition(".")[2]))


def _indicator(one: IndicatorRow, actual: ActualValue | None, manual: Manual | None) -> Indicator:
    ratio = Fraction(actual.ratio) if actual is not None and actual.ratio is not None else None
    return Indicator(
        level1=one.level1, level2=one.level2, name=one.name, target=one.target,
        actual=actual.value if actual else None, weight=Fraction(one.weight), ratio=ratio, manual=manual,
    )  # fmt: skip


def _survey(indicators: Iterable[IndicatorRow], actuals: Mapping[Any, ActualValue]) -> dict[str, Fraction | None]:
    found = survey_of(actuals[one.key] for one in indicators if is_satisfaction(one) and one.key in actuals)
    if found is None:
        return {}
    values = {name: getattr(found, name) for name in ("sent", "returned", "valid", "satisfied")}
    return {name: None if value is None else Fraction(value) for name, value in values.items()}


def score_form(goal_table: GoalTable, report: Report | None = None) -> Form:
    """What a form says of a goal table's object: money from the entries, the newest actual values, manual scores.

    Args:
        goal_table: one version; the approved one as a rule.
        report: the self-evaluation, for manual scores and reported figures; None leaves them out.

    Returns:
        Amounts in 万元 (exact fractions), unknown ones None.
    """
    return _form(goal_table, report, form_rows(goal_table, report))


def _form(table: GoalTable, report: Report | None, rows: FormRows) -> Form:
    scheme, manual = table.scheme, {key: _manual(one) for key, one in rows.manual.items()}
    actuals, funds = rows.actuals, _funds(table, rows, manual.get(None))
    received = sum((one.received for one in rows.income), ZERO)
    return Form(
        kind=kind_of(table),
        year=table.fiscal_year.year,
        name=subject_of(table),
        denominator=scheme.denominator,
        reverse_rule=scheme.reverse_rule,
        funds=funds,
        funds_weight=Fraction(scheme.funds_weight),
        indicators=tuple(_indicator(one, actuals.get(one.key), manual.get(one.key)) for one in rows.indicators),
        expense_lines=tuple(ExpenseLine(one.name, in_wan(one.executed)) for one in rows.expenses),
        reported_rate=_reported(report.reported_rate) if report else None,
        reported_total=_reported(report.reported_total) if report else None,
        reported_grade=report.reported_grade.strip() if report else "",
        # Nothing received is what nobody entered: unknown, not zero.
        income_actual=in_wan(received) if received else None,
        survey=_survey(rows.indicators, actuals),
    )


def scored(goal_table: GoalTable, report: Report | None = None) -> Scored:
    """A goal table's form, scored by its scheme (weights, bands, decimals, rules), with the findings of the contract.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    return scored_from(goal_table, report, form_rows(goal_table, report))


def scored_from(goal_table: GoalTable, report: Report | None, rows: FormRows) -> Scored:
    """The same from rows that were read before, for many tables at once; see :func:`scored`."""
    form = _form(goal_table, report, rows)
    bands = bands_of(goal_table.scheme)
    scores = form_score(form, bands, goal_table.scheme.decimals)
    findings = tuple(form_findings(form, scores))
    hint = sources_hint(goal_table.program_year, rows.unit_income, _parts(goal_table, rows))
    return Scored(form, scores, findings, tuple(rows.indicators), rows.actuals, bands, hint)
