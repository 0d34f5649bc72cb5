"""Rows of what was done: whatever a person typed, the row is written; what must have a reason has one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.failures import (
    MOST_ADDRESSES,
    MOST_MINUTES,
    MOST_NAMES,
    login_failure_count,
    login_failure_sums,
    login_failures_sweep,
)
from audit.models import ActionRow, LoginFailure
from audit.rulebook import months_before
from audit.services import action_record, export_record, unmask_record
from audit.tags import Tag
from core.errors import BusinessError
from tests.audit.factories import NOW
from tests.audit.test_sealing import in_threads
from tests.staff import make_person

pytestmark = pytest.mark.django_db


def test_export_is_a_row() -> None:
    row = export_record(by=make_person(name="周敏"), now=NOW, what="操作记录：全部", rows=3, address="192.0.2.1")
    assert (row.tag, row.by_name, row.subject, row.detail, row.address) == (
        *(Tag.EXPORT, "周敏", "操作记录：全部", {"rows": 3}, "192.0.2.1"),
    )


def test_unmasking_is_a_row_with_its_reason() -> None:
    row = unmask_record(
        by=make_person(), now=NOW, subject="experts.expert:7", field="手机号", reason=" 通知 改期\n开标 "
    )
    assert (row.tag, row.detail) == (Tag.UNMASK, {"field": "手机号", "reason": "通知 改期 开标"})


@pytest.mark.parametrize("reason", ["", "  \n ", "查看", "\u3000\u3000看看\u3000"])
def test_unmasking_without_a_reason_is_refused_and_leaves_no_row(reason: str) -> None:
    with pytest.raises(BusinessError) as caught:
        unmask_record(by=make_person(), now=NOW, subject="experts.expert:7", field="手机号", reason=reason)
    assert caught.value.code == "reason_missing"
    assert caught.value.message.startswith("不能显示完整信息：请写明查看的理由")
    assert ActionRow.objects.count() == 0


def test_unmasking_with_an_endless_reason_is_refused() -> None:
    with pytest.raises(BusinessError) as caught:
        unmask_record(by=make_person(), now=NOW, subject="x", field="手机号", reason="理" * 501)
    assert caught.value.code == "reason_long"


class AnyText(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        text=st.text(max_size=300), value=st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=4)
    )
    def test_row_is_written_whatever_came_from_outside(self, text: str, value: Any) -> None:
        row = action_record(
            tag=Tag.LOGIN, by=None, now=NOW, subject=text, address=text, detail={"v": value, text: 1}, success=False
        )
        row.refresh_from_db()
        assert len(row.subject) <= 200
        assert len(row.address) <= 64


def test_failures_are_counted_by_address_and_minute() -> None:
    counts = [
        login_failure_count(address="192.0.2.1", username_digest=name, now=NOW + timedelta(seconds=second))
        for second, name in ((0, "a"), (10, "b"), (59, "a"), (60, "a"))
    ]
    login_failure_count(address="192.0.2.2", now=NOW)
    assert counts == [1, 2, 3, 1]
    rows = LoginFailure.objects.order_by("address", "minute").values_list("address", "count", "names")
    assert list(rows) == [("192.0.2.1", 3, ["a", "b"]), ("192.0.2.1", 1, ["a"]), ("192.0.2.2", 1, [])]


def test_names_tried_are_kept_to_a_bound() -> None:
    for number in range(MOST_NAMES + 5):
        login_failure_count(address="192.0.2.1", username_digest=str(number), now=NOW)
    row = LoginFailure.objects.get()
    assert (row.count, len(row.names)) == (MOST_NAMES + 5, MOST_NAMES)


@pytest.mark.django_db(transaction=True)
def test_failures_at_once_are_all_counted() -> None:
    def fail() -> None:
        for _ in range(20):
            login_failure_count(address="192.0.2.1", username_digest="a", now=NOW)

    in_threads(fail, fail, fail, fail)
    assert list(LoginFailure.objects.values_list("count", "names")) == [(80, ["a"])]


def test_counts_are_kept_six_months_and_not_longer() -> None:
    """网络安全法 第二十一条第三项."""
    now = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)
    kept, swept = datetime(2026, 2, 28, 4, 0, tzinfo=UTC), datetime(2026, 2, 28, 3, 59, tzinfo=UTC)
    for minute in (kept, swept):
        login_failure_count(address="192.0.2.1", now=minute)
    assert login_failures_sweep(now=now) == 1
    assert [row.minute for row in LoginFailure.objects.all()] == [kept]


@pytest.mark.parametrize(
    ("months", "expected"), [(1, (2024, 2, 29)), (6, (2023, 9, 30)), (12, (2023, 3, 31)), (3, (2023, 12, 31))]
)
def test_months_are_calendar_months(months: int, expected: tuple[int, int, int]) -> None:
    assert months_before(datetime(2024, 3, 31, tzinfo=UTC), months) == datetime(*expected, tzinfo=UTC)


def test_sums_of_a_period_count_everything_and_are_half_open() -> None:
    for minute in range(3):
        login_failure_count(address="192.0.2.1", username_digest=str(minute), now=NOW + timedelta(minutes=minute))
    login_failure_count(address="192.0.2.2", username_digest="0", now=NOW + timedelta(hours=1))
    sums = login_failure_sums(begin=NOW, end=NOW + timedelta(minutes=2))
    assert [row.minute for row in sums.minutes] == [NOW + timedelta(minutes=1), NOW]
    assert (sums.hours, sums.sources, sums.addresses) == ({10: 2}, 1, [("192.0.2.1", 2, 2)])
    whole = login_failure_sums(begin=NOW, end=NOW + timedelta(days=1))
    assert (whole.hours, whole.sources) == ({10: 3, 11: 1}, 2)
    assert whole.addresses == [("192.0.2.1", 3, 3), ("192.0.2.2", 1, 1)]


def test_attack_from_many_addresses_is_added_up_whole() -> None:
    for number in range(MOST_MINUTES + 20):
        login_failure_count(address=f"10.0.{number // 250}.{number % 250}", now=NOW)
    sums = login_failure_sums(begin=NOW, end=NOW + timedelta(days=1))
    assert (sums.hours, sums.sources) == ({10: MOST_MINUTES + 20}, MOST_MINUTES + 20)
    assert (len(sums.addresses), len(sums.minutes)) == (MOST_ADDRESSES, MOST_MINUTES)
