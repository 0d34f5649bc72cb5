"""Reads of what belongs together: submission files, public editions, scans, disclosures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.db.models import Q

from accounts.models import User
from performance.document.model import Document, document_read
from performance.document.named import Doubt
from performance.document.public import People, doubts_of, leaders_of, people_named, replaced_in
from performance.models import Edition, Inspection, Report, ReportDisclosure, ReportFile, ReportFreeze, StampedScan

# 预算法第十四条：批复后二十日内由各部门向社会公开.
DISCLOSE_DAYS, DISCLOSE_LAW = 20, "预算法第十四条：决算批复后二十日内公开"
REPLACED = "replaced"
_SEPARATORS = re.compile(r"[、,，;；/\s]+")


def _inspectors(report: Report) -> Iterator[str]:
    rows = Inspection.objects.filter(program_year__fiscal_year=report.fiscal_year_id)
    for people in rows.values_list("people", flat=True):
        yield from _SEPARATORS.split(people)


def people_known(document: Document, report: Report) -> People:
    """Whom the public edition of a report must not name: the staff, whoever inspected, the makers of other reports."""
    staff = User.objects.exclude(name="").values_list("name", flat=True)
    return people_named(document, [*staff, *_inspectors(report)])


@dataclass(frozen=True)
class Places:
    """What somebody looks at before a public edition is disclosed.

    Args:
        replaced: texts as they were and as they are; doubts: places that may tell a name or a number, with their marks.
    """

    replaced: tuple[tuple[str, str], ...]
    doubts: tuple[tuple[str, Doubt], ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that is to be ticked off: REPLACED where anything was, and each doubtful place."""
        return (*((REPLACED,) if self.replaced else ()), *(mark for mark, _ in self.doubts))


def places_of(file: ReportFile) -> Places:
    """The places of a public edition; two queries."""
    base = ReportFreeze.objects.filter(report=file.report_id, source_sha256=file.base_sha256).first()
    replaced = replaced_in(base.source, file.source) if base else []
    leaders = leaders_of(document_read(base.source if base else file.source))
    found = [(sha256(f"{one.words}|{one.around}".encode()).hexdigest()[:16], one)
             for one in doubts_of(file.source, leaders)]  # fmt: skip
    return Places(tuple(replaced), tuple(found))


@dataclass(frozen=True)
class FileRow:
    """A file with what belongs to it.

    Attributes:
        file: the file; newest: the newest of its edition; current: made of what the report says now.
        scans: of a submission, the newest first; disclosure: of a public edition, or None.
        base: of a public edition: the submission that it was made from, where that was made as a file, too.
    """

    file: ReportFile
    newest: bool
    scans: tuple[StampedScan, ...] = ()
    disclosure: ReportDisclosure | None = None
    base: ReportFile | None = None


@dataclass(frozen=True)
class Versions:
    """The three versions of a report."""

    submissions: tuple[FileRow, ...]
    publics: tuple[FileRow, ...]
    scans: tuple[StampedScan, ...]

    @property
    def submission(self) -> FileRow | None:
        """The newest submission."""
        return self.submissions[0] if self.submissions else None

    @property
    def public(self) -> FileRow | None:
        """The newest public edition."""
        return self.publics[0] if self.publics else None

    @property
    def scan(self) -> StampedScan | None:
        """The newest scan."""
        return self.scans[0] if self.scans else None

    @property
    def scan_is_old(self) -> bool:
        """Whether the newest scan is of an older file than the newest submission."""
        scan, file = self.scan, self.submission
        return scan is not None and file is not None and scan.report_file_id != file.file.pk

    @property
    def public_is_old(self) -> bool:
        """Whether the newest public edition was made of another content than the newest submission."""
        public, file = self.public, self.submission
        return public is not None and file is not None and public.file.base_sha256 != file.file.source_sha256

    @property
    def disclosure(self) -> ReportDisclosure | None:
        """The disclosure that is shown."""
        found = [row.disclosure for row in self.publics if row.disclosure and not hasattr(row.disclosure, "withdrawal")]
        return max(found, key=lambda one: one.pk, default=None)


def versions_of(report: Report) -> Versions:
    """Every file of a report with its scans and disclosure; three queries."""
    files = list(report.files.select_related("file").defer("source"))
    scans = list(StampedScan.objects.filter(report_file__report=report).select_related("file", "by", "report_file"))
    shown = {one.report_file_id: one for one in report.disclosures.select_related("by", "withdrawal__by")}
    by_digest = {one.source_sha256: one for one in files if one.edition == Edition.SUBMISSION}
    rows: dict[str, list[FileRow]] = {Edition.SUBMISSION: [], Edition.PUBLIC: []}
    for one in files:
        rows[one.edition].append(
            FileRow(
                one, not rows[one.edition], tuple(scan for scan in scans if scan.report_file_id == one.pk),
                shown.get(one.pk), by_digest.get(one.base_sha256),
            )
        )  # fmt: skip
    return Versions(tuple(rows[Edition.SUBMISSION]), tuple(rows[Edition.PUBLIC]), tuple(scans))


def disclose_by(report: Report) -> date | None:
    """The last day for disclosing a report (预算法第十四条); None before the final accounts were approved."""
    final = report.fiscal_year.final_on
    return final + timedelta(days=DISCLOSE_DAYS) if final else None


def disclosed_rows() -> list[ReportDisclosure]:
    """What the public sees: the newest disclosure of each report, newest year first, departments first.

    Nothing of a report whose newest was withdrawn.
    """
    newest = ReportDisclosure.objects.order_by("report_id", "-id").distinct("report_id").values("pk")
    rows = ReportDisclosure.objects.filter(pk__in=newest, withdrawal=None).select_related(
        "report__fiscal_year__unit", "report__program_year__program", "report_file__file"
    )
    return list(
        rows.defer("report_file__source").order_by("-report__fiscal_year__year", "report__kind", "report_id")
    )  # fmt: skip


def disclosed_file(code: str) -> ReportDisclosure | None:
    """The disclosure of the file with a code, as long as it is the newest of its report and stands; else None."""
    rows = ReportDisclosure.objects.filter(Q(report_file__code=code), withdrawal=None)
    rows = rows.select_related("report_file__file", "report")
    found = rows.first() if code else None
    if found is None or ReportDisclosure.objects.filter(report=found.report_id, pk__gt=found.pk).exists():
        return None
    return found
