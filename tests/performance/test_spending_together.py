"""Entries at the same moment, with real threads and transactions: a line is never overspent, an approval used once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from performance.models import SpendingEntry, YearEndBalance
from performance.selectors.money import spending_lines
from performance.services.adjustments import budget_adjust, line_settle
from performance.services.entries import spending_reverse
from tests.performance.money_factories import DAY, NOW, make_approval, make_budget
from tests.workflow.test_move_race import together

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def test_many_entries_at_once_never_overspend_a_line() -> None:
    budget = make_budget()
    found = together([lambda: budget.spend("3000.00") for _ in range(AT_ONCE)])
    assert found == {"done": 3, "blocked": 3}
    assert spending_lines(budget.year).get(pk=budget.routine.pk).left == Decimal("1000.00")


def test_an_approval_is_not_used_twice_at_once() -> None:
    budget = make_budget()
    leave = make_approval(budget.program, "purpose", "150.00", budget.cast)
    other: dict[str, Any] = {"line": budget.project, "used_for": "other", "approval": leave}
    found = together([lambda: budget.spend("100.00", **other) for _ in range(AT_ONCE)])
    assert found == {"done": 1, "blocked": AT_ONCE - 1}


def test_spending_and_cutting_at_once_leave_no_line_below_nothing() -> None:
    budget = make_budget()
    cut: dict[str, Any] = {
        "line": budget.routine,
        "amount": Decimal("-6000.00"),
        "document_number": "云财预〔2025〕9号",
        "reason": "压减",
        "adjusted_on": DAY,
        "by": budget.cast.finance,
        "now": NOW,
    }
    found = together([lambda: budget.spend("6000.00"), lambda: budget_adjust(**cut)] * 2)
    assert found == {"done": 1, "blocked": 3}
    assert spending_lines(budget.year).get(pk=budget.routine.pk).left >= 0


def test_an_entry_is_reversed_once() -> None:
    budget = make_budget()
    entry = budget.spend()
    found = together(
        [
            lambda: spending_reverse(entry=entry, reversed_on=DAY, reason="登记错了", by=budget.cast.finance, now=NOW)
            for _ in range(AT_ONCE)
        ]
    )
    assert found == {"done": 1, "blocked": AT_ONCE - 1}
    assert SpendingEntry.objects.count() == 2


def test_what_is_left_is_returned_once() -> None:
    budget = make_budget()
    settled: dict[str, Any] = {
        "line": budget.routine,
        "kind": "returned",
        "amount": Decimal("10000.00"),
        "settled_on": DAY.replace(month=12, day=31),
        "by": budget.cast.finance,
        "now": NOW,
    }
    found = together([lambda: line_settle(**settled) for _ in range(AT_ONCE)])
    assert (found["done"], YearEndBalance.objects.count()) == (1, 1)
