"""An announcement's text as readable paragraphs: structure is added for the eye, no character is lost.

Texts come from other sites and have lost their layout: sentences broken into pieces of a line each, or whole
pages run into one line. The stored bytes stay as they are; only what the browser shows is arranged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from portal.words import visible

RUNNING = 160  # A line longer than this has probably lost its breaks.
HEADING = re.compile(r"^(第[一二三四五六七八九十]{1,3}[章节部分]{1,2}|[一二三四五六七八九十]{1,3}、)\s*\S")
HEADING_LIMIT = 40
WIDEST_TABLE = 50
SUBHEADING = re.compile(r"^([（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}(\.\d{1,2}){0,2}[、.．\s])\s*\S")
LABEL = re.compile(r"^([^：:。；，,;/]{2,24})[：:](?!//)(.*)$", re.S)
BLANK = " \t\u3000\u00a0\u200b\u200c\u200d\ufeff"
CONTINUES = "。，；、：）)》】”,;:％%"
OPENS = "（(《【“"
NUMBER_ALONE = re.compile(r"^\d{1,2}[.、．]$")
DATE_TORN = re.compile(
    r"\d{4}\n年|\d年\n\d{1,2}$|年\d{1,2}\n月|\d月\n\d{1,2}$|月\d{1,2}\n日|至\n\d{4}$|日\n\d{1,2}$|日\d{1,2}\n[时点]|[时点]\n\d{1,2}$"
)
# Where a running line may be broken: before a numbered heading or a label that follows a pause.
BREAK = re.compile(
    r"(?<=[\s。；;])(?=[一二三四五六七八九十]{1,3}、)"
    r"|(?<=[\s。；;])(?=[（(][一二三四五六七八九十]{1,3}[)）])"
    r"|(?<=[。；;])\s*(?=\d{1,2}[.、．](?!\d))"
    r"|(?<=[\s。；;])(?=[\u4e00-\u9fff（）()]{2,14}：)"
)


def _joins(before: str, line: str, following: str) -> bool:
    """Whether ``line`` belongs to the line ``before`` it, torn apart by the source's markup.

    A label takes the next line for its value only when another label or heading comes after it: what follows a
    flattened table's title is its first cell, and no value.
    """
    if line[0] in CONTINUES or before[-1] in OPENS or NUMBER_ALONE.match(before):
        return True
    if DATE_TORN.search(f"{before[-6:]}\n{line[:5]}"):
        return True
    if before[-1] not in "：:" or len(before) > 24 or len(line) > 120 or _starts_anew(line):
        return False
    return not following or _starts_anew(following)


def label_of(line: str) -> re.Match[str] | None:
    """A line ``名称:值``; a colon inside of brackets or of a clock time makes no label."""
    found = LABEL.match(line)
    if not found or found[1].count("（") + found[1].count("(") != found[1].count("）") + found[1].count(")"):
        return None
    return None if found[1][-1].isdigit() and found[2][:1].isdigit() else found


def _starts_anew(line: str) -> bool:
    return bool(HEADING.match(line) or SUBHEADING.match(line) or label_of(line))


def _whole_lines(lines: list[str]) -> Iterator[str]:
    held = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if held and "\t" not in held and "\t" not in line and _joins(held, line, following):
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


def _row(cells: list[str], width: int) -> str:
    # One empty cell fills a short row: a cell for each missing column would make pages of any size.
    rest = width - len(cells)
    fill = f'<td colspan="{rest}"></td>' if rest else ""
    return "<tr>" + "".join(f"<td>{visible(cell.strip())}</td>" for cell in cells) + fill + "</tr>"


def _table(rows: list[str]) -> str:
    """Rows of cells as tables; a row wider than any page as a paragraph with its cells apart."""
    out = []
    for wide, found in groupby((row.split("\t") for row in rows), lambda cells: len(cells) > WIDEST_TABLE):
        cells = list(found)
        if wide:
            out += ["<p>" + visible(" ".join(cell.strip() for cell in row)) + "</p>" for row in cells]
            continue
        width = max(len(row) for row in cells)
        body = "".join(_row(row, width) for row in cells)
        out.append(
            f'<div class="scroll" tabindex="0" role="group" aria-label="表格"><table class="grid">{body}</table></div>'
        )
    return "\n".join(out)


def _paragraph(line: str) -> str:
    if HEADING.match(line) and len(line) <= HEADING_LIMIT and line[-1] not in "。；":
        label = label_of(line)
        if not (label and label.group(2).strip()):
            return f"<h3>{visible(line)}</h3>"
    label = label_of(line)
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
    pieces = [piece for line in lines for piece in _pieces(line) if piece.strip(BLANK)]
    for line in _whole_lines(pieces):
        if "\t" in line:
            table.append(line)
            continue
        if table:
            out.append(_table(table))
            table = []
        out.append(_paragraph(line))
    if table:
        out.append(_table(table))
    return mark_safe("\n".join(out))  # noqa: S308 (every part went through visible())
