"""Where personal data stand in a canonical record, and the record without them. Pure functions.

A record is masked in its bytes: pieces of strings become ＊＊＊, a number a string of them, an attachment an entry
without name, digest and address; ``original_sha256`` is put in where canonical order has it. The database computes
the same from the same pieces (migration 0009), so that nothing else of a published announcement can be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simplejson

from core.errors import BusinessError
from tenders.lines import canonical_json

MASK = "＊＊＊"
TEXT, NUMBER, ATTACHMENT = 0, 1, 2
REPLACEMENT = {TEXT: MASK, NUMBER: f'"{MASK}"', ATTACHMENT: f'{{"name":"{MASK}"}}'}
SHORTEST = 2
MOST = 200
BEFORE = b',"published":'
# Begin and end in bytes of the record, and the kind.
Piece = tuple[int, int, int]
# What may be masked; identity, kind of trade, type and time of an announcement never.
MASKABLE = ("title", "text", "fields", "attachments")


@dataclass(frozen=True)
class Place:
    """A value of a record and where it stands.

    Args:
        path: keys and positions from the top.
        begin, end: its bytes, for a string without the quotation marks.
        value: the value, a string, a number, or an attachment.
    """

    path: tuple[str | int, ...]
    begin: int
    end: int
    value: Any


def record_read(content: bytes) -> dict[str, Any]:
    """A canonical record."""
    found: dict[str, Any] = simplejson.loads(content, use_decimal=True)
    return found


def places(value: Any, at: int = 0, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Every string and number of a value, and every attachment, with its bytes in the canonical form."""
    if isinstance(value, str):
        yield Place(path, at + 1, at + len(canonical_json(value)) - 1, value)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield Place(path, at, at + len(canonical_json(value)), value)
    elif isinstance(value, dict):
        if len(path) == 2 and path[0] == "attachments":
            yield Place(path, at, at + len(canonical_json(value)), value)
        at += 1
        for key in sorted(value):
            at += len(canonical_json(key)) + 1
            yield from places(value[key], at, (*path, key))
            at += len(canonical_json(value[key])) + 1
    elif isinstance(value, list):
        at += 1
        for number, one in enumerate(value):
            yield from places(one, at, (*path, number))
            at += len(canonical_json(one)) + 1


def _bytes_before(text: str, index: int) -> int:
    """How many bytes the first ``index`` characters of a string take inside its quotation marks."""
    return len(canonical_json(text[:index])) - 2


def _occurrences(place: Place, text: str) -> Iterator[Piece]:
    if isinstance(place.value, str):
        index = place.value.find(text)
        while index >= 0:
            begin = place.begin + _bytes_before(place.value, index)
            yield begin, begin + len(canonical_json(text)) - 2, TEXT
            index = place.value.find(text, index + len(text))
    elif not isinstance(place.value, dict) and text in canonical_json(place.value).decode():
        yield place.begin, place.end, NUMBER


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """In order; pieces of text that touch or overlap become one, those within a whole attachment are part of it."""
    found: list[Piece] = []
    for begin, end, kind in sorted(pieces, key=lambda piece: (piece[0], -piece[1])):
        if found and begin < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), found[-1][2])
        else:
            found.append((begin, end, kind))
    return found


def _maskable(path: tuple[str | int, ...]) -> bool:
    """An attachment is masked in its name or as a whole: its digest stands for its content."""
    return path[0] in MASKABLE and (path[0] != "attachments" or len(path) == 2 or path[-1] == "name")


def pieces_find(content: bytes, texts: Sequence[str], attachments: Sequence[int] = ()) -> list[Piece]:
    """Every place where one of ``texts`` stands, and the attachments to be withheld as a whole.

    Args:
        content: the canonical record.
        texts: exactly as published.
        attachments: positions, from 0.

    Raises:
        BusinessError: nothing was chosen, a text is too short or is not there (``not_found``), or too much.
    """
    record = record_read(content)
    known = [one for one in places(record) if one.path and _maskable(one.path)]
    found: list[Piece] = []
    for text in texts:
        if len(text) < SHORTEST:
            raise _refusal(f"“{text}”太短，至少选 {SHORTEST} 个字", "too_short")
        if MASK in text:
            raise _refusal(f"“{text}”里已有遮蔽过的文字", "masked")
        pieces = [piece for place in known for piece in _occurrences(place, text)]
        if not pieces:
            raise _refusal(f"公告里没有“{text}”，要与公告原文完全一致", "not_found")
        found += pieces
    for number in attachments:
        whole = [place for place in known if place.path == ("attachments", number)]
        if not whole:
            raise _refusal(f"公告没有第 {number + 1} 个附件", "not_found")
        found.append((whole[0].begin, whole[0].end, ATTACHMENT))
    if not found:
        raise _refusal("还没有选要遮蔽的文字", "nothing")
    merged = _merged(found)
    if len(merged) > MOST:
        raise _refusal(f"要遮蔽的有 {len(merged)} 处，超过 {MOST} 处，请选得更准些", "too_many")
    return merged


def _refusal(reason: str, code: str) -> BusinessError:
    return BusinessError(f"不能申请遮蔽：{reason}。", code)


def insert_at(content: bytes) -> int | None:
    """Where ``original_sha256`` goes: before the key that follows it in order; None when it is there already."""
    record = record_read(content)
    if "original_sha256" in record:
        return None
    before = {key: record[key] for key in record if key < "original_sha256"}
    return len(canonical_json(before)) - 1


def masked(content: bytes, pieces: Sequence[Piece], original_sha256: str) -> bytes:
    """The record without the pieces.

    Args:
        content: the canonical record as it is now.
        pieces: in order, not overlapping.
        original_sha256: digest of the record as first published.
    """
    point = insert_at(content)
    changes = [(begin, end, REPLACEMENT[kind].encode()) for begin, end, kind in pieces]
    if point is not None:
        changes.append((point, point, f',"original_sha256":"{original_sha256}"'.encode()))
    out, at = [], 0
    for begin, end, put in sorted(changes):
        out += [content[at:begin], put]
        at = end
    return b"".join([*out, content[at:]])


def piece_texts(content: bytes, pieces: Sequence[Piece]) -> list[str]:
    """The texts that pieces stand for, for showing and for taking them out of copies."""
    found = []
    for begin, end, kind in pieces:
        raw = content[begin:end].decode()
        if kind == TEXT:
            raw = str(simplejson.loads(f'"{raw}"'))
        elif kind == ATTACHMENT:
            raw = str(simplejson.loads(raw)["name"])
        found.append(raw)
    return found


def without(text: str, pieces: Iterable[str]) -> str:
    """A copy of some text with every piece masked, the longest first."""
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, MASK)
    return text
