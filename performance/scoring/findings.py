"""What about a form needs a word: they explain and never block. Contract: self-evaluation files, section Output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from performance.scoring.form import ExpenseLine, Form, Fund, Reported, half_up
from performance.scoring.scores import Line, Scores
from performance.scoring.values import normalised

LOW_RATE, VERY_LOW_RATE = Decimal(90), Decimal(80)
WHOLE = 100
HALF = 50
SATISFACTION = "满意度"
# In this order they are told.
CODES = (
    "rate_below_90", "over_budget", "denominator_zero", "weights_not_100", "target_unmet", "far_above_target",
    "unit_mismatch", "unreadable_target", "unreadable_actual", "actual_missing", "parts_do_not_sum",
    "reported_differs", "spending_exceeds_income", "satisfaction_without_survey", "single_indicator_weight",
    "grade_beside_low_rate",
)  # fmt: skip
_OF_LINES = {
    "target_unmet": "没有达到指标值，请写明原因和改进措施",
    "far_above_target": "实际完成值达到指标值的 1.2 倍以上，请说明指标值是否定得过低",
    "unreadable_target": "指标值无法识别，应写成“≥95%”这样的数值，定性的写成“定性：…”",
    "unreadable_actual": "实际完成值无法识别，应是与指标值同一口径的数值，定性的用规定的三种说法之一",
    "actual_missing": "没有填写实际完成值",
}


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        code: one of CODES.
        message: a Chinese sentence.
        where: ``funds``, ``indicators[2]``, ``expense_lines`` and so on.
    """

    code: str
    message: str
    where: str


def number_shown(value: Fraction) -> str:
    """A number without needless zeros; four decimals at most."""
    text = f"{half_up(value, 4):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _of_funds(form: Form, scores: Scores) -> Iterator[Finding]:
    executed, rate = form.total.executed, scores.rate_printed
    if rate is not None and rate < LOW_RATE:
        yield Finding("rate_below_90", f"预算执行率 {rate}%，低于 90%，请逐项说明原因。", "funds")
    if scores.budget == 0:
        yield Finding("denominator_zero", "预算数为 0，无法计算执行率；请填写得分并说明理由。", "funds")
    if executed is not None and scores.budget is not None and executed > scores.budget:
        more = number_shown(executed - scores.budget)
        yield Finding("over_budget", f"全年执行数超过预算数 {more}，请说明资金来源。", "funds")
    for name, label in (("initial", "年初预算数"), ("adjusted", "全年预算数"), ("executed", "全年执行数")):
        yield from _parts(form.funds, name, label)
    yield from _expenses(form.expense_lines, executed)
    if form.income_actual is not None and executed is not None and executed > form.income_actual:
        more = number_shown(executed - form.income_actual)
        yield Finding("spending_exceeds_income", f"支出超过收入 {more}，请说明上年结转等来源。", "income")


def _parts(funds: tuple[Fund, ...], name: str, label: str) -> Iterator[Finding]:
    values = [getattr(row, name) for row in funds]
    if len(values) < 2 or values[0] is None or any(value is None for value in values[1:]):
        return
    parts = sum(values[1:], Fraction(0))
    if parts != values[0]:
        said = f"{label}各项合计 {number_shown(parts)}，与总额 {number_shown(values[0])} 不等。"
        yield Finding("parts_do_not_sum", said, "funds")


def _expenses(lines: tuple[ExpenseLine, ...], executed: Fraction | None) -> Iterator[Finding]:
    amounts = [line.amount for line in lines if line.amount is not None]
    if not lines or len(amounts) < len(lines) or executed is None:
        return
    total = sum(amounts, Fraction(0))
    if total != executed:
        said = f"支出明细合计 {number_shown(total)}，与全年执行数 {number_shown(executed)} 不等。"
        yield Finding("parts_do_not_sum", said, "expense_lines")


def _of_indicators(form: Form, scores: Scores) -> Iterator[Finding]:
    for place, (one, line) in enumerate(zip(form.indicators, scores.indicators, strict=True)):
        where, name = f"indicators[{place}]", one.name or f"第 {place + 1} 项指标"
        for code in line.codes:
            said = f"指标值和实际完成值的单位不同（{line.unit_note}）" if code == "unit_mismatch" else _OF_LINES[code]
            yield Finding(code, f"“{name}”{said}。", where)
        if one.weight is not None and one.weight >= HALF:
            said = f"“{name}”一项占 {number_shown(one.weight)} 分，达到总分的一半，请细化指标。"
            yield Finding("single_indicator_weight", said, where)
    yield from _weights(form)
    satisfied = [one for one in form.indicators if SATISFACTION in normalised(one.level1) and one.actual is not None]
    if satisfied and not any(value is not None for value in form.survey.values()):
        said = "填写了满意度，却没有调查的发放、收回和有效份数。"
        yield Finding("satisfaction_without_survey", said, "survey")


def _weights(form: Form) -> Iterator[Finding]:
    weights = [form.funds_weight, *(one.weight for one in form.indicators)]
    total = sum((weight for weight in weights if weight is not None), Fraction(0))
    if total != WHOLE or None in weights:
        missing = "，有的没有填写" if None in weights else ""
        yield Finding("weights_not_100", f"各项分值合计 {number_shown(total)}，应是 100{missing}。", "weights")


def _differs(said: Reported | None, exact: Fraction | None, printed: Decimal | None) -> bool:
    """Whether the formula does not give a figure at the decimals it was printed with, from what it is or is printed."""
    if said is None:
        return False
    if exact is None:
        return True
    values = {half_up(exact, said.decimals)}
    if printed is not None:
        values.add(half_up(Fraction(printed), said.decimals))
    return half_up(said.value, said.decimals) not in values


def _of_reported(form: Form, scores: Scores) -> Iterator[Finding]:
    rate = None if scores.rate is None else scores.rate * 100
    total = None if scores.total is None else Fraction(scores.total)
    found: list[tuple[Reported | None, Fraction | None, Decimal | None, str, str]] = [
        (form.reported_rate, rate, scores.rate_printed, "执行率", "reported.rate"),
        (form.total.reported, scores.funds.score, scores.funds.printed, "资金得分", "funds"),
    ]
    for place, (one, line) in enumerate(zip(form.indicators, scores.indicators, strict=True)):
        found.append((one.reported, line.score, line.printed, f"“{one.name}”得分", f"indicators[{place}]"))
    found.append((form.reported_total, total, scores.total, "总分", "reported.total"))
    for said, exact, printed, label, where in found:
        if said is not None and _differs(said, exact, printed):
            by_formula = "算不出" if printed is None else f"应是 {printed}"
            yield Finding("reported_differs", f"{label}填报 {said.text}，按公式{by_formula}。", where)
    if form.reported_grade and form.reported_grade != scores.grade:
        by_formula = f"应是“{scores.grade}”" if scores.grade else "定不出"
        said_grade = f"等级填报“{form.reported_grade}”，按得分{by_formula}。"
        yield Finding("reported_differs", said_grade, "reported.grade")


def form_findings(form: Form, scores: Scores) -> list[Finding]:
    """All findings about a form, in the order of CODES, within one code in the order of the form."""
    found = [*_of_funds(form, scores), *_of_indicators(form, scores), *_of_reported(form, scores)]
    rate = scores.rate_printed
    if scores.grade == "优" and rate is not None and rate < VERY_LOW_RATE:
        found.append(Finding("grade_beside_low_rate", f"预算执行率只有 {rate}%，等级却是“优”，请说明。", "grade"))
    return sorted(found, key=lambda one: CODES.index(one.code))


__all__ = ["CODES", "Finding", "Line", "form_findings", "number_shown"]
