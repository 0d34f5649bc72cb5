"""The figures that the bureau's forms take, by field: of a self-evaluation, or of a monitoring form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.measures import measure_find, value_words
from core.moments import SHANGHAI
from performance.amounts import percent_words, trimmed, wan
from performance.models import (
    DealFigure,
    FiscalYear,
    GoalState,
    IncomeSource,
    Indicator,
    Monitoring,
    MonitoringLine,
    ProgramYear,
    Report,
)
from performance.narrative.project import target_shown
from performance.scoring.form import half_up
from performance.scoring.values import normalised
from performance.selectors import forms
from performance.selectors import monitoring as watched
from performance.selectors.actuals import newest_actuals
from performance.selectors.money import ZERO, expense_lines, spending_lines, totals
from performance.selectors.overview import rate_of
from performance.selectors.score_lines import FUNDS, line_reasons
from performance.selectors.scored import Scored, report_scored, report_table
from performance.selectors.workbook_fields import COMMON, key_parts

TEXT, AMOUNT, PERCENT, NUMBER, DAY, QUANTITY = "text", "amount", "percent", "number", "day", "quantity"
MARK = "√"


@dataclass(frozen=True)
class Value:
    """A figure.

    Args:
        kind: TEXT; AMOUNT (``number`` in yuan); PERCENT (``number`` in per cent); NUMBER; DAY; QUANTITY (a value as
            people write it, perhaps with a unit).
        words: as the report prints it.
    """

    kind: str
    words: str
    number: Decimal | None = None
    day: date | None = None


def text(words: Any) -> Value | None:
    """A text; None where there is none."""
    found = str(words or "").strip()
    return Value(TEXT, found) if found else None


def amount(yuan: Decimal | None) -> Value | None:
    """An amount in yuan, printed in 万元."""
    return None if yuan is None else Value(AMOUNT, f"{wan(yuan):f}", yuan)


def share(value: Decimal | None) -> Value | None:
    """Per cent."""
    return None if value is None else Value(PERCENT, percent_words(value), value)


def number(value: Decimal | int | None) -> Value | None:
    """A plain number."""
    return None if value is None else Value(NUMBER, trimmed(Decimal(value)), Decimal(value))


def quantity(words: str) -> Value | None:
    """A value as people write it: ``98.5%``, ``424宗``, ``达成预期指标``."""
    found = words.strip()
    return Value(QUANTITY, found) if found else None


def day(value: date | None) -> Value | None:
    """A day, printed 2023年2月20日."""
    return None if value is None else Value(DAY, f"{value.year}年{value.month}月{value.day}日", day=value)


Row = Mapping[str, Value | None]


@dataclass(frozen=True)
class FormData:
    """What one form can be filled with.

    Args:
        single: by key; rows: by group, each row by the column's name; common: what computes a measure by its name.
    """

    single: Mapping[str, Value | None]
    rows: Mapping[str, list[Row]]
    common: Callable[[str], Value | None] = field(default=lambda _: None)

    def value(self, key: str) -> Value | None:
        """The figure of a single field."""
        group, _, name = key_parts(key)
        return self.common(name) if group == COMMON else self.single.get(key)

    def column(self, key: str) -> list[Value | None]:
        """The figures of a column, those of one level alone where the key says so."""
        group, only, name = key_parts(key)
        return [row.get(name) for row in self.rows.get(group, ()) if not only or _is_of(row, only)]


def _is_of(row: Row, only: str) -> bool:
    wanted = _plain(only)
    return any((level := row.get(name)) is not None and _plain(level.words) == wanted for name in ("level1", "level2"))


def _plain(words: str) -> str:
    return normalised(words).removesuffix("指标")


def _yuan(value: Fraction | None) -> Decimal | None:
    """万元, exact, as yuan to the fen."""
    return None if value is None else Decimal(int(value * 1_000_000)) / 100


def _unit(year: FiscalYear, program: ProgramYear | None) -> Iterator[tuple[str, Value | None]]:
    unit = year.unit
    yield "unit.name", text(unit.name)
    yield "unit.code", text(unit.code)
    yield "unit.credit_code", text(unit.credit_code)
    yield "unit.department", text(unit.competent_department)
    yield "year.number", number(year.year)
    yield "year.words", text(f"{year.year}年度")
    yield "year.brackets", text(f"（{year.year}年度）")
    if program is not None:
        yield "program.name", text(program.program.name)
        yield "program.code", text(program.program.code)
        yield "program.purpose", text(program.purpose)


def _people(report: Report | None, year: FiscalYear) -> Iterator[tuple[str, Value | None]]:
    posts = list(year.posts.all())
    yield "posts.quota", number(sum(one.quota for one in posts)) if posts else None
    known = [one.actual for one in posts]
    filled = sum(one for one in known if one is not None)
    yield "posts.actual", number(filled) if posts and None not in known else None
    if report is None:
        return
    yield "sign.filled_by", text(report.filled_by)
    yield "sign.phone", text(report.phone)
    yield "sign.head", text(report.head)
    yield "sign.dated_on", day(report.dated_on)
    members = [(one.role, one.name) for one in report.members.all()]
    for key, role in (("chief", "组长"), ("deputies", "副组长"), ("members", "组员")):
        yield f"team.{key}", text("、".join(name for found, name in members if found == role))
    yield "goal.result", text(report.goal_result)
    yield "score.reported", number_read(report.reported_total)


def number_read(words: str) -> Value | None:
    """A printed figure as a number."""
    try:
        return number(Decimal(words)) if words else None
    except ArithmeticError:
        return text(words)


def _money(scored: Scored, year: FiscalYear) -> Iterator[tuple[str, Value | None]]:
    total, scores = scored.form.total, scored.scores
    initial, adjusted, executed = (_yuan(one) for one in (total.initial, total.adjusted, total.executed))
    yield "funds.initial", amount(initial)
    yield "funds.adjusted", amount(adjusted)
    yield "funds.executed", amount(executed)
    yield "funds.left", amount(None if adjusted is None or executed is None else adjusted - executed)
    yield "funds.rate", share(scores.rate_printed)
    yield "funds.weight", number(scored.table.scheme.funds_weight)
    yield "funds.score", number(scores.funds.printed)
    yield "funds.received", amount(_yuan(scored.form.income_actual))
    yield "funds.final_income", amount(year.final_income)
    yield "funds.final_spending", amount(year.final_spending)
    for source in IncomeSource:
        found = next((one for one in scored.form.funds[1:] if one.source == str(source.label)), None)
        for name in ("initial", "adjusted", "executed"):
            yield f"{source}.{name}", amount(_yuan(getattr(found, name))) if found else None


def _scores(scored: Scored, reasons: Mapping[str, Any]) -> Iterator[tuple[str, Value | None]]:
    weights = (row.weight for row in scored.indicators)
    yield "goal.expected", text(scored.table.overall_goal)
    yield "score.weight", number(scored.table.scheme.funds_weight + sum(weights, ZERO))
    yield "score.total", number(scored.total)
    yield "score.grade", text(scored.grade)
    yield "reason.funds", text(reasons[FUNDS].text) if FUNDS in reasons else None
    survey = scored.form.survey
    for name in ("sent", "returned", "valid", "satisfied"):
        found = survey.get(name)
        yield f"survey.{name}", None if found is None else number(int(found))
    valid, satisfied = survey.get("valid"), survey.get("satisfied")
    yield "survey.rate", share(half_up(satisfied * 100 / valid)) if valid and satisfied is not None else None


def _indicators(scored: Scored, reasons: Mapping[str, Any]) -> Iterator[Row]:
    for row, one, line in zip(scored.indicators, scored.form.indicators, scored.scores.indicators, strict=True):
        manual = half_up(one.manual.score) if one.manual else None
        actual, reason = scored.actuals.get(row.key), reasons.get(str(row.key))
        why = [reason.text] if reason else []
        why += [f"人工评分{trimmed(manual)}分：{one.manual.reason}"] if one.manual and manual is not None else []
        yield {
            "level1": text(row.level1), "level2": text(row.level2), "name": text(row.name),
            "target": quantity(target_shown(row.target)), "actual": quantity(one.actual or ""),
            "weight": number(row.weight), "score": number(line.printed if manual is None else manual),
            "gap": text("\n".join(why)), "definition": text(row.definition), "formula": text(row.formula),
            "evidence": text(actual.evidence if actual else ""), "office": text(row.office),
        }  # fmt: skip


def _sources(scored: Scored) -> Iterator[Row]:
    for one in scored.form.funds[1:]:
        money = {name: amount(_yuan(getattr(one, name))) for name in ("initial", "adjusted", "executed")}
        yield {"name": text(one.source), **money}


def _expenses(program: ProgramYear, reasons: Mapping[str, Any]) -> Iterator[Row]:
    rows: Iterable[Any] = expense_lines(program).order_by("position", "id")
    for one in rows:
        reason = reasons.get(f"expense:{one.pk}")
        left = None if one.adjusted is None else one.adjusted - one.executed
        yield {
            "name": text(one.name), "adjusted": amount(one.adjusted), "executed": amount(one.executed),
            "left": amount(left), "gap": text(reason.text) if reason else None,
        }  # fmt: skip


def _deals(year: FiscalYear) -> Iterator[Row]:
    newest = {one.category: one for one in year.deals.order_by("id")}
    for category in DealFigure.Category:
        if one := newest.get(category):
            yield {"name": text(category.label), "count": number(one.deal_count), "amount": amount(one.amount)}


def _programs(year: FiscalYear) -> Iterator[Row]:
    lines: dict[int, list[Any]] = {}
    for line in spending_lines(year).filter(program_year__isnull=False):
        lines.setdefault(line.program_year_id or 0, []).append(line)
    for one in year.programs.select_related("program").order_by("program__code"):
        sums = totals(lines.get(one.pk, ()))
        yield {
            "name": text(one.program.name), "code": text(one.program.code), "adjusted": amount(sums.adjusted),
            "executed": amount(sums.executed), "rate": share(rate_of(sums)),
        }  # fmt: skip


def _common(year: FiscalYear) -> Callable[[str], Value | None]:
    """共性指标: the value that the department's indicator holds, else what the measure gives now."""
    indicators = Indicator.objects.filter(
        table__fiscal_year=year, table__program_year=None, table__state=GoalState.APPROVED
    ).exclude(measure="")
    keys = {one.measure: one.key for one in indicators}
    held = newest_actuals(year, keys.values())

    def found(name: str) -> Value | None:
        if (actual := held.get(keys.get(name))) is not None:
            return quantity(actual.value)
        measure = measure_find(name)
        if measure is None or (measure.own_only and not year.unit.is_home):
            return None
        value = measure.compute(year=year.year, unit_id=year.unit_id, program_year_id=None).value
        return None if value is None else quantity(value_words(measure, value))

    return found


def _scored(year: FiscalYear, program: ProgramYear | None, report: Report | None) -> Scored | None:
    """The form scored; without manual scores before the self-evaluation is begun."""
    if report is not None:
        return report_scored(report)
    table = report_table(Report(fiscal_year=year, program_year=program))
    return None if table is None else Scored(table, forms.scored(table))


def report_data(year: FiscalYear, program: ProgramYear | None, report: Report | None) -> FormData:
    """What a self-evaluation form takes.

    Args:
        year: with its unit; program: with its program, None for the whole department.
        report: the self-evaluation, for people, reasons and manual scores; None before it is begun.
    """
    scored, reasons = _scored(year, program, report), line_reasons(report)
    single = dict(_unit(year, program)) | dict(_people(report, year))
    rows: dict[str, list[Row]] = {"deals": list(_deals(year))}
    if scored is not None:
        single |= dict(_money(scored, year)) | dict(_scores(scored, reasons))
        rows |= {"indicators": list(_indicators(scored, reasons)), "sources": list(_sources(scored))}
    if program is None:
        rows["programs"] = list(_programs(year))
    else:
        rows["expenses"] = list(_expenses(program, reasons))
    return FormData(single, rows, _common(year))


def _watched_money(line: MonitoringLine) -> Iterator[tuple[str, Value | None]]:
    yield "funds.initial", amount(line.initial_amount)
    yield "funds.adjusted", amount(line.adjusted_amount)
    yield "funds.spent", amount(line.spent_amount)
    yield "funds.rate", share(watched.rate_of(line))
    yield "funds.expected", amount(line.expected_amount)
    yield "funds.likelihood", text(line.get_likelihood_display())
    yield "funds.causes", text(watched.cause_words(line))
    yield "funds.explanation", text(line.explanation)


def _watched_row(line: MonitoringLine) -> Row:
    causes = {f"cause_{one}": text(MARK) if one in line.causes else None for one in MonitoringLine.Cause}
    sure = {str(one): text(MARK) if one == line.likelihood else None for one in MonitoringLine.Likelihood}
    return {
        "level1": text(line.level1), "level2": text(line.level2), "name": text(line.name),
        "target": quantity(target_shown(line.target)), "so_far": quantity(line.so_far),
        "expected": quantity(line.expected), "causes": text(watched.cause_words(line)),
        "explanation": text(line.explanation), "likelihood": text(line.get_likelihood_display()),
        "remark": text(line.remark), **causes, **sure,
    }  # fmt: skip


def monitoring_data(monitoring: Monitoring) -> FormData:
    """What a monitoring form takes."""
    lines = list(monitoring.lines.all())
    single = dict(_unit(monitoring.fiscal_year, monitoring.program_year))
    for line in lines:
        if line.line == watched.FUNDS:
            single |= dict(_watched_money(line))
    single |= {
        "watch.month": number(monitoring.through_month), "watch.months": text(monitoring.months),
        "goal.expected": text(monitoring.goal_table.overall_goal), "sign.filled_by": text(monitoring.filled_by),
        "sign.phone": text(monitoring.phone), "sign.head": text(monitoring.head),
        "sign.dated_on": day(monitoring.taken_at.astimezone(SHANGHAI).date()),
    }  # fmt: skip
    return FormData(single, {"lines": [_watched_row(one) for one in lines if not one.is_money]})
