"""Rows of the search tables as COPY's binary format has them.

Four hundred numbers a row as text would take both sides twice the time.
"""

from __future__ import annotations

import io
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from core.text import fold
from tenders import tokens

_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT4 = 23  # the type's number in PostgreSQL


@dataclass(frozen=True)
class SearchSource:
    """What search knows of an announcement.

    Attributes:
        number: the announcement's.
        codes: project code and unified deal code, blank ones too.
        parties: purchaser, agency, supplier, blank ones too.
        attachments: their names.
        category, type, region: numbers of the rows of these names; no region is None.
    """

    number: int
    published_at: datetime
    title: str
    text: str
    codes: Sequence[str]
    parties: Sequence[str]
    attachments: Sequence[str]
    category: int
    type: int
    region: int | None


def _array(numbers: set[int]) -> bytes:
    """An array of 32-bit numbers: dimensions, no NULLs, type, length, lower bound, then size and value of each."""
    cells = array("i", bytes(8 * len(numbers)))
    cells[0::2] = array("i", [4]) * len(numbers)
    cells[1::2] = array("i", numbers)
    if sys.byteorder == "little":
        cells.byteswap()
    return struct.pack(">5i", 1, 0, _INT4, len(numbers), 1) + cells.tobytes()


def _row(*fields: bytes) -> bytes:
    return struct.pack(">h", len(fields)) + b"".join(struct.pack(">i", len(field)) + field for field in fields)


def search_row(source: SearchSource) -> tuple[bytes, bytes]:
    """The rows of ``tenders_searchentry`` and of ``tenders_searchtext``."""
    title = fold(source.title)
    codes, parties = ([fold(one) for one in names if one] for names in (source.codes, source.parties))
    # Every part on a line of its own: no phrase runs from one into the next.
    text = "\n".join(filter(None, (title, fold(source.text), *map(fold, source.attachments), *codes, *parties)))
    filters = {tokens.value_token(tokens.CATEGORY, source.category), tokens.value_token(tokens.TYPE, source.type)}
    if source.region is not None:
        filters.add(tokens.value_token(tokens.REGION, source.region))
    stored = tokens.row_tokens(title, text) | filters | tokens.moment_tokens(source.published_at)
    stored |= {tokens.whole_token(tokens.CODE, one) for one in codes}
    stored |= {tokens.whole_token(tokens.PARTY, one) for one in parties}
    if tokens.is_sampled(source.number):
        stored.add(tokens.SAMPLE_TOKEN)
    number = struct.pack(">q", source.number)
    moment = struct.pack(">q", (source.published_at - _POSTGRES_EPOCH) // timedelta(microseconds=1))
    entry = _row(number, moment, _array(stored))
    return entry, _row(number, moment, _array(filters), title.encode(), text.encode())


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
