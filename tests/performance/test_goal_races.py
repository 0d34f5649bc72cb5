"""Two people at once, with real threads and transactions: nothing is doubled, nothing of anybody is lost."""

from __future__ import annotations

import pytest

from accounts.duties import Duty
from performance.models import ActualValue, GoalState, GoalTable, Indicator, Report, Scheme
from performance.services.actuals import actual_set
from performance.services.goals import goals_create
from performance.services.indicators import indicator_add, indicator_digest, indicator_edit
from performance.services.scores import report_begin
from tests.performance.goals_factories import INDICATORS, NOW, Cast, make_goals, make_year, named
from tests.performance.test_schemes import make
from tests.workflow.people import make_staff
from tests.workflow.test_move_race import together
from workflow.selectors import changes_of
from workflow.services import move

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def fresh(table: GoalTable) -> GoalTable:
    return GoalTable.objects.select_related("fiscal_year", "scheme").get(pk=table.pk)


def test_indicators_added_at_once_are_all_there() -> None:
    cast = Cast()
    table = make_goals(cast=cast)
    copies = [fresh(table) for _ in range(AT_ONCE)]
    found = together([
        lambda t=copy, n=number: indicator_add(
            table=t, values={**INDICATORS[0], "name": f"指标{n}"}, by=cast.maker, now=NOW
        )
        for number, copy in enumerate(copies)
    ])  # fmt: skip
    assert found == {"done": AT_ONCE}
    assert table.indicators.count() == 3 + AT_ONCE
    assert len(set(table.indicators.values_list("position", flat=True))) == 3 + AT_ONCE


def test_of_two_edits_of_one_indicator_one_stands_and_the_other_is_told() -> None:
    cast = Cast()
    one = named(make_goals(cast=cast), "采购招标率")
    seen, people = indicator_digest(one), [make_staff(Duty.PERFORMANCE) for _ in range(AT_ONCE)]
    found = together([
        lambda p=person, n=number: indicator_edit(
            indicator=named(GoalTable.objects.get(pk=one.table_id), one.name), seen=seen, by=p, now=NOW,
            values={**INDICATORS[0], "target": f"≥9{n}%"},
        )
        for number, person in enumerate(people)
    ])  # fmt: skip
    assert found == {"done": 1, "changed": AT_ONCE - 1}
    assert Indicator.objects.get(pk=one.pk).target in {f"≥9{n}%" for n in range(AT_ONCE)}


def test_an_approval_and_a_return_at_once_end_in_one() -> None:
    cast, other = Cast(), make_staff(Duty.DIRECTOR, department="directors")
    table = make_goals("submitted", cast=cast)
    one, two = fresh(table), fresh(table)
    found = together([
        lambda: move(one, "approve", by=cast.director, now=NOW),
        lambda: move(two, "return", by=other, now=NOW, comment="再改"),
    ])  # fmt: skip
    assert found == {"done": 1, "wrong_state": 1}
    assert fresh(table).state == changes_of(table)[-1].target


def test_an_edit_and_an_approval_at_once_never_mix() -> None:
    cast = Cast()
    table = make_goals("submitted", cast=cast)
    one, two = fresh(table), fresh(table)
    found = together([
        lambda: move(one, "approve", by=cast.director, now=NOW),
        lambda: indicator_add(table=two, values={**INDICATORS[0], "name": "迟到的"}, by=cast.maker, now=NOW),
    ])  # fmt: skip
    assert found == {"done": 1, "wrong_state": 1}
    assert not table.indicators.filter(name="迟到的").exists() and fresh(table).state == GoalState.APPROVED


def test_a_version_is_begun_once() -> None:
    cast, fiscal = Cast(), make_year()
    found = together([lambda: goals_create(fiscal_year=fiscal, by=cast.maker, now=NOW) for _ in range(AT_ONCE)])
    assert found["done"] == 1 and set(found) <= {"done", "changed", "blocked", "invalid"}
    assert GoalTable.objects.count() == 1


def test_of_values_given_at_once_for_one_page_one_stands() -> None:
    cast = Cast()
    one = named(make_goals("approved", cast=cast), "采购招标率")
    found = together([
        lambda n=number: actual_set(indicator=one, value=f"9{n}%", evidence="台账", seen=0, by=cast.maker, now=NOW)
        for number in range(AT_ONCE)
    ])  # fmt: skip
    assert found == {"done": 1, "changed": AT_ONCE - 1}
    assert ActualValue.objects.count() == 1


def test_a_self_evaluation_and_a_scheme_are_made_once() -> None:
    cast = Cast()
    table = make_goals("approved", cast=cast)
    found = together([lambda: report_begin(goal_table=table, by=cast.maker, now=NOW) for _ in range(AT_ONCE)])
    assert found == {"done": AT_ONCE} and Report.objects.count() == 1
    found = together([lambda: make(seen=0) for _ in range(AT_ONCE)])
    assert found["done"] == 1 and set(found) == {"done", "changed"}
    assert Scheme.objects.filter(kind="project", first_year=2024, is_active=True).count() == 1
