"""Writes of what belongs to a report's files: stamped scans, disclosure to the public."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.moments import SHANGHAI
from documents.contents import content_is_whole
from performance.models import (
    DisclosureWithdrawal,
    Edition,
    Report,
    ReportDisclosure,
    ReportFile,
    ReportFreeze,
    ReportRun,
    ReportState,
    StampedScan,
)
from performance.models.common import REASON_LENGTH
from performance.selectors.editions import places_of
from performance.services.common import texts_storable
from performance.services.files import KeptFile
from tenders.version import content_version_bump


def _told(what: str, report: Report, by: Any, now: datetime, address: str, **detail: Any) -> None:
    action_record(
        tag=Tag.REPORT, by=by, now=now, subject=f"performance.report:{report.pk}", address=address,
        detail={"what": what, **detail},
    )  # fmt: skip


def scan_add(
    *, report_file: ReportFile, scan: KeptFile, pages: int, stamped_on: date, note: str, by: Any, now: datetime,
    address: str = "",
) -> StampedScan:  # fmt: skip
    """Keep the scan of a signed and stamped print with the submission file that was printed.

    Args:
        report_file: a submission; scan: stored before (``files_keep``), a PDF (``performance.document.scans``).
        pages: of the scan; stamped_on: the day of the stamp; note: may be empty.

    Raises:
        BusinessError: ``invalid``, ``exists``.
    """
    if report_file.edition != Edition.SUBMISSION:
        raise BusinessError("扫描件没有保存：盖章的是报送版，请选报送版的文件。", "invalid")
    if stamped_on > now.astimezone(SHANGHAI).date():
        raise BusinessError("扫描件没有保存：盖章日期还没有到，请核对。", "invalid", field="stamped_on")
    if stamped_on < report_file.made_at.astimezone(SHANGHAI).date():
        raise BusinessError(
            "扫描件没有保存：盖章日期早于这份文件生成的日期，请核对日期，或者选当时打印的那一份。", "invalid",
            field="stamped_on",
        )  # fmt: skip
    texts_storable("扫描件没有保存", note)
    try:
        with transaction.atomic():
            made = StampedScan.objects.create(
                report_file=report_file, file=scan.file, name=scan.name, pages=pages, stamped_on=stamped_on, note=note,
                by=by, at=now,
            )  # fmt: skip
            _told("scan_add", report_file.report, by, now, address, code=report_file.code)
    except IntegrityError:
        raise BusinessError("扫描件没有保存：这一份已经传过，就在页面上。", "exists") from None
    return made


def disclosure_reasons(file: ReportFile, *, by: Any) -> list[str]:
    """Why a public edition may not be disclosed by a person now: clauses, none when it may."""
    report = file.report
    found = []
    if file.edition != Edition.PUBLIC:
        found.append("公开的应是公开版，不是报送版")
    freeze = ReportFreeze.objects.filter(report=report).order_by("-id").defer("source").first()
    if report.state != ReportState.FROZEN or freeze is None:
        found.append("报告还没有定稿")
    elif file.edition == Edition.PUBLIC and file.base_sha256 != freeze.source_sha256:
        found.append("这份公开版不是按定稿的内容生成的，请重新生成公开版")
    if ReportDisclosure.objects.filter(report_file=file).exists():
        found.append("这份公开版已经公开")
    if ReportRun.objects.filter(result=file, by=by).exists():
        found.append("公开版是您生成的，要由另一个人核对后公开")
    return found


def report_disclose(
    *, file: ReportFile, by: Any, now: datetime, checked: Collection[str] = (), address: str = ""
) -> ReportDisclosure:
    """Show a public edition to everybody; it takes the place of an older one of the same report.

    Not to be called inside a transaction: the file is read first, to its end.

    Args:
        file: a public edition made of the frozen report.
        by: another than who had it made.
        checked: marks of the places that were looked at (``performance.selectors.editions.places_of``).

    Raises:
        BusinessError: ``blocked`` with the reasons, ``unchecked``, ``file_missing``.
    """
    with transaction.atomic(durable=True):
        """Only asks whether a transaction is open."""
    marks = places_of(file).marks
    if left := [one for one in marks if one not in checked]:
        raise BusinessError(f"没有公开：还有 {len(left)} 处没有核对，请逐处看过、打勾再公开。", "unchecked")
    if not content_is_whole(file.file.sha256):
        raise BusinessError("没有公开：存储里的文件不完整，请联系信息科从备份恢复。", "file_missing")
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=file.report_id)
        file.report = report
        if reasons := disclosure_reasons(file, by=by):
            raise BusinessError(f"没有公开：{'；'.join(reasons)}。", "blocked", reasons=reasons)
        made = ReportDisclosure.objects.create(report=report, report_file=file, checked=list(marks), by=by, at=now)
        _told("disclose", report, by, now, address, code=file.code, count=len(marks))
        transaction.on_commit(content_version_bump)
    return made


def disclosure_withdraw(
    *, disclosure: ReportDisclosure, reason: str, by: Any, now: datetime, address: str = ""
) -> DisclosureWithdrawal:
    """Take a disclosed edition back (撤下): the list and the download end, the file can still be verified.

    Args:
        reason: for the record; by: another than who disclosed it.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``not_allowed``, ``exists``.
    """
    words = reason.replace("\r\n", "\n").strip()
    if not words or len(words) > REASON_LENGTH:
        raise BusinessError(f"没有撤下：要写明理由，不超过 {REASON_LENGTH} 字。", "invalid", field="reason")
    texts_storable("没有撤下", words)
    if disclosure.by_id == by.pk:
        raise BusinessError("没有撤下：是您公开的，要由另一个人撤下。", "not_allowed")
    try:
        with transaction.atomic():
            made = DisclosureWithdrawal.objects.create(disclosure=disclosure, reason=words, by=by, at=now)
            _told("withdraw", disclosure.report, by, now, address, code=disclosure.report_file.code)
            transaction.on_commit(content_version_bump)
    except IntegrityError:
        raise BusinessError("没有撤下：这份公开版已经撤下。", "exists") from None
    return made
