"""A scored form line by line, as its page shows it: computed, manual, reasons and findings side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from performance.models import ExpenseLine, GoalTable, Indicator, LineReason, ManualScore, Report
from performance.scoring.findings import Finding
from performance.scoring.form import Form, Fund, half_up
from performance.scoring.scores import Scores, grade_of
from performance.selectors.forms import Scored, manual_scores
from performance.selectors.money import expense_lines

FUNDS = "funds"
_PLACE = re.compile(r"indicators\[([0-9]+)\]")


@dataclass(frozen=True)
class ScoreLine:
    """A line of the form.

    Attributes:
        line: ``funds``, the key of an indicator, or ``expense:<id>``: as LineReason names it.
        slug: the same in addresses: ``funds``, the indicator's number, ``expense-<id>``.
        computed: by the formula; None when it cannot be computed. weight None: the line carries no points.
        manual: the manual score that holds; reason: 偏差原因 that holds, or None.
    """

    line: str
    slug: str
    name: str
    level1: str = ""
    level2: str = ""
    target: str = ""
    actual: str = ""
    weight: Decimal | None = None
    computed: Decimal | None = None
    manual: ManualScore | None = None
    reason: LineReason | None = None
    findings: tuple[Finding, ...] = ()
    indicator: Indicator | None = None

    @property
    def gap(self) -> Decimal | None:
        """Manual less computed score."""
        if self.manual is None or self.manual.score is None or self.computed is None:
            return None
        return self.manual.score - self.computed


@dataclass(frozen=True)
class ScorePage:
    """The whole form, its lines in order, and the findings that are of no line."""

    form: Form
    scores: Scores
    funds: tuple[tuple[Fund, tuple[str, ...]], ...]
    lines: tuple[ScoreLine, ...]
    expenses: tuple[ScoreLine, ...]
    general: tuple[Finding, ...]
    reported: tuple[tuple[str, str, str, bool], ...]
    grade_with_manual: str | None
    missing: int = field(default=0)
    hint: str = ""


def wan(value: Any) -> str:
    """万元 as printed; an em dash for what is unknown."""
    return "—" if value is None else f"{half_up(value):,}"


def line_reasons(report: Report | None) -> dict[str, LineReason]:
    """The reason that holds of each line; one query. Empty ones (taken back) are left out."""
    if report is None:
        return {}
    rows = LineReason.objects.filter(report=report).select_related("by")
    return {one.line: one for one in rows.order_by("line", "-id").distinct("line") if one.text}


def _findings_of(findings: tuple[Finding, ...]) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """Findings by line (``funds``, number of the indicator, ``expense_lines``), and the rest."""
    placed: dict[str, list[Finding]] = {}
    rest = []
    for one in findings:
        found = _PLACE.fullmatch(one.where)
        if found or one.where == FUNDS:
            placed.setdefault(found[1] if found else FUNDS, []).append(one)
        else:
            rest.append(one)
    return placed, rest


def _reported(form: Form, scores: Scores, differing: frozenset[str]) -> tuple[tuple[str, str, str, bool], ...]:
    """What a published form says beside the computed: label, said, computed, whether a finding says it differs."""
    rows = []
    rate = None if scores.rate_printed is None else f"{scores.rate_printed}%"
    total = None if scores.total is None else f"{scores.total}"
    for where, label, said, computed in (
        ("reported.rate", "执行率", form.reported_rate.text if form.reported_rate else "", rate),
        ("reported.total", "总分", form.reported_total.text if form.reported_total else "", total),
        ("reported.grade", "等级", form.reported_grade, scores.grade),
    ):
        if said:
            rows.append((label, said, computed or "算不出", where in differing))
    return tuple(rows)


def _indicator_lines(
    found: Scored,
    manual: Mapping[Any, ManualScore],
    reasons: Mapping[str, LineReason],
    placed: dict[str, list[Finding]],
) -> list[ScoreLine]:
    rows = zip(found.indicators, found.form.indicators, found.scores.indicators, strict=True)
    return [
        ScoreLine(
            line=str(row.key), slug=str(row.pk), name=row.name, level1=row.level1, level2=row.level2,
            target=row.target, actual=one.actual or "", weight=row.weight, computed=line.printed,
            manual=manual.get(row.key), reason=reasons.get(str(row.key)),
            findings=tuple(placed.get(str(place), ())), indicator=row,
        )
        for place, (row, one, line) in enumerate(rows)
    ]  # fmt: skip


def _expense_lines(table: GoalTable, reasons: Mapping[str, LineReason]) -> list[ScoreLine]:
    if table.program_year is None:
        return []
    rows: Iterable[Any] = expense_lines(table.program_year).order_by("position", "id")
    return [
        ScoreLine(
            line=f"expense:{one.pk}", slug=f"expense-{one.pk}", name=one.name,
            target="" if one.adjusted is None else f"{one.adjusted:,}", actual=f"{one.executed:,}",
            reason=reasons.get(f"expense:{one.pk}"),
        )
        for one in rows
    ]  # fmt: skip


def score_page(table: GoalTable, report: Report | None, found: Scored) -> ScorePage:
    """Everything the page of a scored form shows; a fixed number of queries."""
    form, scores = found.form, found.scores
    manual, reasons = manual_scores(report), line_reasons(report)
    placed, rest = _findings_of(found.findings)
    funds = ScoreLine(
        line=FUNDS, slug=FUNDS, name="预算执行率", target="100%",
        actual="" if scores.rate_printed is None else f"{scores.rate_printed}%", weight=table.scheme.funds_weight,
        computed=scores.funds.printed, manual=manual.get(None), reason=reasons.get(FUNDS),
        findings=tuple(placed.get(FUNDS, ())),
    )  # fmt: skip
    return ScorePage(
        form=form,
        scores=scores,
        funds=tuple((row, (wan(row.initial), wan(row.adjusted), wan(row.executed))) for row in form.funds),
        lines=(funds, *_indicator_lines(found, manual, reasons, placed)),
        expenses=tuple(_expense_lines(table, reasons)),
        general=tuple(rest),
        reported=_reported(
            form, scores, frozenset(one.where for one in found.findings if one.code == "reported_differs")
        ),
        grade_with_manual=grade_of(scores.total_with_manual, found.bands),
        missing=sum(one.actual is None for one in form.indicators),
        hint=found.hint,
    )


def line_found(table: GoalTable, slug: str) -> tuple[str, Indicator | ExpenseLine | None] | None:
    """What a line's slug names: its name in LineReason, and the indicator or expense line (None: the funds)."""
    if slug == FUNDS:
        return FUNDS, None
    kind, dash, number = slug.rpartition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    if dash:
        program = table.program_year_id
        row = ExpenseLine.objects.filter(pk=number, program_year=program).first() if kind == "expense" else None
        return (f"expense:{row.pk}", row) if row else None
    one = table.indicators.filter(pk=number).first()
    return (str(one.key), one) if one else None
