"""What is searched for: a query's words as terms, its filters as tokens of the database's names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction

from core.moments import SHANGHAI
from core.text import fold
from tenders import tokens
from tenders.models import AnnouncementType, Category, Region
from tenders.queries import AnnouncementQuery

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
    def title_only(self) -> bool:
        """A single character, or nothing but separators: too common in texts to be worth an entry."""
        return tokens.is_short(self.text)

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
    def asks_index(self) -> bool:
        """Whether there is anything to look for besides a span of time."""
        return bool(self.terms or self.values)


_planning: ContextVar[bool] = ContextVar("planning", default=False)


@contextmanager
def planned() -> Iterator[None]:
    """Planner settings for searching; inside another block of this kind nothing more is asked of the server.

    The planner does not know what reading a row's tokens costs (they lie out of line), and would rather
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


def _exists(token: int, folded: str) -> bool:
    """Whether a whole code or name is known: by its token, then as a line of the text, where parts stand alone."""
    with planned(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM tenders_searchentry s CROSS JOIN LATERAL (SELECT FROM tenders_searchtext t"
            " WHERE t.announcement_id = s.announcement_id AND strpos(t.folded_text || %s, %s) > 0 OFFSET 0) t"
            " WHERE s.tokens @> %s::int[])",
            ["\n", f"\n{folded}\n", [token]],
        )
        return bool(cursor.fetchone()[0])


def _terms(query: AnnouncementQuery) -> tuple[Term, ...]:
    """The query's terms; a known code or company name in full is one term, whatever stands in it."""
    whole = fold(query.q)
    if not whole:
        return ()
    is_code = _CODE_SHAPE.search(whole) and tokens.term_tokens(whole)
    if is_code and _exists(tokens.whole_token(tokens.CODE, whole), whole):
        return (Term(whole, whole=True),)
    if len(query.terms) > 1 and _exists(tokens.whole_token(tokens.PARTY, whole), whole):
        return (Term(whole),)
    return tuple(Term(t) for t in query.terms)


def resolve(query: AnnouncementQuery) -> Search | None:
    """What rows must have to answer ``query``; None when a name in it is unknown, so that nothing can."""
    values = []
    for kind, model, name in (
        (tokens.CATEGORY, Category, query.category),
        (tokens.TYPE, AnnouncementType, query.type),
        (tokens.REGION, Region, query.region),
    ):
        if name:
            number = model.objects.filter(name=name).values_list("id", flat=True).first()
            if number is None:
                return None
            values.append(tokens.value_token(kind, number))
    try:
        since = _midnight(query.since) if query.since else None
        until = _midnight(query.until + timedelta(days=1)) if query.until else None
    except OverflowError:  # 9999-12-31: no day follows it, so it limits nothing
        until = None
    return Search(_terms(query), tuple(values), since, until)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
