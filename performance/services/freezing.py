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
from workflow.models import StateChange


def freeze_record(report: Report, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``freeze``: the document as canonical JSON, and its figures. The report is locked."""
    whole = report_rows().get(pk=report.pk)
    source = document_json(document_of(whole))
    ReportFreeze.objects.create(
        report=report, source=source, source_sha256=hashlib.sha256(source.encode()).hexdigest(),
        figures=figures_now(Facts(whole)), by=by, at=now,
    )  # fmt: skip
