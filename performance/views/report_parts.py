"""What the page of a report shows, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format

from performance.document.model import document_read
from performance.findings.checks import report_findings
from performance.forms.reports import ReportForm, report_initial
from performance.models import Report
from performance.narrative import fields
from performance.narrative.figures import report_facts
from performance.narrative.outline import outline
from performance.scoring.findings import Finding
from performance.selectors.frozen import figure_of, freeze_of
from performance.selectors.rectifications import items_of
from performance.selectors.result_uses import uses_of

# The frozen sums that the page shows, in yuan.
SUMS = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数", "received": "实际收入"}


@dataclass(frozen=True)
class Part:
    """A section as the page shows it."""

    key: str
    level: int
    heading: str
    pieces: list[tuple[str, fields.Figure | None, str]]
    changes: list[fields.Change]
    advice: str


@dataclass(frozen=True)
class Clash:
    """A field that another person saved meanwhile, with both texts."""

    label: str
    theirs: str
    mine: str


def report_parts(report: Report) -> dict[str, Any]:
    """Sections, findings, figures and files of a report."""
    facts, figures = report_facts(report)
    texts = {section.key: section.text for section in report.sections.all()}
    parts = [
        Part(one.key, one.level, one.text, fields.pieces(texts.get(one.key, ""), figures),
             fields.changes(texts.get(one.key, ""), figures), one.advice)
        for one in outline(report.kind)
    ]  # fmt: skip
    return {
        "parts": parts, "scored": facts.scored, "figures": list(figures.values()), "facts": facts,
        "findings": [(one, _place(report, one)) for one in report_findings(report, facts, figures)],
        "changed": sum(len(part.changes) for part in parts),
        **_files(report),
    }  # fmt: skip


def frozen_parts(report: Report, *, now: datetime) -> dict[str, Any] | None:
    """What a frozen report said, whatever is entered later; None of a report that is not frozen."""
    freeze = freeze_of(report)
    if freeze is None:
        return None
    document = document_read(freeze.source)
    return {
        "freeze": freeze, "document": document, "figures": freeze.figures,
        "sums": [(label, figure_of(freeze, name)) for name, label in SUMS.items()],
        "uses": uses_of(report), "items": items_of(report.fiscal_year, now=now), **_files(report),
    }  # fmt: skip


def _files(report: Report) -> dict[str, Any]:
    return {
        "files": list(report.files.select_related("file")[:10]),
        "runs": list(report.runs.select_related("by")[:5]),
    }


def _place(report: Report, finding: Finding) -> str:
    """The fragment of the page where a finding is mended: a section's, or none."""
    return finding.where.removeprefix("sections.") if finding.where.startswith("sections.") else ""


def clashes_of(form: ReportForm, report: Report) -> list[Clash]:
    """Where what is stored and what was sent differ; the form sent again knows of it."""
    stored = report_initial(report)
    found = []
    for name, one in form.fields.items():
        mine, theirs = str(form.data.get(name) or ""), _shown(stored.get(name))
        if name != "seen" and " ".join(mine.split()) != " ".join(theirs.split()):
            found.append(Clash(str(one.label), theirs, mine))
    newer = form.data.copy()  # type: ignore[attr-defined]
    newer["seen"] = str(report.edition)
    form.data = newer
    return found


def _shown(value: Any) -> str:
    if value is True:
        return "on"
    if hasattr(value, "year"):
        return str(date_format(value, "Y-m-d"))
    return str(value or "")
