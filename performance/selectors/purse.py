"""What may still be spent of which line, and why an entry may not be made: the rule of earmarked money (专款专用).

A purse holds the lines, expense lines and approvals of one year in memory, so that ten thousand rows of a list are
judged with the same few queries as one entry, each seeing what those before it took. The database judges once more
(trigger ``spent_guard``); what it knows is here in sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F

from performance.budget_rulebook import held_for_others
from performance.models import (
    ApprovalState,
    BudgetAdjustment,
    ExpenseLine,
    FiscalYear,
    ProgramState,
    SpecialApproval,
    SpendingEntry,
    SpendingLine,
    YearState,
)
from performance.money_words import FEN, yuan
from performance.selectors.money import spending_lines, sum_of

Kind = SpecialApproval.Kind
Use = SpendingEntry.Use


@dataclass(frozen=True)
class Wanted:
    """An entry that is to be made.

    Args:
        line_id, expense_line_id, approval_id: numbers of a SpendingLine, ExpenseLine, SpecialApproval.
        amount: yuan, above zero, exact to the fen.
        used_for: of ``SpendingEntry.Use``.
    """

    line_id: int
    spent_on: date
    amount: Decimal
    purpose: str
    payee: str
    voucher_number: str
    payment_number: str = ""
    expense_line_id: int | None = None
    used_for: str = Use.OWN
    approval_id: int | None = None


def approvals_left(year: FiscalYear) -> Any:
    """The year's special approvals with ``left``, what of their amount is not used (yuan)."""
    return SpecialApproval.objects.filter(program_year__fiscal_year=year).annotate(
        left=F("amount") - sum_of(SpendingEntry.objects.all(), "approval")
    )


def expenses_left(year: FiscalYear) -> Any:
    """The year's expense lines with ``left`` (None: no budget of their own)."""
    return ExpenseLine.objects.filter(program_year__fiscal_year=year).annotate(
        left=F("initial_amount")
        + sum_of(BudgetAdjustment.objects.all(), "expense_line")
        - sum_of(SpendingEntry.objects.all(), "expense_line")
    )


@dataclass
class Purse:
    """A year's money as it stands, less what was taken in memory."""

    year: FiscalYear
    today: date
    lines: dict[int, SpendingLine]
    expenses: dict[int, ExpenseLine]
    approvals: dict[int, SpecialApproval]
    left: dict[int, Decimal] = field(default_factory=dict)
    expense_left: dict[int, Decimal | None] = field(default_factory=dict)
    approval_left: dict[int, Decimal] = field(default_factory=dict)

    @classmethod
    def open(cls, year: FiscalYear, *, today: date, lock: bool = False) -> Purse:
        """Read the year's money.

        Args:
            today: in Asia/Shanghai: nothing is spent later than this.
            lock: hold the lines, expense lines and approvals (in this order) until the transaction ends.
        """
        if lock:
            for rows in (
                SpendingLine.objects.filter(fiscal_year=year),
                ExpenseLine.objects.filter(program_year__fiscal_year=year),
                SpecialApproval.objects.filter(program_year__fiscal_year=year),
            ):
                list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
            year = FiscalYear.objects.get(pk=year.pk)
        lines = {one.pk: one for one in spending_lines(year)}
        expenses = {one.pk: one for one in expenses_left(year)}
        approvals = {one.pk: one for one in approvals_left(year)}
        return cls(
            year, today, lines, expenses, approvals,
            {pk: one.left for pk, one in lines.items()},  # type: ignore[attr-defined]
            {pk: one.left for pk, one in expenses.items()},
            {pk: one.left for pk, one in approvals.items()},
        )  # fmt: skip

    def reasons(self, wanted: Wanted) -> list[str]:
        """Why the entry may not be made, each with what to do; empty when it may."""
        line = self.lines.get(wanted.line_id)
        if line is None:
            return ["所选的支出预算不在这个年度里，请重新选择"]
        found = self._plain(wanted, line)
        if line.program_year is None:
            return found + self._basic(wanted, line)
        return found + self._earmarked(wanted, line)

    def take(self, wanted: Wanted) -> None:
        """Count an entry as made."""
        self.left[wanted.line_id] -= wanted.amount
        if wanted.expense_line_id and self.expense_left.get(wanted.expense_line_id) is not None:
            self.expense_left[wanted.expense_line_id] -= wanted.amount  # type: ignore[operator]
        if wanted.approval_id:
            self.approval_left[wanted.approval_id] -= wanted.amount

    def _plain(self, wanted: Wanted, line: SpendingLine) -> list[str]:
        """What holds for every entry."""
        found = []
        if self.year.state == YearState.CLOSED:
            found.append("这个年度的决算已经确认，不能再登记支出")
        if wanted.spent_on.year != self.year.year:
            found.append(f"日期不在 {self.year.year} 年度，请核对日期或者换到相应的年度登记")
        elif wanted.spent_on > self.today:
            found.append("日期还没有到，请在支付以后登记")
        if wanted.amount <= 0 or wanted.amount != wanted.amount.quantize(FEN):
            found.append("金额应大于 0，并且精确到分；退回的款项请在原登记上办“冲销”")
        if word := held_for_others(wanted.purpose, wanted.payee):
            found.append(f"“{word}”是替别人保管的钱，不是本单位的支出，不能列在这里；收取和退付请在保证金台账办理")
        expense = self.expenses.get(wanted.expense_line_id or 0)
        if wanted.expense_line_id and (expense is None or expense.program_year_id != line.program_year_id):
            found.append("支出明细不属于这个项目，请重新选择")
        if expense is None and wanted.used_for == Use.OWN and self._is_broken_down(line):
            found.append("这个项目的资金细化到支出明细，请选择这笔支出属于哪一项")
        return found

    def _is_broken_down(self, line: SpendingLine) -> bool:
        """Whether the program's money is broken down to expense lines."""
        program = line.program_year_id
        return program is not None and any(one.program_year_id == program for one in self.expenses.values())

    def _basic(self, wanted: Wanted, line: SpendingLine) -> list[str]:
        """Basic spending: as the budget says (预算法第十三条).

        Also before the year's budget is approved: what basic needs ask for may be spent then (预算法第五十四条);
        earmarked money waits for its own approval.
        """
        found = []
        if wanted.approval_id:
            found.append("特别批准只用于项目资金，请不要选")
        if wanted.used_for == Use.OTHER or (
            wanted.used_for == Use.ROUTINE and line.category != SpendingLine.Category.ROUTINE
        ):
            found.append(f"“{line}”只能用于本科目的用途，请改选与实际用途相符的预算")
        if self.left[line.pk] < wanted.amount:
            found.append(
                f"“{line}”的余额是 {yuan(self.left[line.pk])}，不够这笔 {yuan(wanted.amount)}；"
                "请先登记预算调整，再登记支出"
            )
        return found

    def faults(self, wanted: Wanted) -> dict[str, str]:
        """What an entry of earmarked money breaks: kind of special approval -> the sentence."""
        line = self.lines[wanted.line_id]
        program, expense = line.program_year, self.expenses.get(wanted.expense_line_id or 0)
        if program is None:
            return {}
        found: dict[str, str] = {}
        if program.state != ProgramState.APPROVED or program.approved_on is None:
            found[Kind.BEFORE] = f"项目“{program.program}”的资金还没有批复"
        elif wanted.spent_on < program.approved_on:
            found[Kind.BEFORE] = f"日期早于项目“{program.program}”的批复日期（{program.approved_on:%Y-%m-%d}）"
        codes = [str(code) for code in expense.economic_codes] if expense else []
        if wanted.used_for != Use.OWN:
            found[Kind.PURPOSE] = f"资金投向是“{Use(wanted.used_for).label}”，项目“{program.program}”的资金专款专用"
        elif codes and not any(line.economic.code.startswith(code) for code in codes):
            found[Kind.PURPOSE] = f"支出明细“{expense}”不列支“{line.economic}”"
        left = self.expense_left.get(expense.pk) if expense else None
        if self.left[line.pk] < wanted.amount:
            found[Kind.BALANCE] = f"项目预算“{line.economic}”的余额是 {yuan(self.left[line.pk])}"
        elif left is not None and left < wanted.amount:
            found[Kind.BALANCE] = f"支出明细“{expense}”的余额是 {yuan(left)}"
        return found

    def _earmarked(self, wanted: Wanted, line: SpendingLine) -> list[str]:
        if line.program_year is not None and line.program_year.state == ProgramState.CLOSED:
            return [f"项目“{line.program_year.program}”已经结束，不能再支出"]
        faults = self.faults(wanted)
        if not faults:
            return ["这笔支出不需要特别批准，请不要选"] if wanted.approval_id else []
        if len(faults) > 1:
            return [*faults.values(), "一份特别批准只管一个事由，请先" + _ways(faults) + "，再登记"]
        kind, sentence = next(iter(faults.items()))
        if not wanted.approval_id:
            return [f"{sentence}，不够这笔 {yuan(wanted.amount)}" if kind == Kind.BALANCE else sentence, _way(kind)]
        return self._approval(wanted, line, kind)

    def _approval(self, wanted: Wanted, line: SpendingLine, kind: str) -> list[str]:
        """Whether the approval chosen covers it."""
        leave = self.approvals.get(wanted.approval_id or 0)
        if leave is None or leave.program_year_id != line.program_year_id:
            return ["所选的特别批准不属于这个项目，请重新选择"]
        if leave.state != ApprovalState.APPROVED:
            return [f"所选的特别批准现在是“{ApprovalState(leave.state).label}”，批准以后才能用"]
        if leave.kind != kind:
            return [f"所选的特别批准是“{Kind(leave.kind).label}”，这笔支出需要的是“{Kind(kind).label}”"]
        if self.approval_left[leave.pk] < wanted.amount:
            return [
                f"所选的特别批准还剩 {yuan(self.approval_left[leave.pk])}，不够这笔 {yuan(wanted.amount)}，请另行申请"
            ]
        return []


def _way(kind: str) -> str:
    """What to do about one fault."""
    return {
        Kind.BEFORE: "请等批复以后登记；确需先行支付的，先在项目页申请“批复以前先行支付”的特别批准",
        Kind.PURPOSE: "请改用与用途相符的预算；确需使用的，先在项目页申请“用于规定用途以外”的特别批准",
        Kind.BALANCE: "请先登记预算调整；确需超支的，先在项目页申请“超过项目或明细的余额”的特别批准",
    }[Kind(kind)]


def _ways(faults: dict[str, str]) -> str:
    names = {Kind.BEFORE: "等项目批复", Kind.PURPOSE: "改用相符的预算", Kind.BALANCE: "登记预算调整"}
    return "、".join(names[Kind(kind)] for kind in faults)
