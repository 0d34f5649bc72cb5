"""What became of the year 2025: the department's own score kept, its report in three versions, disclosed."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from core.errors import BusinessError
from core.moments import SHANGHAI
from documents.services import file_store
from performance.demo.build import Cast
from performance.document.render import pages_laid_out
from performance.models import (
    BudgetUnit,
    Edition,
    FiscalYear,
    ManagementScore,
    Report,
    ReportDisclosure,
    ReportFreeze,
    ReportState,
)
from performance.selectors.editions import places_of
from performance.services.appraisals import management_score_keep
from performance.services.editions import report_disclose, scan_add
from performance.services.files import KeptFile
from performance.services.report_files import report_file_make

YEAR = 2025
# Within twenty days of the approved accounts (year2025: 10 September 2026).
DISCLOSED_ON = datetime.combine(date(2026, 9, 18), time(10, 0), SHANGHAI)
# What a machine without fonts or libraries says: the demonstration goes on without the files.
NO_FILES = frozenset({"no_pdf", "no_glyph"})


def play_results(cast: Cast, unit: BudgetUnit) -> bool:
    """Keep the score of 2025; make, stamp and disclose the department's report, once it is frozen.

    Not to be called inside a transaction: files come first. Safe to run twice: what is there is left alone.

    Args:
        unit: the center.

    Returns:
        Whether something was added.
    """
    year = FiscalYear.objects.select_related("unit").filter(unit=unit, year=YEAR).first()
    if year is None:
        return False
    added = False
    if not ManagementScore.objects.filter(fiscal_year=year).exists():
        management_score_keep(fiscal_year=year, by=cast.director, now=cast.now)
        added = True
    report = Report.objects.filter(fiscal_year=year, kind=Report.Kind.DEPARTMENT, state=ReportState.FROZEN).first()
    if report is None or ReportDisclosure.objects.filter(report=report).exists():
        return added
    try:
        _disclosed(cast, report)
    except BusinessError as error:
        if error.code not in NO_FILES:
            raise
        return added
    return True


def _disclosed(cast: Cast, report: Report) -> None:
    frozen_at = ReportFreeze.objects.filter(report=report).latest("pk").at
    now = max(frozen_at, min(cast.now, DISCLOSED_ON))
    submission = report_file_make(report=report, now=now)
    public = report_file_make(report=report, now=now, edition=Edition.PUBLIC)
    name = "盖章扫描件（演示）.pdf"
    stored = file_store(content=io.BytesIO(_scan(report, submission.pages)), now=now, name=name)
    with transaction.atomic():
        scan_add(
            report_file=submission, scan=KeptFile(name, stored), pages=submission.pages,
            stamped_on=now.astimezone(SHANGHAI).date(), note="主任签字、加盖公章后扫描，原件存综合科。", by=cast.finance,
            now=now,
        )  # fmt: skip
    report_disclose(file=public, by=cast.director, now=now, checked=places_of(public).marks)


def _scan(report: Report, count: int) -> bytes:
    """Something like a scan: a page for each, the first with a stamp."""
    style = (
        "@page{size:A4;margin:25mm;background:#f7f4ec}body{font-family:'Official Song','Noto Serif CJK SC';font-size:14pt}"
        "section{break-after:page}.stamp{margin:60mm auto;width:46mm;height:46mm;border:1.5mm solid #c0392b;"
        "border-radius:50%;color:#c0392b;text-align:center;line-height:46mm}"
    )
    pages = "".join(
        f"<section><p>扫描件（演示）第 {number} 页，共 {count} 页</p><p>{report.title}</p>"
        + ("<p class='stamp'>演示印章</p>" if number == 1 else "")
        + "</section>"
        for number in range(1, count + 1)
    )
    html: Any = f"<!DOCTYPE html><html lang='zh-CN'><head><style>{style}</style></head><body>{pages}</body></html>"
    content: bytes = pages_laid_out(html).write_pdf()
    return content
