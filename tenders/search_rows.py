"""Rows of the search tables as COPY's binary format has them.

Hundreds of numbers a row as text would take both sides twice the time.
"""

from __future__ import annotations

import io
import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from core.text import fold
from tenders import tokens

_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT4 = 23  # the type's number in PostgreSQL


@dataclass(frozen=True)
class SearchParts:
    """What search keeps of an announcement's words: the folded title, the folded whole, the tokens of both."""

    title: str
    text: str
    tokens: frozenset[int]


def search_parts(
    *, title: str, text: str, attachments: Sequence[str], codes: Sequence[str], parties: Sequence[str]
) -> SearchParts:
    """Fold and take apart; this is most of the work of entering an announcement.

    Args:
        attachments: their names.
        codes: project code and unified deal code, blank ones too.
        parties: purchaser, agency, supplier, blank ones too.
    """
    folded = fold(title)
    codes, parties = ([fold(one) for one in names if one] for names in (codes, parties))
    # Every part on a line of its own: no phrase runs from one into the next.
    whole = "\n".join(filter(None, (folded, fold(text), *map(fold, attachments), *codes, *parties)))
    found = tokens.row_tokens(folded, whole)
    found.update(tokens.whole_token(tokens.CODE, one) for one in codes)
    found.update(tokens.whole_token(tokens.PARTY, one) for one in parties)
    return SearchParts(folded, whole, frozenset(found))


# PostgreSQL moves only rows over 2,032 bytes out of line. A token that is repeated stands in the index once.
_LEAST_TOKENS = 512


def _array(numbers: Collection[int]) -> bytes:
    """An array of 32-bit numbers: dimensions, no NULLs, type, length, lower bound, then size and value of each."""
    cells = array("i", bytes(8 * len(numbers)))
    cells[0::2] = array("i", [4]) * len(numbers)
    cells[1::2] = array("i", numbers)
    if sys.byteorder == "little":
        cells.byteswap()
    return struct.pack(">5i", 1, 0, _INT4, len(numbers), 1) + cells.tobytes()


def _row(*fields: bytes) -> bytes:
    return struct.pack(">h", len(fields)) + b"".join(struct.pack(">i", len(field)) + field for field in fields)


def search_row(
    *, number: int, published_at: datetime, parts: SearchParts, category: int, type: int, region: int | None
) -> tuple[bytes, bytes]:
    """The rows of ``tenders_searchentry`` and of ``tenders_searchtext``.

    Args:
        number: the announcement's.
        category, type, region: numbers of the rows of these names.
    """
    filters = {tokens.value_token(tokens.CATEGORY, category), tokens.value_token(tokens.TYPE, type)}
    if region is not None:
        filters.add(tokens.value_token(tokens.REGION, region))
    stored = [*(parts.tokens | filters | tokens.moment_tokens(published_at))]
    if tokens.is_sampled(number):
        stored.append(tokens.SAMPLE_TOKEN)
    stored += stored[:1] * (_LEAST_TOKENS - len(stored))
    key = struct.pack(">q", number)
    moment = struct.pack(">q", (published_at - _POSTGRES_EPOCH) // timedelta(microseconds=1))
    entry = _row(key, moment, _array(stored))
    return entry, _row(key, moment, _array(filters), parts.title.encode(), parts.text.encode())


def _copy(table: str, columns: str, rows: Iterable[bytes]) -> None:
    content = b"".join((_HEAD, *rows, _TAIL))
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", io.BytesIO(content))


def search_rows_copy(rows: Sequence[tuple[bytes, bytes]]) -> None:
    """Store rows of :func:`search_row`, in the caller's transaction."""
    entry = "announcement_id, published_at, tokens"
    text = "announcement_id, published_at, filters, folded_title, folded_text"
    _copy("tenders_searchentry", entry, (row[0] for row in rows))
    _copy("tenders_searchtext", text, (row[1] for row in rows))
