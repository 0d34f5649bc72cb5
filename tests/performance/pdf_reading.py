"""What is in a PDF, read by other programs than the one that wrote it (PDFium, pypdf)."""

from __future__ import annotations

import ctypes
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdf
import pypdfium2

MM = 72 / 25.4


@dataclass(frozen=True)
class Char:
    """A visible character: its box from the upper left corner, in points, and the size of its font."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float


def _scale(text: Any, number: int) -> float:
    """By how much a character's matrix enlarges it."""
    matrix = pypdfium2.raw.FS_MATRIX()
    pypdfium2.raw.FPDFText_GetMatrix(text, number, matrix)
    return math.hypot(matrix.a, matrix.b)


def fonts_of(page: Any, words: str) -> set[str]:
    """The fonts in which a text begins on a page."""
    text, found = page.get_textpage(), set()
    searcher = text.search(words)
    while hit := searcher.get_next():
        buffer = ctypes.create_string_buffer(100)
        pypdfium2.raw.FPDFText_GetFontInfo(text, hit[0], buffer, 100, None)
        found.add(buffer.value.decode().split("+")[-1])
    return found


def chars(page: Any) -> list[Char]:
    """The visible characters of a page of PDFium, in the order of the text."""
    text, height, found = page.get_textpage(), page.get_height(), []
    for number in range(text.count_chars()):
        letter = chr(pypdfium2.raw.FPDFText_GetUnicode(text, number))
        if letter.isspace() or letter == "\0":
            continue
        left, bottom, right, top = text.get_charbox(number, loose=True)
        size = pypdfium2.raw.FPDFText_GetFontSize(text, number) * _scale(text, number)
        found.append(Char(letter, left, height - top, right, height - bottom, size))
    return found


def pages(content: bytes) -> list[Any]:
    """The pages, as PDFium reads them."""
    document = pypdfium2.PdfDocument(content)
    return [document[number] for number in range(len(document))]


def lines(page: Any, *, size: float = 16.0) -> list[list[Char]]:
    """The characters of one size on a page, by line, from above."""
    found: dict[int, list[Char]] = defaultdict(list)
    for one in chars(page):
        if abs(one.size - size) < 0.2:
            found[round(one.bottom / 6)].append(one)
    merged: list[list[Char]] = []
    for key in sorted(found):
        if merged and abs(found[key][0].bottom - merged[-1][0].bottom) < 6:
            merged[-1] += found[key]
        else:
            merged.append(list(found[key]))
    return [sorted(line, key=lambda one: one.left) for line in merged]


def text_of(content: bytes) -> str:
    """The whole text in its order, without white space."""
    return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_bounded() for page in pages(content)))


def fonts(content: bytes) -> Iterator[tuple[str, Any]]:
    """(name, descriptor) of every font that the pages name."""
    seen = set()
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            name = str(below["/BaseFont"])
            if name not in seen:
                seen.add(name)
                yield name, below["/FontDescriptor"].get_object()


def bookmarks(content: bytes) -> list[tuple[int, str, int]]:
    """(level, title, page from 1) of every bookmark."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    found: list[tuple[int, str, int]] = []

    def walk(items: Any, level: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, level + 1)
            else:
                found.append((level, str(item.title), reader.get_destination_page_number(item) + 1))

    walk(reader.outline, 1)
    return found


def information(content: bytes) -> dict[str, str]:
    """The document information."""
    return {name: str(value) for name, value in (pypdf.PdfReader(io.BytesIO(content)).metadata or {}).items()}
