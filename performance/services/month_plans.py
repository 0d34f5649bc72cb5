"""Writes of planned spending by month: added only, the newest row of a line and month holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from performance.flows import ZERO
from performance.models import FiscalYear, MonthPlan, SpendingLine, YearState
from performance.models.common import REASON_LENGTH
from performance.models.monthly import MONTHS
from performance.money_words import FEN, yuan
from performance.selectors.money import spending_lines
from performance.selectors.progress import plans_of
from performance.services.common import refuse, texts_storable, told, writing

NOT_SAVED = "没有保存"
Months = Sequence[Decimal]


def _line_refused(line: SpendingLine, months: Months) -> None:
    if len(months) != len(MONTHS):
        raise refuse(NOT_SAVED, "一年的 12 个月要一起填")
    if any(not one.is_finite() or one < 0 or one != one.quantize(FEN) for one in months):
        raise refuse(NOT_SAVED, f"“{line}”的计划数应不小于 0，精确到分")
    whole, budget = sum(months, ZERO), line.adjusted  # type: ignore[attr-defined]
    if whole > budget:
        raise refuse(NOT_SAVED, f"“{line}”12 个月合计 {yuan(whole)}，超过全年预算 {yuan(budget)}，请核对")


def _changed(
    lines: Mapping[int, SpendingLine], wanted: Mapping[int, Months], said: str, **by: object
) -> list[MonthPlan]:
    """The rows to be written. Raises BusinessError: a planned month is changed without a reason."""
    known, rows, changed = plans_of(lines), [], []
    for pk, months in wanted.items():
        for month, amount in zip(MONTHS, months, strict=True):
            before = known.get(pk, {}).get(month)
            if before is not None and before.amount == amount:
                continue
            if before is not None:
                changed.append(f"{lines[pk].economic.name} {month}月")
            rows.append(MonthPlan(spending_line=lines[pk], month=month, amount=amount,
                                  reason=said if before is not None else "", **by))  # fmt: skip
    if changed and not said:
        what = "、".join(changed[:3]) + ("等" if len(changed) > 3 else "")
        raise refuse(NOT_SAVED, f"{what}的计划原来填过，改动要写明调整理由", field="reason")
    return rows


def month_plans_set(
    *, year: FiscalYear, plans: Mapping[int, Months], by: User, now: datetime, reason: str = "",
    seen: Mapping[int, int] | None = None, address: str = "",
) -> int:  # fmt: skip
    """Plan the spending of lines month by month, all of them or none.

    Args:
        plans: number of a line of the year -> 12 amounts in yuan; together not above the line's adjusted budget.
        reason: why months that were planned already are changed.
        seen: number of a line -> number of its newest plan row that the form showed, 0 for none.

    Returns:
        How many months were written; what is as it was is not written again.

    Raises:
        BusinessError: ``没有保存：…``; ``invalid``, ``blocked`` (final accounts), ``changed`` (somebody was faster).
    """
    texts_storable(NOT_SAVED, reason)
    said = reason.strip()
    if len(said) > REASON_LENGTH:
        raise refuse(NOT_SAVED, f"调整理由超过 {REASON_LENGTH} 字", field="reason")
    with writing(NOT_SAVED):
        held = FiscalYear.objects.select_for_update(no_key=True).get(pk=year.pk)
        if held.state == YearState.CLOSED:
            raise refuse(NOT_SAVED, "这个年度的决算已经确认，用款计划不能再改", code="blocked")
        lines = {one.pk: one for one in spending_lines(held).filter(pk__in=list(plans))}
        if len(lines) != len(plans):
            raise refuse(NOT_SAVED, "有的支出预算不在这个年度里，请刷新页面重填")
        for pk, months in plans.items():
            _line_refused(lines[pk], months)
        _unseen(lines, seen)
        rows = MonthPlan.objects.bulk_create(_changed(lines, plans, said, by=by, at=now))
        if rows:
            told(what="month_plan", obj=held, by=by, now=now, address=address, count=len(rows))
    return len(rows)


def newest_plan(lines: Sequence[int]) -> dict[int, int]:
    """Number of the newest plan row of each line, 0 for none; one query."""
    found = dict(
        MonthPlan.objects.filter(spending_line__in=lines)
        .order_by("spending_line_id", "-id")
        .distinct("spending_line_id")
        .values_list("spending_line_id", "pk")
    )
    return {line: found.get(line, 0) for line in lines}


def _unseen(lines: Mapping[int, SpendingLine], seen: Mapping[int, int] | None) -> None:
    if seen is None:
        return
    now_newest = newest_plan(list(lines))
    late = [str(lines[pk]) for pk, number in seen.items() if pk in lines and now_newest[pk] != number]
    if late:
        raise refuse(NOT_SAVED, f"您打开之后，别人改过“{late[0]}”的计划，请对照现在的数再保存", code="changed")
