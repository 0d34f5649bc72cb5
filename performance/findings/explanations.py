"""What a report has to explain line by line, and what is explained already: one rule for the page and for the gates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from performance.amounts import percent
from performance.models import LineReason, Report, SpendingLine
from performance.narrative.facts import Facts
from performance.scoring.findings import Finding
from performance.selectors.score_lines import line_reasons

FUNDS, INCOME, ACCOUNTS = "funds", "income", "accounts"
# Lines that are neither indicators nor money lines.
WHOLE_LINES = {FUNDS: "预算执行率", INCOME: "支出超过收入", ACCOUNTS: "与决算的差额"}
TEXT, CAUSE = "text", "cause"
# A low rate is explained for every line that falls short by a tenth of its budget or more (decision; DOMAIN 6.1: 90%).
SHORT = Decimal("0.1")
_PLACE = re.compile(r"indicators\[([0-9]+)\]")
_OF_INDICATORS = frozenset({"target_unmet", "far_above_target"})
# No words help against these: they are mended before the report is handed in.
_MENDED = frozenset({
    "score_missing", "actual_missing", "unreadable_actual", "empty_section", "leftover_markup",
    "satisfaction_without_survey", "survey_sample_missing",
})  # fmt: skip


@dataclass(frozen=True)
class Explained:
    """A line that has a reason or needs one.

    Args:
        line: as ``LineReason.line``; name: in words; budget, spent: yuan, None where there is none.
        needs: ``""``, ``text`` or ``cause`` (text with a kind of cause); why: the finding's words.
        reason: the one that holds, or None. is_money: whether it is a line of spending.
    """

    line: str
    name: str
    needs: str = ""
    why: str = ""
    reason: LineReason | None = None
    budget: Decimal | None = None
    spent: Decimal | None = None
    is_money: bool = False

    @property
    def left(self) -> Decimal | None:
        """What was not spent; None where the line has no budget of its own."""
        return None if self.budget is None or self.spent is None else self.budget - self.spent

    @property
    def rate(self) -> Decimal | None:
        """Spent of the line's own budget, per cent with two decimals; None where there is no budget."""
        return None if self.budget is None or self.spent is None else percent(self.spent, self.budget)

    @property
    def missing(self) -> str:
        """What is still to be written, without a full stop; empty when nothing is."""
        if self.line == ACCOUNTS and self.needs and self.reason is None:
            return f"{self.why.rstrip('。')}，差额的原因还没有在“逐项原因”里写明"
        if self.needs and self.reason is None:
            more = "和原因种类（价格、数量或者其他）" if self.needs == CAUSE else ""
            return f"“{self.name}”还没有写明原因{more}"
        if self.needs == CAUSE and self.reason is not None and not self.reason.cause:
            return f"“{self.name}”的原因还没有选种类（价格、数量或者其他）"
        return ""


def is_short(budget: Decimal | None, spent: Decimal) -> bool:
    """Whether a line fell short by a tenth or more; one without a budget of its own cannot be told, and counts."""
    return budget is None or (budget > 0 and budget - spent >= budget * SHORT)


def explained_lines(report: Report, facts: Facts, findings: Iterable[Finding]) -> list[Explained]:
    """Every line that can be explained, in the form's order: the whole, the money, then indicators that ask for it."""
    told = list(findings)
    reasons = line_reasons(report)
    return [*_whole(told, reasons, facts), *_money(told, reasons, facts), *_indicators(told, reasons, facts)]


def _said(findings: list[Finding], *codes: str) -> str:
    return next((one.message for one in findings if one.code in codes), "")


def _whole(findings: list[Finding], reasons: Mapping[str, LineReason], facts: Facts) -> Iterator[Explained]:
    over, low = _said(findings, "over_budget", "denominator_zero"), _said(findings, "rate_below_90")
    bare = low if facts.program is not None and not facts.expenses else ""
    needs = CAUSE if bare else TEXT if over else ""
    yield Explained(FUNDS, WHOLE_LINES[FUNDS], needs, over or bare, reasons.get(FUNDS))
    for line, code in ((INCOME, "spending_exceeds_income"), (ACCOUNTS, "final_accounts_differ")):
        why = _said(findings, code)
        if why or line in reasons:
            yield Explained(line, WHOLE_LINES[line], TEXT if why else "", why, reasons.get(line))


def _money(findings: list[Finding], reasons: Mapping[str, LineReason], facts: Facts) -> Iterator[Explained]:
    low = _said(findings, "rate_below_90")
    placed = {one.where: one.message for one in findings if one.code == "cause_missing_by_line"}
    for line, name, budget, spent in _money_lines(facts):
        short = bool(low) and is_short(budget, spent)
        # The finding tells the rate of the whole; under a line stands the line's own.
        rate = percent(spent, budget) if budget else None
        told = "请写明原因。" if rate is None else f"本行执行率 {rate}%，结余占一成以上，请写明原因。"
        own = told if short else ""
        why = own or placed.get(line, "")
        yield Explained(
            line, name, CAUSE if short else TEXT if why else "", why, reasons.get(line), budget, spent, is_money=True
        )


def _money_lines(facts: Facts) -> Iterator[tuple[str, str, Decimal | None, Decimal]]:
    if facts.program is not None:
        yield from ((f"expense:{one.pk}", one.name, one.adjusted, one.executed) for one in facts.expenses)
        return
    for category in SpendingLine.Category:
        sums = facts.spent(category)
        yield f"category:{category}", str(category.label), sums.adjusted, sums.executed


def _indicators(findings: list[Finding], reasons: Mapping[str, LineReason], facts: Facts) -> Iterator[Explained]:
    asked: dict[int, str] = {}
    for one in findings:
        found = _PLACE.fullmatch(one.where)
        if found and one.code in _OF_INDICATORS:
            asked.setdefault(int(found[1]), one.message)
    rows: tuple[Any, ...] = facts.scored.indicators if facts.scored else ()
    for place, row in enumerate(rows):
        key = str(row.key)
        if place in asked or key in reasons:
            yield Explained(key, row.name, TEXT if place in asked else "", asked.get(place, ""), reasons.get(key))


def obstacles(report: Report, facts: Facts, findings: Iterable[Finding]) -> list[str]:
    """Why a report cannot be handed in yet: clauses without a full stop."""
    told = list(findings)
    mended = [one for one in told if one.code in _MENDED or (one.code, one.where) == _BLAMED]
    words = dict.fromkeys(one.message.rstrip("。") for one in mended)
    return [*words, *(one.missing for one in explained_lines(report, facts, told) if one.missing)]


# The text blames the projects for what they did not cause (performance.findings.figures).
_BLAMED = ("cause_missing_by_line", "spending")
