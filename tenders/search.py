"""Search over announcements: newest rows first by date, then the index window by window.

A term of two or more characters is found as the AND of its character pairs and then compared whole, so
that recall and precision are those of LIKE. PostgreSQL's planner does badly on a frequent term that
occurs in old rows only; so the newest rows are looked through by date, and only when they do not fill
the page is the index asked, in windows of months that grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from core.text import fold
from tenders.facts import SHANGHAI
from tenders.models import AnnouncementType, Category, Region
from tenders.queries import AnnouncementQuery, Position
from tenders.tokens import (
    CATEGORY,
    CODE,
    MONTH,
    PARTY,
    REGION,
    TYPE,
    month_number,
    term_tokens,
    value_token,
    whole_token,
)

NEWEST_ROWS = 120
WINDOW_MONTHS = (1, 2, 3, 6, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12)
HITS_COUNTED = 1_000
TITLE_PHASE, TEXT_PHASE = 0, 1
_CODE_SHAPE = re.compile(r"[0-9a-z]")


@dataclass(frozen=True)
class Term:
    """A word or phrase: ``text`` folded; ``whole`` when only the undivided code counts."""

    text: str
    whole: bool = False

    @property
    def tokens(self) -> list[int]:
        return term_tokens(self.text)

    @property
    def needs_recheck(self) -> bool:
        """Single characters and pairs are exact tokens; anything longer must be compared whole."""
        return self.whole or len(self.text) > 2

    def condition(self, column: str) -> tuple[str, str]:
        """SQL that is true when ``column`` contains the term, and its parameter."""
        if not self.whole:
            return f"strpos({column}, %s) > 0", self.text
        # A code goes on while letters, digits or joining marks go on: X-1 is not X-10, nor X-1-2.
        pattern = f"(^|[^0-9a-z]){re.escape(self.text)}($|[^0-9a-z_-]|[_-]($|[^0-9a-z]))"
        return f"{column} ~ %s", pattern


@dataclass(frozen=True)
class Search:
    """A query resolved against the database's names: what rows must have."""

    terms: tuple[Term, ...]
    values: tuple[int, ...]
    since: datetime | None
    until: datetime | None

    @property
    def tokens(self) -> list[int]:
        """Filter values first: they stand first in no array but decide fastest."""
        return [*self.values, *dict.fromkeys(t for term in self.terms for t in term.tokens)]


def _exists(token: int, folded: str, columns: tuple[str, ...]) -> bool:
    """Whether a whole code or name is known: by its token, then compared."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join('a.' + c for c in columns)} FROM tenders_searchentry s"
            " JOIN tenders_announcement a ON a.id = s.announcement_id WHERE s.tokens @> %s::int[] LIMIT 3",
            [[token]],
        )
        return any(fold(value) == folded for row in cursor.fetchall() for value in row if value)


def _terms(query: AnnouncementQuery) -> tuple[Term, ...]:
    """The query's terms; a known code or company name in full is one term, whatever stands in it."""
    whole = fold(query.q)
    if not whole:
        return ()
    if _CODE_SHAPE.search(whole) and _exists(whole_token(CODE, whole), whole, ("project_code", "unified_deal_code")):
        return (Term(whole, whole=True),)
    if len(query.terms) > 1 and _exists(whole_token(PARTY, whole), whole, ("purchaser", "agency", "supplier")):
        return (Term(whole),)
    return tuple(Term(t) for t in query.terms)


def resolve(query: AnnouncementQuery) -> Search | None:
    """What rows must have to answer ``query``; None when a name in it is unknown, so that nothing can."""
    values = []
    for kind, model, name in (
        (CATEGORY, Category, query.category),
        (TYPE, AnnouncementType, query.type),
        (REGION, Region, query.region),
    ):
        if name:
            number = model.objects.filter(name=name).values_list("id", flat=True).first()
            if number is None:
                return None
            values.append(value_token(kind, number))
    try:
        since = _midnight(query.since) if query.since else None
        until = _midnight(query.until + timedelta(days=1)) if query.until else None
    except OverflowError:  # 9999-12-31: no day follows it, so it limits nothing
        until = None
    return Search(_terms(query), tuple(values), since, until)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


class _Statement:
    """A WHERE clause under construction."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, sql: str, *values: Any) -> None:
        self.parts.append(sql)
        self.values.extend(values)

    @property
    def where(self) -> str:
        return " AND ".join(self.parts) or "TRUE"


def _match(search: Search, phase: int | None) -> _Statement:
    """Rows that answer the search: all of them (None), title hits, or the others."""
    statement = _Statement()
    column = "title_tokens" if phase == TITLE_PHASE else "tokens"
    if search.tokens:
        statement.add(f"s.{column} @> %s::int[]", search.tokens)
    if phase == TITLE_PHASE:
        for term in search.terms:
            if term.needs_recheck:
                sql, value = term.condition("s.folded_title")
                statement.add(sql, value)
        return statement
    for term in search.terms:
        if term.needs_recheck:
            title, value = term.condition("s.folded_title")
            text, _ = term.condition("s.folded_text")
            statement.add(f"({title} OR {text})", value, value)
    if phase == TEXT_PHASE:
        conditions = [term.condition("s.folded_title") for term in search.terms]
        statement.add(f"NOT ({' AND '.join(sql for sql, _ in conditions)})", *[v for _, v in conditions])
    return statement


def _bound(statement: _Statement, search: Search, after: Position | None) -> None:
    if search.since:
        statement.add("s.published_at >= %s", search.since)
    if search.until:
        statement.add("s.published_at < %s", search.until)
    if after:
        statement.add("(s.published_at, s.announcement_id) < (%s, %s)", after.published_at, after.id)


_ORDER = "ORDER BY s.published_at DESC, s.announcement_id DESC LIMIT %s"
Found = tuple[datetime, int]


def _run(sql: str, values: list[Any]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _newest(
    search: Search, phase: int | None, after: Position | None, limit: int
) -> tuple[list[Found], Position | None]:
    """Hits among the newest rows, and the last row looked at (None when no older ones are needed or there)."""
    bounds = _Statement()
    _bound(bounds, search, after)
    match = _match(search, phase)
    # The sub-select keeps the planner from asking the index for these few rows.
    newest = (
        "SELECT s.published_at, s.announcement_id, s.folded_title, s.folded_text, s.tokens, s.title_tokens"
        f" FROM tenders_searchentry s WHERE {bounds.where} {_ORDER}"
    )
    found = _run(
        f"SELECT s.published_at, s.announcement_id FROM ({newest}) s WHERE {match.where} {_ORDER}",
        [*bounds.values, NEWEST_ROWS, *match.values, limit],
    )
    if len(found) == limit:
        return found, None
    looked_at = _run(
        f"SELECT s.published_at, s.announcement_id FROM tenders_searchentry s WHERE {bounds.where} {_ORDER}",
        [*bounds.values, NEWEST_ROWS],
    )
    return found, Position(0, *looked_at[-1]) if len(looked_at) == NEWEST_ROWS else None


def _windows(start: datetime) -> Iterator[tuple[list[int], datetime]]:
    """Months to ask for, from ``start`` backwards, and the moment at which each window begins."""
    newest = month_number(start)
    for months in WINDOW_MONTHS:
        oldest = max(newest - months + 1, 12)
        begin = datetime(oldest // 12, oldest % 12 + 1, 1, tzinfo=SHANGHAI)
        yield [value_token(MONTH, n) for n in range(oldest, newest + 1)], begin
        newest = oldest - 1
        if newest < 12:
            return


def _older(search: Search, phase: int | None, after: Position, limit: int) -> list[Found]:
    """Hits older than ``after``, by the index."""
    found: list[Found] = []
    column = "title_tokens" if phase == TITLE_PHASE else "tokens"
    oldest = _run("SELECT s.published_at, s.announcement_id FROM tenders_searchentry s ORDER BY 1, 2 LIMIT 1", [])
    floor = max(filter(None, (oldest[0][0], search.since)), default=after.published_at)
    begin = timezone.localtime(after.published_at)
    for months, begin in _windows(after.published_at):
        statement = _match(search, phase)
        statement.add(f"s.{column} && %s::int[]", months)
        _bound(statement, search, after)
        statement.add("s.published_at >= %s", begin)
        found += _run_by_index(statement, limit - len(found))
        if len(found) >= limit or begin <= floor:
            return found
    statement = _match(search, phase)
    _bound(statement, search, after)
    statement.add("s.published_at < %s", begin)
    return found + _run_by_index(statement, limit - len(found))


def _run_by_index(statement: _Statement, limit: int) -> list[Found]:
    # MATERIALIZED: the planner must not walk the index by date, hoping to meet hits soon.
    return _run(
        "WITH s AS MATERIALIZED (SELECT s.published_at, s.announcement_id FROM tenders_searchentry s"
        f" WHERE {statement.where}) SELECT s.published_at, s.announcement_id FROM s {_ORDER}",
        [*statement.values, limit],
    )


def _phase_hits(search: Search, phase: int | None, after: Position | None, limit: int) -> list[Found]:
    found, last = _newest(search, phase, after, limit)
    if len(found) < limit and last:
        found += _older(search, phase, last, limit - len(found))
    return found


def search_hits(search: Search, *, by_relevance: bool, after: Position | None, limit: int) -> list[tuple[int, Found]]:
    """The next hits in order.

    Args:
        search: the resolved query, with at least one token.
        by_relevance: all title hits, newest first, then the others; else all by time.
        after: where the page begins.
        limit: how many at most.

    Returns:
        (phase, (published_at, id)) of each.
    """
    if not by_relevance:
        return [(0, f) for f in _phase_hits(search, None, after, limit)]
    hits: list[tuple[int, Found]] = []
    if after is None or after.phase == TITLE_PHASE:
        hits = [(TITLE_PHASE, f) for f in _phase_hits(search, TITLE_PHASE, after, limit)]
        after = None
    if len(hits) < limit:
        hits += [(TEXT_PHASE, f) for f in _phase_hits(search, TEXT_PHASE, after, limit - len(hits))]
    return hits


def search_count(search: Search) -> tuple[int, bool]:
    """How many rows answer: exact up to 1,000, else an estimate and False."""
    statement = _match(search, None)
    _bound(statement, search, None)
    sql = f"SELECT 1 FROM tenders_searchentry s WHERE {statement.where}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql} LIMIT %s) t", [*statement.values, HITS_COUNTED + 1])
        counted = cursor.fetchone()[0]
        if counted <= HITS_COUNTED:
            return counted, True
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", statement.values)
        plan = cursor.fetchone()[0]
    return max(HITS_COUNTED, int(plan[0]["Plan"]["Plan Rows"])), False
