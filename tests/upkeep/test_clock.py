"""The clock compared by two persons, and jumps against the machine's own counter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import BusinessError
from tests.upkeep.conftest import NOW
from upkeep.models import ClockAlarm, ClockComparison, ClockReading
from upkeep.selectors import banners, clock_state, comparisons_open
from upkeep.services.clock import alarm_see, clock_base, clock_jump, comparison_decide, comparison_enter

pytestmark = pytest.mark.django_db
People = Callable[..., User]


def enter(by: User, seconds: float = 1.0) -> ClockComparison:
    """A reading of another clock that is behind this one by ``seconds``."""
    moment = NOW - timedelta(seconds=seconds)
    return comparison_enter(reference="国家授时中心网页", reference_time=moment, by=by, now=NOW)


def code(act: Callable[[], object]) -> str:
    """The code with which it is refused."""
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value.code


def test_what_one_person_entered_counts_once_another_confirms(person: People) -> None:
    first, second = person(), person()
    entered = enter(first)
    assert clock_state(now=NOW).offset_ms is None
    comparison_decide(pk=entered.pk, confirmed=True, by=second, now=NOW + timedelta(minutes=5))
    state = clock_state(now=NOW + timedelta(days=1))
    assert (state.ok, state.offset_ms, state.age, state.source) == (True, 1000, timedelta(days=1), "people")
    assert list(comparisons_open(now=NOW)) == []


def test_what_the_second_person_refuses_does_not_count(person: People) -> None:
    entered = enter(person())
    comparison_decide(pk=entered.pk, confirmed=False, by=person(), now=NOW)
    assert ClockReading.objects.count() == 0


def test_nobody_confirms_his_own_reading(person: People) -> None:
    first = person()
    entered = enter(first)
    assert code(lambda: comparison_decide(pk=entered.pk, confirmed=True, by=first, now=NOW)) == "same_person"


def test_the_database_itself_wants_two_people(person: People) -> None:
    entered = enter(person())
    entered.decided_by, entered.decided_at, entered.confirmed = entered.entered_by, NOW, True
    with pytest.raises(IntegrityError), transaction.atomic():
        entered.save()


def test_it_is_decided_once_and_in_time(person: People) -> None:
    entered, second = enter(person()), person()
    late = NOW + timedelta(minutes=31)
    assert code(lambda: comparison_decide(pk=entered.pk, confirmed=True, by=second, now=late)) == "too_late"
    comparison_decide(pk=entered.pk, confirmed=True, by=second, now=NOW)
    assert code(lambda: comparison_decide(pk=entered.pk, confirmed=True, by=second, now=NOW)) == "decided"
    assert code(lambda: comparison_decide(pk=entered.pk + 1, confirmed=True, by=second, now=NOW)) == "not_found"


def test_slips_of_the_hand_are_refused(person: People) -> None:
    by = person()
    assert code(lambda: comparison_enter(reference=" x ", reference_time=NOW, by=by, now=NOW)) == "no_reference"
    assert code(lambda: enter(by, 86_401)) == "far_off"


def test_a_confirmed_reading_far_off_is_an_alarm(person: People) -> None:
    entered = enter(person(), 6)
    comparison_decide(pk=entered.pk, confirmed=True, by=person(), now=NOW)
    assert not clock_state(now=NOW).ok
    assert "时钟偏差过大" in banners()[0]


def test_a_clock_that_only_runs_is_no_jump() -> None:
    before = clock_base()
    assert clock_jump(before=before, after=clock_base(), now=NOW) is None
    assert clock_jump(before=None, after=before, now=NOW) is None


@pytest.mark.parametrize("moved", [1_001, -1_001, 3_600_000])
def test_a_wall_clock_that_was_set_is_an_alarm_until_somebody_has_seen_it(moved: int, person: People) -> None:
    boot, base = clock_base()
    alarm = clock_jump(before=(boot, base), after=(boot, base + moved), now=NOW)
    assert alarm is not None
    assert (alarm.kind, alarm.offset_ms, clock_state(now=NOW).ok) == ("jump", moved, False)
    assert "时钟跳变" in banners()[0]
    assert code(lambda: alarm_see(pk=alarm.pk, note="", by=person(), now=NOW)) == "no_note"
    alarm_see(pk=alarm.pk, note="更换主板电池后对时", by=person(), now=NOW)
    assert (clock_state(now=NOW).ok, banners()) == (True, [])
    assert code(lambda: alarm_see(pk=alarm.pk, note="又一次", by=person(), now=NOW)) == "not_found"


def test_another_boot_is_no_jump() -> None:
    assert clock_jump(before=("one", 0), after=("two", 5_000_000), now=NOW) is None
    assert ClockAlarm.objects.count() == 0
