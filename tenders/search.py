"""Search over announcements: the newest rows as they stand, then the index.

A term of two or more characters is found as the AND of its character pairs and then compared whole, so
that recall and precision are those of LIKE. PostgreSQL's planner does badly on a frequent term that
occurs in old rows only; so the newest rows are read in order of time, and only when they do not fill
the page is the index asked, for as long a time as a sample of the rows says is needed.
A single character, or separators alone, are looked for in titles only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tenders import tokens
from tenders.queries import Position
from tenders.search_frequency import frequency
from tenders.search_terms import Search, planned

NEWEST_ROWS = 400
HITS_COUNTED = 1_000
CANDIDATES_COMPARED = 2_000
SAMPLE_COMPARED = 300
# Fewer candidates than this are fetched at once, without asking how old they are.
FEW = 6_000
# So many hits in the sample mean more than a thousand in all, as surely as anything is sure.
SURELY_MANY = 25
# The hits of the sample back to which is looked, one after the other.
WINDOWS = (0, 2, 8)
# So many hits among the newest rows tell how frequent a word is.
ENOUGH = 4
LONGEST_SPAN = timedelta(days=124)
# Of one term.
TOKENS_ASKED = 4
TITLE_PHASE, TEXT_PHASE = 0, 1
Found = tuple[datetime, int]


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


def _run(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _compared(search: Search) -> _Statement:
    """What must be true of the texts ``t`` of a hit; which phase it belongs to is decided by tokens."""
    statement = _Statement()
    for term in search.terms:
        sql, values = term.condition("t.folded_title" if term.title_only else "t.folded_text")
        statement.add(sql, *values)
    return statement


def _plain(search: Search) -> list[int]:
    """The tokens to ask for, the rarest first: the index looks up the others for what the first ones leave.

    Of each term only the rarest: a few nearly always decide, the others would cost more than they exclude.
    """
    found: dict[int, None] = {}
    for term in search.terms:
        known = sorted(tokens.term_tokens(term.text), key=lambda token: (frequency(token), token))
        found.update(dict.fromkeys(known[:TOKENS_ASKED]))
    return sorted(found, key=frequency)


def _tokens(search: Search, phase: int | None, more: tuple[int, ...] = ()) -> _Statement:
    """What a row's tokens must be: all in the title's form (TITLE_PHASE), at least one not (TEXT_PHASE), in any form.

    A title that has all the tokens of a term but not the term counts as a title's hit when the text has the term.
    """
    statement = _Statement()
    needed, plain = {*search.values, *more}, _plain(search)
    for term in search.terms:
        if term.title_only:
            needed |= tokens.unit_tokens(term.text)
    if phase == TITLE_PHASE:
        needed |= set(map(tokens.titled, plain))
    elif phase == TEXT_PHASE and len(plain) == 1:
        needed |= set(plain)
    if needed:
        statement.add("s.tokens @> %s::int[]", sorted(needed))
    if phase == TITLE_PHASE or (phase == TEXT_PHASE and len(plain) == 1):
        return statement
    for token in plain:
        statement.add("s.tokens && %s::int[]", [token, tokens.titled(token)])
    if phase == TEXT_PHASE and plain:
        statement.add("s.tokens && %s::int[]", plain)
    return statement


def _bounds(search: Search, after: Position | None, alias: str) -> _Statement:
    statement = _Statement()
    if search.since:
        statement.add(f"{alias}.published_at >= %s", search.since)
    if search.until:
        statement.add(f"{alias}.published_at < %s", search.until)
    if after:
        statement.add(f"({alias}.published_at, {alias}.announcement_id) < (%s, %s)", after.published_at, after.id)
    return statement


def _order(alias: str) -> str:
    return f"ORDER BY {alias}.published_at DESC, {alias}.announcement_id DESC"


def _by_title(search: Search, phase: int) -> _Statement:
    """What ``_tokens`` says of the phase, of a row ``t`` whose text has the terms.

    A title that has the terms has their tokens; one that lacks one of their letters lacks a token; else
    the tokens are read.
    """
    has, letters, by_tokens = _Statement(), _Statement(), _tokens(search, phase)
    for term in search.terms:
        sql, values = term.condition("t.folded_title")
        has.add(sql, *values)
    for letter in sorted({c for term in search.terms for c in term.text if c.isalpha()}):
        letters.add("strpos(t.folded_title, %s) > 0", letter)
    read = (
        "EXISTS (SELECT 1 FROM tenders_searchentry s WHERE s.announcement_id = t.announcement_id"
        f" AND {by_tokens.where})"
    )
    statement = _Statement()
    if not _plain(search):  # nothing but the texts themselves can tell
        statement.add(has.where if phase == TITLE_PHASE else f"NOT ({has.where})", *has.values)
    elif phase == TITLE_PHASE:
        statement.add(letters.where, *letters.values)
        statement.add(f"({has.where} OR {read})", *has.values, *by_tokens.values)
    else:
        statement.add(f"NOT ({has.where})", *has.values)
        statement.add(f"(NOT ({letters.where}) OR {read})", *letters.values, *by_tokens.values)
    return statement


def _newest(
    search: Search, phase: int | None, after: Position | None, limit: int
) -> tuple[list[Found], Position | None]:
    """Hits among the newest rows, and the last row looked at (None when no older ones are needed or there)."""
    bounds, compared = _bounds(search, after, "t"), _compared(search)
    if search.values:
        compared.add("t.filters @> %s::int[]", list(search.values))
    rows = f"SELECT t.* FROM tenders_searchtext t WHERE {bounds.where} {_order('t')} LIMIT {NEWEST_ROWS}"
    sql, values = (
        f"SELECT t.published_at, t.announcement_id FROM ({rows}) t WHERE {compared.where}",
        [
            *bounds.values,
            *compared.values,
        ],
    )
    if phase is not None:
        by_title = _by_title(search, phase)
        sql, values = f"{sql} AND {by_title.where}", [*values, *by_title.values]
    found = _run(f"{sql} LIMIT %s", [*values, limit])
    if len(found) == limit:
        return found, None
    last = _run(
        f"SELECT t.published_at, t.announcement_id FROM tenders_searchtext t WHERE {bounds.where} {_order('t')}"
        f" OFFSET {NEWEST_ROWS - 1} LIMIT 1",
        bounds.values,
    )
    return found, Position(0, *last[0]) if last else None


def _candidates(
    search: Search,
    phase: int | None,
    after: Position | None,
    begin: datetime | None,
    more: tuple[int, ...] = (),
) -> _Statement:
    """Conditions on rows ``s`` that have all tokens and lie between ``begin`` and ``after``."""
    statement = _tokens(search, phase, more)
    if begin and after:
        statement.add("s.tokens && %s::int[]", sorted(tokens.span_tokens(begin, after.published_at)))
        # As a sum, so that the tokens' index is asked and not the one of moments: reading tokens row by row is slow.
        statement.add("s.published_at + interval '0' >= %s", begin)
    bounds = _bounds(search, after, "s")
    if bounds.parts:
        statement.add(bounds.where, *bounds.values)
    return statement


def _look(compared: _Statement, alias: str) -> str:
    """A join that leaves the rows whose text has the terms; OFFSET 0 keeps it behind the ordering."""
    if not compared.parts:
        return ""
    return (
        f" CROSS JOIN LATERAL (SELECT 1 FROM tenders_searchtext t WHERE t.announcement_id = {alias}.announcement_id"
        f" AND {compared.where} OFFSET 0) found"
    )


def _between(search: Search, phase: int | None, after: Position, begin: datetime | None, limit: int) -> list[Found]:
    """Rows by their tokens alone, then in order of time, then compared one by one until the page is full."""
    rows, compared = _candidates(search, phase, after, begin), _compared(search)
    return _run(
        "WITH s AS MATERIALIZED (SELECT s.published_at, s.announcement_id FROM tenders_searchentry s"
        f" WHERE {rows.where}) SELECT e.published_at, e.announcement_id FROM"
        f" (SELECT s.* FROM s {_order('s')}{' OFFSET 0' if compared.parts else ''}) e"
        f"{_look(compared, 'e')} LIMIT %s",
        [*rows.values, *compared.values, limit],
    )


@dataclass(frozen=True)
class _Sample:
    """What the sample knows of a search.

    Attributes:
        candidates: how many of its rows have all tokens.
        hits: when the newest of them were published whose text has the terms, of at most SAMPLE_COMPARED.
    """

    candidates: int
    hits: list[datetime]

    @property
    def share(self) -> float:
        """How many of the candidates are hits."""
        return len(self.hits) / max(min(self.candidates, SAMPLE_COMPARED), 1)


def _sampled(search: Search, phase: int | None, after: Position | None, wanted: int = SAMPLE_COMPARED) -> _Sample:
    """Of the sample: how many candidates, and the newest ``wanted`` hits among the SAMPLE_COMPARED newest of them."""
    rows, compared = _candidates(search, phase, after, None, (tokens.SAMPLE_TOKEN,)), _compared(search)
    found = _run(
        "WITH s AS MATERIALIZED (SELECT s.published_at, s.announcement_id FROM tenders_searchentry s"
        f" WHERE {rows.where}) SELECT (SELECT count(*) FROM s), ARRAY("
        f"SELECT e.published_at FROM (SELECT s.* FROM s {_order('s')} LIMIT {SAMPLE_COMPARED}) e"
        f"{_look(compared, 'e')} LIMIT %s)",
        [*rows.values, *compared.values, wanted],
    )
    return _Sample(*found[0])


def _by_reading(search: Search, phase: int | None, after: Position, limit: int) -> list[Found]:
    """Hits of what no index knows, a character beside a separator, by reading all texts in order of time."""
    bounds, compared = _bounds(search, after, "t"), _compared(search)
    if search.values:
        compared.add("t.filters @> %s::int[]", list(search.values))
    if phase is not None:
        by_title = _by_title(search, phase)
        compared.add(by_title.where, *by_title.values)
    return _run(
        f"SELECT t.published_at, t.announcement_id FROM tenders_searchtext t WHERE {bounds.where} AND {compared.where}"
        f" {_order('t')} LIMIT %s",
        [*bounds.values, *compared.values, limit],
    )


def _older(search: Search, phase: int | None, after: Position, limit: int) -> list[Found]:
    """Hits older than ``after``, by the index: back to where the sample has its first, third, ninth hit, then all."""
    # Without a token only the texts can tell a title's hit from the others, whatever else is asked for.
    untold = phase is not None and not _plain(search) and not all(term.title_only for term in search.terms)
    if untold or not _tokens(search, phase).parts:
        return _by_reading(search, phase, after, limit)
    # A code in full is rare enough to be asked for at once.
    if any(term.whole for term in search.terms):
        return _between(search, phase, after, None, limit)
    sample = _sampled(search, phase, after, WINDOWS[-1] + 1)
    if sample.candidates * tokens.SAMPLE_OF > FEW:
        for place in WINDOWS:
            if place < len(sample.hits):
                found = _between(search, phase, after, sample.hits[place], limit)
                if len(found) == limit:
                    return found
    return _between(search, phase, after, None, limit)


def _phase_hits(search: Search, phase: int | None, after: Position | None, limit: int) -> list[Found]:
    if phase == TEXT_PHASE and all(term.title_only for term in search.terms):
        return []
    found, last = _newest(search, phase, after, limit)
    if len(found) < limit and last:
        begin = _reached(found, last, limit) if phase != TITLE_PHASE else None
        more = _between(search, phase, last, begin, limit - len(found)) if begin else []
        if len(found) + len(more) < limit:
            more = _older(search, phase, last, limit - len(found))
        found += more
    return found


def _reached(found: list[Found], last: Position, limit: int) -> datetime | None:
    """How far back the page should be full, if older rows have as many hits as the newest; None for too few to tell.

    Quicker than asking the sample, which a word that is neither frequent nor rare would else pay for. Not for
    titles: there the span is so short that the planner reads the tokens of all its rows.
    """
    older = found[len(found) // 2 :]  # the newest ones may lie far apart: a quiet month, a date in the future
    if len(found) < ENOUGH:
        return None
    span = (older[0][0] - last.published_at) * (2 * (limit - len(found)) / len(older))
    return last.published_at - span if span <= LONGEST_SPAN else None


def search_hits(search: Search, *, by_relevance: bool, after: Position | None, limit: int) -> list[tuple[int, Found]]:
    """The next hits in order.

    Args:
        search: the resolved query, which asks the index.
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


def _count_of_span(search: Search) -> tuple[int, bool]:
    """How many rows there are in a span of time."""
    bounds = _bounds(search, None, "t")
    rows = f"SELECT 1 FROM tenders_searchtext t WHERE {bounds.where}"
    counted = _run(f"SELECT count(*) FROM ({rows} LIMIT %s) c", [*bounds.values, HITS_COUNTED + 1])[0][0]
    if counted <= HITS_COUNTED:
        return counted, True
    plan = _run(f"EXPLAIN (FORMAT JSON) {rows}", bounds.values)[0][0]
    return max(counted, int(plan[0]["Plan"]["Plan Rows"])), False


def search_count(search: Search) -> tuple[int, bool]:
    """How many rows answer: exact up to 1,000, else an estimate from the sample and False.

    Of the rows that have all the tokens at most 2,000 are compared; from them the rest is estimated.
    """
    with planned():
        if not search.asks_index:
            return _count_of_span(search)
        sample = _sampled(search, None, None)
        estimate = int(sample.candidates * sample.share * tokens.SAMPLE_OF)
        if len(sample.hits) >= SURELY_MANY:
            return estimate, False
        rows, compared = _candidates(search, None, None, None), _compared(search)
        looked_at, counted = _run(
            "SELECT count(*), count(found) FROM (SELECT s.announcement_id FROM tenders_searchentry s"
            f" WHERE {rows.where} LIMIT %s) s LEFT JOIN LATERAL (SELECT 1 AS found FROM tenders_searchtext t"
            f" WHERE t.announcement_id = s.announcement_id AND {compared.where}) t ON TRUE",
            [*rows.values, CANDIDATES_COMPARED + 1, *compared.values],
        )[0]
        if looked_at <= CANDIDATES_COMPARED and counted <= HITS_COUNTED:
            return counted, True
        return max(counted, estimate), False
