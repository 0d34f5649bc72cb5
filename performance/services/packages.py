"""One ZIP for the bureau: the frozen report, its form, its stamped scan, its evidence, and a list with digests.

The same content gives the same bytes: times are the report's own day, members are stored as they are, in one order.
"""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO, Any

from core.errors import BusinessError, Unavailable
from core.moments import day_words
from documents.kinds import CHUNK
from documents.selectors import file_open
from performance.document.workbook import form_workbook
from performance.models import (
    Edition,
    Report,
    ReportFile,
    ReportFreeze,
    StampedScan,
)
from performance.selectors.frozen import freeze_of, report_document
from performance.services.package_papers import Member, papers_now, papers_read, safe_name, sheet_bytes
from performance.services.report_files import file_name, report_taken

REPORT, FORM, SCAN = "1 自评报告", "2 自评表", "3 盖章扫描件"
LIST = "清单.xlsx"
MOST_BYTES = 2 * 1024**3
LIST_HEADS = ("序号", "文件", "证明事项", "大小（字节）", "校验值（SHA-256）")


def _paths(members: list[Member]) -> list[str]:
    """A path for each, none twice, whatever the case of letters."""
    taken: set[str] = set()
    found = []
    for one in members:
        path = PurePosixPath(safe_name(one.name))
        name, number = f"{path}", 1
        while f"{one.folder}/{name}".casefold() in taken:
            number += 1
            name = f"{path.stem}（{number}）{path.suffix}"
        taken.add(f"{one.folder}/{name}".casefold())
        found.append(f"{one.folder}/{name}")
    return found


def _submission(report: Report, freeze: ReportFreeze) -> ReportFile:
    rows = ReportFile.objects.filter(report=report, edition=Edition.SUBMISSION, source_sha256=freeze.source_sha256)
    found = rows.select_related("file").defer("source").first()
    if found is None:
        raise BusinessError("没有打包：还没有按定稿的内容生成报送版 PDF，请先在“生成 PDF”里生成。", "blocked")
    return found


def package_members(report: Report) -> list[Member]:
    """Everything that goes to the bureau, in its order.

    Raises:
        BusinessError: ``blocked``: the report is not frozen, or its PDF was not made.
    """
    freeze = freeze_of(report)
    if freeze is None:
        raise BusinessError(
            f"没有打包：报告{report.get_state_display()}，定稿以后才能打包报送；现在要看，请生成 PDF。", "blocked"
        )
    file, document = _submission(report, freeze), report_document(report)
    found = [Member(REPORT, file_name(report, "pdf"), f"报送版，验证码 {file.code}", file.file)]
    if document.form is not None:
        found.append(Member(FORM, f"{document.form.heading}.xlsx", "自评表", form_workbook(document.form)))
    scan = StampedScan.objects.filter(report_file=file).select_related("file").order_by("-id").first()
    if scan is not None:
        found.append(Member(SCAN, scan.name, f"盖章扫描件，{day_words(scan.stamped_on)}盖章", scan.file))
    # One frozen before the list was kept.
    papers = papers_now(report, document, freeze.at) if freeze.papers is None else freeze.papers
    return [*found, *papers_read(papers)]


def _size(one: Member) -> int:
    if one.content is None:
        return 0
    return len(one.content) if isinstance(one.content, bytes) else one.content.size


def _digest(one: Member) -> str:
    if one.content is None:
        return ""
    return sha256(one.content).hexdigest() if isinstance(one.content, bytes) else one.content.sha256


def _listed(members: list[Member], paths: list[str]) -> bytes:
    rows: list[tuple[Any, ...]] = []
    for number, (one, path) in enumerate(zip(members, paths, strict=True), 1):
        there = one.content is not None
        shown = path if there else f"{one.name}"
        rows.append((number, shown, one.what, _size(one) if there else "未附文件", _digest(one)))
    return sheet_bytes("清单", LIST_HEADS, (8, 60, 40, 16, 60), rows)


def _copied(archive: zipfile.ZipFile, path: str, one: Member, day: date) -> None:
    """Raises BusinessError: the storage has lost it."""
    info = zipfile.ZipInfo(path, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
    # Unix, an ordinary file that everybody reads.
    info.create_system, info.external_attr = 3, 0o100644 << 16
    if isinstance(one.content, bytes):
        archive.writestr(info, one.content)
        return
    assert one.content is not None  # noqa: S101 (for the type checker: left out before)
    try:
        with file_open(one.content) as source, archive.open(info, "w") as target:
            while chunk := source.read(CHUNK):
                target.write(chunk)
    except Unavailable as error:
        said = error.message.removeprefix("打不开文件：")
        raise Unavailable(f"没有打包：“{one.name}”取不出来，{said}", error.code) from error


def package_make(*, report: Report, by: Any, now: datetime, address: str = "") -> IO[bytes]:
    """The package of a frozen report as an open temporary file at its beginning; closing it deletes it.

    Every content is compared with its digest before anything leaves the house; who took it is noted.

    Raises:
        BusinessError: ``blocked``, ``too_large``, ``file_missing``, ``file_damaged``.
    """
    members = package_members(report)
    if sum(map(_size, members)) > MOST_BYTES:
        raise BusinessError("没有打包：佐证材料合计超过 2 GB，请分开报送，从报告页面逐个下载。", "too_large")
    paths = _paths(members)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (handed to the caller open)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            whole = Member("", LIST, "", _listed(members, paths))
            for one, path in [(whole, LIST), *zip(members, paths, strict=True)]:
                if one.content is not None:
                    _copied(archive, path, one, report.dated_on)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    report_taken(report=report, what=f"报送资料包 {len(members)} 件", by=by, now=now, address=address)
    return file
