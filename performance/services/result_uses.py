"""结果应用 is entered: what a frozen report led to in the next budget."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from performance.models import ProgramYear, Report, ReportState, ResultUse
from performance.selectors.result_uses import programs_next
from performance.services.common import checked, refuse, texts_storable, told, writing

NOT_DONE = "没有登记"
_WITH_AMOUNT = (ResultUse.Decision.MORE, ResultUse.Decision.LESS)


def result_use_add(
    *,
    report: Report,
    decision: str,
    text: str,
    by: User,
    now: datetime,
    program_year: ProgramYear | None = None,
    amount: Decimal | None = None,
    address: str = "",
) -> ResultUse:
    """Say what became of a report's result (预算法第三十二条、第五十七条).

    Args:
        report: a frozen one.
        decision: of ``ResultUse.Decision``; amount: yuan, needed where the budget grows or shrinks.
        program_year: the program of a following year in whose budget it was used, or None.
        text: how, in words.

    Raises:
        BusinessError: ``wrong_state``, ``invalid``.
    """
    texts_storable(NOT_DONE, text)
    if decision in _WITH_AMOUNT and amount is None:
        raise refuse(NOT_DONE, "增加或者核减预算的，要写涉及金额", field="amount")
    if program_year is not None and program_year.pk not in {one.pk for one in programs_next(report)}:
        raise refuse(NOT_DONE, "所选项目不是这个单位下一年度的，请重新选择", field="program_year")
    made = ResultUse(report=report, program_year=program_year, decision=decision, amount=amount, text=text.strip(),
                     by=by, at=now)  # fmt: skip
    checked(made, NOT_DONE)
    with writing(NOT_DONE):
        # One that is opened again meanwhile has no result any more.
        state = Report.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=report.pk)
        if state != ReportState.FROZEN:
            raise refuse(NOT_DONE, "报告定稿以后才能登记结果应用", code="wrong_state")
        made.save()
        told(what="result_use_add", obj=made, by=by, now=now, address=address, amount=amount)
    return made
