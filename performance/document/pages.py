"""A document as its pages show it: numbered headings, attachments, tables with columns, rows that stay together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from performance.document.charts import chart_svgs
from performance.document.form import FormView, form_view
from performance.document.model import Block, Chart, Document, Form, Paragraph, Table
from performance.document.numbering import numbered, title_lines

# A column of no longer texts stands in the middle.
SHORT = 6
_DIGEST = re.compile(r"[0-9a-f]{32}\n[0-9a-f]{32}")
ANNEX_HEAD = ("指标", "指标定义", "计算公式", "数据来源", "评分规则", "佐证材料", "责任科室")
ANNEX_WIDTHS = (14.0, 18.0, 15.0, 14.0, 17.0, 14.0, 8.0)
EVIDENCE_HEAD = ("序号", "证明事项", "文件名称", "校验值（SHA-256）")
EVIDENCE_WIDTHS = (7.0, 27.0, 28.0, 38.0)


@dataclass(frozen=True)
class Cell:
    """A cell: its text and the class that aligns it."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """A table as drawn: columns in percent, head, rows of cells, whether the last row is a total."""

    caption: str
    unit: str
    columns: tuple[float, ...]
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    last: tuple[Cell, ...] = ()
    landscape: bool = False
    kind: str = "table"
    anchor: str = ""


@dataclass(frozen=True)
class Drawing:
    """A chart as drawn: SVG texts made by performance.document.charts."""

    caption: str
    unit: str
    svgs: tuple[str, ...]
    kind: str = "chart"


@dataclass(frozen=True)
class Text:
    """A paragraph; ``lines`` were one text with line ends."""

    lines: tuple[str, ...]
    kind: str = "paragraph"


@dataclass(frozen=True)
class Part:
    """A heading of the body and what follows it; ``tag`` is h2 to h5."""

    anchor: str
    level: int
    text: str
    blocks: tuple[Any, ...]

    @property
    def tag(self) -> str:
        return f"h{self.level + 1}"


@dataclass(frozen=True)
class Attachment:
    """附件: its number (empty when it is the only one), title, and what it holds."""

    anchor: str
    number: str
    title: str
    kind: str
    title_lines: tuple[str, ...]
    grids: tuple[Grid, ...] = ()
    form: FormView | None = None
    sentences: tuple[str, ...] = ()


def grid(table: Table, anchor: str = "") -> Grid:
    """A table with its widths in percent and its cells aligned; a short row is filled up, none is cut."""
    columns = max([len(table.head), len(table.widths), *(len(row) for row in table.rows)], default=1)
    widths = [max(float(width), 0.1) for width in table.widths] or [1.0]
    widths += [sum(widths) / len(widths)] * (columns - len(widths))
    whole = sum(widths)

    rows = [[*row, *[""] * (columns - len(row))] for row in table.rows]
    kinds = [_kind([row[n] for row in rows], n in table.numeric) for n in range(columns)]
    lines = [tuple(Cell(text, kind) for text, kind in zip(row, kinds, strict=True)) for row in rows]
    last = lines.pop() if table.has_total and lines else ()
    return Grid(
        table.caption, table.unit, tuple(round(width * 100 / whole, 4) for width in widths),
        tuple(Cell(text) for text in (*table.head, *[""] * (columns - len(table.head)))), tuple(lines), last,
        table.landscape, anchor=anchor,
    )  # fmt: skip


def _kind(texts: Sequence[str], numeric: bool) -> str:
    """Figures to the right, a few characters in the middle, running text to the left, digests small."""
    if numeric:
        return "number"
    if any(_DIGEST.fullmatch(text) for text in texts):
        return "digest"
    return "short" if max(map(len, texts), default=0) <= SHORT else ""


def drawn(block: Block) -> Text | Grid | Drawing:
    """A block of the body as drawn."""
    if isinstance(block, Paragraph):
        return Text(tuple(line.strip() for line in block.text.splitlines() if line.strip()))
    if isinstance(block, Chart):
        return Drawing(block.title, block.unit, tuple(chart_svgs(block)))
    return grid(block)


def body(document: Document) -> list[Part]:
    """The numbered headings with their blocks."""
    return [
        Part(f"part-{number}", level, text, tuple(drawn(block) for block in heading.blocks))
        for number, (level, text, heading) in enumerate(numbered(document.body), 1)
    ]


def _in_two(digest: str) -> str:
    """A digest on two lines of equal length."""
    return f"{digest[:32]}\n{digest[32:]}" if len(digest) == 64 else digest


def _annex(form: Form) -> Table | None:
    rows = tuple(
        (row.name, row.definition, row.formula, row.evidence_source, row.scoring_rule, row.evidence, row.office)
        for row in form.indicators
    )
    if not any(text for row in rows for text in row[1:]):
        return None
    return Table("", ANNEX_HEAD, rows, ANNEX_WIDTHS, landscape=True)


def attachments(document: Document) -> list[Attachment]:
    """The attachments in their order, numbered where there are several."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    form = document.form
    if form:
        found.append((form.heading, "form", {"form": form_view(form)}))
    if document.tables:
        grids = tuple(grid(table, f"table-{number}") for number, table in enumerate(document.tables, 1))
        found.append(("收支与资金情况表", "grids", {"grids": grids}))
    if form and (annex := _annex(form)):
        found.append(("绩效指标说明", "grids", {"grids": (grid(annex),)}))
    if document.evidence:
        rows = tuple((str(n), one.what, one.name, _in_two(one.sha256)) for n, one in enumerate(document.evidence, 1))
        table = Table("", EVIDENCE_HEAD, rows, EVIDENCE_WIDTHS)
        found.append(("佐证材料清单", "grids", {"grids": (grid(table),)}))
    if document.findings:
        sentences = tuple(sentence for _, sentence in document.findings)
        found.append(("需要说明的事项", "findings", {"sentences": sentences}))
    many = len(found) > 1
    return [
        Attachment(f"attachment-{number}", str(number) if many else "", title, kind, tuple(title_lines(title)), **holds)
        for number, (title, kind, holds) in enumerate(found, 1)
    ]


def members_by_role(members: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(role, names) in their order; names apart by a wide space."""
    return [
        (role, "\u3000".join(name for _, name in found)) for role, found in groupby(members, key=lambda one: one[0])
    ]
