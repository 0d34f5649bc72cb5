"""Frozen reports: what they said when they were frozen, whatever is entered later."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from performance.document.model import Document, document_read
from performance.models import Report, ReportFreeze, ReportState
from performance.narrative.build import document_of
from performance.narrative.facts import Facts

# Names of ``ReportFreeze.figures``: sums in yuan, rate in per cent, score in points; None where there is none.
FIGURES = ("initial", "adjusted", "executed", "received", "rate", "score", "grade")


def freeze_of(report: Report) -> ReportFreeze | None:
    """The freeze that holds; None of a report that is not frozen."""
    if report.state != ReportState.FROZEN:
        return None
    return ReportFreeze.objects.select_related("by").filter(report=report).order_by("-id").first()


def freezes_of(reports: Iterable[Report]) -> dict[int, ReportFreeze]:
    """The freeze that holds of each frozen report, by the report's number; one query."""
    frozen = [one.pk for one in reports if one.state == ReportState.FROZEN]
    rows = ReportFreeze.objects.filter(report__in=frozen).order_by("report_id", "-id").distinct("report_id")
    return {one.report_id: one for one in rows.defer("source")}


def frozen_source(report: Report) -> dict[str, Any] | None:
    """The document of a frozen report as plain values (``performance.document.model``); None where it is not frozen."""
    found = freeze_of(report)
    return None if found is None else dict(json.loads(found.source))


def report_document(report: Report) -> Document:
    """What a report says: as it was frozen, else as it stands now."""
    found = freeze_of(report)
    return document_of(report) if found is None else document_read(found.source)


def figures_now(facts: Facts) -> dict[str, Any]:
    """The figures of a report as they stand now, under the names of FIGURES; decimals as texts."""
    spent, scored = facts.spent(), facts.scored
    rate = scored.scores.rate_printed if scored else None
    found = {
        "initial": spent.initial, "adjusted": spent.adjusted, "executed": spent.executed,
        "received": facts.received.executed, "rate": rate, "score": scored.total if scored else None,
        "grade": scored.grade if scored else None,
    }  # fmt: skip
    return {name: None if value is None else str(value) for name, value in found.items()}


def figure_of(freeze: ReportFreeze, name: str) -> Decimal | None:
    """A frozen figure but the grade, exact."""
    value = freeze.figures.get(name)
    return None if value is None else Decimal(value)
