"""Where the money of a form comes from: lines of income, and for a program what follows from those of the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from performance.models import FiscalYear, IncomeLine, IncomeSource, ProgramYear, YearEndBalance
from performance.selectors.money import ZERO, income_lines


@dataclass(frozen=True)
class Part:
    """What one source gives, yuan.

    Args:
        alone: whether it is the only source, so that all spending is its own.
        received: what came in of the lines that tell it; 0 where nobody entered anything.
    """

    source: IncomeSource
    initial: Decimal
    adjusted: Decimal
    alone: bool
    received: Decimal

    def spent(self, executed: Decimal | None) -> Decimal | None:
        """What of the spending is the source's: all of it, where it is alone and brought enough; else unknown."""
        if not self.alone or executed is None or (self.received and executed > self.received):
            return None
        return executed


def with_carried(rows: QuerySet[IncomeLine]) -> QuerySet[IncomeLine]:
    """Lines with ``carried``: what the year before carried over (结转下年) under the same functional subject."""
    balances = YearEndBalance.objects.filter(
        kind=YearEndBalance.Kind.CARRIED, line__functional=OuterRef("functional"),
        line__fiscal_year__unit=OuterRef("fiscal_year__unit"),
        line__fiscal_year__year=OuterRef("fiscal_year__year") - 1,
    )  # fmt: skip
    summed = balances.order_by().values("line__functional").annotate(all=Sum("amount")).values("all")
    return rows.annotate(carried=Subquery(summed))


def incomes_of(year: FiscalYear, program: ProgramYear | None) -> tuple[list[Any], list[Any]]:
    """(the object's own lines, the unit's for a program); one query."""
    wanted = Q(program_year=None) if program is None else Q(program_year=None) | Q(program_year=program)
    rows: list[Any] = list(with_carried(income_lines(year).filter(wanted)).order_by(F("id")))
    if program is None:
        return rows, []
    return [one for one in rows if one.program_year_id], [one for one in rows if not one.program_year_id]


def _rest_source(own: set[str], unit: Sequence[Any]) -> str | None:
    """The source of what a program's own lines leave open; None where it does not follow from the books.

    Money carried over is spent on what it was carried over for (预算法第四十二条第一款), and carry_over_take writes it
    down by program: where the unit's line is what was carried over, a program has its own line of it, or none of it.
    """
    if own - {IncomeSource.CARRY_OVER}:
        return None
    carried = [one for one in unit if one.source == IncomeSource.CARRY_OVER]
    recorded = all(one.carried == one.initial_amount == one.adjusted for one in carried)
    others = {str(one.source) for one in unit} - ({IncomeSource.CARRY_OVER} if own or recorded else set())
    return others.pop() if len(others) == 1 else None


def source_parts(
    own: Sequence[Any], unit: Sequence[Any], initial: Decimal | None, adjusted: Decimal | None
) -> list[Part]:
    """The parts of a total by source, in the order of ``IncomeSource``; none where they are unknown.

    Args:
        own: lines of the form's own object (income_lines); unit: those of the unit, with ``carried``; empty for the
            department's form.
        initial, adjusted: the total of the budget, yuan; None: unknown.
    """
    found: dict[str, list[Any]] = {}
    for line in own:
        found.setdefault(line.source, []).append(line)
    sums = {
        source: (
            sum((one.initial_amount for one in lines), ZERO), sum((one.adjusted for one in lines), ZERO),
            sum((one.received for one in lines), ZERO),
        ) for source, lines in found.items()
    }  # fmt: skip
    rest = _rest_source(set(found), unit)
    if rest is not None and initial is not None and adjusted is not None:
        first, later = (
            whole - sum((one[at] for one in sums.values()), ZERO) for at, whole in ((0, initial), (1, adjusted))
        )
        if min(first, later) >= 0 and (first or later or not sums):
            sums[rest] = (first, later, sum((one.received for one in unit if one.source == rest), ZERO))
    return [
        Part(source, *sums[source][:2], alone=len(sums) == 1, received=sums[source][2])
        for source in IncomeSource if source in sums
    ]  # fmt: skip


def sources_hint(program: ProgramYear | None, unit: Sequence[Any], parts: Sequence[Part]) -> str:
    """How to record what the form cannot derive; empty where nothing is missing."""
    if program is None or parts:
        return ""
    names = "、".join(str(one.label) for one in IncomeSource if any(line.source == one for line in unit))
    if not names:
        return "资金来源还不知道：预算年度里还没有收入预算，请财务经办先登记单位的收入预算。"
    return (
        f"资金来源还不知道：本单位的收入预算有{names}，系统不替您分。"
        "请财务经办在预算年度页面“添加收入预算”，资金来源照批复选，“项目”选本项目；预算批复以后用预算调整登记金额。"
    )
