"""All findings about a report, those of the scored form first."""

from __future__ import annotations

from collections.abc import Iterator

from performance.findings import figures as numbers
from performance.findings import text as words
from performance.models import BudgetUnit, Report
from performance.narrative.facts import Facts
from performance.narrative.fields import Figure, printed
from performance.narrative.outline import outline
from performance.scoring.findings import CODES, Finding
from performance.selectors.score_lines import line_reasons

PORTAL_CODES = (
    "final_accounts_differ", "goal_table_differs", "cause_missing_by_line", "wrong_year_or_unit_in_text",
    "empty_section", "leftover_markup", "purpose_differs", "dated_before_year_end", "score_missing",
    "claim_without_evidence", "survey_sample_missing",
)  # fmt: skip
ORDER = (*CODES, *PORTAL_CODES)


def reasons_of(report: Report) -> dict[str, str]:
    """The newest reason of each line of the form."""
    return {line: row.text for line, row in line_reasons(report).items()}


def report_findings(report: Report, facts: Facts, figures: dict[str, Figure]) -> list[Finding]:
    """Every finding, in the order of the contract's codes; they explain and never block."""
    sections = _printed_sections(report, figures)
    found = list(facts.scored.findings) if facts.scored else []
    known = {one.code for one in found}
    reasons = reasons_of(report)
    blamed = any(words.blames_projects(text) for key, _, text in sections if key in ("spending", "income"))
    found += [
        *(one for one in numbers.income_and_spending(facts) if one.code not in known),
        *numbers.low_rate(facts), *numbers.final_accounts(facts), *numbers.goal_table(facts),
        *numbers.causes_by_line(facts, reasons),
        *numbers.gap_by_category(facts, reasons, blamed), *numbers.purposes(facts), *numbers.dates(report),
        *numbers.score_there(facts), *numbers.surveys(facts), *numbers.claims_of_actuals(facts),
        *_of_text(report, facts, sections), *words.typed_figures(_stored_sections(report), figures),
    ]  # fmt: skip
    return sorted(found, key=lambda one: ORDER.index(one.code))


def _printed_sections(report: Report, figures: dict[str, Figure]) -> list[tuple[str, str, str]]:
    texts = {section.key: section.text for section in report.sections.all()}
    return [
        (one.key, one.text, printed(texts.get(one.key, ""), figures))
        for one in outline(report.kind)
        if one.key and not (one.optional and not texts.get(one.key, "").strip())
    ]


def _stored_sections(report: Report) -> list[tuple[str, str, str]]:
    texts = {section.key: section.text for section in report.sections.all()}
    return [(one.key, one.text, texts.get(one.key, "")) for one in outline(report.kind) if one.key]


def _of_text(report: Report, facts: Facts, sections: list[tuple[str, str, str]]) -> Iterator[Finding]:
    unit = report.fiscal_year.unit
    own = {unit.name, unit.short_name, unit.competent_department} - {""}
    others = set(BudgetUnit.objects.exclude(pk=unit.pk).values_list("name", flat=True)) - own
    yield from words.empty_sections(sections)
    yield from words.leftovers(sections)
    yield from words.foreign_years(sections, report.fiscal_year.year)
    yield from words.foreign_units(sections, frozenset(own), frozenset(others))
    yield from words.claims(
        sections,
        inspected=bool(facts.inspections),
        unmet=_unmet(facts),
        own_purpose=not any(facts.spent_elsewhere.values()),
    )


def _unmet(facts: Facts) -> list[str]:
    """What was not reached, in words."""
    scored = facts.scored
    if scored is None:
        return []
    found = [
        f"“{one.name}”没有达到指标值"
        for one, line in zip(scored.form.indicators, scored.scores.indicators, strict=True)
        if "target_unmet" in line.codes
    ]
    rate = scored.scores.rate_printed
    return [f"预算执行率只有 {rate}%", *found] if rate is not None and rate < numbers.LOW_RATE else found
