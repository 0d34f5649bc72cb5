"""What a report holds, as plain values: the same document gives the same bytes.

``document_json`` is what a made file is told by (ReportFile.source): canonical, so that its SHA-256 names the content.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text, two characters indented."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table with a head that repeats on every page.

    Args:
        caption: above the table; may be empty.
        head: cells of the first row.
        rows: cells as printed; the last row is printed bold when ``has_total``.
        widths: shares of the width, any unit, one a column.
        numeric: columns (from 0) that are right-aligned.
        unit: 单位 above the right edge, e.g. 万元; may be empty.
        landscape: on a page lying down.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numeric: tuple[int, ...] = ()
    unit: str = ""
    has_total: bool = False
    landscape: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart as vectors, with its figures printed in it: ``bars`` (one or more series) or ``shares`` (of a whole)."""

    kind: str
    title: str
    unit: str
    labels: tuple[str, ...]
    # Name of the series and its values as printed decimals.
    series: tuple[tuple[str, tuple[str, ...]], ...]


Block = Paragraph | Table | Chart


@dataclass(frozen=True)
class Heading:
    """A heading of the body with what follows it; level 1 is 一、 黑体, level 2 （一） 楷体, level 3 1. 仿宋.

    The number may stand in ``text``; where it does not, it is put in front (performance.document.numbering).
    """

    level: int
    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class FundRow:
    """A row of the form's funds, amounts in 万元 as printed; an unknown one is an empty text."""

    source: str
    initial: str
    adjusted: str
    executed: str
    weight: str
    rate: str
    score: str


@dataclass(frozen=True)
class IndicatorRow:
    """A row of the form's indicators as printed; ``reason`` is 偏差原因分析及改进措施."""

    level1: str
    level2: str
    name: str
    target: str
    actual: str
    weight: str
    score: str
    reason: str
    # Given instead of the computed score, and why; both empty as a rule.
    manual_score: str = ""
    manual_reason: str = ""
    definition: str = ""
    formula: str = ""
    scoring_rule: str = ""
    evidence_source: str = ""
    evidence: str = ""
    office: str = ""


@dataclass(frozen=True)
class Form:
    """绩效自评表 (DOMAIN 6.2), on A4 lying down and as Excel."""

    heading: str
    year: int
    name: str
    competent_department: str
    unit: str
    denominator: str
    funds: tuple[FundRow, ...]
    expected_goal: str
    goal_result: str
    indicators: tuple[IndicatorRow, ...]
    total_weight: str
    total: str
    grade: str
    # With manual scores in it; empty when there are none.
    total_with_manual: str = ""
    # Figures as filled in elsewhere, beside the computed ones: label and text.
    reported: tuple[tuple[str, str], ...] = ()
    filled_by: str = ""
    phone: str = ""
    head: str = ""
    # What ``name`` is called on the form: 项目名称, or 部门（单位）名称 for a whole department.
    name_label: str = "项目名称"

    @property
    def signatures(self) -> tuple[tuple[str, str], ...]:
        """Labels with who signs; the public edition names neither who filled the form in nor a phone, so no labels."""
        head = ("单位负责人", self.head)
        if not self.filled_by and not self.phone:
            return (head,)
        return ("填表人", self.filled_by), ("联系电话", self.phone), head


@dataclass(frozen=True)
class Evidence:
    """A line of the list of evidence: what it shows, the file, its SHA-256 (64 hexadecimal digits; may be empty)."""

    what: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Cover:
    """The first page.

    Args:
        facts: label and text each: 单位, 代码, 年度, 人员 and so on.
        members: 自评工作小组, role and name each.
        red_head: words of the red head (发文机关标志), empty for none; document_number stands below it.
    """

    title: str
    unit: str
    facts: tuple[tuple[str, str], ...]
    dated_on: date
    members: tuple[tuple[str, str], ...] = ()
    red_head: str = ""
    document_number: str = ""


@dataclass(frozen=True)
class Document:
    """A whole report, in the order of its parts: cover, contents, body, form, tables, indicator annex, evidence."""

    kind: str
    year: int
    subject: str
    cover: Cover
    body: tuple[Heading, ...]
    form: Form | None
    tables: tuple[Table, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    # What needs a word (code and sentence each); printed at the end as 需要说明的事项.
    findings: tuple[tuple[str, str], ...] = ()


def document_json(document: Document) -> str:
    """The document as canonical JSON: sorted keys, no spaces, dates as YYYY-MM-DD."""
    return json.dumps(asdict(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text)


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def document_read(text: str) -> Document:
    """The document that :func:`document_json` wrote; writing it again gives the same text."""
    found = json.loads(text)
    return Document(
        kind=found["kind"], year=found["year"], subject=found["subject"], cover=_cover_read(found["cover"]),
        body=tuple(Heading(one["level"], one["text"], tuple(map(_block_read, one["blocks"]))) for one in found["body"]),
        form=_form_read(found["form"]) if found["form"] else None, tables=tuple(map(_table_read, found["tables"])),
        evidence=tuple(Evidence(**one) for one in found["evidence"]), findings=_pairs(found["findings"]),
    )  # fmt: skip


def _pairs(rows: Any) -> tuple[Any, ...]:
    return tuple(tuple(one) for one in rows)


def _cover_read(found: dict[str, Any]) -> Cover:
    return Cover(**{
        **found, "facts": _pairs(found["facts"]), "members": _pairs(found["members"]),
        "dated_on": date.fromisoformat(found["dated_on"]),
    })  # fmt: skip


def _table_read(found: dict[str, Any]) -> Table:
    lists = {name: tuple(found[name]) for name in ("head", "widths", "numeric")}
    return Table(**{**found, **lists, "rows": _pairs(found["rows"])})


def _block_read(found: dict[str, Any]) -> Block:
    if "head" in found:
        return _table_read(found)
    if "series" in found:
        series = tuple((name, tuple(values)) for name, values in found["series"])
        return Chart(**{**found, "labels": tuple(found["labels"]), "series": series})
    return Paragraph(**found)


def _form_read(found: dict[str, Any]) -> Form:
    return Form(**{
        **found, "funds": tuple(FundRow(**one) for one in found["funds"]), "reported": _pairs(found["reported"]),
        "indicators": tuple(IndicatorRow(**one) for one in found["indicators"]),
    })  # fmt: skip
