"""Texts written on the staff pages: plain words with a few signs, which a colleague reads as easily as the page.

``一、`` begins a heading, ``- `` a point of a list, ``1. `` a numbered one; tabs between cells make a table, whose
first row heads it; ``[文字](地址)`` is a link. Everything else is a paragraph, ``名称：值`` with its name set apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import urlsplit

from django.urls import get_script_prefix
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portal.text import HEADING, HEADING_LIMIT, SUBHEADING, WIDEST_TABLE, label_of
from portal.words import visible

LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(([^()\s]{1,2000})\)")
POINT = re.compile(r"^[-·•]\s+(?=\S)")
NUMBERED = re.compile(r"^\d{1,3}[.．、](?!\d)\s*(?=\S)")
CAPTION = re.compile(r"^表[：:]\s*(?=\S)")
BLANK = "blank"


def is_address(address: str) -> bool:
    """Whether a link may lead there: a page of this site (``/…``), a web page, a mail address or telephone."""
    if address.startswith("/"):
        return not address.startswith(("//", "/\\"))
    try:
        parts = urlsplit(address)
        return (parts.scheme in ("http", "https") and bool(parts.hostname)) or parts.scheme in ("mailto", "tel")
    except ValueError:
        return False


def links_of(text: str) -> list[tuple[str, str]]:
    """(words, address) of every link of a text, in order."""
    return [(found[1], found[2]) for found in LINK.finditer(text)]


def markup_faults(text: str) -> list[str]:
    """What is wrong with the signs of a text, in words."""
    return [
        f"链接“{words}”的地址“{address[:60]}”不能用，应以 / 或 https:// 开头"
        for words, address in links_of(text)
        if not is_address(address)
    ]


def _inline(text: str) -> str:
    """Escaped words with their links; a page of this site keeps the print size."""
    out, end = [], 0
    for found in LINK.finditer(text):
        words, address = found.groups()
        if not is_address(address):
            continue
        if address.startswith("/"):
            address = get_script_prefix().rstrip("/") + address
        out += [visible(text[end : found.start()]), f'<a href="{escape(address)}">{visible(words)}</a>']
        end = found.end()
    return "".join([*out, visible(text[end:])])


def _kind(line: str) -> str:
    if not line.strip():
        return BLANK
    if "\t" in line and line.count("\t") < WIDEST_TABLE:
        return "table"
    if POINT.match(line):
        return "ul"
    if HEADING.match(line) and len(line) <= HEADING_LIMIT and line[-1] not in "。；":
        return "heading"
    return "ol" if NUMBERED.match(line) else "p"


def _table(rows: list[str], caption: str) -> str:
    cells = [[_inline(cell.strip()) for cell in row.split("\t")] for row in rows]
    width = max(len(row) for row in cells)
    filled = [row + [""] * (width - len(row)) for row in cells]
    head = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in filled[0])
    body = "".join(
        "<tr>" + (f'<th scope="row">{row[0]}</th>' if row[0] else "<td></td>")
        + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>"
        for row in filled[1:]
    )  # fmt: skip
    label = visible(caption) if caption else "表格"
    title = f"<caption>{label}</caption>" if caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}"><table class="grid">{title}'
        f"<thead><tr>{head}</tr></thead>" + (f"<tbody>{body}</tbody>" if body else "") + "</table></div>"
    )


def _paragraph(line: str) -> str:
    if label := label_of(line):
        return f'<p><span class="label">{visible(line[: label.end(1) + 1])}</span>{_inline(label[2])}</p>'
    if SUBHEADING.match(line) and len(line) <= HEADING_LIMIT and line[-1] not in "。；":
        return f'<p class="sub">{_inline(line)}</p>'
    return f"<p>{_inline(line)}</p>"


def _blocks(text: str, level: int) -> Iterator[str]:
    caption = ""
    lines = [line.rstrip() if "\t" in line else line.strip() for line in text.splitlines()]
    for kind, group in groupby(lines, _kind):
        found = list(group)
        if kind == "p" and CAPTION.match(found[-1]):
            caption = CAPTION.sub("", found.pop())
        if kind == "table":
            yield _table(found, caption)
            caption = ""
        elif kind == "heading":
            yield from (f"<h{level}>{_inline(line)}</h{level}>" for line in found)
        elif kind in ("ul", "ol"):
            sign = POINT if kind == "ul" else NUMBERED
            points = "".join(f"<li>{_inline(sign.sub('', line))}</li>" for line in found)
            yield f"<{kind}{_start(kind, found[0])}>{points}</{kind}>"
        elif kind == "p":
            yield from (_paragraph(line) for line in found)
    if caption:
        yield f"<p>{_inline(caption)}</p>"


def _start(kind: str, line: str) -> str:
    first = int(re.match(r"\d*", line)[0] or 1)  # type: ignore[index]
    return f' start="{first}"' if kind == "ol" and first != 1 else ""


def prose_html(text: str, level: int = 3) -> SafeString:
    """The text as headings, paragraphs, lists, tables and links.

    Args:
        text: any characters.
        level: of the headings, 2 to 6.

    Returns:
        Escaped markup; empty when the text is blank.
    """
    return mark_safe("\n".join(_blocks(text, level)))  # noqa: S308 (every part went through visible())
