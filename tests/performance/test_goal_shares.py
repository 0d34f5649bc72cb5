"""Goals by office and month: who may, what adds up, what a program's work comes to beside its plan."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.duties import Duty
from core.errors import BusinessError
from performance.models import GoalProgress, GoalShare, GoalTable, Indicator, Milestone
from performance.selectors.goal_progress import (
    IndicatorWork,
    MonthCell,
    actual_so_far,
    adds_up,
    own_shares,
    work_progress,
    works_of,
)
from performance.services.goal_shares import Deed, Wish, goal_progress_set, goal_shares_set
from tests.performance.goals_factories import (
    Cast,
    approve_year,
    close_year,
    make_goals,
    make_program,
    make_unit,
    make_year,
    named,
    office,
)
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db
# December of the year of the goals: every month may be told of.
NOW = datetime(2022, 12, 20, 2, 0, tzinfo=UTC)
ROWS: tuple[dict[str, Any], ...] = (
    {"level1": "产出指标", "level2": "数量指标", "name": "检修次数", "target": "≥4次", "weight": Decimal(30)},
    {"level1": "产出指标", "level2": "质量指标", "name": "完整率", "target": "≥98%", "weight": Decimal(10)},
    {"level1": "产出指标", "level2": "时效指标", "name": "响应时间", "target": "≤4小时", "weight": Decimal(10)},
    {"level1": "效益指标", "level2": "社会效益指标", "name": "规范程度", "target": "定性:提升", "weight": Decimal(30)},
    {"level1": "满意度指标", "level2": "服务对象满意度", "name": "满意度", "target": "≥90%", "weight": Decimal(10)},
)  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def table(cast: Cast) -> GoalTable:
    return make_goals("approved", cast=cast, fiscal=make_year(unit=make_unit()), indicators=ROWS)


def split(cast: Cast, one: Indicator, code: str, **months: str) -> int:
    """Shares: ``m3="1"``; a value that is no number is the work in words."""
    wishes = {}
    for name, value in months.items():
        number = value.replace(".", "").isdigit()
        wishes[int(name[1:])] = Wish(Decimal(value)) if number else Wish(None, value)
    return goal_shares_set(indicator=one, department=office(code), wishes=wishes, by=cast.maker, now=NOW)


def tell(cast: Cast, one: Indicator, code: str, month: int, value: str = "", text: str = "", **more: Any) -> Any:
    deed = Deed(one, office(code), Decimal(value) if value else None, text, more.pop("seen", None))
    return goal_progress_set(
        year=one.table.fiscal_year, month=month, deeds=[deed], by=more.pop("by", cast.maker), now=more.pop("now", NOW)
    )


def said(call: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("target", "adding"),
    [
        ("≥4次", True), ("≥300宗", True), ("≤16万元", True), ("投诉不超过3", False), ("≤3起", True), ("≥30小时", True),
        ("≤4小时", False), ("10日以内", False), ("≥98%", False), ("≤0.9‰", False), ("≥90分", False),
        ("定性:提升", False), ("≥100", True), ("说不清", False),
    ],
)  # fmt: skip
def test_counts_and_amounts_add_up_and_shares_and_limits_of_time_do_not(target: str, adding: bool) -> None:
    assert adds_up(target) is adding


def test_values_of_months_and_offices_add_up_and_of_a_share_the_newest_holds(cast: Cast, table: GoalTable) -> None:
    times, share, silent = named(table, "检修次数"), named(table, "完整率"), named(table, "满意度")
    split(cast, times, "it", m3="1", m6="1", m9="1")
    split(cast, times, "general", m6="1")
    split(cast, share, "it", m3="98", m6="98")
    tell(cast, times, "it", 3, "1")
    tell(cast, times, "it", 6, "2")
    tell(cast, times, "it", 6, "1")  # put right
    tell(cast, times, "general", 6, "1")
    tell(cast, share, "it", 3, "99.5")
    tell(cast, share, "it", 6, "97.25")
    keys = [times.key, share.key, silent.key]
    found = actual_so_far(table.fiscal_year, keys, 5)
    assert found == {times.key: Decimal(1), share.key: Decimal("99.5"), silent.key: None}
    found = actual_so_far(table.fiscal_year, keys, 12)
    assert found == {times.key: Decimal(3), share.key: Decimal("97.25"), silent.key: None}
    assert actual_so_far(table.fiscal_year, [times.key], 1) == {times.key: None}
    assert actual_so_far(make_year(2021, unit=make_unit()), keys, 12) == dict.fromkeys(keys)


def test_what_was_done_in_words_alone_is_no_number(cast: Cast, table: GoalTable) -> None:
    times = named(table, "检修次数")
    split(cast, times, "it", m3="1")
    tell(cast, times, "it", 3, text="设备没有到货，没有检修")
    assert actual_so_far(table.fiscal_year, [times.key], 3) == {times.key: None}


def test_two_reads_whatever_the_number_of_indicators(cast: Cast, table: GoalTable) -> None:
    keys = [one.key for one in table.indicators.all()]
    for some in (keys[:1], keys):
        with CaptureQueriesContext(connection) as caught:
            actual_so_far(table.fiscal_year, some, 6)
        assert len(caught) == 2


def test_what_stays_as_it_was_is_not_written_again_and_what_is_emptied_is_taken_back(
    cast: Cast, table: GoalTable
) -> None:
    times = named(table, "检修次数")
    assert split(cast, times, "it", m3="1", m6="1") == 2
    assert split(cast, times, "it", m3="1", m6="2") == 1
    goal_shares_set(indicator=times, department=office("it"), wishes={3: Wish()}, by=cast.maker, now=NOW)
    (work,) = works_of(table.fiscal_year, pk=times.pk)
    assert work.planned_to(12) == Decimal(2)
    assert own_shares([work], [office("it").pk], 3) == []
    assert len(own_shares([work], [office("it").pk], 6)) == 1
    assert own_shares([work], [office("general").pk], 6) == []


def test_the_numbers_of_a_share_come_from_one_office(cast: Cast, table: GoalTable) -> None:
    share = named(table, "完整率")
    split(cast, share, "it", m3="98")
    error = said(lambda: split(cast, share, "general", m3="98"))
    assert "不能在科室之间相加" in error.message and str(office("it")) in error.message
    assert split(cast, share, "general", m3="检查录像") == 1


def test_shares_that_make_no_sense_are_refused(cast: Cast, table: GoalTable) -> None:
    times, words = named(table, "检修次数"), named(table, "规范程度")
    assert "没有计划数" in said(lambda: split(cast, words, "it", m3="1")).message
    for wish in (Wish(Decimal(-1)), Wish(Decimal("NaN")), Wish(Decimal("0.00001")), Wish(Decimal(10) ** 15),
                 Wish(None, "a\x00"), Wish(None, "长" * 1001)):  # fmt: skip
        assert said(
            lambda wish=wish: goal_shares_set(
                indicator=times, department=office("it"), wishes={3: wish}, by=cast.maker, now=NOW
            )
        ).code == "invalid"  # fmt: skip
    wrong = {13: Wish(Decimal(1))}
    assert "1 至 12" in said(
        lambda: goal_shares_set(indicator=times, department=office("it"), wishes=wrong, by=cast.maker, now=NOW)
    ).message  # fmt: skip
    assert not GoalShare.objects.exists()


def test_only_the_goals_in_force_of_an_open_year_are_split(cast: Cast) -> None:
    draft = make_goals("drafting", cast=cast, fiscal=make_year(unit=make_unit()), indicators=ROWS)
    assert said(lambda: split(cast, named(draft, "检修次数"), "it", m3="1")).code == "blocked"
    fiscal = make_year(unit=make_unit())
    table = make_goals("approved", cast=cast, fiscal=fiscal, indicators=ROWS)
    times = named(table, "检修次数")
    split(cast, times, "it", m3="1")
    close_year(fiscal)
    assert "决算已经确认" in said(lambda: split(cast, times, "it", m3="2")).message
    assert "决算已经确认" in said(lambda: tell(cast, times, "it", 3, "1")).message


def test_another_version_keeps_the_shares_because_the_key_stays(cast: Cast, table: GoalTable) -> None:
    times = named(table, "检修次数")
    split(cast, times, "it", m3="1")
    tell(cast, times, "it", 3, "1")
    make_goals("approved", cast=cast, fiscal=table.fiscal_year, indicators=(), reason="任务增加", copy_from=table)
    (work,) = works_of(table.fiscal_year, key=times.key)
    assert (work.indicator.table.number, work.done_to(12)) == (2, Decimal(1))
    assert said(lambda: split(cast, times, "it", m3="2")).code == "blocked"  # of the version before


def test_an_office_tells_of_its_own_shares_only(cast: Cast, table: GoalTable) -> None:
    times = named(table, "检修次数")
    split(cast, times, "it", m3="1")
    mine, other = make_staff(Duty.EQUIPMENT, department="it"), make_staff(Duty.INTAKE, department="intake")
    assert tell(cast, times, "it", 3, "1", by=mine)[0].by == mine
    assert said(lambda: tell(cast, times, "it", 3, "2", by=other)).code == "not_allowed"
    assert said(lambda: tell(cast, times, "it", 3, "2", by=make_staff(Duty.FINANCE, department="finance"))).code == (
        "not_allowed"
    )
    assert "没有分给" in said(lambda: tell(cast, times, "it", 4, "1", by=mine)).message
    assert "没有分给" in said(lambda: tell(cast, times, "general", 3, "1")).message
    assert GoalProgress.objects.count() == 1


def test_nothing_is_told_of_a_month_to_come_nor_without_anything_to_say(cast: Cast, table: GoalTable) -> None:
    times, words = named(table, "检修次数"), named(table, "规范程度")
    split(cast, times, "it", m3="1")
    split(cast, words, "it", m3="座谈会")
    early = datetime(2022, 2, 28, 15, 59, tzinfo=UTC)
    assert "还没有到" in said(lambda: tell(cast, times, "it", 3, "1", now=early)).message
    assert tell(cast, times, "it", 3) == []
    assert "定性指标" in said(lambda: tell(cast, words, "it", 3, "1")).message
    assert tell(cast, words, "it", 3, text="开了座谈会")[0].value is None
    assert said(lambda: tell(cast, times, "it", 3, "-1")).code == "invalid"


def test_who_saw_an_older_value_is_told(cast: Cast, table: GoalTable) -> None:
    times = named(table, "检修次数")
    split(cast, times, "it", m3="1")
    first = tell(cast, times, "it", 3, "1", seen=0)[0]
    assert tell(cast, times, "it", 3, "1", seen=first.pk) == []
    error = said(lambda: tell(cast, times, "it", 3, "2", seen=0))
    assert error.code == "changed" and first.by.name in error.message
    assert said(
        lambda: goal_shares_set(
            indicator=times, department=office("it"), wishes={3: Wish(Decimal(2))}, by=cast.maker, now=NOW, seen=0
        )
    ).code == "changed"  # fmt: skip


def test_work_is_weighed_against_the_plan_so_far(cast: Cast, table: GoalTable) -> None:
    times, share, limit, last = (named(table, name) for name in ("检修次数", "完整率", "响应时间", "满意度"))
    split(cast, times, "it", m3="1", m6="1", m12="2")
    split(cast, share, "it", m3="98", m6="98")
    split(cast, limit, "it", m3="4")
    split(cast, last, "general", m12="90")
    works = works_of(table.fiscal_year)

    def progress(month: int, steps: list[Milestone] | None = None) -> Any:
        end = date(2022, month, 28)
        return work_progress(works_of(table.fiscal_year), steps or [], month=month, last=end)

    assert work_progress(works, [], month=2, last=date(2022, 2, 28)).done is None  # nothing planned so far
    assert (progress(3).done, progress(3).untold) == (Decimal("0.00"), 2)
    tell(cast, times, "it", 3, "3")  # more than planned counts as all
    assert progress(3).done == Decimal("75.00")  # 30 of 40 points; the limit measures no work
    tell(cast, share, "it", 3, "49")
    assert progress(3).done == Decimal("87.50")
    assert progress(6).done == Decimal("87.50")  # 3 of 2; the newest share known
    assert progress(12).goals == Decimal("55.00")  # (30×3/4 + 10×1/2 + 10×0) ÷ 50
    steps = [
        Milestone(due_on=date(2022, 3, 1), done_on=date(2022, 3, 9)), Milestone(due_on=date(2022, 3, 28)),
        Milestone(due_on=date(2022, 4, 1), done_on=date(2022, 3, 30)),
    ]  # fmt: skip
    found = progress(3, steps)
    assert (found.steps_done, found.steps_due, found.steps, found.done) == (1, 2, Decimal("50.00"), Decimal("68.75"))
    assert work_progress([], steps, month=3, last=date(2022, 3, 31)).done == Decimal("50.00")


VALUES = st.none() | st.integers(0, 10**6).map(Decimal)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 3), VALUES, VALUES), max_size=12), st.integers(1, 12))
def test_done_is_never_more_than_all_and_grows_with_what_is_told(rows: list[Any], month: int) -> None:
    cells = {
        (place, number): MonthCell(
            GoalShare(planned=planned), None if done is None else GoalProgress(value=done, month=number)
        )
        for number, place, planned, done in rows
    }
    work = IndicatorWork(Indicator(target="≥4次", weight=Decimal(10)), cells, adding=True, limit=False)
    part = work.share_done(month)
    planned = sum((c.share.planned or 0 for (_, n), c in cells.items() if n <= month and c.share), Decimal(0))
    assert (part is None) == (not planned)
    if part is not None:
        assert 0 <= part <= 1
        assert (part == 1) == ((work.done_to(month) or 0) >= planned)


def test_the_work_of_a_year_is_read_with_three_queries(cast: Cast) -> None:
    fiscal = approve_year(make_year(unit=make_unit()))
    counts = set()
    for number in range(3):
        table = make_goals("approved", cast=cast, program=make_program(fiscal, name=f"项目{number}"), indicators=ROWS)
        split(cast, named(table, "检修次数"), "it", m3="1")
        with CaptureQueriesContext(connection) as caught:
            works_of(fiscal)
        counts.add(len(caught))
    assert counts == {3}
