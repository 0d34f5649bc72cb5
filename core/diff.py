"""What changed between two texts, word by word, readable without colour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# A number, a Latin word, one Chinese character, one other sign.
WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|[^\S\n]+|.", re.S)
# Words are compared within lines that changed; longer ones stand as deleted and added whole.
LONGEST_BLOCK = 4_000
# Two changes with so few equal words between them read better as one.
SHORTEST_SAME = 2

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True)
class Piece:
    """Some words: ``same`` in both, ``gone`` in the later text, ``new`` in it."""

    kind: Kind
    text: str


def _words(before: str, after: str) -> Iterator[Piece]:
    if len(before) + len(after) > LONGEST_BLOCK:
        yield from (Piece("gone", before), Piece("new", after))
        return
    old, new = WORD.findall(before), WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, i, j, k, m in matcher.get_opcodes():
        a, b = "".join(old[i:j]), "".join(new[k:m])
        if a == b:
            yield Piece("same", a)
        else:
            yield from (Piece("gone", a), Piece("new", b))


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind together; a word or two between two changes belong to both."""
    out: list[Piece] = []
    gone = new = ""
    for index, piece in enumerate(pieces):
        near = 0 < index < len(pieces) - 1 and len(piece.text.strip()) < SHORTEST_SAME and "\n" not in piece.text
        if piece.kind == "same" and not ((gone or new) and near):
            out += [Piece(kind, text) for kind, text in (("gone", gone), ("new", new)) if text]  # type: ignore[arg-type]
            gone = new = ""
            if out and out[-1].kind == "same":
                out[-1] = Piece("same", out[-1].text + piece.text)
            elif piece.text:
                out.append(piece)
            continue
        gone += piece.text if piece.kind != "new" else ""
        new += piece.text if piece.kind != "gone" else ""
    return out + [Piece(kind, text) for kind, text in (("gone", gone), ("new", new)) if text]  # type: ignore[arg-type]


def text_diff(before: str, after: str) -> list[list[Piece]]:
    """The pieces of each paragraph of the later text, with what is gone from the earlier one.

    Args:
        before, after: texts, a paragraph a line.

    Returns:
        Lines of pieces; all pieces but the new ones joined give ``before``, all but the gone ones ``after`` (white
        space at the ends of lines apart).
    """
    old = [line.rstrip() + "\n" for line in before.splitlines() if line.strip()]
    new = [line.rstrip() + "\n" for line in after.splitlines() if line.strip()]
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        a, b = "".join(old[i:j]), "".join(new[k:m])
        pieces += [Piece("same", a)] if tag == "equal" else list(_words(a, b))
    return _lines(_joined([piece for piece in pieces if piece.text]))


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    out: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *rest = piece.text.split("\n")
        if first:
            out[-1].append(Piece(piece.kind, first))
        for part in rest:
            out.append([Piece(piece.kind, part)] if part else [])
    return [line for line in out if line]
