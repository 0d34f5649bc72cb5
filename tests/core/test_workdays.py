"""Working days and periods: literal vectors of the law's calendar, and properties over any calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from core.workdays import Calendar, Period, day_read, deadline_compute
from workflow.holidays import builtin_notices, calendar_of

BUILTIN = calendar_of(builtin_notices())
DAY = timedelta(days=1)


def _d(text: str) -> date:
    return date.fromisoformat(text)


def _span(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("start", "period", "due"),
    [
        ("2026-09-29", Period(5, "wd"), "2026-10-12"),
        ("2026-02-10", Period(1, "wd"), "2026-02-11"),
        ("2026-02-11", Period(7, "wd"), "2026-02-27"),
        ("2026-09-24", Period(3, "cd", roll=True), "2026-09-28"),
        ("2026-09-05", Period(30, "cd", roll=True), "2026-10-08"),
        ("2026-09-05", Period(30, "cd"), "2026-10-05"),
        ("2026-09-11", Period(20, "cd"), "2026-10-01"),
        ("2026-10-20", Period(15, "cd", "backward"), "2026-10-05"),
        ("2026-10-20", Period(10, "cd", "backward"), "2026-10-10"),
        ("2026-09-14", Period(20, "wd"), "2026-10-16"),
        ("2026-10-10", Period(1, "wd", "backward"), "2026-10-09"),
    ],
)
def test_deadline_vectors(start: str, period: Period, due: str) -> None:
    assert deadline_compute(period, _d(start), BUILTIN).due == _d(due)


@pytest.mark.parametrize(
    ("start", "period", "practical"),
    [
        ("2026-09-11", Period(20, "cd"), "2026-10-08"),
        ("2026-10-20", Period(15, "cd", "backward"), "2026-09-30"),
        ("2026-10-20", Period(10, "cd", "backward"), "2026-10-10"),
        ("2026-09-05", Period(30, "cd", roll=True), "2026-10-08"),
    ],
)
def test_practical_is_next_working_day_forward_and_previous_backward(
    start: str, period: Period, practical: str
) -> None:
    assert deadline_compute(period, _d(start), BUILTIN).practical == _d(practical)


@pytest.mark.parametrize(
    ("start", "period", "skipped"),
    [
        # Calendar days without roll pass over nothing, though the month is full of weekends.
        ("2026-09-11", Period(20, "cd"), []),
        ("2026-09-05", Period(30, "cd", roll=True), ["2026-10-05", "2026-10-06", "2026-10-07"]),
        ("2026-09-24", Period(3, "cd", roll=True), ["2026-09-27"]),
        ("2026-10-20", Period(15, "cd", "backward"), []),
        ("2026-09-24", Period(1, "wd"), ["2026-09-25", "2026-09-26", "2026-09-27"]),
        # The day of the event is passed over by nobody, be it a holiday or not.
        ("2026-10-01", Period(1, "wd"), [f"2026-10-0{n}" for n in range(2, 8)]),
        ("2026-09-19", Period(1, "wd"), []),
        ("2026-09-28", Period(1, "wd", "backward"), ["2026-09-25", "2026-09-26", "2026-09-27"]),
    ],
)
def test_skipped_holds_days_passed_by_counting_or_rolling(start: str, period: Period, skipped: list[str]) -> None:
    assert deadline_compute(period, _d(start), BUILTIN).skipped == tuple(_d(day) for day in skipped)


@pytest.mark.parametrize(
    ("start", "period", "provisional"),
    [
        ("2026-12-01", Period(20, "cd"), False),
        ("2026-12-12", Period(20, "cd"), True),
        # due is 2026-12-31 itself a Thursday: nothing lies in 2027.
        ("2026-12-11", Period(20, "cd"), False),
        # due stands in 2023, practical too; the event was in a year without a notice.
        ("2022-12-30", Period(3, "cd"), True),
        ("2023-01-10", Period(15, "cd", "backward"), True),
        ("2023-01-20", Period(15, "cd", "backward"), False),
        ("2027-01-05", Period(15, "cd", "backward"), True),
        ("2031-05-04", Period(1, "wd"), True),
    ],
)
def test_provisional_when_a_day_lies_in_a_year_without_notice(start: str, period: Period, provisional: bool) -> None:
    assert deadline_compute(period, _d(start), BUILTIN).provisional is provisional


def test_practical_alone_may_make_a_deadline_provisional() -> None:
    calendar = Calendar({_d("2025-12-31"): False}, frozenset({2025}))
    found = deadline_compute(Period(10, "cd"), _d("2025-12-21"), calendar)
    assert (found.due, found.practical, found.provisional) == (_d("2025-12-31"), _d("2026-01-02"), True)


def test_workdays_of_2026_are_248() -> None:
    assert sum(BUILTIN.is_workday(day) for day in _span(_d("2026-01-01"), _d("2026-12-31"))) == 248


def test_year_without_notice_has_weekdays_less_the_fixed_holidays() -> None:
    off = [day for day in _span(_d("2030-01-01"), _d("2030-12-31")) if not BUILTIN.is_workday(day)]
    weekdays_off = [day.isoformat() for day in off if day.weekday() < 5]
    assert weekdays_off == ["2030-01-01", "2030-05-01", "2030-05-02", "2030-10-01", "2030-10-02", "2030-10-03"]
    assert len(off) == 104 + 6


def test_year_with_notice_has_only_the_holidays_it_names() -> None:
    calendar = Calendar({}, frozenset({2030}))
    assert calendar.is_workday(_d("2030-10-01")) is True


def test_day_of_neighbouring_notice_counts_though_its_year_has_none() -> None:
    # 2022-12-30 is a Friday, a working day by weekday.
    calendar = Calendar({_d("2022-12-30"): False, _d("2022-12-31"): True}, frozenset({2023}))
    assert [calendar.is_workday(_d("2022-12-30")), calendar.is_workday(_d("2022-12-31"))] == [False, True]
    assert deadline_compute(Period(1, "wd"), _d("2022-12-29"), calendar).due == _d("2022-12-31")


@pytest.mark.parametrize(
    ("start", "period"),
    [
        ("9999-12-30", Period(2, "cd")),
        ("9999-12-31", Period(1, "wd")),
        ("9999-12-01", Period(30, "wd")),
        ("0001-01-01", Period(15, "cd", "backward")),
        # due exists, but no working day is left after it.
        ("9999-12-29", Period(2, "cd")),
    ],
)
def test_result_outside_the_calendar_is_refused_in_words(start: str, period: Period) -> None:
    calendar = Calendar({_d("9999-12-31"): False, _d("9999-12-30"): False}, frozenset())
    with pytest.raises(BusinessError) as caught:
        deadline_compute(period, _d(start), calendar)
    assert caught.value.code == "out_of_range"


@pytest.mark.parametrize("arguments", [(0, "cd"), (-1, "wd"), (3, "cd", "backward", True)])
def test_period_that_cannot_be_is_refused(arguments: tuple) -> None:
    with pytest.raises(ValueError, match="no such period"):
        Period(*arguments)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-11", "2026-09-11"),
        (" 2026-09-11 ", "2026-09-11"),
        ("2026-09-11T23:59", "2026-09-11"),
        ("2026-09-11 23:59:59", "2026-09-11"),
        ("2026-09-11T16:00:00Z", "2026-09-12"),
        ("2026-09-11t15:59:59.999999999z", "2026-09-11"),
        ("2026-09-11 16:00 +0000", "2026-09-12"),
        ("2026-09-11T00:30:00+14:00", "2026-09-10"),
        ("2026-09-11T20:00-08", "2026-09-12"),
        ("2026-09-11T09:00:00+08:00", "2026-09-11"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_day_read_takes_dates_and_moments_in_shanghai(text: str, day: str) -> None:
    assert day_read(text) == _d(day)


@pytest.mark.parametrize(
    "text",
    [
        "", "昨天", "2026-02-30", "2026-13-01", "0000-01-01", "20260911", "2026/09/11", "2026-9-11", "2026-W37-5",
        "２０２６-09-11", "2026-09-11T24:00", "2026-09-11T09:60", "2026-09-11T", "2026-09-11T09:00+25:00",
        "2026-09-11 09:00 09:00", "9999-12-31T20:00Z", "0001-01-01T00:00+14:00", "2026-09-11\x00", "-1",
        "2026-09-11T9:00", "1" * 10_000,
    ],
)  # fmt: skip
def test_day_read_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises(BusinessError) as caught:
        day_read(text)
    assert caught.value.code == "bad_date"


DAYS = st.dates(_d("2022-11-01"), _d("2028-12-31"))
CALENDARS = st.builds(
    lambda days, years: Calendar(days, frozenset(years)),
    st.dictionaries(DAYS, st.booleans(), max_size=60),
    st.sets(st.integers(2022, 2029)),
) | st.just(BUILTIN)
LENGTHS = st.integers(1, 45)
PERIODS = (
    st.builds(Period, LENGTHS, st.sampled_from(["cd", "wd"]), st.just("forward"), st.booleans())
    | st.builds(Period, LENGTHS, st.sampled_from(["cd", "wd"]), st.just("backward"))
)  # fmt: skip


@given(PERIODS, DAYS, DAYS, CALENDARS)
def test_later_event_is_never_due_earlier(period: Period, one: date, other: date, calendar: Calendar) -> None:
    first, second = (deadline_compute(period, day, calendar) for day in sorted((one, other)))
    assert first.due <= second.due
    assert first.practical <= second.practical


@given(PERIODS, DAYS, CALENDARS)
def test_practical_is_the_nearest_working_day(period: Period, start: date, calendar: Calendar) -> None:
    found = deadline_compute(period, start, calendar)
    low, high = sorted((found.due, found.practical))
    assert [day for day in _span(low, high) if calendar.is_workday(day)] == [found.practical]
    assert (found.practical >= found.due) is (period.direction == "forward" or found.practical == found.due)


@given(PERIODS, DAYS, CALENDARS)
def test_rolled_or_counted_due_is_a_working_day(period: Period, start: date, calendar: Calendar) -> None:
    found = deadline_compute(period, start, calendar)
    if period.roll or period.unit == "wd":
        assert (calendar.is_workday(found.due), found.practical) == (True, found.due)
    else:
        assert abs((found.due - start).days) == period.length


@given(LENGTHS, st.sampled_from(["forward", "backward"]), DAYS, CALENDARS)
def test_exactly_n_working_days_lie_between(length: int, direction: str, start: date, calendar: Calendar) -> None:
    found = deadline_compute(Period(length, "wd", direction), start, calendar)  # type: ignore[arg-type]
    low, high = sorted((start, found.due))
    between = [day for day in _span(low, high) if day != start]
    assert sum(calendar.is_workday(day) for day in between) == length
    assert found.skipped == tuple(day for day in between if not calendar.is_workday(day))


@given(LENGTHS, DAYS, CALENDARS)
def test_counting_back_undoes_counting_forward(length: int, start: date, calendar: Calendar) -> None:
    there = deadline_compute(Period(length, "cd"), start, calendar).due
    assert deadline_compute(Period(length, "cd", "backward"), there, calendar).due == start


@given(PERIODS, DAYS, CALENDARS)
def test_provisional_says_whether_any_year_on_the_way_is_missing(
    period: Period, start: date, calendar: Calendar
) -> None:
    found = deadline_compute(period, start, calendar)
    low, high = sorted((start, found.practical))
    assert found.provisional is any(day.year not in calendar.years for day in _span(low, high))
