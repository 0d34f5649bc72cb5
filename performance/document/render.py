"""A report as PDF, in the layout of GB/T 9704-2012: the same document, code and address give the same bytes."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import segno
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from core.errors import BusinessError
from core.text import text_storable
from performance.document import fonts
from performance.document.model import Document, document_json
from performance.document.numbering import title_lines
from performance.document.pages import Part, attachments, body, members_by_role
from performance.document.typesetting import chinese_lines

Step = Callable[[str], None]
LAYOUT, WRITING = "排版", "写出"
MOST_TOLD = 10
# Pango's objects and the configuration of fonts are one for the process.
_lock = Lock()


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def _qr(address: str) -> str:
    """A QR code as SVG, one path: sharp at any size."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 (made by the library of modules and numbers alone)


def _date_words(document: Document) -> str:
    day = document.cover.dated_on
    return f"{day.year}年{day.month}月{day.day}日"


def document_html(document: Document, *, code: str, verify_url: str, mark: str = "") -> str:
    """The whole report as one HTML text with its style: what the PDF is laid out from.

    Args:
        document: what it holds.
        code: printed on the cover.
        verify_url: where the QR code leads.
        mark: printed at the head of every page, e.g. 演示; empty for none.
    """
    cover = document.cover
    parts, papers = body(document), attachments(document)
    words = {
        "document": document, "cover": cover, "style": report_style(), "mark": mark, "code": code,
        "verify_url": verify_url, "qr": _qr(verify_url), "title_lines": title_lines(cover.title, cover.unit),
        "members": members_by_role(cover.members), "date": _date_words(document), "parts": parts, "papers": papers,
        "contents": _contents(parts, papers), "rows": len(cover.facts) + len(members_by_role(cover.members)),
    }  # fmt: skip
    return text_storable(render_to_string("performance/document/report.html", words))


def _contents(parts: list[Part], papers: list[Any]) -> list[tuple[str, int, str]]:
    """(anchor, level, text) of the lines of 目录."""
    found = [(part.anchor, part.level, part.text) for part in parts if part.level <= 2]
    return [*found, *((one.anchor, 1, f"附件{one.number}\u3000{one.title}") for one in papers)]


def _no_address(url: str, *_: Any, **__: Any) -> NoReturn:
    """A report is made of its own text alone."""
    raise ValueError(f"a report asks for {url}")


class _Complaints(logging.Handler):
    """Collects characters that no font has."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if found := re.search(r"\.notdef glyph rendered.*\(U\+([0-9A-F]+)\)", record.getMessage()):
            self.missing[chr(int(found[1], 16))] = None


@contextmanager
def _glyphs_required() -> Iterator[None]:
    """Raises BusinessError ``no_glyph`` afterwards when a character could not be drawn."""
    logger = logging.getLogger("weasyprint")
    complaints, level, passed_on = _Complaints(), logger.level, logger.propagate
    logger.addHandler(complaints)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(complaints)
        logger.setLevel(level)
        logger.propagate = passed_on
    if complaints.missing:
        told = "、".join(f"“{one}”（U+{ord(one):04X}）" for one in list(complaints.missing)[:MOST_TOLD])
        raise BusinessError(f"没有生成 PDF：{told}没有可用的字形，请在正文或表格里换成别的写法后再生成。", "no_glyph")


def identifier(document: Document, code: str, verify_url: str) -> bytes:
    """The file's /ID: 16 bytes that follow from its content (ISO 32000-1 14.4)."""
    text = "\n".join((document_json(document), code, verify_url))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def pages_laid_out(html: str) -> Any:
    """WeasyPrint's document of a text of :func:`document_html`, its pages laid out.

    Raises:
        BusinessError: ``no_pdf``.
    """
    configuration = fonts.configuration()
    weasyprint = import_module("weasyprint")
    chinese_lines()
    return weasyprint.HTML(string=html, url_fetcher=_no_address).render(font_config=configuration)


@dataclass(frozen=True)
class Made:
    """A PDF file: its bytes and how many pages it has."""

    content: bytes
    pages: int


def document_pdf(document: Document, *, code: str, verify_url: str, mark: str = "") -> bytes:
    """The report as a PDF file; see :func:`document_made`."""
    return document_made(document, code=code, verify_url=verify_url, mark=mark).content


def document_made(
    document: Document, *, code: str, verify_url: str, mark: str = "", step: Step = lambda _: None
) -> Made:
    """The report as a PDF file, and its number of pages.

    Args:
        document: what it holds.
        code, verify_url, mark: as :func:`document_html`.
        step: called with LAYOUT and WRITING when each begins.

    Raises:
        BusinessError: ``no_pdf`` when fonts or libraries are missing on this machine, ``no_glyph`` when a character
            of the text is in none of the fonts.
    """
    html = lambda: document_html(document, code=code, verify_url=verify_url, mark=mark)  # noqa: E731 (made under the lock)
    return html_made(html, identifier(document, code, verify_url), step=step)


def html_made(html: Callable[[], str], pdf_identifier: bytes, *, step: Step = lambda _: None) -> Made:
    """An HTML text as a PDF file, and its number of pages.

    Args:
        html: gives the text, style and all.
        pdf_identifier: 16 bytes that follow from its content.
        step: as :func:`document_made`.

    Raises:
        BusinessError: as :func:`document_made`.
    """
    fonts.pdf_require()
    with _lock, _glyphs_required():
        step(LAYOUT)
        pages = pages_laid_out(html())
        step(WRITING)
        content: bytes = pages.write_pdf(pdf_identifier=pdf_identifier)
    return Made(content, len(pages.pages))


def report_style() -> str:
    """The style sheet of official documents, safe to stand in HTML."""
    return mark_safe(_style())  # noqa: S308 (a file of ours)
