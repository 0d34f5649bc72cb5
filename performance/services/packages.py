"""One ZIP for the bureau: the frozen report, its form, its stamped scan, its evidence, and a list with digests.

The same content gives the same bytes: times are the report's own day, members are stored as they are, in one order.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO, Any

from core.errors import BusinessError, Unavailable
from core.moments import day_words
from core.sheets import sheet_write
from documents.kinds import CHUNK
from documents.models import StoredFile
from documents.selectors import file_open
from performance.document.model import Document
from performance.document.workbook import MADE_AT, form_workbook
from performance.models import (
    ActualValue,
    Edition,
    EntryPaper,
    Inspection,
    ProgramYear,
    Report,
    ReportFile,
    ReportFreeze,
    SpendingEntry,
    StampedScan,
)
from performance.selectors.frozen import freeze_of, report_document
from performance.services.report_files import file_name, report_taken

REPORT, FORM, SCAN, EVIDENCE, INSPECTED, SPENT = (
    "1 自评报告", "2 自评表", "3 盖章扫描件", "4 佐证材料", "5 专项资金督查", "6 规定用途以外的支出凭证",
)  # fmt: skip
LIST = "清单.xlsx"
MOST_BYTES = 2 * 1024**3
LONGEST = 80
_REFUSED = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
# Names that Windows keeps for devices (Naming Files, Paths, and Namespaces).
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
LIST_HEADS = ("序号", "文件", "证明事项", "大小（字节）", "校验值（SHA-256）")


@dataclass(frozen=True)
class Member:
    """A file of the package: its folder and name, what it shows, and where its bytes are (None: there is no file)."""

    folder: str
    name: str
    what: str
    content: StoredFile | bytes | None


def safe_name(name: str) -> str:
    """A name that every file system takes, its ending kept."""
    plain = _REFUSED.sub("", name).strip(" .") or "未命名"
    path = PurePosixPath(plain)
    stem, ending = (path.stem, path.suffix) if len(path.suffix) <= 10 else (plain, "")
    found = f"{stem[:LONGEST].rstrip(' .')}{ending}"
    return f"_{found}" if _DEVICES.fullmatch(found) else found


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


def _sheet(title: str, heads: tuple[str, ...], widths: tuple[int, ...], rows: list[tuple[Any, ...]]) -> bytes:
    with sheet_write(title=title, heads=heads, widths=widths, rows=rows, made_at=MADE_AT) as file:
        return file.read()


def _evidence(document: Document) -> Iterator[Member]:
    """What the frozen report lists, by its digests: the files as they were then."""
    digests = [one.sha256 for one in document.evidence if one.sha256]
    stored = {one.sha256: one for one in StoredFile.objects.filter(sha256__in=digests)}
    # distinct rows: the same rows may have been computed twice.
    rows = dict(ActualValue.objects.filter(rows_sha256__in=digests).values_list("rows_sha256", "rows"))
    for number, one in enumerate(document.evidence, 1):
        folder = f"{EVIDENCE}/{number:02} {safe_name(one.what)}"
        if one.sha256 in rows:
            yield Member(folder, f"{one.name}.json", one.what, rows[one.sha256].encode())
        else:
            yield Member(folder, one.name, one.what, stored.get(one.sha256))


def _programs(report: Report) -> list[int]:
    if report.program_year_id:
        return [report.program_year_id]
    return list(ProgramYear.objects.filter(fiscal_year=report.fiscal_year).values_list("pk", flat=True))


def _inspections(report: Report) -> Iterator[Member]:
    """The records behind 无截留、无挪用: a claim without them is sent back."""
    rows = Inspection.objects.filter(program_year__in=_programs(report)).order_by("inspected_on", "id")
    lines = [
        (day_words(one.inspected_on), one.program_year.program.name, one.plan, one.people, one.findings,
         "；".join(f"{day_words(remedy.done_on)}：{remedy.text}" for remedy in one.remedies.all()))
        for one in rows.select_related("program_year__program").prefetch_related("remedies")
    ]  # fmt: skip
    if lines:
        heads = ("督查日期", "项目", "督查计划", "督查人员", "发现的情况", "整改情况")
        yield Member(INSPECTED, "督查记录.xlsx", "专项资金督查记录",
                     _sheet("督查记录", heads, (16, 24, 30, 20, 50, 40), lines))  # fmt: skip


def _spent_elsewhere(report: Report) -> Iterator[Member]:
    """Papers of entries that the finding ``purpose_differs`` asks about; those of other entries stay in the house."""
    entries = SpendingEntry.objects.filter(line__program_year__in=_programs(report))
    entries = entries.exclude(used_for=SpendingEntry.Use.OWN)
    papers = EntryPaper.objects.filter(entry__in=entries).select_related("file", "entry").order_by("entry_id", "id")
    for one in papers:
        what = f"{one.entry.spent_on} {one.entry.purpose}"
        yield Member(f"{SPENT}/{safe_name(one.entry.voucher_number or str(one.entry_id))}", one.name, what, one.file)


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
    return [*found, *_evidence(document), *_inspections(report), *_spent_elsewhere(report)]


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
    return _sheet("清单", LIST_HEADS, (8, 60, 40, 16, 60), rows)


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
