"""Reads of the tenders app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.base import ModelState

from core import prepared
from tenders.models import (
    Announcement,
    AnnouncementRecord,
    AnnouncementType,
    Attachment,
    Category,
    CategoryType,
    Region,
)
from tenders.queries import AnnouncementQuery, Position
from tenders.search import HITS_COUNTED, search_count, search_hits
from tenders.search_terms import Search, planned, resolve

PAGE_ROWS = 20
# How many hits there are, and whether that is exact.
Count = tuple[int, bool]


@dataclass(frozen=True)
class AnnouncementPage:
    """One page of the list.

    Attributes:
        rows: the announcements, in order.
        next: cursor of the next page, empty on the last.
        hits: how many there are in all; an estimate where ``hits_exact`` is False ("约 N").
    """

    rows: Sequence[Announcement]
    next: str
    hits: int
    hits_exact: bool


@dataclass(frozen=True)
class ChainLink:
    """One announcement of a project's chain, and the one that it corrects."""

    announcement: Announcement
    corrects: Announcement | None
    is_current: bool


_NAMES = tuple(f.attname for f in Announcement._meta.concrete_fields if f.name != "fields")
_LISTED = ", ".join(f"a.{f.column}" for f in Announcement._meta.concrete_fields if f.name != "fields")
_ORDER = "ORDER BY a.published_at DESC, a.id DESC"
# What a link of a chain shows; these stand first in the statement that reads an announcement with its chain.
_LINKED = ("id", "external_id", "type_id", "title", "published_at")


def _rows(rest: str, *values: Any, more: Sequence[str] = ()) -> list[Announcement]:
    """Announcements as lists need them, without their structured fields.

    Written out because building the statement and the objects by the ORM takes longer than the database takes to
    answer; what is not read here the object still fetches when it is asked for it.

    Args:
        rest: what stands after ``FROM tenders_announcement a``, with %s for each of ``values``.
        more: further columns as ``expression AS name``; they become attributes.
    """
    names = (*_NAMES, *(column.rsplit(" ", 1)[1] for column in more))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join((_LISTED, *more))} FROM tenders_announcement a {rest}", values)
        found = cursor.fetchall()
    return [_announcement(names, row) for row in found]


def _announcement(names: Sequence[str], values: Sequence[Any]) -> Announcement:
    """What ``Model.from_db`` makes, without its detours."""
    announcement = Announcement.__new__(Announcement)
    state = announcement._state = ModelState()
    state.adding, state.db = False, connection.alias
    announcement.__dict__.update(zip(names, values, strict=True))
    return announcement


_JOIN_RECORD = "JOIN tenders_announcementrecord r ON r.announcement_id = a.id"
_RECORD = ("r.content AS record_content", "r.sha256 AS record_sha256")
# The number of its leaf in the transparency log; the index holds these kinds only.
_LEAF = (
    "(SELECT l.seq FROM audit_logleaf l WHERE l.ref = a.id::text AND l.kind IN ('announcement', 'correction'))"
    " AS leaf_seq"
)


def _with_records(rows: list[Announcement]) -> list[Announcement]:
    """Rows that were read with ``_RECORD``, the record in its place."""
    for row in rows:
        read = row.__dict__
        record = AnnouncementRecord(row.id, read.pop("record_content"), read.pop("record_sha256"))
        row.record = record
    return rows


def _total() -> tuple[int, bool]:
    """All announcements: exact up to 1,000, else the planner's figure (none is ever deleted)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN reltuples > %s THEN reltuples::bigint"
            " ELSE (SELECT count(*) FROM (SELECT 1 FROM tenders_announcement LIMIT %s) t) END, reltuples > %s"
            " FROM pg_class WHERE oid = 'tenders_announcement'::regclass",
            [HITS_COUNTED, HITS_COUNTED + 1, HITS_COUNTED],
        )
        number, estimated = cursor.fetchone()
        return number if estimated else min(number, HITS_COUNTED), number <= HITS_COUNTED


def _by_time(search: Search, after: Position | None, limit: int) -> list[tuple[int, Announcement]]:
    conditions: list[str] = ["TRUE"]
    values: list[Any] = []
    if search.since:
        conditions.append("a.published_at >= %s")
        values.append(search.since)
    if search.until:
        conditions.append("a.published_at < %s")
        values.append(search.until)
    if after:
        conditions.append("(a.published_at, a.id) < (%s, %s)")
        values += [after.published_at, after.id]
    rows = _rows(f"WHERE {' AND '.join(conditions)} {_ORDER} LIMIT %s", *values, limit)
    return [(0, row) for row in rows]


def _found(search: Search, query: AnnouncementQuery, limit: int) -> list[tuple[int, Announcement]]:
    if not search.asks_index:
        return _by_time(search, query.after, limit)
    hits = search_hits(search, by_relevance=query.sort == "relevance", after=query.after, limit=limit)
    numbers = [number for _, (_, number) in hits]
    if not search.terms:
        loaded = {row.id: row for row in _rows("WHERE a.id = ANY(%s)", numbers)}
    else:
        rows = _rows(f"{_JOIN_RECORD} WHERE a.id = ANY(%s)", numbers, more=_RECORD)
        loaded = {row.id: row for row in _with_records(rows)}
    return [(phase, loaded[number]) for phase, (_, number) in hits if number in loaded]


def _count(search: Search) -> tuple[int, bool]:
    if not search.asks_index and not search.since and not search.until:
        return _total()
    return search_count(search)


def announcement_count(query: AnnouncementQuery) -> tuple[int, bool]:
    """How many announcements answer ``query``: (number, whether it is exact)."""
    search = resolve(query)
    return (0, True) if search is None else _count(search)


def _at_once(make: Callable[[], Count]) -> Count:
    return make()


def announcement_page(
    query: AnnouncementQuery,
    *,
    now: datetime,
    limit: int = PAGE_ROWS,
    count: bool = True,
    keep: Callable[[Callable[[], Count]], Count] | None = None,
) -> AnnouncementPage:
    """One page of the list of announcements, newest first or by relevance.

    Args:
        query: what is asked, with the position of the page.
        now: the moment of the request (nothing here depends on it yet; pages pass it on to rows).
        limit: rows a page.
        count: whether the number of hits is wanted.
        keep: asked with a function that counts; answers with its result, or one that it has kept.
    """
    with planned() if query.terms else nullcontext():
        search = resolve(query)
        if search is None:
            return AnnouncementPage([], "", 0, count)
        found = _found(search, query, limit + 1)
        hits, exact = (keep or _at_once)(lambda: _count(search)) if count else (0, False)
    following = ""
    if len(found) > limit:
        phase, last = found[limit - 1]
        following = query.position_write(Position(phase, last.published_at, last.id))
    return AnnouncementPage([row for _, row in found[:limit]], following, hits, exact)


def announcement_get(pk: int) -> Announcement:
    """One announcement with the number of its leaf in the log (``leaf_seq``, or None); its canonical record and
    structured fields are read when they are asked for.

    Raises:
        Announcement.DoesNotExist: there is none with this number.
    """
    found = _rows("WHERE a.id = %s", pk, more=(_LEAF,)) if 0 < pk < 2**63 else []
    for announcement in found:
        return announcement
    raise Announcement.DoesNotExist


_RECORD_OF = "SELECT content, sha256 FROM tenders_announcementrecord WHERE announcement_id = $1"


def record_read(announcement: Announcement) -> Announcement:
    """The announcement, its canonical record read with it."""
    for content, sha256 in prepared.rows(_RECORD_OF, [announcement.pk]):
        announcement.record = AnnouncementRecord(announcement.pk, content, sha256)
    return announcement


def announcement_canonical(pk: int) -> bytes:
    """The stored canonical bytes.

    Raises:
        Announcement.DoesNotExist: there is none with this number.
    """
    found = AnnouncementRecord.objects.filter(pk=pk).values_list("content", flat=True) if 0 < pk < 2**63 else []
    for content in found:
        return bytes(content)
    raise Announcement.DoesNotExist


def announcement_newest(category: str, limit: int) -> list[Announcement]:
    """The newest announcements of one category."""
    return _rows(f"WHERE a.category = %s {_ORDER} LIMIT %s", category, limit)


def categories() -> list[str]:
    """Names of the categories in the center's order."""
    return list(Category.objects.order_by("position", "id").values_list("name", flat=True))


def types_of(category: str = "") -> list[str]:
    """Names of the announcement types, as filters offer them: those that occur in a category, or all."""
    if category:
        rows = CategoryType.objects.filter(category__name=category)
        return list(rows.order_by("type__name").values_list("type__name", flat=True))
    return list(AnnouncementType.objects.order_by("name").values_list("name", flat=True))


def regions() -> list[str]:
    """Names of the regions that announcements have named."""
    return list(Region.objects.order_by("name").values_list("name", flat=True))


def attachments_of(announcement: Announcement) -> list[Attachment]:
    """The announcement's attachments in order."""
    sql = "SELECT * FROM tenders_attachment WHERE announcement_id = %s ORDER BY position"
    return list(Attachment.objects.raw(sql, [announcement.pk]))


TERMINATED, CORRECTED = "terminated", "corrected"


def superseded(rows: Sequence[Announcement], *, now: datetime) -> dict[int, str]:
    """Which announcements of a list no longer mean the deadline that they name.

    Args:
        rows: of one list; only those with a deadline after ``now`` are asked for, with one query for all.
        now: the moment of the request.

    Returns:
        By id: ``terminated`` when the project has ended, ``corrected`` when a later announcement of the same
        project changes or explains it.
    """
    ids = [row.id for row in rows if row.deadline and row.deadline > now]
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, bool_or(own.stage = 'termination' OR t.stage = 'termination'),"
            " bool_or(t.stage = 'correction')"
            " FROM tenders_announcement r JOIN tenders_announcementtype own ON own.name = r.type"
            " LEFT JOIN tenders_announcement a ON a.project_code = r.project_code AND a.project_code <> ''"
            " AND a.source_name = r.source_name AND (a.published_at, a.id) > (r.published_at, r.id)"
            " AND a.published_at <= %s LEFT JOIN tenders_announcementtype t ON t.name = a.type"
            " WHERE r.id = ANY(%s) GROUP BY r.id",
            [now, ids],
        )
        return {
            pk: TERMINATED if ended else CORRECTED for pk, ended, corrected in cursor.fetchall() if ended or corrected
        }


CHAIN_LIMIT = 200


def announcement_chain(announcement: Announcement) -> list[ChainLink]:
    """The announcements of one source and project code, oldest first, corrections naming what they correct.

    A correction whose fields name an id (``corrects``) corrects that one. For the others what they correct
    is found when it is asked, because an import may bring them in any order: the nearest older announcement
    of the chain that is no correction itself and fits the title (one of a result corrects a result).
    """
    rows: list[Announcement] = []
    if announcement.project_code:
        rest = "JOIN tenders_announcementtype t ON t.name = a.type WHERE a.project_code = %s AND a.source_name = %s"
        code, source = announcement.project_code, announcement.source_name
        more = ("t.stage AS stage", "a.fields ->> 'corrects' AS named")
        rows = _rows(f"{rest} {_ORDER} LIMIT %s", code, source, CHAIN_LIMIT, more=more)[::-1]
    return _links(announcement, rows)


def _links(announcement: Announcement, rows: list[Announcement]) -> list[ChainLink]:
    """The chain of ``rows`` (oldest first, with ``stage`` and ``named``); of the announcement alone without any."""
    if announcement.id not in {row.id for row in rows}:
        rows = [announcement, *rows]
    stage = AnnouncementType.Stage
    links: list[ChainLink] = []
    for row in rows:
        corrected = None
        if getattr(row, "stage", "") in (stage.CORRECTION, stage.TERMINATION):
            older = [link.announcement for link in links]
            named = [one for one in older if one.external_id == getattr(row, "named", None)]
            corrected = named[0] if named else _corrected(row, [o for o in older if _stage(o) not in _NO_TARGET])
        links.append(ChainLink(row, corrected, row.id == announcement.id))
    return links


def _with_chain_sql() -> tuple[str, tuple[str, ...]]:
    """Statement and attribute names: first the announcement itself, then its chain, newest first, in one answer."""
    columns = {f.attname: f.column for f in Announcement._meta.concrete_fields if f.name != "fields"}
    names = (*_LINKED, *(name for name in columns if name not in _LINKED))
    mine = ", ".join(f"a.{columns[name]}" for name in names)
    theirs = ", ".join([*(f"a.{columns[name]}" for name in _LINKED), *["NULL"] * (len(names) - len(_LINKED))])
    return (
        f"SELECT NULL, NULL, {_LEAF}, {mine} FROM tenders_announcement a WHERE a.id = $1 UNION ALL"
        f" (SELECT t.stage, a.fields ->> 'corrects', NULL, {theirs} FROM tenders_announcement a"
        " JOIN tenders_announcementtype t ON t.name = a.type"
        # The index of the chain leaves those without a code out; so must the question, or it is not used.
        " WHERE a.project_code <> '' AND a.project_code = (SELECT project_code FROM tenders_announcement WHERE id = $1)"
        f" AND a.source_name = (SELECT source_name FROM tenders_announcement WHERE id = $1) {_ORDER}"
        f" LIMIT {CHAIN_LIMIT})"
    ), names


_WITH_CHAIN, _WITH_CHAIN_NAMES = _with_chain_sql()
_LINK_NAMES = ("stage", "named", *_LINKED)


def announcement_with_chain(pk: int) -> tuple[Announcement, list[ChainLink]]:
    """What announcement_get and announcement_chain give together, with one question to the database.

    Raises:
        Announcement.DoesNotExist: there is none with this number.
    """
    found = prepared.rows(_WITH_CHAIN, [pk]) if 0 < pk < 2**63 else []
    if not found:
        raise Announcement.DoesNotExist
    announcement = _announcement(("leaf_seq", *_WITH_CHAIN_NAMES), found[0][2:])
    chain = [_announcement(_LINK_NAMES, (*row[:2], *row[3 : 3 + len(_LINKED)])) for row in found[:0:-1]]
    return announcement, _links(announcement, chain)


_NO_TARGET = (AnnouncementType.Stage.CORRECTION, AnnouncementType.Stage.TERMINATION, AnnouncementType.Stage.INTENTION)
_RESULT_WORDS = ("结果", "中标", "成交")


def _stage(row: Announcement) -> str:
    return str(getattr(row, "stage", ""))


def _corrected(row: Announcement, older: list[Announcement]) -> Announcement | None:
    stage = AnnouncementType.Stage
    results = (stage.RESULT, stage.CANDIDATES, stage.CONTRACT)
    about_result = any(word in row.title or word in row.type_id for word in _RESULT_WORDS)
    fitting = [one for one in older if (_stage(one) in results) == about_result]
    found = fitting or older
    return found[-1] if found else None
