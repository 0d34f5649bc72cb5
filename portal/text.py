"""An announcement's text as readable paragraphs: structure is added for the eye, no character is lost.

Texts come from other sites and have lost their layout: sentences broken into pieces of a line each, or whole
pages run into one line. The stored bytes stay as they are; only what the browser shows is arranged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.safestring import SafeString, mark_safe

from portal.words import visible

RUNNING = 160  # A line longer than this has probably lost its breaks.
HEADING = re.compile(r"^(第[一二三四五六七八九十]{1,3}[章节部分]{1,2}|[一二三四五六七八九十]{1,3}、)\s*\S")
HEADING_LIMIT = 40
SUBHEADING = re.compile(r"^([（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}(\.\d{1,2}){0,2}[、.．\s])\s*\S")
LABEL = re.compile(r"^([^：:。；，,;/]{2,24})[：:](?!//)(.*)$", re.S)
BLANK = " \t\u3000\u00a0\u200b\u200c\u200d\ufeff"
CONTINUES = "。，；、：）)》】”,;:％%"
OPENS = "（(《【“"
DATE_PART = re.compile(r"^(\d{1,4}|[年月日时分]|日至|\d{1,2}[年月日时分]|[年月日时分]\d{1,2})$")
# Where a running line may be broken: before a numbered heading or a label that follows a pause.
BREAK = re.compile(
    r"(?<=[\s。；;])(?=[一二三四五六七八九十]{1,3}、)"
    r"|(?<=[\s。；;])(?=[（(][一二三四五六七八九十]{1,3}[)）])"
    r"|(?<=[。；;])\s*(?=\d{1,2}[.、．](?!\d))"
    r"|(?<=[\s。；;])(?=[\u4e00-\u9fff（）()]{2,14}：)"
)


def _joins(before: str, line: str) -> bool:
    """Whether ``line`` belongs to the line ``before`` it, torn apart by the source's markup."""
    if line[0] in CONTINUES or before[-1] in OPENS:
        return True
    if DATE_PART.match(line) and (before[-1] in "年月日至" or re.search(r"\d$", before)) and line[0] in "年月日时分":
        return True
    if re.search(r"[年月至]$", before) and re.match(r"^\d{1,4}$", line):
        return True
    return before[-1] in "：:" and len(before) <= 24 and len(line) <= 120 and not _starts_anew(line)


def _starts_anew(line: str) -> bool:
    return bool(HEADING.match(line) or SUBHEADING.match(line) or LABEL.match(line))


def _whole_lines(lines: list[str]) -> Iterator[str]:
    held = ""
    for line in lines:
        if held and "\t" not in held and "\t" not in line and _joins(held, line):
            held += line
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _pieces(line: str) -> list[str]:
    if len(line) <= RUNNING or "\t" in line:
        return [line]
    return [piece.strip() for piece in BREAK.split(line) if piece and piece.strip()]


def _table(rows: list[str]) -> str:
    cells = [row.split("\t") for row in rows]
    width = max(len(row) for row in cells)
    body = "".join(
        "<tr>" + "".join(f"<td>{visible(c.strip())}</td>" for c in row + [""] * (width - len(row))) + "</tr>"
        for row in cells
    )
    return f'<div class="scroll" tabindex="0" role="group" aria-label="表格"><table class="grid">{body}</table></div>'


def _paragraph(line: str) -> str:
    if HEADING.match(line) and len(line) <= HEADING_LIMIT and line[-1] not in "。；":
        label = LABEL.match(line)
        if not (label and label.group(2).strip()):
            return f"<h3>{visible(line)}</h3>"
    label = LABEL.match(line)
    if label:
        name, value = line[: label.end(1) + 1], label.group(2)
        return f'<p><span class="label">{visible(name)}</span>{visible(value)}</p>'
    if SUBHEADING.match(line) and len(line) <= HEADING_LIMIT and line[-1] not in "。；":
        return f'<p class="sub">{visible(line)}</p>'
    return f"<p>{visible(line)}</p>"


def text_html(text: str) -> SafeString:
    """The text as headings (h3), paragraphs, label–value lines and tables.

    Args:
        text: as published, any characters.

    Returns:
        Escaped markup; empty when the text is blank.
    """
    lines = [line.rstrip() if "\t" in line else line.strip() for line in text.splitlines()]
    out: list[str] = []
    table: list[str] = []
    for line in _whole_lines([line for line in lines if line.strip(BLANK)]):
        if "\t" in line:
            table.append(line)
            continue
        if table:
            out.append(_table(table))
            table = []
        out.extend(_paragraph(piece) for piece in _pieces(line))
    if table:
        out.append(_table(table))
    return mark_safe("\n".join(out))  # noqa: S308 (every part went through visible())
