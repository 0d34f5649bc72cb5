"""Legal periods of objects: started, compared with the time of the request, recalculated with the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from core.moments import SHANGHAI
from core.workdays import Calendar, deadline_compute
from tests.workflow.factories import NOW, make_task
from workflow.holidays import Notice, builtin_notices, calendar_of
from workflow.models import Clock, ClockChange
from workflow.moves import day_end
from workflow.rulebook import RULES, Rule, rule_get, rule_list
from workflow.selectors.clocks import clocks_due, clocks_of, is_late
from workflow.services import calendar_import, clock_start, clock_stop, clocks_recalculate
from workflow.services.clocks import clock_reason, due_moment

db = pytest.mark.django_db
RULE = "procurement.challenge_reply"
MONDAY = datetime(2027, 9, 27, 9, 30, tzinfo=SHANGHAI)
# The days off that everybody expects of 2027, and what the notice might make of them.
NOTICE = Notice(
    2027,
    frozenset(date(2027, 10, day) for day in range(1, 8)),
    frozenset({date(2027, 10, 9)}),
    "2027 年安排",
)


def started(**changes: Any) -> Clock:
    values = {"subject": make_task(), "rule_id": RULE, "started_at": MONDAY, "by": None, "now": NOW, **changes}
    return clock_start(**values)


@db
def test_clock_says_when_and_why() -> None:
    clock = started()
    expected = deadline_compute(rule_get(RULE, on=MONDAY.date()).period, MONDAY.date(), calendar_of(builtin_notices()))
    assert (clock.due_on, clock.due_at) == (expected.due, day_end(expected.due))
    assert clock.reason == "答复质疑：收到质疑函之日起7个工作日，政府采购法第五十三条"
    assert (clock.kind, clock.provisional, clock.rule_since) == ("latest", True, date(2003, 1, 1))
    assert list(ClockChange.objects.values_list("kind", "old_due", "new_due", "cause")) == [
        ("started", None, expected.due, "收到质疑函")
    ]


def test_reason_of_a_backward_rule() -> None:
    assert clock_reason(rule_get("engineering.clarification", on=date(2026, 1, 1))) == (
        "澄清或者修改招标文件：投标截止之日前15日，招标投标法第二十三条、招标投标法实施条例第二十一条"
    )


@db
def test_new_calendar_year_recalculates_running_clocks_and_records_it(tmp_path: Path) -> None:
    clock, stopped = started(), started()
    clock_stop(clock=stopped, at=MONDAY + timedelta(hours=1), by=None, now=NOW, cause="已答复")
    old = clock.due_on
    calendar_import(notices=[NOTICE], now=NOW)
    clock.refresh_from_db()
    # 28, 29, 30 September, 8, 9 (made up), 11, 12 October.
    assert (clock.due_on, clock.due_at, clock.provisional) == (
        date(2027, 10, 12), datetime(2027, 10, 12, 16, tzinfo=UTC), False,
    )  # fmt: skip
    assert list(
        ClockChange.objects.filter(kind="recalculated").values_list("clock", "old_due", "new_due", "cause")
    ) == [(clock.pk, old, clock.due_on, "导入2027年节假日安排")]
    stopped.refresh_from_db()
    assert stopped.due_on == old


@db
def test_the_command_recalculates_too(tmp_path: Path) -> None:
    clock = started()
    path = tmp_path / "2027.json"
    path.write_text('{"year": 2027, "off": ["2027-09-28", "2027-09-29"]}', encoding="utf-8")
    before = clock.due_on
    call_command("calendar_import", str(path))
    clock.refresh_from_db()
    assert clock.due_on != before
    assert clock.changes.filter(kind="recalculated").count() == 1


@db
def test_same_notice_again_changes_nothing() -> None:
    started()
    calendar_import(notices=[NOTICE], now=NOW)
    count = ClockChange.objects.count()
    calendar_import(notices=[NOTICE], now=NOW)
    assert ClockChange.objects.count() == count


@db
def test_running_clock_keeps_the_version_of_its_rule() -> None:
    rule = rule_get(RULE, on=MONDAY.date())
    newer = Rule(
        rule.id, rule.name, rule.event, type(rule.period)(3, "wd"), "latest", "新法", MONDAY.date() + timedelta(1)
    )
    clock = started(rules=(*RULES, newer))
    assert clocks_recalculate(cause="复核", by=None, now=NOW, rules=(*RULES, newer)) == []
    clock.refresh_from_db()
    assert clock.rule_since == rule.in_force_from


@db
def test_start_again_by_the_same_event_is_the_same_clock_by_another_a_refusal() -> None:
    clock = started()
    task = make_task()
    first = started(subject=task)
    assert started(subject=task) == first != clock
    with pytest.raises(BusinessError) as caught:
        started(subject=task, started_at=MONDAY + timedelta(days=1))
    assert caught.value.code == "clock_runs"
    clock_stop(clock=first, at=MONDAY, by=None, now=NOW, cause="撤回")
    assert started(subject=task, started_at=MONDAY + timedelta(days=1)) != first
    assert clocks_of(task).count() == 2


@db
def test_stopping_twice_changes_nothing() -> None:
    clock = started()
    clock_stop(clock=clock, at=MONDAY, by=None, now=NOW, cause="已答复")
    again = clock_stop(clock=clock, at=MONDAY + timedelta(days=3), by=None, now=NOW, cause="已答复")
    assert again.stopped_at == MONDAY
    assert ClockChange.objects.filter(kind="stopped").count() == 1


@db
def test_late_is_decided_by_the_moment_of_the_deed() -> None:
    clock = started()
    end = clock.due_at
    assert not is_late(clock, now=end - timedelta(microseconds=1))
    assert is_late(clock, now=end)
    stopped = clock_stop(
        clock=clock, at=end - timedelta(seconds=1), by=None, now=end + timedelta(days=9), cause="已答复"
    )
    assert not is_late(stopped, now=end + timedelta(days=9))


@db
def test_due_clocks_are_the_running_latest_ones() -> None:
    latest, stopped = started(), started()
    started(rule_id="engineering.bid_deadline")
    clock_stop(clock=stopped, at=MONDAY, by=None, now=NOW, cause="已答复")
    assert list(clocks_due(before=latest.due_at)) == [latest]
    assert list(clocks_due(before=latest.due_at - timedelta(seconds=1))) == []


@db
def test_database_lets_one_clock_of_a_rule_run() -> None:
    clock = started()
    clock.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        clock.save(force_insert=True)


@db
def test_unknown_rule_is_refused() -> None:
    with pytest.raises(BusinessError) as caught:
        started(rule_id="procurement.nothing")
    assert caught.value.code == "unknown_rule"


@db
def test_recalculation_takes_as_many_queries_for_three_clocks_as_for_one(django_assert_num_queries: Any) -> None:
    def recalculate(*off: int) -> None:
        calendar = Calendar({date(2027, 9, day): False for day in off}, frozenset({2027}))
        with django_assert_num_queries(6):
            assert clocks_recalculate(cause="复核", by=None, now=NOW, calendar=calendar)

    started()
    recalculate(28, 29)
    started()
    started()
    recalculate(28, 29, 30)


@given(
    rule=st.sampled_from(rule_list()),
    start=st.dates(date(2023, 1, 1), date(2026, 11, 1)),
)
def test_the_due_moment_agrees_with_the_day(rule: Rule, start: date) -> None:
    deadline = deadline_compute(rule.period, start, calendar_of(builtin_notices()))
    moment = due_moment(rule, deadline)
    noon = datetime(deadline.due.year, deadline.due.month, deadline.due.day, 12, tzinfo=SHANGHAI)
    if rule.kind == "latest":
        assert noon < moment <= noon + timedelta(hours=12)
    elif rule.id.endswith("_end"):
        assert moment == day_end(deadline.due)
    else:
        assert moment == noon - timedelta(hours=12)


@given(
    rule=st.sampled_from([rule for rule in rule_list() if rule.period.unit == "wd"]),
    start=st.dates(date(2024, 1, 1), date(2026, 6, 1)),
    more=st.integers(1, 40),
)
def test_one_more_holiday_never_brings_a_forward_period_to_an_earlier_end(rule: Rule, start: date, more: int) -> None:
    calendar = calendar_of(builtin_notices())
    holiday = start + timedelta(days=more)
    longer = Calendar({**calendar.days, holiday: False}, calendar.years)
    before, after = (deadline_compute(rule.period, start, c).due for c in (calendar, longer))
    assert after >= before
    assert (after == before) == (holiday > before or not calendar.is_workday(holiday))
