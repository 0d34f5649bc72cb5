"""Reads of the tenders app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT

from tenders.models import Announcement, AnnouncementRecord, AnnouncementType, Attachment, Category, Region
from tenders.queries import AnnouncementQuery, Position
from tenders.search import HITS_COUNTED, resolve, search_count, search_hits

PAGE_ROWS = 20


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


def _rows() -> QuerySet[Announcement]:
    """Announcements as lists need them, without their structured fields."""
    return Announcement.objects.defer("fields").order_by("-published_at", "-id")


def _total() -> tuple[int, bool]:
    """All announcements: exact up to 1,000, else the planner's figure."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT 1 FROM tenders_announcement LIMIT %s) t", [HITS_COUNTED + 1])
        counted = cursor.fetchone()[0]
        if counted <= HITS_COUNTED:
            return counted, True
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'tenders_announcement'::regclass")
        return max(HITS_COUNTED, cursor.fetchone()[0]), False


def _by_time(query: AnnouncementQuery, limit: int) -> list[tuple[int, Announcement]]:
    search = resolve(query)
    rows = _rows()
    if search and search.since:
        rows = rows.filter(published_at__gte=search.since)
    if search and search.until:
        rows = rows.filter(published_at__lt=search.until)
    if query.after:
        at, number = query.after.published_at, query.after.id
        rows = rows.filter(Q(published_at__lte=at) & (Q(published_at__lt=at) | Q(id__lt=number)))
    return [(0, row) for row in rows[:limit]]


def _found(query: AnnouncementQuery, limit: int) -> list[tuple[int, Announcement]]:
    search = resolve(query)
    if search is None:
        return []
    if not search.tokens:
        return _by_time(query, limit)
    hits = search_hits(search, by_relevance=query.sort == "relevance", after=query.after, limit=limit)
    rows = _rows()
    if search.terms:
        rows = rows.select_related("record")
    loaded = {row.id: row for row in rows.filter(id__in=[number for _, (_, number) in hits])}
    return [(phase, loaded[number]) for phase, (_, number) in hits if number in loaded]


def announcement_count(query: AnnouncementQuery) -> tuple[int, bool]:
    """How many announcements answer ``query``: (number, whether it is exact)."""
    search = resolve(query)
    if search is None:
        return 0, True
    if not search.tokens and not search.since and not search.until:
        return _total()
    return search_count(search)


def announcement_page(
    query: AnnouncementQuery, *, now: datetime, limit: int = PAGE_ROWS, count: bool = True
) -> AnnouncementPage:
    """One page of the list of announcements, newest first or by relevance.

    Args:
        query: what is asked, with the position of the page.
        now: the moment of the request (nothing here depends on it yet; pages pass it on to rows).
        limit: rows a page.
        count: whether the number of hits is wanted.
    """
    found = _found(query, limit + 1)
    following = ""
    if len(found) > limit:
        phase, last = found[limit - 1]
        following = query.position_write(Position(phase, last.published_at, last.id))
    hits, exact = announcement_count(query) if count else (0, False)
    return AnnouncementPage([row for _, row in found[:limit]], following, hits, exact)


def announcement_get(pk: int) -> Announcement:
    """One announcement with its canonical record.

    Raises:
        Announcement.DoesNotExist: there is none with this number.
    """
    if not 0 < pk < 2**63:
        raise Announcement.DoesNotExist
    return Announcement.objects.select_related("record").get(pk=pk)


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
    return list(_rows().filter(category_id=category)[:limit])


def categories() -> list[str]:
    """Names of the categories in the center's order."""
    return list(Category.objects.order_by("position", "id").values_list("name", flat=True))


def types_of(category: str = "") -> list[str]:
    """Names of the announcement types, as filters offer them (those of every category)."""
    return list(AnnouncementType.objects.order_by("name").values_list("name", flat=True))


def regions() -> list[str]:
    """Names of the regions that announcements have named."""
    return list(Region.objects.order_by("name").values_list("name", flat=True))


def attachments_of(announcement: Announcement) -> list[Attachment]:
    """The announcement's attachments in order."""
    return list(announcement.attachments.order_by("position"))


CHAIN_LIMIT = 200


def announcement_chain(announcement: Announcement) -> list[ChainLink]:
    """The announcements of one source and project code, oldest first, corrections naming what they correct.

    A correction whose fields name an id (``corrects``) corrects that one. For the others what they correct
    is found when it is asked, because an import may bring them in any order: the nearest older announcement
    of the chain that is no correction itself and fits the title (one of a result corrects a result).
    """
    rows: Sequence[Announcement] = [announcement]
    if announcement.project_code:
        rows = list(
            _rows()
            .filter(project_code=announcement.project_code, source_name=announcement.source_name)
            .annotate(stage=F("type__stage"), named=KT("fields__corrects"))[:CHAIN_LIMIT]
        )[::-1]
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
