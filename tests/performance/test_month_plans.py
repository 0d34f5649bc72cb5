"""Planned spending by month: whole or not at all, changed with a reason, frozen with the final accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import ActionRow
from core.errors import BusinessError
from performance.models import MonthPlan
from performance.selectors.progress import plans_of
from performance.services.month_plans import month_plans_set, newest_plan
from tests.performance.money_factories import NOW, Budget, make_budget

pytestmark = pytest.mark.django_db
HUNDREDS = [Decimal("100.00")] * 12


def save(budget: Budget, plans: dict[int, list[Decimal]], **more: Any) -> int:
    return month_plans_set(year=budget.year, plans=plans, by=budget.cast.finance, now=NOW, **more)


def refused(budget: Budget, plans: dict[int, list[Decimal]], **more: Any) -> BusinessError:
    before = MonthPlan.objects.count()
    with pytest.raises(BusinessError) as caught:
        save(budget, plans, **more)
    assert MonthPlan.objects.count() == before
    return caught.value


def test_twelve_months_are_kept_once_and_told_to_the_log() -> None:
    budget = make_budget()
    assert save(budget, {budget.routine.pk: HUNDREDS}) == 12
    assert save(budget, {budget.routine.pk: HUNDREDS}) == 0
    assert MonthPlan.objects.count() == 12
    row = ActionRow.objects.filter(detail__what="month_plan").get()
    assert row.detail["count"] == "12"


def test_a_changed_month_is_a_further_row_with_its_reason() -> None:
    budget = make_budget()
    save(budget, {budget.routine.pk: HUNDREDS})
    changed = [*HUNDREDS[:11], Decimal("300.00")]
    error = refused(budget, {budget.routine.pk: changed}, reason="  ")
    assert "12月的计划原来填过，改动要写明调整理由" in error.message and error.facts["field"] == "reason"
    assert save(budget, {budget.routine.pk: changed}, reason="合同改为年末付款") == 1
    newest = plans_of([budget.routine.pk])[budget.routine.pk]
    assert (newest[12].amount, newest[12].reason, newest[1].reason) == (Decimal("300.00"), "合同改为年末付款", "")
    assert MonthPlan.objects.filter(month=12).count() == 2


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ([Decimal("833.34")] * 12, "超过全年预算 10,000.00 元"),
        ([Decimal("-0.01"), *HUNDREDS[1:]], "不小于 0"),
        ([Decimal("0.001"), *HUNDREDS[1:]], "精确到分"),
        ([Decimal("NaN"), *HUNDREDS[1:]], "不小于 0"),
        (HUNDREDS[:11], "12 个月要一起填"),
    ],
)
def test_what_cannot_be_a_plan_is_refused(months: list[Decimal], words: str) -> None:
    budget = make_budget()
    assert words in refused(budget, {budget.routine.pk: months}).message


def test_all_lines_or_none() -> None:
    budget = make_budget()
    refused(budget, {budget.personnel.pk: HUNDREDS, budget.routine.pk: [Decimal("9999.00")] * 12})
    other = make_budget()
    assert "不在这个年度里" in refused(budget, {other.routine.pk: HUNDREDS}).message


def test_a_reason_without_sense_is_refused() -> None:
    budget = make_budget()
    save(budget, {budget.routine.pk: HUNDREDS})
    changed = {budget.routine.pk: [Decimal("1.00")] * 12}
    assert "控制字符" in refused(budget, changed, reason="a\x00b").message
    assert "超过 1000 字" in refused(budget, changed, reason="长" * 1001).message


def test_the_plan_is_closed_with_the_final_accounts() -> None:
    budget = make_budget("closed", program_state="closed")
    error = refused(budget, {budget.routine.pk: HUNDREDS})
    assert error.code == "blocked" and "决算已经确认" in error.message


def test_who_saw_an_older_plan_is_told_and_nothing_is_lost() -> None:
    budget = make_budget()
    seen = newest_plan([budget.routine.pk])
    assert seen == {budget.routine.pk: 0}
    save(budget, {budget.routine.pk: HUNDREDS}, seen=seen)
    error = refused(budget, {budget.routine.pk: [Decimal("5.00")] * 12}, seen=seen, reason="别的想法")
    assert error.code == "changed" and "别人改过" in error.message


def test_the_database_itself_wants_a_reason_and_an_open_year() -> None:
    budget = make_budget()
    save(budget, {budget.routine.pk: HUNDREDS})
    row = {"spending_line": budget.routine, "month": 1, "by": budget.cast.finance, "at": NOW}
    for broken in ({"amount": Decimal("1.00")}, {"amount": Decimal("-1.00"), "reason": "x"},
                   {"amount": Decimal("1.00"), "month": 13}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            MonthPlan.objects.create(**{**row, **broken})
    closed = make_budget("closed", program_state="closed")
    with pytest.raises(IntegrityError, match="final accounts"), transaction.atomic():
        MonthPlan.objects.create(**{**row, "spending_line": closed.routine, "amount": Decimal("1.00")})
