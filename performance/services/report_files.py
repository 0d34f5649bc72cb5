"""Files of reports: made once for each content, kept with what they were made of."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from audit.services import export_record
from core.errors import BusinessError
from documents.contents import content_is_whole
from documents.services import content_take_in, file_store
from performance.codes import code_of, verify_url
from performance.document.model import Document, document_json
from performance.document.public import public_edition
from performance.document.render import Made, document_made
from performance.models import Edition, Report, ReportFile
from performance.selectors.editions import people_known
from performance.selectors.frozen import report_document
from performance.selectors.reports import report_rows

Step = Callable[[str], None]
READING, KEEPING = "取数", "保存"
DEMO_MARK = "演示"
TITLE_IN_NAME = 80


def _mark() -> str:
    return DEMO_MARK if settings.INSTANCE == "demo" else ""


def _document(report: Report) -> Document:
    """All of it as it stood in one moment, or as it was frozen: what is saved meanwhile belongs to the next file."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return report_document(report_rows().get(pk=report.pk))


def _made(document: Document, code: str, step: Step) -> Made:
    return document_made(document, code=code, verify_url=verify_url(code), mark=_mark(), step=step)


def _restored(file: ReportFile, document: Document, step: Step) -> ReportFile:
    """The same file, its content made anew because the storage has lost it; another content is never passed off as it.

    Raises:
        BusinessError: ``file_missing``.
    """
    made = _made(document, file.code, step)
    step(KEEPING)
    if hashlib.sha256(made.content).hexdigest() != file.file.sha256:
        raise BusinessError(
            "没有生成：这份内容以前生成过，存储里的文件却不见了，用现在的程序又做不出同样的文件。请联系信息科从备份恢复。",
            "file_missing",
        )
    content_take_in(content=io.BytesIO(made.content), sha256=file.file.sha256)
    return file


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def report_file_make(
    *, report: Report, now: datetime, step: Step = lambda _: None, edition: str = Edition.SUBMISSION
) -> ReportFile:
    """The report as it stands now, as a stored PDF; what was made of the same content before is given again.

    Not to be called inside a transaction: laying out takes seconds, and the storage is outside of the database.

    Args:
        report: which.
        now: aware time, written as ``made_at``.
        step: called with the name of each step as it begins.
        edition: of Edition; the public one is made of the submission's content.

    Raises:
        BusinessError: ``no_pdf``, ``no_glyph``, ``public_leak``, ``storage_failed``, ``file_missing`` and others.
    """
    step(READING)
    document, base = _document(report), ""
    if edition == Edition.PUBLIC:
        base = _digest(document_json(document))
        document = public_edition(document, people_known(document, report))
    source = document_json(document)
    digest = _digest(source)
    if kept := ReportFile.objects.select_related("file").filter(source_sha256=digest).first():
        return kept if content_is_whole(kept.file.sha256) else _restored(kept, document, step)
    code = code_of(digest)
    made = _made(document, code, step)
    step(KEEPING)
    stored = file_store(content=io.BytesIO(made.content), now=now, name="report.pdf")
    values = {
        "report": report, "source": source, "code": code, "file": stored, "pages": made.pages, "made_at": now,
        "edition": edition, "base_sha256": base,
    }  # fmt: skip
    try:
        with transaction.atomic():
            return ReportFile.objects.create(source_sha256=digest, **values)
    except IntegrityError:
        # Another process was faster with the same content.
        return ReportFile.objects.select_related("file").get(source_sha256=digest)


def file_name(report: Report, extension: str) -> str:
    """The name under which a report's file is saved: its title without what file systems refuse."""
    title = "".join(one for one in report.title if one.isprintable() and one not in '\\/:*?"<>|')[
        :TITLE_IN_NAME
    ].strip()
    return f"{title or f'{report.fiscal_year.year}年度绩效自评报告'}.{extension}"


def report_taken(*, report: Report, what: str, by: Any, now: datetime, address: str = "") -> None:
    """Note that a report left the portal as a file.

    Args:
        what: ``PDF`` and its code, or ``自评表``.
    """
    with transaction.atomic():
        export_record(by=by, now=now, what=f"{report.title}（{what}）", rows=1, address=address)
