"""Writes of budget units, subjects, budget years, their lines and their posts, while they are being drafted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from performance.models import (
    BudgetUnit,
    Establishment,
    FiscalYear,
    IncomeLine,
    ProgramYear,
    SpendingLine,
    Subject,
)
from performance.services.common import checked, refuse, texts_storable, told, writing
from workflow.models import StateChange
from workflow.services import create

NOT_SAVED = "没有保存"
NOT_REMOVED = "没有删除"
UNIT_FIELDS = ("code", "name", "short_name", "competent_department", "credit_code", "functions", "business_scope")


def row_save(obj: Any, *, what: str, by: User, now: datetime, address: str = "", **detail: Any) -> Any:
    """Check and store one row of reference or draft data, and tell the audit log.

    Args:
        obj: a model's object, new or changed; what: of ``performance.audit_words.DEEDS``.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    texts_storable(NOT_SAVED, *(value for value in vars(obj).values() if isinstance(value, str)))
    with writing(NOT_SAVED):
        checked(obj, NOT_SAVED)
        obj.save()
        told(what=what, obj=obj, by=by, now=now, address=address, **detail)
    return obj


def row_remove(obj: Any, *, what: str, by: User, now: datetime, address: str = "") -> None:
    """Take away one row of a draft. Raises BusinessError: it is frozen, or something hangs on it."""
    with writing(NOT_REMOVED):
        told(what=what, obj=obj, by=by, now=now, address=address)
        obj.delete()


def unit_save(
    *, by: User, now: datetime, unit: BudgetUnit | None = None, address: str = "", **values: str
) -> BudgetUnit:
    """Make or change a budget unit; the first one is the home unit.

    Args:
        unit: the one to change, or None.
        values: of UNIT_FIELDS.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    found = unit or BudgetUnit(is_home=not BudgetUnit.objects.filter(is_home=True).exists())
    for name in UNIT_FIELDS:
        setattr(found, name, str(values.get(name, getattr(found, name))).strip())
    saved: BudgetUnit = row_save(found, what="unit_save", by=by, now=now, address=address)
    return saved


def subject_add(
    *, kind: str, code: str, name: str, first_year: int, by: User, now: datetime, address: str = ""
) -> Subject:
    """Add a subject that the yearly 政府收支分类科目 brought. Raises BusinessError."""
    row = Subject(kind=kind, code=code, name=name, first_year=first_year)
    saved: Subject = row_save(row, what="subject_add", by=by, now=now, address=address)
    return saved


def year_create(*, unit: BudgetUnit, year: int, by: User, now: datetime, address: str = "") -> FiscalYear:
    """Begin the budget of a year. Raises BusinessError: as ``workflow.services.create``."""
    found = FiscalYear(unit=unit, year=year, created_at=now, created_by=by)
    create(found, by=by, now=now, address=address)
    return found


def post_save(
    *,
    year: FiscalYear,
    kind: str,
    quota: int,
    actual: int | None,
    by: User,
    now: datetime,
    post: Establishment | None = None,
    address: str = "",
) -> Establishment:
    """Approved posts of one kind and how many are filled (编制、实有); kept until the final accounts are confirmed.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    if year.state == "closed":
        raise refuse(NOT_SAVED, "这个年度的决算已经确认", code="blocked")
    found = post or Establishment(fiscal_year=year, position=year.posts.count())
    found.kind, found.quota, found.actual = kind.strip(), quota, actual
    saved: Establishment = row_save(found, what="post_save", by=by, now=now, address=address)
    return saved


def income_line_save(
    *,
    year: FiscalYear,
    source: str,
    initial_amount: Decimal,
    by: User,
    now: datetime,
    functional: Subject | None = None,
    program_year: ProgramYear | None = None,
    line: IncomeLine | None = None,
    address: str = "",
) -> IncomeLine:
    """Make or change a line of income. After the approval a new line begins with 0 and is adjusted.

    Args:
        source: of ``IncomeSource``; program_year: None for the unit's own income.
        initial_amount: yuan.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    found = line or IncomeLine(fiscal_year=year)
    found.source, found.initial_amount = source, initial_amount
    found.functional, found.program_year = functional, program_year
    _same_year(program_year, year)
    saved: IncomeLine = row_save(found, what="income_line_save", by=by, now=now, address=address, amount=initial_amount)
    return saved


def spending_line_save(
    *,
    year: FiscalYear,
    category: str,
    functional: Subject,
    economic: Subject,
    initial_amount: Decimal,
    by: User,
    now: datetime,
    program_year: ProgramYear | None = None,
    line: SpendingLine | None = None,
    address: str = "",
) -> SpendingLine:
    """Make or change a line of expenditure. After the approval a new line begins with 0 and is adjusted.

    Args:
        category: of ``SpendingLine.Category``; program_year: for 项目支出 only.
        functional, economic: subjects of the two kinds.
        initial_amount: yuan.

    Raises:
        BusinessError: ``没有保存：…``.
    """
    if functional.kind != Subject.Kind.FUNCTIONAL or economic.kind != Subject.Kind.ECONOMIC:
        raise refuse(NOT_SAVED, "功能分类和经济分类的科目选反了，请重新选择", field="functional")
    found = line or SpendingLine(fiscal_year=year)
    found.category, found.program_year = category, program_year
    found.functional, found.economic, found.initial_amount = functional, economic, initial_amount
    _same_year(program_year, year)
    saved: SpendingLine = row_save(
        found, what="spending_line_save", by=by, now=now, address=address, amount=initial_amount
    )
    return saved


def _same_year(program_year: ProgramYear | None, year: FiscalYear) -> None:
    if program_year is not None and program_year.fiscal_year_id != year.pk:
        raise refuse(NOT_SAVED, "项目不是这个年度的，请重新选择", field="program_year")


def year_approve_record(
    year: FiscalYear, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``approve``: the document and its day."""
    year.document_number, year.approved_on = str(data["document_number"]).strip(), data["approved_on"]
    year.save(update_fields=["document_number", "approved_on"])


def year_confirm_record(
    year: FiscalYear, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``confirm_accounts``: the figures of the final accounts as they were printed."""
    year.final_income, year.final_spending = data["final_income"], data["final_spending"]
    year.final_on = data["final_on"]
    year.save(update_fields=["final_income", "final_spending", "final_on"])


def year_first_day(year: FiscalYear) -> date:
    """The first day of the budget year (预算法第十八条)."""
    return date(year.year, 1, 1)
