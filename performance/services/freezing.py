"""Freezing: what a report says is kept whole, so that nothing entered later changes it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from accounts.models import User
from performance.document.model import document_json
from performance.models import Report, ReportFreeze
from performance.narrative.build import document_of
from performance.narrative.facts import Facts
from performance.selectors.frozen import figures_now
from performance.selectors.reports import report_rows
from performance.selectors.workbook_data import report_data
from performance.selectors.workbook_frozen import form_data_json
from performance.services.package_papers import papers_now
from workflow.models import StateChange


def freeze_record(report: Report, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``freeze``: the document as canonical JSON, its figures, those of the bureau's
    forms, and the papers of the package. The report is locked."""
    whole = report_rows().get(pk=report.pk)
    document = document_of(whole)
    source = document_json(document)
    data_kept = form_data_json(report_data(whole.fiscal_year, whole.program_year, whole))
    ReportFreeze.objects.create(
        report=report, source=source, source_sha256=hashlib.sha256(source.encode()).hexdigest(),
        figures=figures_now(Facts(whole)), workbook=data_kept, papers=papers_now(whole, document, now), by=by, at=now,
    )  # fmt: skip
