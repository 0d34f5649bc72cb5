"""Measures of budget, spending and deals; rates half up to 0.01%.

Formulas: 财政部《预算绩效评价共性指标体系框架》（财预〔2013〕53号）.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from core.measures import Compute, Measure, Measured, MeasureRow, measure_add
from performance.models import BudgetAdjustment, DealFigure, FiscalYear, Milestone, ProgramYear, SpendingLine
from performance.scoring.form import half_up
from performance.selectors.money import ZERO, spending_lines

# 三公经费 by economic subject (政府收支分类科目 303/302/310): 因公出国(境), 公务接待, 公务用车运行维护, 公务用车购置.
THREE_PUBLIC = ("30212", "30217", "30231", "31013")
_C = SpendingLine.Category


def fiscal_year_of(year: int, unit_id: int | None) -> FiscalYear | None:
    """The budget year of a unit; None for ``unit_id`` is the center itself."""
    rows = FiscalYear.objects.filter(year=year)
    return rows.filter(unit_id=unit_id).first() if unit_id else rows.filter(unit__is_home=True).first()


def _lines(year: int, unit_id: int | None, program_year_id: int | None) -> list[Any]:
    """Annotated lines of a program, or of the whole unit."""
    fiscal = fiscal_year_of(year, unit_id)
    if fiscal is None:
        return []
    rows = spending_lines(fiscal).order_by("id")
    return list(rows.filter(program_year_id=program_year_id) if program_year_id else rows)


def _rate(part: Decimal, whole: Decimal) -> Decimal | None:
    return half_up(Fraction(part) * 100 / Fraction(whole)) if whole else None


def _line_words(line: Any) -> str:
    program = f" {line.program_year.program.name}" if line.program_year else ""
    return f"{line.get_category_display()}{program} {line.functional.code}/{line.economic.code} {line.economic.name}"


def _line_rows(lines: Iterable[Any], words: Callable[[Any], str]) -> tuple[MeasureRow, ...]:
    return tuple(MeasureRow(_line_words(line), "", words(line)) for line in lines)


def _executed(lines: list[Any]) -> Measured:
    """Executed ÷ adjusted of some lines."""
    rate = _rate(sum((one.executed for one in lines), ZERO), sum((one.adjusted for one in lines), ZERO))
    return Measured(rate, _line_rows(lines, lambda one: f"全年预算 {one.adjusted} 元，执行 {one.executed} 元"))


def _of_categories(*categories: str) -> Compute:
    def compute(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
        lines = _lines(year, unit_id, program_year_id)
        return _executed([one for one in lines if not categories or one.category in categories])

    return compute


def three_public(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """三公经费控制率."""
    lines = _lines(year, unit_id, program_year_id)
    return _executed([one for one in lines if one.economic.code.startswith(THREE_PUBLIC)])


def adjustment_rate(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """预算调整率: every adjustment counts by its size, whether more or less."""
    lines = _lines(year, unit_id, program_year_id)
    changes = BudgetAdjustment.objects.filter(spending_line__in=[one.pk for one in lines]).order_by("adjusted_on", "id")
    rows = tuple(
        MeasureRow(f"{one.adjusted_on} {one.document_number}", "", f"调整 {one.amount} 元")
        for one in changes.only("adjusted_on", "document_number", "amount")
    )
    total = sum((abs(one.amount) for one in changes), ZERO)
    before = _line_rows(lines, lambda one: f"年初预算 {one.initial_amount} 元")
    return Measured(_rate(total, sum((one.initial_amount for one in lines), ZERO)), rows + before)


def balance_rate(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """结转结余率: what was not spent, whether carried over or returned, of the adjusted budget."""
    lines = _lines(year, unit_id, program_year_id)
    adjusted = sum((one.adjusted for one in lines), ZERO)
    left = adjusted - sum((one.executed for one in lines), ZERO)
    rows = _line_rows(lines, lambda one: f"全年预算 {one.adjusted} 元，未执行 {one.adjusted - one.executed} 元")
    return Measured(_rate(left, adjusted), rows)


def payment_progress(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """支付进度率: what was paid of what the plans (实施节点) wanted paid."""
    fiscal = fiscal_year_of(year, unit_id)
    if fiscal is None:
        return Measured(None)
    chosen = Q(pk=program_year_id) if program_year_id else Q()
    programs = list(ProgramYear.objects.filter(chosen, fiscal_year=fiscal).values_list("pk", flat=True))
    steps = Milestone.objects.filter(program_year__in=programs, planned_amount__gt=0).order_by("due_on", "id")
    lines: list[Any] = [one for one in spending_lines(fiscal).order_by("id") if one.program_year_id in programs]
    planned = tuple(MeasureRow(f"计划 {one.due_on} {one.name}", "", f"应付 {one.planned_amount} 元") for one in steps)
    paid = _line_rows(lines, lambda one: f"已付 {one.executed} 元")
    wanted = sum((one.planned_amount for one in steps), ZERO)
    return Measured(_rate(sum((one.executed for one in lines), ZERO), wanted), planned + paid)


def deals_of(year: int, unit_id: int | None) -> list[DealFigure]:
    """The newest figure of each category, in the order of the categories."""
    fiscal = fiscal_year_of(year, unit_id)
    if fiscal is None:
        return []
    rows = DealFigure.objects.filter(fiscal_year=fiscal).order_by("category", "-id").distinct("category")
    found = {one.category: one for one in rows}
    return [found[name] for name in DealFigure.Category.values if name in found]


def _deal_rows(found: list[DealFigure], words: Callable[[DealFigure], str]) -> tuple[MeasureRow, ...]:
    return tuple(MeasureRow(str(one.get_category_display()), "", words(one)) for one in found)


def deal_count(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """进场交易宗数, of the figures typed with their evidence."""
    found = deals_of(year, unit_id)
    value = Decimal(sum(one.deal_count for one in found)) if found else None
    return Measured(value, _deal_rows(found, lambda one: f"{one.deal_count}宗"))


def deal_amount(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """成交金额 in 亿元: the sum is rounded, never its parts."""
    found = deals_of(year, unit_id)
    total = sum((one.amount for one in found), ZERO)
    value = half_up(Fraction(total) / 100_000_000) if found else None
    return Measured(value, _deal_rows(found, lambda one: f"{one.amount}元"))


_WORDS: tuple[tuple[str, str, str, str, Compute], ...] = (
    ("budget_execution_rate", "预算执行率", "全年执行数÷全年预算数（调整后）×100%。", "%", _of_categories()),
    ("project_execution_rate", "项目支出执行率", "项目支出全年执行数÷项目支出全年预算数（调整后）×100%。", "%",
     _of_categories(_C.PROJECT)),
    ("routine_control_rate", "公用经费控制率", "实际支出公用经费÷预算安排公用经费（调整后）×100%。", "%",
     _of_categories(_C.ROUTINE)),
    ("three_public_rate", "三公经费控制率",
     "因公出国（境）、公务接待、公务用车购置及运行维护费的实际支出÷预算安排数（调整后）×100%。", "%", three_public),
    ("budget_adjustment_rate", "预算调整率", "全年追加、追减的绝对值之和÷年初预算数×100%。", "%", adjustment_rate),
    ("balance_rate", "结转结余率", "结转结余总额（全年预算数－全年执行数，含财政收回）÷全年预算数×100%。", "%",
     balance_rate),
    ("payment_progress", "支付进度率", "项目实际支付数÷实施节点计划支付数×100%；没有写计划支付金额的取不到。", "%",
     payment_progress),
    ("deal_count", "进场交易宗数", "政府采购、工程建设、土地使用权、国有产权全年进场交易宗数之和。", "宗",
     deal_count),
    ("deal_amount", "进场交易成交额", "四类进场交易全年成交金额之和，以亿元计，合计后四舍五入到两位小数。", "亿元",
     deal_amount),
)  # fmt: skip
for _name, _label, _definition, _unit, _compute in _WORDS:
    measure_add(Measure(_name, _label, _definition, _unit, _compute))
