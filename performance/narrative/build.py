"""A report as a Document: everything that is printed, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from core.measures import measure_find
from performance.amounts import percent_words, trimmed, wan
from performance.document.model import (
    Cover,
    Document,
    Evidence,
    Form,
    FundRow,
    Heading,
    IndicatorRow,
    Paragraph,
    Table,
)
from performance.findings.checks import reasons_of, report_findings
from performance.findings.explanations import WHOLE_LINES
from performance.models import DealFigure, IncomeSource, Report, SpendingLine
from performance.narrative.facts import Facts
from performance.narrative.fields import Figure, printed
from performance.narrative.figures import report_facts
from performance.narrative.outline import outline
from performance.narrative.project import target_shown
from performance.scoring.findings import Finding
from performance.scoring.form import Fund, half_up
from performance.scoring.scores import Line
from performance.selectors.appraisals import score_read
from performance.selectors.score_lines import line_reasons
from performance.selectors.scored import Scored

_NUMBERS = "一二三四五六七八九十"


def document_of(report: Report) -> Document:
    """Everything a report prints, read from the database of now.

    Args:
        report: with its year, unit and program.

    Returns:
        Plain values: the same data and text give the same document.
    """
    facts, figures = report_facts(report)
    findings = report_findings(report, facts, figures)
    return Document(
        kind=report.kind,
        year=report.fiscal_year.year,
        subject=report.program_year.program.name if report.program_year else report.fiscal_year.unit.name,
        cover=_cover(report),
        body=tuple(_body(report, facts, figures)),
        form=_form(report, facts) if facts.scored else None,
        tables=(*_tables(facts), *_reasons(facts), *_management(facts)),
        evidence=tuple(_evidence(facts)),
        findings=tuple((one.code, _stated(one.message)) for one in _shown(findings)),
    )


def _stated(message: str) -> str:
    """What is the matter, without what its author should do: that stands on the page, not in the paper."""
    return re.split("[，；]请", message)[0].rstrip("。") + "。"


def _shown(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Each sentence once."""
    seen: set[str] = set()
    for one in findings:
        if one.message not in seen:
            seen.add(one.message)
            yield one


def _cover(report: Report) -> Cover:
    unit = report.fiscal_year.unit
    program = report.program_year
    facts = [
        ("单位名称", unit.name), ("单位代码", unit.code), ("主管部门", unit.competent_department),
        ("统一社会信用代码", unit.credit_code), ("评价年度", f"{report.fiscal_year.year}年"),
        ("项目名称", program.program.name if program else ""), ("项目代码", program.program.code if program else ""),
        ("填表人", report.filled_by), ("联系电话", report.phone), ("单位负责人", report.head),
    ]  # fmt: skip
    return Cover(
        title=report.title,
        unit=unit.name,
        facts=tuple(one for one in facts if one[1]),
        dated_on=report.dated_on,
        members=tuple((member.role, member.name) for member in report.members.all()),
        red_head=f"{unit.name}文件" if report.red_head else "",
        document_number=report.document_number if report.red_head else "",
    )


def _number(level: int, place: int) -> str:
    """一、（一）1. (GB/T 9704-2012, 7.3.3)."""
    if level == 3:
        return f"{place}．"
    tens, ones = divmod(place, 10)
    words = (
        _NUMBERS[place - 1]
        if place <= 10
        else f"{'' if tens == 1 else _NUMBERS[tens - 1]}十{_NUMBERS[ones - 1] if ones else ''}"
    )
    return f"{words}、" if level == 1 else f"（{words}）"


def _body(report: Report, facts: Facts, figures: dict[str, Figure]) -> Iterator[Heading]:
    texts = {section.key: section.text for section in report.sections.all()}
    places = [0, 0, 0]
    for spec in outline(report.kind):
        text = printed(texts.get(spec.key, ""), figures).strip() if spec.key else ""
        if spec.key and spec.optional and not text:
            continue
        places[spec.level - 1] += 1
        places[spec.level :] = [0] * (3 - spec.level)
        blocks = [Paragraph(line.strip()) for line in text.split("\n") if line.strip()]
        more = spec.blocks(facts) if spec.blocks else ()
        yield Heading(spec.level, _number(spec.level, places[spec.level - 1]) + spec.text, (*blocks, *more))


def _score_words(line: Line, decimals: int) -> str:
    return "—" if line.score is None else f"{half_up(line.score, decimals):f}"


def _wan_words(value: object) -> str:
    """An amount that is already in 万元."""
    return "" if value is None else f"{half_up(value):f}"  # type: ignore[arg-type]


def _fund_row(fund: Fund, scored: Scored, *, total: bool) -> FundRow:
    scores = scored.scores
    rate = percent_words(scores.rate_printed) if total else "—"
    weight = trimmed(Decimal(scored.table.scheme.funds_weight)) if total else "—"
    score = _score_words(scores.funds, scored.table.scheme.decimals) if total else "—"
    return FundRow(fund.source, _wan_words(fund.initial), _wan_words(fund.adjusted), _wan_words(fund.executed),
                   weight, rate, score)  # fmt: skip


def _fund_rows(scored: Scored) -> Iterator[FundRow]:
    """The total and its parts; the national form has a row for every source, also for one that gave nothing."""
    total, *parts = scored.form.funds
    yield _fund_row(total, scored, total=True)
    known = {part.source: part for part in parts}
    for place, source in enumerate(IncomeSource.labels):
        label = f"其中：{source}" if not place else str(source)
        part = known.get(str(source))
        row = _fund_row(part, scored, total=False) if part else FundRow("", "—", "—", "—", "—", "—", "—")
        yield replace(row, source=label)


def _form(report: Report, facts: Facts) -> Form:
    scored = facts.scored
    assert scored is not None  # noqa: S101 (for the type checker)
    scheme, unit = scored.table.scheme, report.fiscal_year.unit
    reported = (
        ("填报执行率", report.reported_rate), ("填报总分", report.reported_total), ("填报等级", report.reported_grade)
    )  # fmt: skip
    with_manual = scored.scores.total_with_manual
    return Form(
        heading=scheme.heading,
        year=report.fiscal_year.year,
        name=report.program_year.program.name if report.program_year else unit.name,
        competent_department=unit.competent_department,
        unit=unit.name,
        denominator=scheme.get_denominator_display(),
        funds=tuple(_fund_rows(scored)),
        expected_goal=scored.table.overall_goal.strip(),
        goal_result=report.goal_result.strip(),
        indicators=tuple(_indicator_rows(report, facts, scored)),
        total_weight=trimmed(scheme.funds_weight + sum((row.weight for row in scored.indicators), Decimal(0))),
        total="—" if scored.scores.total is None else f"{scored.scores.total:f}",
        grade=scored.scores.grade or "—",
        total_with_manual="" if with_manual is None else f"{with_manual:f}",
        reported=tuple(one for one in reported if one[1]),
        filled_by=report.filled_by,
        phone=report.phone,
        head=report.head,
        name_label="项目名称" if report.program_year else "部门（单位）名称",
    )


def _indicator_rows(report: Report, facts: Facts, scored: Scored) -> Iterator[IndicatorRow]:
    reasons, newest = reasons_of(report), facts.actuals
    for row, one, line in zip(scored.indicators, scored.form.indicators, scored.scores.indicators, strict=True):
        actual = newest.get(row.key)
        yield IndicatorRow(
            level1=row.level1, level2=row.level2, name=row.name, target=target_shown(row.target),
            actual=one.actual or "未填报",
            weight=trimmed(row.weight), score=_score_words(line, scored.table.scheme.decimals),
            reason=reasons.get(str(row.key), ""),
            manual_score=trimmed(half_up(one.manual.score)) if one.manual else "",
            manual_reason=one.manual.reason if one.manual else "",
            definition=row.definition, formula=row.formula, scoring_rule=row.scoring_rule,
            evidence_source=row.evidence_source, evidence=actual.evidence if actual else "",
            office=row.office.name if row.office else "",
        )  # fmt: skip


def _tables(facts: Facts) -> Iterator[Table]:
    """Funds by subject, and what was adjusted."""
    rows = [
        (line.get_category_display(), line.program_year.program.name if line.program_year else "", str(line.functional),
         str(line.economic), *(f"{wan(one):f}" for one in (line.initial_amount, line.adjusted, line.executed)))
        for line in facts.spending
    ]  # fmt: skip
    if rows:
        total = facts.spent()
        sums = (f"{wan(total.initial):f}", f"{wan(total.adjusted):f}", f"{wan(total.executed):f}")
        head = ("支出类别", "项目", "功能分类科目", "经济分类科目", "年初预算数", "全年预算数", "全年执行数")
        yield Table("资金按科目明细", head, (*rows, ("合计", "", "", "", *sums)), (1.4, 2, 2.4, 2.4, 1.3, 1.3, 1.3),
                    (4, 5, 6), "万元", True, True)  # fmt: skip
    adjustments = facts.report.fiscal_year.adjustments.select_related(
        "spending_line__economic", "income_line", "expense_line"
    )
    if facts.program:
        adjustments = adjustments.filter(spending_line__program_year=facts.program)
    changed = tuple(
        (f"{row.adjusted_on:%Y-%m-%d}", str(row.spending_line or row.income_line or row.expense_line),
         f"{wan(row.amount):f}", row.document_number, row.reason)
        for row in adjustments
    )  # fmt: skip
    if changed:
        heads = ("日期", "调整的内容", "金额", "文号", "理由")
        yield Table("预算调整明细", heads, changed, (1.2, 2.4, 1, 1.6, 3), (2,), "万元", False, True)


def _reasons(facts: Facts) -> Iterator[Table]:
    """Why money was not spent, line by line, as officers wrote it; the kind of cause where one was chosen."""
    reasons = line_reasons(facts.report)
    names = dict(WHOLE_LINES)
    names |= {f"category:{one}": str(one.label) for one in SpendingLine.Category}
    names |= {f"expense:{one.pk}": one.name for one in facts.expenses}
    found = [(name, reasons[line]) for line, name in names.items() if line in reasons]
    caption, heads = "支出与预算差异的原因和改进措施", ("支出", "偏差原因分析及改进措施")
    if any(one.cause for _, one in found):
        rows = tuple((name, str(one.get_cause_display() or "—"), one.text) for name, one in found)
        yield Table(caption, (heads[0], "原因种类", heads[1]), rows, (2, 1.2, 5))
    elif found:
        yield Table(caption, heads, tuple((name, one.text) for name, one in found), (2, 6))


def _management(facts: Facts) -> Iterator[Table]:
    """The department's own 绩效管理工作, item by item, as the score was kept."""
    if facts.management is None:
        return
    found, _ = score_read(facts.management)
    rows = [
        (
            one.group_label,
            one.label,
            trimmed(one.weight),
            "不适用" if one.score is None else f"{one.score:f}",
            one.words,
        )
        for one in found.items
    ]
    rows.append(("合计", "", "100", f"{facts.management.total:f}", f"等级：{facts.management.grade}"))
    heads = ("部分", "评分项", "分值", "得分", "说明")
    yield Table("绩效管理工作评分表", heads, tuple(rows), (1.2, 2.2, 0.8, 1, 4), (2, 3), "分", True)


def _evidence(facts: Facts) -> Iterator[Evidence]:
    scored = facts.scored
    if scored is not None:
        for row in scored.indicators:
            actual = facts.actuals.get(row.key)
            if actual is None:
                continue
            for paper in actual.papers.all():
                yield Evidence(row.name, paper.name, paper.file.sha256)
            if actual.measure:
                yield Evidence(row.name, f"自动取数明细（{_measure_label(actual.measure)}）", actual.rows_sha256)
            elif actual.evidence and not actual.papers.all():
                yield Evidence(row.name, f"{actual.evidence}（未附文件）", "")
    for deal in facts.deals:
        yield _deal_evidence(deal)


def _measure_label(name: str) -> str:
    """The Chinese name of a measure; one that is no longer declared has none."""
    measure = measure_find(name)
    return measure.label if measure else "已停用的取数项目"


def _deal_evidence(deal: DealFigure) -> Evidence:
    what = f"{deal.get_category_display().removesuffix('交易')}交易量"
    return Evidence(what, deal.file_name or f"{deal.evidence}（未附文件）",
                    deal.file.sha256 if deal.file else "")  # fmt: skip
