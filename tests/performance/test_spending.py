"""Entries of spending: earmarked money, balances, reversals; by the services and by the database alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import ActionRow
from core.errors import BusinessError
from performance.models import SpendingEntry
from performance.selectors.money import expense_lines, spending_lines
from performance.selectors.purse import approvals_left
from performance.services import entries
from performance.services.adjustments import budget_adjust
from tests.performance.money_factories import DAY, NOW, Budget, make_approval, make_budget
from workflow.services import move

pytestmark = pytest.mark.django_db


def refused(attempt: Any) -> str:
    """What a refusal says."""
    with pytest.raises(BusinessError) as caught:
        attempt()
    return caught.value.message


def left(budget: Budget, line: Any) -> Decimal:
    return spending_lines(budget.year).get(pk=line.pk).left


def expense(budget: Budget, name: str) -> Any:
    return budget.program.expense_lines.get(name=name)


def test_an_entry_takes_from_its_line_and_is_told() -> None:
    budget = make_budget()
    entry = budget.spend("1234.56", payment_number="ZF1")
    assert left(budget, budget.routine) == Decimal("8765.44")
    row = ActionRow.objects.get(subject=f"performance.spendingentry:{entry.pk}")
    assert row.detail == {"what": "entry_add", "amount": "1234.56"}


def test_basic_money_is_spent_before_the_budget_is_approved_and_not_above_it() -> None:
    budget = make_budget("drafting", program_state="drafting")
    budget.spend("9999.99")
    assert "余额是 0.01 元，不够这笔 0.02 元；请先登记预算调整" in refused(lambda: budget.spend("0.02"))
    budget.spend("0.01")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"spent_on": date(2024, 12, 31)}, "日期不在 2025 年度"),
        ({"amount": Decimal("0")}, "金额应大于 0"),
        ({"amount": Decimal("-5")}, "金额应大于 0"),
        ({"amount": Decimal("1.005")}, "精确到分"),
        ({"purpose": "退还投标保证金"}, "“投标保证金”是替别人保管的钱"),
        ({"payee": "云泽县代收代管专户"}, "“代收代管”是替别人保管的钱"),
        ({"used_for": "other"}, "只能用于本科目的用途"),
        ({"purpose": "办公\x00用品"}, "不能保存的控制字符"),
        ({"voucher_number": ""}, "凭证号"),
        ({"purpose": "长" * 201}, "用途"),
    ],
)
def test_what_is_no_spending_of_the_line_is_refused_with_a_sentence(more: dict[str, Any], said: str) -> None:
    budget = make_budget()
    assert said in refused(lambda: budget.spend(**more))
    assert not SpendingEntry.objects.exists()


@pytest.mark.parametrize("purpose", ["保证金管理系统运维费", "保证金退付业务培训", "保函票据印刷"])
def test_what_the_center_pays_for_itself_is_no_money_held_for_others(purpose: str) -> None:
    assert make_budget().spend(purpose=purpose).pk


def test_a_day_to_come_is_refused() -> None:
    budget = make_budget()
    early = NOW.replace(year=2025, month=6, day=9)
    assert "日期还没有到" in refused(lambda: budget.spend(now=early))


def test_earmarked_money_before_its_approval_waits_or_needs_leave() -> None:
    budget = make_budget("drafting", program_state="submitted")
    said = refused(lambda: budget.spend(line=budget.project))
    assert "资金还没有批复" in said and "批复以前先行支付" in said
    leave = make_approval(budget.program, "before", "150.00", budget.cast)
    budget.spend("100.00", line=budget.project, approval=leave)
    assert "还剩 50.00 元，不够这笔 60.00 元" in refused(
        lambda: budget.spend("60.00", line=budget.project, approval=leave)
    )


def test_a_day_before_the_approval_needs_leave_also_afterwards() -> None:
    budget = make_budget()
    said = refused(lambda: budget.spend(line=budget.project, spent_on=date(2025, 1, 19)))
    assert "日期早于项目" in said and "2025-01-20" in said
    budget.spend(line=budget.project, spent_on=date(2025, 1, 20))


def test_earmarked_money_for_something_else_needs_leave_of_that_kind() -> None:
    budget = make_budget()
    other: dict[str, Any] = {"line": budget.project, "used_for": "routine"}
    assert "专款专用" in refused(lambda: budget.spend(**other))
    wrong = make_approval(budget.program, "balance", "500.00", budget.cast)
    assert "需要的是“用于规定用途以外”" in refused(lambda: budget.spend(**other, approval=wrong))
    asked = make_approval(budget.program, "purpose", "500.00", budget.cast, state="requested")
    assert "批准以后才能用" in refused(lambda: budget.spend(**other, approval=asked))
    move(asked, "approve", by=budget.cast.director, now=NOW)
    budget.spend(**other, approval=asked)
    assert approvals_left(budget.year).get(pk=asked.pk).left == Decimal("400.00")


def test_an_expense_line_names_its_subjects_and_has_a_balance_of_its_own() -> None:
    budget = make_budget()
    office = expense(budget, "日常办公")
    budget.spend("4000.00", line=budget.project, expense_line=office)
    assert "支出明细“日常办公”的余额是 1,000.00 元" in refused(
        lambda: budget.spend("1000.01", line=budget.project, expense_line=office)
    )
    office.economic_codes = ["31002"]
    wanted = type(office).objects.filter(pk=office.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        wanted.update(economic_codes=["31002"])  # frozen with the approval
    assert list(expense_lines(budget.program).values_list("executed", flat=True)) == [Decimal("4000.00"), Decimal(0)]


def test_a_subject_that_the_expense_line_does_not_name_is_outside_the_purpose() -> None:
    budget = make_budget("drafting", program_state="drafting")
    expense(budget, "日常办公")
    budget.program.expense_lines.filter(name="日常办公").update(economic_codes=["310"])
    move(budget.program, "submit", by=budget.cast.finance, now=NOW)
    data = {
        "approved_amount": Decimal("20000.00"),
        "document_number": "云财预〔2025〕6号",
        "approved_on": date(2025, 1, 20),
    }
    move(budget.program, "approve", by=budget.cast.director, now=NOW, data=data)
    said = refused(lambda: budget.spend(line=budget.project, expense_line=expense(budget, "日常办公")))
    assert "支出明细“日常办公”不列支“30201 办公费”" in said


def test_two_faults_at_once_are_both_told_and_no_leave_covers_both() -> None:
    budget = make_budget()
    leave = make_approval(budget.program, "purpose", "90000.00", budget.cast)
    said = refused(lambda: budget.spend("30000.00", line=budget.project, used_for="other", approval=leave))
    assert "专款专用" in said and "余额是 20,000.00 元" in said and "一份特别批准只管一个事由" in said


def test_leave_that_is_not_needed_is_not_used_up() -> None:
    budget = make_budget()
    leave = make_approval(budget.program, "balance", "500.00", budget.cast)
    assert "不需要特别批准" in refused(lambda: budget.spend(line=budget.project, approval=leave))
    assert "特别批准只用于项目资金" in refused(lambda: budget.spend(approval=leave))


def test_above_the_balance_with_leave_the_rest_is_below_nothing() -> None:
    budget = make_budget()
    budget.spend("20000.00", line=budget.project)
    assert "余额是 0.00 元" in refused(lambda: budget.spend("1.00", line=budget.project))
    leave = make_approval(budget.program, "balance", "300.00", budget.cast)
    budget.spend("300.00", line=budget.project, approval=leave)
    assert left(budget, budget.project) == Decimal("-300.00")


def test_a_closed_program_spends_nothing_more() -> None:
    budget = make_budget()
    move(budget.program, "close", by=budget.cast.finance, now=NOW)
    assert "已经结束" in refused(lambda: budget.spend(line=budget.project))


def test_a_reversal_takes_back_the_whole_once_and_gives_leave_back() -> None:
    budget = make_budget()
    leave = make_approval(budget.program, "purpose", "500.00", budget.cast)
    entry = budget.spend("100.00", line=budget.project, used_for="routine", approval=leave)
    fixed: dict[str, Any] = {"entry": entry, "by": budget.cast.finance, "now": NOW}
    assert "至少四个字" in refused(lambda: entries.spending_reverse(reversed_on=DAY, reason="错", **fixed))
    assert "之间" in refused(
        lambda: entries.spending_reverse(reversed_on=date(2025, 6, 9), reason="金额登记错", **fixed)
    )
    back = entries.spending_reverse(reversed_on=DAY, reason="金额登记错", **fixed)
    assert (back.amount, back.reversal_of_id) == (Decimal("-100.00"), entry.pk)
    assert left(budget, budget.project) == Decimal("20000.00")
    assert approvals_left(budget.year).get(pk=leave.pk).left == Decimal("500.00")
    entry.refresh_from_db()
    assert "已经冲销过" in refused(lambda: entries.spending_reverse(reversed_on=DAY, reason="再冲一次", **fixed))
    fixed["entry"] = back
    assert "本身就是冲销" in refused(lambda: entries.spending_reverse(reversed_on=DAY, reason="冲销的冲销", **fixed))


def test_a_payment_number_is_entered_once_a_line() -> None:
    budget = make_budget()
    budget.spend(payment_number="ZF7")
    assert "支付单" in refused(lambda: budget.spend(payment_number="ZF7"))
    budget.spend(payment_number="ZF7", line=budget.personnel)


def test_a_closed_year_takes_nothing() -> None:
    budget = make_budget()
    entry = budget.spend()
    move(budget.year, "confirm_accounts", by=budget.cast.performance, now=NOW, data={
        "final_income": Decimal(0), "final_spending": Decimal("100.00"), "final_on": date(2026, 2, 1)})  # fmt: skip
    assert "决算已经确认" in refused(lambda: budget.spend())
    entry.refresh_from_db()
    entry = SpendingEntry.objects.get(pk=entry.pk)
    assert "决算已经确认" in refused(
        lambda: entries.spending_reverse(
            entry=entry, reversed_on=DAY, reason="太晚了吧", by=budget.cast.finance, now=NOW
        )
    )


def bare(budget: Budget, **more: Any) -> SpendingEntry:
    """An entry past every service: what the database itself says of it."""
    values: dict[str, Any] = {
        "fiscal_year": budget.year, "line": budget.project, "spent_on": DAY, "amount": Decimal("100.00"),
        "purpose": "办公", "payee": "甲", "voucher_number": "1", "by": budget.cast.finance, "at": NOW,
    }  # fmt: skip
    values |= more
    if values["line"] == budget.project and values.get("used_for", "own") == "own":
        values.setdefault("expense_line", expense(budget, "其他"))
    with transaction.atomic():
        return SpendingEntry.objects.create(**values)


def test_project_money_names_the_part_it_belongs_to() -> None:
    budget = make_budget()
    said = refused(lambda: budget.spend(line=budget.project, expense_line=None))
    assert "请选择这笔支出属于哪一项" in said
    with pytest.raises(IntegrityError, match="the expense line is missing"):
        bare(budget, expense_line=None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"amount": Decimal("20000.01")}, "earmarked money: balance"),
        ({"used_for": "other"}, "earmarked money: purpose"),
        ({"spent_on": date(2025, 1, 19)}, "earmarked money: before"),
        ({"used_for": "other", "spent_on": date(2025, 1, 19)}, "earmarked money: before,purpose"),
    ],
)
def test_the_database_alone_keeps_earmarked_money(more: dict[str, Any], said: str) -> None:
    budget = make_budget()
    with pytest.raises(IntegrityError, match=said):
        bare(budget, **more)
    assert bare(budget).pk


def test_the_database_alone_keeps_basic_money_and_approvals() -> None:
    budget = make_budget()
    with pytest.raises(IntegrityError, match="above the balance"):
        bare(budget, line=budget.routine, amount=Decimal("10000.01"))
    with pytest.raises(IntegrityError, match="outside of what the line is for"):
        bare(budget, line=budget.personnel, used_for="routine")
    leave = make_approval(budget.program, "purpose", "150.00", budget.cast)
    with pytest.raises(IntegrityError, match="for something else"):
        bare(budget, amount=Decimal("20000.01"), approval=leave)
    large = make_approval(budget.program, "purpose", "90000.00", budget.cast)
    with pytest.raises(IntegrityError, match="earmarked money: balance"):
        bare(budget, used_for="other", amount=Decimal("20000.01"), approval=large)
    with pytest.raises(IntegrityError, match="earmarked money: balance"), transaction.atomic():
        rows = [
            SpendingEntry(fiscal_year=budget.year, line=budget.project, spent_on=DAY,
                          expense_line=expense(budget, "其他"), amount=Decimal("10000.01"),
                          purpose="办公", payee="甲", voucher_number="1", by=budget.cast.finance, at=NOW)
            for _ in range(2)
        ]  # fmt: skip
        SpendingEntry.objects.bulk_create(rows)
    bare(budget, used_for="other", approval=leave)
    with pytest.raises(IntegrityError, match="does not reach"):
        bare(budget, used_for="other", approval=leave)
    with pytest.raises(IntegrityError, match="expense line of another program"):
        bare(budget, line=budget.routine, expense_line=budget.program.expense_lines.first())


def test_what_was_approved_is_frozen_in_the_database() -> None:
    budget = make_budget()
    for sql in (
        f"UPDATE performance_fiscalyear SET year = 2024 WHERE id = {budget.year.pk}",
        f"UPDATE performance_programyear SET purpose = 'x' WHERE id = {budget.program.pk}",
        f"UPDATE performance_spendingline SET initial_amount = 1 WHERE id = {budget.routine.pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_the_database_keeps_adjustments_above_what_was_spent() -> None:
    budget = make_budget()
    budget.spend("9000.00")

    def adjust(amount: str, **more: Any) -> Any:
        given: dict[str, Any] = {"line": budget.routine, "document_number": "云财预〔2025〕9号", "reason": "压减",
                                 "adjusted_on": DAY, "by": budget.cast.finance, "now": NOW}  # fmt: skip
        return budget_adjust(amount=Decimal(amount), **{**given, **more})

    assert "低于已经支出" in refused(lambda: adjust("-1000.01"))
    adjust("-1000.00")
    assert left(budget, budget.routine) == Decimal("0.00")
    adjust("500.00")
    assert "调整金额" in refused(lambda: adjust("0"))
    assert "文号" in refused(lambda: adjust("1", document_number=" "))
    other = budget.program.expense_lines.get(name="其他")
    assert "没有单列预算" in refused(lambda: adjust("1", line=other))
    assert "调整日期" in refused(lambda: adjust("1", adjusted_on=date(2024, 6, 1)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals("0.01", "4000.00", places=2), min_size=1, max_size=12))
def test_whatever_is_entered_never_comes_to_more_than_the_line(amounts: list[Decimal]) -> None:
    with transaction.atomic():
        budget = make_budget()
        spent = Decimal(0)
        for amount in amounts:
            fits = spent + amount <= Decimal("10000.00")
            try:
                budget.spend(str(amount))
                assert fits
                spent += amount
            except BusinessError:
                assert not fits
        assert left(budget, budget.routine) == Decimal("10000.00") - spent >= 0
        transaction.set_rollback(True)
