"""Search over announcements: newest rows first by date, then the index window by window.

A term of two or more characters is found as the AND of its character pairs and then compared whole, so
that recall and precision are those of LIKE. PostgreSQL's planner does badly on a frequent term that
occurs in old rows only; so the newest rows are looked through by date, and only when they do not fill
the page is the index asked, in windows of months that grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from core.moments import SHANGHAI
from core.text import fold
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
# Each window costs one look through the terms' lists, so there are few; what is older comes in one go.
WINDOW_MONTHS = (1, 4, 24)
MONTHS_COUNTED = 24
HITS_COUNTED = 1_000
CANDIDATES_COMPARED = 2_000
TITLE_PHASE, TEXT_PHASE = 0, 1
# A code goes on while letters, digits or joining marks go on: X-1 is not X-10, X-1-2, AB-X-1, X-1.2 nor X-1(二次).
_CODE_BEFORE = "(^|[^0-9a-z_./-]|(^|[^0-9a-z])[_./-])"
_CODE_AFTER = "($|[^0-9a-z_./(-]|[_./-]($|[^0-9a-z])|[(](?![一二三四五六七八九十0-9]))"
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

    def condition(self, column: str) -> tuple[str, list[str]]:
        """SQL that is true when ``column`` contains the term, and its parameters."""
        if not self.whole:
            return f"strpos({column}, %s) > 0", [self.text]
        pattern = f"{_CODE_BEFORE}{re.escape(self.text)}{_CODE_AFTER}"
        return f"(strpos({column}, %s) > 0 AND {column} ~ %s)", [self.text, pattern]


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
    with planned(), connection.cursor() as cursor:
        cursor.execute(
            "WITH s AS MATERIALIZED (SELECT announcement_id FROM tenders_searchentry WHERE tokens @> %s::int[])"
            f" SELECT DISTINCT {', '.join('a.' + c for c in columns)} FROM s JOIN tenders_announcement a"
            " ON a.id = s.announcement_id",
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
    """A condition under construction."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, sql: str, *values: Any) -> None:
        self.parts.append(sql)
        self.values.extend(values)

    @property
    def where(self) -> str:
        return " AND ".join(self.parts) or "TRUE"


def _recheck(search: Search, phase: int | None) -> _Statement:
    """What tokens cannot decide about a row ``e``: that the longer terms occur as a whole."""
    statement = _Statement()
    for term in search.terms:
        if not term.needs_recheck:
            continue
        title, values = term.condition("e.folded_title")
        if phase == TITLE_PHASE:
            statement.add(title, *values)
        else:
            text, _ = term.condition("e.folded_text")
            statement.add(f"({title} OR {text})", *values, *values)
    return statement


def _not_in_title(search: Search) -> _Statement:
    """That a row ``e`` is no hit of the first phase, where all terms stand in the title."""
    statement = _Statement()
    conditions = [term.condition("e.folded_title") for term in search.terms]
    statement.add(
        f"NOT ({' AND '.join(sql for sql, _ in conditions)})", *[v for _, values in conditions for v in values]
    )
    return statement


def _bounds(search: Search, after: Position | None) -> _Statement:
    statement = _Statement()
    if search.since:
        statement.add("s.published_at >= %s", search.since)
    if search.until:
        statement.add("s.published_at < %s", search.until)
    if after:
        statement.add("(s.published_at, s.announcement_id) < (%s, %s)", after.published_at, after.id)
    return statement


_ORDER = "ORDER BY s.published_at DESC, s.announcement_id DESC"
Found = tuple[datetime, int]


def _run(sql: str, values: list[Any]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]


_planning: ContextVar[bool] = ContextVar("planning", default=False)


@contextmanager
def planned() -> Iterator[None]:
    """Planner settings for searching; inside another block of this kind nothing more is asked of the server.

    The planner does not know what reading a row's tokens or text costs (they lie out of line), and would rather
    read every row than ask the index when a term looks frequent.
    """
    if _planning.get():
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
        token = _planning.set(True)
        try:
            yield
        finally:
            _planning.reset(token)


def _column(phase: int | None) -> str:
    return "title_tokens" if phase == TITLE_PHASE else "tokens"


def _newest(
    search: Search, phase: int | None, after: Position | None, limit: int
) -> tuple[list[Found], Position | None]:
    """Hits among the newest rows, and the last row looked at (None when no older ones are needed or there)."""
    bounds, recheck = _bounds(search, after), _recheck(search, phase)
    if phase == TEXT_PHASE:
        title = _not_in_title(search)
        recheck.add(title.where, *title.values)
    # The sub-select keeps the planner from asking the index for these few rows.
    newest = (
        "SELECT s.published_at, s.announcement_id, s.folded_title, s.folded_text, s.tokens, s.title_tokens"
        f" FROM tenders_searchentry s WHERE {bounds.where} {_ORDER} LIMIT %s"
    )
    found = _run(
        f"SELECT e.published_at, e.announcement_id FROM ({newest}) e"
        f" WHERE e.{_column(phase)} @> %s::int[] AND {recheck.where}"
        " ORDER BY e.published_at DESC, e.announcement_id DESC LIMIT %s",
        [*bounds.values, NEWEST_ROWS, search.tokens, *recheck.values, limit],
    )
    if len(found) == limit:
        return found, None
    looked_at = _run(
        f"SELECT s.published_at, s.announcement_id FROM tenders_searchentry s WHERE {bounds.where} {_ORDER} LIMIT %s",
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
    oldest = _run("SELECT s.published_at, s.announcement_id FROM tenders_searchentry s ORDER BY 1, 2 LIMIT 1", [])
    floor = max(filter(None, (oldest[0][0], search.since)), default=after.published_at)
    begin = None
    # A code in full is rare enough to be asked for at once.
    windows = () if any(term.whole for term in search.terms) else _windows(after.published_at)
    for months, begin in windows:
        bounds = _bounds(search, after)
        bounds.add("s.published_at >= %s", begin)
        found += _by_index(search, phase, months, bounds, limit - len(found))
        if len(found) >= limit or begin <= floor:
            return found
    bounds = _bounds(search, after)
    if begin:
        bounds.add("s.published_at < %s", begin)
    return found + _by_index(search, phase, [], bounds, limit - len(found))


def _by_index(search: Search, phase: int | None, months: list[int], bounds: _Statement, limit: int) -> list[Found]:
    """Rows by their tokens alone, then in order of time, then compared one by one until the page is full."""
    column, recheck = _column(phase), _recheck(search, phase)
    within = [months] if months else []
    tokens = "s.{0} @> %s::int[]" + (" AND s.{0} && %s::int[]" if months else "")
    columns = "s.published_at, s.announcement_id, s.folded_title, s.folded_text"
    titled, values = "", [search.tokens, *within]
    if phase == TEXT_PHASE:
        # Rows whose title has all the tokens are few and known at once; only these need a look at their title.
        titled = (
            ", t AS MATERIALIZED (SELECT s.announcement_id FROM tenders_searchentry s"
            f" WHERE {tokens.format('title_tokens')})"
        )
        values += [search.tokens, *within]
        title = _not_in_title(search)
        if any(term.needs_recheck for term in search.terms):
            recheck.add(f"(e.announcement_id NOT IN (SELECT announcement_id FROM t) OR {title.where})", *title.values)
        else:
            recheck.add("e.announcement_id NOT IN (SELECT announcement_id FROM t)")
    # OFFSET 0 keeps the comparison behind the ordering: no text is read that the page does not need.
    return _run(
        f"WITH s AS MATERIALIZED (SELECT {columns} FROM tenders_searchentry s WHERE {tokens.format(column)}){titled}"
        " SELECT e.published_at, e.announcement_id FROM"
        f" (SELECT {columns} FROM s WHERE {bounds.where} {_ORDER} OFFSET 0) e WHERE {recheck.where} LIMIT %s",
        [*values, *bounds.values, *recheck.values, limit],
    )


def _in_some_title(search: Search) -> bool:
    """Whether any title may have all the terms; most words of texts stand in none, and the index knows at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tenders_searchentry s WHERE s.title_tokens @> %s::int[] LIMIT 1", [search.tokens])
        return cursor.fetchone() is not None


def _phase_hits(search: Search, phase: int | None, after: Position | None, limit: int) -> list[Found]:
    found, last = _newest(search, phase, after, limit)
    if not found and phase == TITLE_PHASE and not _in_some_title(search):
        return []
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
    with planned():
        return _hits_in_order(search, by_relevance, after, limit)


def _hits_in_order(search: Search, by_relevance: bool, after: Position | None, limit: int) -> list[tuple[int, Found]]:
    if not by_relevance:
        return [(0, f) for f in _phase_hits(search, None, after, limit)]
    hits: list[tuple[int, Found]] = []
    if after is None or after.phase == TITLE_PHASE:
        hits = [(TITLE_PHASE, f) for f in _phase_hits(search, TITLE_PHASE, after, limit)]
        after = None
    if len(hits) < limit:
        hits += [(TEXT_PHASE, f) for f in _phase_hits(search, TEXT_PHASE, after, limit - len(hits))]
    return hits


def _counted_months(search: Search) -> list[int]:
    """The months of a short span of time: with them the index leaves out what lies outside."""
    if not (search.since and search.until):
        return []
    first, last = month_number(search.since), month_number(search.until)
    return [value_token(MONTH, n) for n in range(first, last + 1)] if 0 <= last - first < MONTHS_COUNTED else []


def search_count(search: Search) -> tuple[int, bool]:
    """How many rows answer: exact up to 1,000, else an estimate and False.

    Of the rows that have all the tokens at most 2,000 are compared; from them the rest is estimated.
    """
    statement, recheck = _bounds(search, None), _recheck(search, None)
    if search.tokens:
        statement.add("s.tokens @> %s::int[]", search.tokens)
        if months := _counted_months(search):
            statement.add("s.tokens && %s::int[]", months)
    rows = f"SELECT s.folded_title, s.folded_text FROM tenders_searchentry s WHERE {statement.where} LIMIT %s"
    most = CANDIDATES_COMPARED if recheck.parts else HITS_COUNTED
    with planned(), connection.cursor() as cursor:
        if search.tokens:
            # By time, row after row would be asked for its tokens, which lie out of line.
            cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {recheck.where}) FROM ({rows}) e",
            [*recheck.values, *statement.values, most + 1],
        )
        looked_at, counted = cursor.fetchone()
        if looked_at <= most and counted <= HITS_COUNTED:
            planned_rows = None
        else:
            cursor.execute(
                f"EXPLAIN (FORMAT JSON) SELECT 1 FROM tenders_searchentry s WHERE {statement.where}", statement.values
            )
            planned_rows = int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])
        cursor.execute("SET LOCAL enable_indexscan = on")
    if planned_rows is None:
        return counted, True
    return max(counted, min(planned_rows, planned_rows * counted // max(looked_at, 1) or counted)), False
