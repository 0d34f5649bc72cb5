"""Announcements go in: many at once, each wholly or not at all, never twice."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DataError, OperationalError, connection, transaction

from tenders.facts import Facts
from tenders.lines import AnnouncementLine, canonical_json
from tenders.models import AnnouncementType, Category, Region
from tenders.search_rows import search_row, search_rows_copy
from tenders.stages import stage_of
from tenders.version import content_version_bump

IMPORT_LOCK = 7_202_001  # one number for the whole house: two imports take turns, batch by batch
CANONICAL_VERSION = 1
PROGRAM_LIMIT = "54000"

IMPORTED, UNCHANGED, DIFFERS, NOT_STORABLE = "imported", "unchanged", "differs", "text_not_storable"


@dataclass(frozen=True)
class Names:
    """Row numbers of the names that announcements use; they make the filters' tokens."""

    categories: dict[str, int]
    types: dict[str, int]
    regions: dict[str, int]


def _rows_ensure(model: type[Category | AnnouncementType | Region], wanted: dict[str, dict[str, str]]) -> None:
    """Make the rows that are missing, in one order for all; known names use up no numbers: numbers become tokens."""
    known = set(model.objects.filter(name__in=wanted).values_list("name", flat=True))
    rows = [model(name=name, **more) for name, more in sorted(wanted.items()) if name not in known]
    if rows:
        model.objects.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]


def _names_ensure(lines: Sequence[AnnouncementLine], facts: Sequence[Facts]) -> Names:
    """Make rows for names seen for the first time, and return all."""
    _rows_ensure(Category, {line.category: {} for line in lines})
    _rows_ensure(AnnouncementType, {line.type_name: {"stage": stage_of(line.type_name)} for line in lines})
    _rows_ensure(Region, {f.region: {} for f in facts if f.region})
    return Names(
        dict(Category.objects.values_list("name", "id")),
        dict(AnnouncementType.objects.values_list("name", "id")),
        dict(Region.objects.values_list("name", "id")),
    )


def _field(value: object) -> str:
    """A value as COPY's text format has it."""
    if value is None:
        return "\\N"
    text = str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _copy(table: str, columns: str, rows: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO("".join(rows)))


def canonical_record(line: AnnouncementLine, announcement_id: int) -> bytes:
    """The bytes that stand for the announcement from now on: nothing in them can change later."""
    return canonical_json({"v": CANONICAL_VERSION, "id": announcement_id, **line.content()})


def _search_row(number: int, line: AnnouncementLine, names: Names) -> tuple[bytes, bytes]:
    region = line.facts.region
    return search_row(
        number=number,
        published_at=line.published_at,
        parts=line.search_parts,
        category=names.categories[line.category],
        type=names.types[line.type_name],
        region=names.regions[region] if region else None,
    )


def _announcement_row(number: int, line: AnnouncementLine, digest: str, facts: Facts, now: datetime) -> str:
    values = (
        number, line.source_name, line.external_id, line.source_page, line.category, line.type_name,
        facts.region or None,
        line.title, line.published_at.isoformat(), facts.project_code, facts.unified_deal_code, facts.purchaser,
        facts.agency, facts.supplier, facts.place, facts.deadline and facts.deadline.isoformat(), facts.budget,
        canonical_json(line.fields).decode(), digest, now.isoformat(),
    )  # fmt: skip
    return "\t".join(map(_field, values)) + "\n"


_ANNOUNCEMENT_COLUMNS = (
    "id, source_name, external_id, source_page, category, type, region, title, published_at, project_code,"
    " unified_deal_code, purchaser, agency, supplier, place, deadline, budget, fields, content_digest, created_at"
)


def _attachment_rows(number: int, line: AnnouncementLine) -> Iterable[str]:
    for position, one in enumerate(line.attachments):
        stored = bool(one.file)
        values = (number, position, one.name, one.size, one.sha256, one.url, stored)
        yield "\t".join(map(_field, values)) + "\n"


@dataclass
class _Prepared:
    """COPY rows of one announcement."""

    key: tuple[str, str]
    announcement: str
    record: str
    search: tuple[bytes, bytes]
    attachments: list[str]


def _prepare(lines: Sequence[tuple[AnnouncementLine, str]], now: datetime) -> list[_Prepared]:
    """Everything that takes computing, done before the lock is taken. Numbers never used leave gaps."""
    facts = [line.facts for line, _ in lines]
    names = _names_ensure([line for line, _ in lines], facts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tenders_announcement', 'id')) FROM generate_series(1, %s)",
            [len(lines)],
        )
        numbers = [row[0] for row in cursor.fetchall()]
    prepared = []
    for number, (line, digest), fact in zip(numbers, lines, facts, strict=True):
        record = canonical_record(line, number)
        prepared.append(
            _Prepared(
                (line.source_name, line.external_id),
                _announcement_row(number, line, digest, fact, now),
                f"{number}\t\\\\x{record.hex()}\t{hashlib.sha256(record).hexdigest()}\n",
                _search_row(number, line, names),
                list(_attachment_rows(number, line)),
            )
        )
    return prepared


def _insert(rows: Sequence[_Prepared]) -> None:
    """Write new announcements with their records, attachments and search entries."""
    _copy("tenders_announcement", _ANNOUNCEMENT_COLUMNS, (r.announcement for r in rows))
    _copy("tenders_announcementrecord", "announcement_id, content, sha256", (r.record for r in rows))
    search_rows_copy([r.search for r in rows])
    if attachments := [one for r in rows for one in r.attachments]:
        _copy("tenders_attachment", "announcement_id, position, name, size, sha256, url, stored", attachments)


def _known_digests(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.source_name, a.external_id, a.content_digest FROM tenders_announcement a"
            " JOIN unnest(%s::text[], %s::text[]) AS k(source_name, external_id)"
            " USING (source_name, external_id)",
            [[source for source, _ in keys], [identity for _, identity in keys]],
        )
        return {(source, identity): digest for source, identity, digest in cursor.fetchall()}


def _store_batch(lines: Sequence[AnnouncementLine], now: datetime) -> list[str]:
    keys = [(line.source_name, line.external_id) for line in lines]
    digests = [line.digest for line in lines]
    known = _known_digests(keys)
    new: dict[tuple[str, str], tuple[AnnouncementLine, str]] = {}
    for key, line, digest in zip(keys, lines, digests, strict=True):
        if key not in known and key not in new:
            new[key] = (line, digest)
    mine: set[tuple[str, str]] = set()
    if new:
        rows = _prepare(list(new.values()), now)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
            # Another import may have been quicker with some of them.
            known |= _known_digests(list(new))
            rows = [row for row in rows if row.key not in known]
            _insert(rows)
        mine = {row.key for row in rows}
        known |= {key: digest for key, (_, digest) in new.items() if key in mine}
    outcomes = []
    for key, digest in zip(keys, digests, strict=True):
        outcomes.append(IMPORTED if key in mine else UNCHANGED if known[key] == digest else DIFFERS)
        mine.discard(key)
    return outcomes


def announcements_store(*, lines: Sequence[AnnouncementLine], by: Any = None, now: datetime) -> list[str]:
    """Store announcements, each wholly or not at all; a known one is never changed.

    Args:
        lines: at most a few thousand, in the order in which they shall be numbered.
        by: who imports; None for a command on the machine.
        now: the moment of storing.

    Returns:
        One outcome a line: ``imported``, ``unchanged``, ``differs``, or ``text_not_storable`` for one
        that the database itself refused.
    """
    try:
        outcomes = _store_batch(lines, now)
    except (DataError, OperationalError) as error:
        # 54000: a limit of the program, such as too long an index entry. Anything else is not the line's fault.
        if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") != PROGRAM_LIMIT:
            raise
        if len(lines) == 1:
            return [NOT_STORABLE]
        middle = len(lines) // 2
        halves = (lines[:middle], lines[middle:])
        return [one for half in halves for one in announcements_store(lines=half, by=by, now=now)]
    if IMPORTED in outcomes:
        content_version_bump()
    return outcomes
