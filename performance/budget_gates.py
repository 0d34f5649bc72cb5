"""Why a move of a budget year, a program's year or a special approval may not happen: sentences after 不能…：."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from core.moments import SHANGHAI
from performance.models import (
    ApprovalState,
    FiscalYear,
    IncomeLine,
    ProgramState,
    ProgramYear,
    SpecialApproval,
    SpendingImport,
    SpendingLine,
    YearState,
)
from performance.money_words import yuan
from performance.selectors.money import ZERO, spending_lines, totals
from workflow.actors import Holding


def _sum(rows: Any, name: str = "initial_amount") -> Decimal:
    return Decimal(rows.aggregate(all=Sum(name))["all"] or ZERO)


def year_balanced(year: FiscalYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Income equals expenditure (预算法第十二条: 收支平衡), and there is some; parts of programs count once."""
    income = _sum(IncomeLine.objects.filter(fiscal_year=year, program_year__isnull=True))
    spending = _sum(SpendingLine.objects.filter(fiscal_year=year))
    if not income and not spending:
        return ["还没有编收入和支出预算"]
    if income != spending:
        more = "收入大于支出" if income > spending else "支出大于收入"
        return [f"收入预算 {yuan(income)} 与支出预算 {yuan(spending)} 不平，{more} {yuan(abs(income - spending))}"]
    return []


def programs_agree(year: FiscalYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The lines of an approved program come to what was approved."""
    rows = ProgramYear.objects.filter(fiscal_year=year, state=ProgramState.APPROVED).select_related("program")
    sums = dict(
        SpendingLine.objects.filter(program_year__in=rows).order_by()
        .values_list("program_year").annotate(all=Sum("initial_amount"))
    )  # fmt: skip
    return [
        f"项目“{one.program}”的支出预算合计 {yuan(sums.get(one.pk, ZERO))}，"
        f"与批复金额 {yuan(one.approved_amount or ZERO)} 不一致"
        for one in rows
        if sums.get(one.pk, ZERO) != one.approved_amount
    ]


def approval_dated(obj: Any, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An approval has a document, and a day that has come."""
    found = [] if str(data.get("document_number", "")).strip() else ["还没有写批复文号"]
    day = data.get("approved_on")
    if not isinstance(day, date):
        return [*found, "还没有写批复日期"]
    if day > now.astimezone(SHANGHAI).date():
        found.append("批复日期还没有到")
    year = obj.year if isinstance(obj, FiscalYear) else obj.fiscal_year.year
    if not year - 1 <= day.year <= year:
        found.append(f"批复日期应在 {year - 1} 年或 {year} 年，请核对年份")
    return found


def year_over(year: FiscalYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Final accounts are made after the year's end (预算法第七十四条)."""
    return [] if now.astimezone(SHANGHAI).date().year > year.year else [f"{year.year} 年度还没有结束"]


def nothing_open(year: FiscalYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What is closed has nothing left to be done in it."""
    found = []
    if SpendingImport.objects.filter(fiscal_year=year, state__in=("reading", "read")).exists():
        found.append("还有没确认的支出导入，请先确认或放弃")
    if ProgramYear.objects.filter(fiscal_year=year, state=ProgramState.SUBMITTED).exists():
        found.append("还有待批复的项目，请先批复或退回")
    if SpecialApproval.objects.filter(program_year__fiscal_year=year, state=ApprovalState.REQUESTED).exists():
        found.append("还有待批准的特别批准")
    return found


def accounts_dated(year: FiscalYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The final accounts' figures and day; figures that differ from the entries are told, not refused."""
    if not all(isinstance(data.get(name), Decimal) for name in ("final_income", "final_spending")):
        return ["还没有写决算收入和决算支出"]
    day = data.get("final_on")
    if not isinstance(day, date):
        return ["还没有写决算批复日期"]
    if not date(year.year + 1, 1, 1) <= day <= now.astimezone(SHANGHAI).date():
        return [f"决算批复日期应在 {year.year + 1} 年 1 月 1 日至今天之间"]
    return []


def year_open(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A program belongs to a year that is not over."""
    closed = program_year.fiscal_year.state == YearState.CLOSED
    return ["这个年度的决算已经确认，不能再申报项目"] if closed else []


def application_whole(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An application says why, how much comes from what, and what is to be reached beforehand."""
    wanted = (("立项依据", "basis"), ("测算", "estimate"), ("事前绩效目标", "expected_goal"), ("资金用途", "purpose"))
    return [f"还没有写{label}" for label, name in wanted if not str(getattr(program_year, name)).strip()]


def plan_within(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Parts come to no more than the whole."""
    whole = program_year.applied_amount
    found = []
    if (parts := _sum(program_year.expense_lines)) > whole:
        found.append(f"支出明细的预算合计 {yuan(parts)}，超过申请金额 {yuan(whole)}")
    if (steps := _sum(program_year.milestones, "planned_amount")) > whole:
        found.append(f"实施节点的计划支付合计 {yuan(steps)}，超过申请金额 {yuan(whole)}")
    return found


def amount_agrees(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The approved amount covers the expense lines, and is what an approved budget has for the program."""
    amount = data.get("approved_amount")
    if not isinstance(amount, Decimal) or amount <= 0:
        return ["批复金额应大于 0"]
    found = []
    if (parts := _sum(program_year.expense_lines)) > amount:
        found.append(f"支出明细的预算合计 {yuan(parts)}，超过批复金额 {yuan(amount)}，请先退回修改明细")
    if program_year.fiscal_year.state != YearState.DRAFTING:
        lines = totals(spending_lines(program=program_year)).adjusted
        if lines != amount:
            found.append(f"部门预算里这个项目的支出预算合计 {yuan(lines)}，与批复金额 {yuan(amount)} 不一致")
    return found


def no_requests(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A program ends when nobody waits for leave to spend."""
    waiting = program_year.approvals.filter(state=ApprovalState.REQUESTED).exists()
    return ["还有待批准的特别批准，请先办完"] if waiting else []


def program_open(approval: SpecialApproval, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """There is leave for what may still be spent only."""
    program = approval.program_year
    if program.state == ProgramState.CLOSED or program.fiscal_year.state == YearState.CLOSED:
        return ["这个项目已经结束，或者年度决算已经确认，不能再支出"]
    if not approval.reason.strip():
        return ["还没有写理由"]
    return []


def requester(approval: SpecialApproval, *, holding: Holding) -> list[str]:
    """Who asked may take it back."""
    return [] if holding.person_id == approval.requested_by_id else [f"只有申请人（{approval.requested_by}）才能撤回"]
