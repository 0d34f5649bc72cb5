"""A self-evaluation file beside the portal's own form: the same lines, the same formula, what differs."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BusinessError
from performance.scoring.findings import Finding, form_findings
from performance.scoring.form import Form, Indicator, form_parse, half_up
from performance.scoring.scores import Line, Scores, form_score
from performance.selectors.forms import Scored

LARGEST = 16 * 1024 * 1024
UNKNOWN = "—"


@dataclass(frozen=True)
class Pair:
    """A line of both: name, and (label, in the file, in the portal, whether they differ) each."""

    name: str
    cells: tuple[tuple[str, str, str, bool], ...]

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return any(cell[3] for cell in self.cells)


@dataclass(frozen=True)
class FileCompared:
    """A file scored (by the national bands, as the command), and its lines beside the portal's."""

    form: Form
    scores: Scores
    findings: tuple[Finding, ...]
    head: tuple[tuple[str, str, str, bool], ...]
    pairs: tuple[Pair, ...]


def _shown(value: object) -> str:
    return UNKNOWN if value is None or value == "" else str(value)


def _cell(label: str, file: object, portal: object) -> tuple[str, str, str, bool]:
    one, other = _shown(file), _shown(portal)
    return label, one, other, one != other


def _cells(file: tuple[Indicator, Line] | None, portal: tuple[Indicator, Line] | None) -> Pair:
    (one, line), (own, own_line) = file or (None, None), portal or (None, None)
    known = one or own
    return Pair(
        known.name if known else "",
        (
            _cell("指标值", one and one.target, own and own.target),
            _cell("完成值", one and one.actual, own and own.actual),
            _cell("分值", one and one.weight, own and own.weight),
            _cell("得分", line and line.printed, own_line and own_line.printed),
        ),
    )


def _wan(form: Form, name: str) -> object:
    value = getattr(form.total, name)
    return None if value is None else half_up(value)


def file_compared(content: bytes, own: Scored) -> FileCompared:
    """Score the bytes of a file and put its lines beside the portal's, matched by group and name.

    Raises:
        BusinessError: ``too_large``, ``not_json``, ``bad_form``.
    """
    if len(content) > LARGEST:
        raise BusinessError("没有评分：文件超过 16 MB，不是一份自评文件。", "too_large", field="file")
    form = form_parse(content)
    scores = form_score(form)
    theirs = {(one.level1, one.name): (one, line) for one, line in zip(form.indicators, scores.indicators, strict=True)}
    rows = zip(own.form.indicators, own.scores.indicators, strict=True)
    ours = {(one.level1, one.name): (one, line) for one, line in rows}
    labels = (("年初预算数", "initial"), ("全年预算数", "adjusted"), ("全年执行数", "executed"))
    head = (
        *(_cell(f"{label}（万元）", _wan(form, name), _wan(own.form, name)) for label, name in labels),
        _cell("执行率（%）", scores.rate_printed, own.scores.rate_printed),
        _cell("资金得分", scores.funds.printed, own.scores.funds.printed),
        _cell("总分", scores.total, own.scores.total),
        _cell("等级", scores.grade, own.scores.grade),
    )
    pairs = tuple(_cells(theirs.get(key), ours.get(key)) for key in dict.fromkeys((*ours, *theirs)))
    return FileCompared(form, scores, tuple(form_findings(form, scores)), head, pairs)
