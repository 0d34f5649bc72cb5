"""Budget years, programs' years and special approvals as the desk shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.duties import Duty
from performance.models import FiscalYear, ProgramYear, SpecialApproval
from performance.money_words import yuan
from performance.selectors.money import income_lines, spending_lines, totals
from workflow.actors import Actor

# Who reads budget and spending: those who enter and manage it, and those who answer for it.
READERS = (Duty.FINANCE, Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)
WRITERS = (Duty.FINANCE,)
MAKERS = (Duty.FINANCE, Duty.PERFORMANCE)


def year_rows(*, now: datetime) -> QuerySet[FiscalYear]:
    """Budget years with their units."""
    return FiscalYear.objects.select_related("unit", "created_by")


def program_rows(*, now: datetime) -> QuerySet[ProgramYear]:
    """Programs' years with what names them."""
    return ProgramYear.objects.select_related(
        "program__unit", "program__activity__responsibility", "fiscal_year__unit", "leader", "department", "created_by"
    )


def approval_rows(*, now: datetime) -> QuerySet[SpecialApproval]:
    """Special approvals with their programs."""
    return SpecialApproval.objects.select_related("program_year__program", "program_year__fiscal_year", "requested_by")


def rows_visible(rows: QuerySet[Any], *, actor: Actor) -> QuerySet[Any]:
    """Everything, for those who read budget and spending."""
    return rows if actor.duties & set(READERS) else rows.none()


def year_title(year: FiscalYear) -> str:
    """``云泽县公共资源交易中心2022年度预算``."""
    return f"{year.unit}{year.year}年度预算"


def year_url(year: FiscalYear) -> str:
    """The year's page."""
    return reverse("staff_budget_year", args=[year.pk])


def year_facts(year: FiscalYear) -> list[tuple[str, str]]:
    """What one decides on: the sums, and what they became."""
    income = totals(income_lines(year).filter(program_year__isnull=True), "received")
    lines = list(spending_lines(year))
    spending = totals(lines)
    parts = {
        label: totals([line for line in lines if line.category == value]).initial
        for value, label in type(lines[0]).Category.choices
    } if lines else {}  # fmt: skip
    facts = [("收入预算", yuan(income.initial)), ("支出预算", yuan(spending.initial))]
    facts += [(f"其中：{label}", yuan(amount)) for label, amount in parts.items() if amount]
    if year.approved_on:
        facts.append(("批复", f"{year.document_number}，{year.approved_on:%Y-%m-%d}"))
        facts += [("登记的收入", yuan(income.executed)), ("登记的支出", yuan(spending.executed))]
    if year.final_income is not None and year.final_spending is not None:
        facts += [("决算收入", yuan(year.final_income)), ("决算支出", yuan(year.final_spending))]
    return facts


def program_title(program_year: ProgramYear) -> str:
    """The program and its year."""
    return f"{program_year.program}（{program_year.fiscal_year.year}年度）"


def program_url(program_year: ProgramYear) -> str:
    """The page of the program's year."""
    return reverse("staff_program_year", args=[program_year.pk])


def program_facts(program_year: ProgramYear) -> list[tuple[str, str]]:
    """What one decides on."""
    parts = "；".join(
        f"{one.name} {yuan(one.initial_amount) if one.initial_amount is not None else '未单列'}"
        for one in program_year.expense_lines.all()
    )
    return [
        ("实施单位", str(program_year.program.unit)), ("申请金额", yuan(program_year.applied_amount)),
        ("资金用途", program_year.purpose), ("立项依据", program_year.basis or "没有写"),
        ("测算", program_year.estimate or "没有写"), ("事前绩效目标", program_year.expected_goal or "没有写"),
        ("支出明细", parts or "没有分列"),
    ]  # fmt: skip


def approval_title(approval: SpecialApproval) -> str:
    """What is asked for, of which program."""
    return f"{approval.program_year.program}：{approval.get_kind_display()}，{yuan(approval.amount)}"


def approval_url(approval: SpecialApproval) -> str:
    """The approval's page."""
    return reverse("staff_special_approval", args=[approval.pk])


def approval_facts(approval: SpecialApproval) -> list[tuple[str, str]]:
    """What one decides on."""
    program = approval.program_year
    sums = totals(spending_lines(program=program))
    return [
        ("项目", program_title(program)), ("项目状态", str(program.get_state_display())),
        ("规定用途", program.purpose), ("事由", str(approval.get_kind_display())), ("金额上限", yuan(approval.amount)),
        ("理由", approval.reason), ("请示文号", approval.document_number or "没有"),
        ("项目预算", f"{yuan(sums.adjusted)}，已支出 {yuan(sums.executed)}，剩 {yuan(sums.left)}"),
    ]  # fmt: skip
