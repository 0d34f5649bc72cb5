"""Writes of responsibilities, activities, programs, their years, plans, inspections and special approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from performance.models import (
    Activity,
    BudgetUnit,
    ExpenseLine,
    FiscalYear,
    Inspection,
    InspectionRemedy,
    Milestone,
    Program,
    ProgramState,
    ProgramYear,
    Responsibility,
    SpecialApproval,
)
from performance.services.common import refuse, texts_storable, told, writing
from performance.services.entries import today_of
from performance.services.years import NOT_SAVED, row_save
from workflow.models import StateChange
from workflow.services import create

TEXTS = ("purpose", "basis", "estimate", "expected_goal", "plan", "background")


def responsibility_save(
    *, unit: BudgetUnit, name: str, by: User, now: datetime, text: str = "", row: Responsibility | None = None,
    address: str = "",
) -> Responsibility:  # fmt: skip
    """Make or change 部门职责. Raises BusinessError."""
    found = row or Responsibility(unit=unit, position=unit.responsibilities.count())
    found.name, found.text = name.strip(), text.strip()
    saved: Responsibility = row_save(found, what="responsibility_save", by=by, now=now, address=address)
    return saved


def activity_save(
    *, responsibility: Responsibility, name: str, by: User, now: datetime, row: Activity | None = None,
    address: str = "",
) -> Activity:  # fmt: skip
    """Make or change 工作活动. Raises BusinessError."""
    found = row or Activity(responsibility=responsibility, position=responsibility.activities.count())
    found.name = name.strip()
    saved: Activity = row_save(found, what="activity_save", by=by, now=now, address=address)
    return saved


def program_save(
    *, unit: BudgetUnit, code: str, name: str, by: User, now: datetime, activity: Activity | None = None,
    program: Program | None = None, address: str = "",
) -> Program:  # fmt: skip
    """Make or change a program (项目).

    Raises:
        BusinessError: ``没有保存：…``; the activity must belong to the unit.
    """
    if activity is not None and activity.responsibility.unit_id != unit.pk:
        raise refuse(NOT_SAVED, "工作活动不属于这个单位，请重新选择", field="activity")
    found = program or Program()
    found.unit, found.code, found.name, found.activity = unit, code.strip(), name.strip(), activity
    saved: Program = row_save(found, what="program_save", by=by, now=now, address=address)
    return saved


def program_year_create(
    *,
    program: Program,
    year: FiscalYear,
    purpose: str,
    applied_amount: Decimal,
    by: User,
    now: datetime,
    leader: User | None = None,
    address: str = "",
    **texts: str,
) -> ProgramYear:
    """Begin the application for a program's money of one year.

    Args:
        year: of the program's own unit.
        purpose: what the money may be spent on.
        applied_amount: yuan, above zero.
        texts: ``basis`` (立项依据), ``estimate`` (测算), ``expected_goal`` (事前目标), ``plan``, ``background``.

    Raises:
        BusinessError: ``不能…``, as ``workflow.services.create``.
    """
    if program.unit_id != year.unit_id:
        raise refuse(NOT_SAVED, "项目和预算年度不是同一个单位的，请重新选择", field="fiscal_year")
    texts_storable(NOT_SAVED, purpose, *texts.values())
    found = ProgramYear(
        program=program, fiscal_year=year, purpose=purpose.strip(), applied_amount=applied_amount, leader=leader,
        created_at=now, created_by=by, **{name: text.strip() for name, text in texts.items() if name in TEXTS},
    )  # fmt: skip
    create(found, by=by, now=now, address=address)
    return found


def program_year_save(
    *, program_year: ProgramYear, by: User, now: datetime, address: str = "", **values: Any
) -> ProgramYear:
    """Change an application while it is drafted.

    Args:
        values: of TEXTS, ``applied_amount``, ``leader``.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    for name, value in values.items():
        if name in (*TEXTS, "applied_amount", "leader"):
            setattr(program_year, name, value.strip() if isinstance(value, str) else value)
    saved: ProgramYear = row_save(program_year, what="program_year_save", by=by, now=now, address=address)
    return saved


def expense_save(
    *, program_year: ProgramYear, name: str, initial_amount: Decimal | None, by: User, now: datetime,
    economic_codes: Sequence[str] = (), expense: ExpenseLine | None = None, address: str = "",
) -> ExpenseLine:  # fmt: skip
    """Make or change an expense line (支出明细).

    Args:
        initial_amount: yuan, or None where the application does not break the money down.
        economic_codes: codes of economic subjects that belong to it; empty: any.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    bad = [code for code in economic_codes if not (code.isascii() and code.isdigit() and 3 <= len(code) <= 7)]
    if bad:
        raise refuse(NOT_SAVED, f"经济分类科目“{bad[0][:20]}”不是 3 至 7 位数字，请核对", field="economic_codes")
    found = expense or ExpenseLine(program_year=program_year, position=program_year.expense_lines.count())
    found.name, found.initial_amount = name.strip(), initial_amount
    found.economic_codes = list(dict.fromkeys(economic_codes))
    saved: ExpenseLine = row_save(found, what="expense_save", by=by, now=now, address=address, amount=initial_amount)
    return saved


def milestone_save(
    *, program_year: ProgramYear, name: str, due_on: date, planned_amount: Decimal, by: User, now: datetime,
    milestone: Milestone | None = None, address: str = "",
) -> Milestone:  # fmt: skip
    """Make or change a step of the plan. Raises BusinessError."""
    if due_on.year != program_year.fiscal_year.year:
        raise refuse(NOT_SAVED, f"节点应在 {program_year.fiscal_year.year} 年内完成", field="due_on")
    found = milestone or Milestone(program_year=program_year)
    found.name, found.due_on, found.planned_amount = name.strip(), due_on, planned_amount
    saved: Milestone = row_save(found, what="milestone_save", by=by, now=now, address=address)
    return saved


def milestone_done(
    *, milestone: Milestone, done_on: date, remark: str, by: User, now: datetime, address: str = ""
) -> Milestone:
    """Note that a step was done, or correct the note; only of an approved program.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    if milestone.program_year.state != ProgramState.APPROVED:
        raise refuse(NOT_SAVED, "项目批复以后、结束以前才登记节点完成", code="blocked")
    if done_on > today_of(now):
        raise refuse(NOT_SAVED, "完成日期还没有到", field="done_on")
    milestone.done_on, milestone.remark = done_on, remark.strip()
    saved: Milestone = row_save(milestone, what="milestone_done", by=by, now=now, address=address)
    return saved


def inspection_add(
    *, program_year: ProgramYear, plan: str, inspected_on: date, people: str, findings: str, by: User, now: datetime,
    address: str = "",
) -> Inspection:  # fmt: skip
    """Record an inspection of earmarked money (督查): it stays as it was found. Raises BusinessError."""
    if inspected_on > today_of(now):
        raise refuse(NOT_SAVED, "督查日期还没有到", field="inspected_on")
    row = Inspection(
        program_year=program_year, plan=plan.strip(), inspected_on=inspected_on, people=people.strip(),
        findings=findings.strip(), by=by, at=now,
    )  # fmt: skip
    saved: Inspection = row_save(row, what="inspection_add", by=by, now=now, address=address)
    return saved


def remedy_add(
    *, inspection: Inspection, text: str, done_on: date, by: User, now: datetime, address: str = ""
) -> InspectionRemedy:
    """Record what was done about the findings. Raises BusinessError."""
    if not inspection.inspected_on <= done_on <= today_of(now):
        raise refuse(NOT_SAVED, "整改日期应在督查日期至今天之间", field="done_on")
    row = InspectionRemedy(inspection=inspection, text=text.strip(), done_on=done_on, by=by, at=now)
    saved: InspectionRemedy = row_save(row, what="remedy_add", by=by, now=now, address=address)
    return saved


def approval_request(
    *, program_year: ProgramYear, kind: str, amount: Decimal, reason: str, by: User, now: datetime,
    document_number: str = "", address: str = "",
) -> SpecialApproval:  # fmt: skip
    """Ask for leave to spend earmarked money otherwise than its rule says.

    Args:
        kind: of ``SpecialApproval.Kind``.
        amount: yuan; entries count against it with their whole amount.

    Raises:
        BusinessError: ``不能…``, as ``workflow.services.create``.
    """
    texts_storable("没有提交", reason, document_number)
    row = SpecialApproval(
        program_year=program_year, kind=kind, amount=amount, reason=reason.strip(),
        document_number=document_number.strip(), requested_by=by, requested_at=now,
    )  # fmt: skip
    create(row, by=by, now=now, address=address)
    return row


def program_approve_record(
    program_year: ProgramYear, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``approve``: amount, document and day."""
    program_year.approved_amount, program_year.approved_on = data["approved_amount"], data["approved_on"]
    program_year.document_number = str(data["document_number"]).strip()
    program_year.save(update_fields=["approved_amount", "approved_on", "document_number"])


def plan_removed(*, row: ExpenseLine | Milestone, by: User, now: datetime, address: str = "") -> None:
    """Take an expense line or a milestone out of a draft. Raises BusinessError."""
    what = "expense_remove" if isinstance(row, ExpenseLine) else "milestone_remove"
    with writing("没有删除"):
        told(what=what, obj=row, by=by, now=now, address=address)
        row.delete()
