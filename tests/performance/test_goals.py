"""Goal tables: gates, versions, what is frozen, who is told, weights, how targets are understood."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from core.errors import BusinessError
from notices.models import Notice
from performance.models import GoalState, GoalTable, Indicator, Scheme
from performance.scoring.target_words import exact_words, target_words
from performance.scoring.values import is_qualitative, normalised, target_read
from performance.selectors.goals import approved_of, copy_sources, sums_of
from performance.selectors.schemes import scheme_for
from performance.selectors.versions import versions_compared
from performance.services.goals import goals_create, goals_save, scheme_renew
from performance.services.indicators import (
    indicator_add,
    indicator_delete,
    indicator_digest,
    indicator_edit,
    indicator_shift,
)
from performance.services.schemes import scheme_make
from performance.weights import group_sums, weight_faults
from tests.performance.goals_factories import (
    GOAL,
    INDICATORS,
    NOW,
    Cast,
    close_year,
    make_goals,
    make_program,
    make_unit,
    make_year,
    named,
    office,
)
from tests.workflow.people import give, make_staff
from workflow.actors import actor_of
from workflow.models import StateChange
from workflow.selectors import changes_of
from workflow.selectors.desk import desk_of
from workflow.services import move

pytestmark = pytest.mark.django_db
WEIGHTS = st.decimals(min_value=0, max_value=100, places=2)


def refusal(act: Any) -> BusinessError:
    """What an attempt is refused with."""
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value


def submit(table: GoalTable, cast: Cast) -> Any:
    return lambda: move(table, "submit", by=cast.maker, now=NOW)


def test_a_table_is_submitted_only_when_it_is_whole() -> None:
    cast = Cast()
    table = goals_create(fiscal_year=make_year(), by=cast.maker, now=NOW)
    assert refusal(submit(table, cast)).message == "不能提交：还没有写年度总体目标；还没有指标。"
    goals_save(table=table, overall_goal=GOAL, reason="", by=cast.maker, now=NOW)
    for values in ({**INDICATORS[0], "target": "年底前完成"}, {**INDICATORS[1], "weight": Decimal("29.5")}):
        indicator_add(table=table, values=values, by=cast.maker, now=NOW)
    said = refusal(submit(table, cast)).message
    for words in ("“采购招标率”的指标值“年底前完成”不能识别", "“效益指标”共 29.5 分，方案是 30 分，还差 0.5 分",
                  "“满意度指标”共 0 分", "合计 89.5 分，应是 100 分"):  # fmt: skip
        assert words in said


def test_a_measure_cannot_give_a_qualitative_value() -> None:
    cast = Cast()
    rows = (*INDICATORS[:1], {**INDICATORS[1], "measure": "deal_count"}, INDICATORS[2])
    assert "是定性指标，不能自动取数" in refusal(submit(make_goals(cast=cast, indicators=rows), cast)).message


def test_the_director_approves_what_another_wrote() -> None:
    cast = Cast()
    give(cast.maker, Duty.DIRECTOR)
    table = make_goals("submitted", cast=cast)
    assert refusal(lambda: move(table, "approve", by=cast.maker, now=NOW)).code == "same_person"
    move(table, "approve", by=cast.director, now=NOW)
    assert table.state == GoalState.APPROVED


def test_whoever_changed_one_indicator_is_a_maker() -> None:
    cast, other = Cast(), make_staff(Duty.PERFORMANCE, Duty.DIRECTOR)
    table = make_goals(cast=cast)
    indicator_shift(indicator=named(table, "采购招标率"), step=1, by=other, now=NOW)
    move(table, "submit", by=cast.maker, now=NOW)
    assert refusal(lambda: move(table, "approve", by=other, now=NOW)).code == "same_person"


def test_a_submitted_table_stands_on_the_directors_desk_with_its_facts() -> None:
    cast = Cast()
    table = make_goals("submitted", cast=cast)
    desk = desk_of(actor_of(cast.director, now=NOW), now=NOW)
    assert [row.title for row in desk.todo] == [f"{table.fiscal_year.unit} 2022年度部门整体绩效目标（第1版）"]


def test_the_next_version_supersedes_the_one_before_and_says_why() -> None:
    cast = Cast()
    first = make_goals("approved", cast=cast)
    fiscal = first.fiscal_year
    said = refusal(lambda: goals_create(fiscal_year=fiscal, by=cast.maker, now=NOW))
    assert "已有批准的版本，调整绩效目标要写明理由" in said.message
    second = goals_create(fiscal_year=fiscal, reason="任务调整", copy_from=first, by=cast.maker, now=NOW)
    assert (second.number, second.indicators.count(), second.overall_goal) == (2, 3, GOAL)
    said = refusal(lambda: goals_create(fiscal_year=fiscal, reason="又一版", by=cast.maker, now=NOW))
    assert "第 2 版还没有办完（编制中）" in said.message
    assert set(second.indicators.values_list("key", flat=True)) == set(first.indicators.values_list("key", flat=True))
    move(second, "submit", by=cast.maker, now=NOW)
    move(second, "approve", by=cast.director, now=NOW)
    first.refresh_from_db()
    assert (first.state, approved_of(fiscal)) == (GoalState.SUPERSEDED, second)
    last = changes_of(first)[-1]
    assert (last.move, last.by, last.comment) == ("supersede", None, "由第 2 版替代")


def test_nobody_supersedes_by_hand() -> None:
    cast = Cast()
    table = make_goals("approved", cast=cast)
    for person in (cast.director, cast.maker):
        assert refusal(lambda p=person: move(table, "supersede", by=p, now=NOW)).code == "not_allowed"


def test_after_discarded_versions_the_next_needs_no_adjustment() -> None:
    cast = Cast()
    table = make_goals("discarded", cast=cast)
    again = goals_create(fiscal_year=table.fiscal_year, by=cast.maker, now=NOW)
    assert (again.number, again.reason) == (2, "以前的版本没有批准，重新编制")


def test_goals_are_not_written_after_the_final_accounts() -> None:
    cast, fiscal = Cast(), close_year(make_year())
    said = refusal(lambda: goals_create(fiscal_year=fiscal, by=cast.maker, now=NOW))
    assert "决算已经确认" in said.message


def test_last_years_indicators_begin_this_years() -> None:
    cast, unit = Cast(), make_unit()
    old = make_goals("approved", cast=cast, fiscal=make_year(2021, unit=unit))
    now = make_year(2022, unit=unit)
    other = make_goals("approved", cast=cast, fiscal=make_year(2021, unit=make_unit()))
    assert copy_sources(now) == [old] and other not in copy_sources(now)
    table = goals_create(fiscal_year=now, copy_from=old, by=cast.maker, now=NOW)
    assert sums_of(table).faults == []
    assert versions_compared(old, table).changes == ()


def test_the_offices_are_told_what_they_have_to_fill() -> None:
    cast, clerk = Cast(), make_staff(Duty.WITNESS, department="witness")
    rows = ({**INDICATORS[0], "office": office("witness")}, *INDICATORS[1:])
    table = make_goals("approved", cast=cast, indicators=rows)
    told = Notice.objects.filter(user=clerk, cause_type="performance.goaltable").get()
    assert "采购招标率" in told.text and told.link == "/staff/performance/indicators/"
    assert not Notice.objects.filter(user=make_staff(Duty.INTAKE)).exists()
    assert table.state == GoalState.APPROVED


@pytest.mark.parametrize("state", ["submitted", "approved", "superseded", "discarded"])
def test_the_database_itself_keeps_what_is_no_draft(state: str) -> None:
    table = make_goals(state)
    one = table.indicators.first()
    assert one is not None
    for act in (
        lambda: Indicator.objects.filter(pk=one.pk).update(weight=1),
        lambda: Indicator.objects.filter(pk=one.pk).delete(),
        lambda: Indicator.objects.create(table=table, key=one.pk and table.indicators.last().key, level1="产出指标",
                                         name="新的", target="1", weight=1),
        lambda: GoalTable.objects.filter(pk=table.pk).update(overall_goal="改了"),
        lambda: GoalTable.objects.filter(pk=table.pk).update(state="drafting"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_the_database_keeps_one_approved_version() -> None:
    cast = Cast()
    table = make_goals("approved", cast=cast)
    second = make_goals("submitted", cast=cast, fiscal=table.fiscal_year, reason="调整")
    with pytest.raises(IntegrityError), transaction.atomic():
        StateChange.objects.create(
            subject_type="performance.goaltable", subject_id=second.pk, number=len(changes_of(second)) + 1,
            move="approve", source="submitted", target="approved", by=cast.director, at=NOW,
        )  # fmt: skip
        GoalTable.objects.filter(pk=second.pk).update(state="approved")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS performance_goals_approved IMMEDIATE")


def test_an_edit_of_what_another_changed_shows_both() -> None:
    cast, other = Cast(), make_staff(Duty.PERFORMANCE, name="李更正")
    table = make_goals(cast=cast)
    one = named(table, "采购招标率")
    seen = indicator_digest(one)
    mine = {**INDICATORS[0], "target": "≥90%"}
    indicator_edit(indicator=one, values={**INDICATORS[0], "weight": Decimal(45)}, seen=seen, by=other, now=NOW)
    said = refusal(lambda: indicator_edit(indicator=one, values=mine, seen=seen, by=cast.maker, now=NOW))
    assert said.code == "changed"
    for words in ("李更正", "年度指标值现在是“≥100%”，您填的是“≥90%”", "分值现在是“45”，您填的是“50”"):
        assert words in said.message
    assert refusal(lambda: indicator_delete(indicator=one, seen=seen, by=cast.maker, now=NOW)).code == "changed"
    indicator_delete(indicator=one, seen=indicator_digest(named(table, "采购招标率")), by=other, now=NOW)
    gone = refusal(lambda: indicator_edit(indicator=one, values=mine, seen=seen, by=cast.maker, now=NOW))
    assert gone.code == "gone"


def test_the_goal_of_another_is_not_written_over() -> None:
    cast = Cast()
    table = make_goals(cast=cast)
    seen = len(changes_of(table))
    goals_save(table=table, overall_goal="甲的目标", reason="", by=make_staff(Duty.PERFORMANCE), now=NOW, seen=seen)
    indicator_shift(indicator=named(table, "采购招标率"), step=1, by=cast.maker, now=NOW)
    said = refusal(lambda: goals_save(table=table, overall_goal="乙的", reason="", by=cast.maker, now=NOW, seen=seen))
    assert said.code == "changed" and "甲的目标" in said.message and "乙的" in said.message
    goals_save(table=table, overall_goal="乙的", reason="", by=cast.maker, now=NOW, seen=len(changes_of(table)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level1": "成本指标"}, "一级指标应从评分方案"), ({"measure": "nothing"}, "没有这个自动取数项目"),
        ({"weight": Decimal("NaN")}, "分值应在 0 至 100"), ({"weight": None}, "分值应在 0 至 100"),
        ({"weight": Decimal("1E400")}, "分值应在 0 至 100"), ({"name": ""}, "三级指标："),
        ({"name": "<b>"}, "不能用的字符"),
        ({"target": "≥1\x00"}, "不能用的字符"), ({"name": "长" * 101}, "三级指标："),
        ({"name": "采购招标率"}, "同一级下已有同名的指标"),
    ],
)  # fmt: skip
def test_a_service_refuses_what_no_form_would_send(change: dict[str, Any], words: str) -> None:
    cast = Cast()
    table = make_goals(cast=cast)
    values = {**INDICATORS[0], "name": "新指标", **change}
    said = refusal(lambda: indicator_add(table=table, values=values, by=cast.maker, now=NOW))
    assert words in said.message
    assert table.indicators.count() == 3


def test_indicators_are_ordered_within_their_group() -> None:
    cast = Cast()
    rows = (*INDICATORS, *({**INDICATORS[0], "name": name, "weight": Decimal(0)} for name in ("乙", "丙")))
    table = make_goals(cast=cast, indicators=rows)
    indicator_shift(indicator=named(table, "丙"), step=-1, by=cast.maker, now=NOW)
    indicator_shift(indicator=named(table, "采购招标率"), step=-1, by=cast.maker, now=NOW)
    names = [one.name for one in sorted(table.indicators.filter(level1="产出指标"), key=lambda one: one.position)]
    assert names == ["采购招标率", "丙", "乙"]


def test_a_draft_of_a_retired_scheme_is_told_so_and_takes_the_new_one() -> None:
    cast = Cast()
    table = make_goals(cast=cast)
    groups = [("产出指标", Decimal(40), ["数量指标"]), ("效益指标", Decimal(30), []), ("满意度指标", Decimal(10), [])]
    made = scheme_make(
        name="县里的", kind="department", first_year=2020, basis="云财〔2022〕1号", heading="自评表",
        funds_weight=Decimal(20), reverse_rule="linear", denominator="initial", decimals=1, groups=groups,
        bands=[("优", Decimal(80)), ("差", Decimal(0))], by=cast.maker, now=NOW,
    )  # fmt: skip
    table = GoalTable.objects.get(pk=table.pk)
    assert "已经停用，请点“改用现行方案”" in refusal(submit(table, cast)).message
    scheme_renew(table=table, by=cast.maker, now=NOW)
    table = GoalTable.objects.get(pk=table.pk)
    assert table.scheme == made == scheme_for("department", 2022)
    assert "“产出指标”共 50 分，方案是 40 分，多出 10 分" in refusal(submit(table, cast)).message
    assert Scheme.objects.filter(kind="department", first_year=2020).count() == 2


def test_a_program_has_goals_of_its_own_beside_the_department() -> None:
    cast, program = Cast(), make_program(make_year())
    table = make_goals("approved", cast=cast, program=program)
    whole = make_goals("approved", cast=cast, fiscal=program.fiscal_year)
    assert approved_of(program.fiscal_year, program) == table and approved_of(program.fiscal_year) == whole
    assert (table.scheme.kind, whole.scheme.kind) == ("project", "department")


@given(st.lists(st.tuples(st.sampled_from(["甲", "乙", "丙"]), WEIGHTS), max_size=12), WEIGHTS)
def test_sums_of_weights_lose_nothing(rows: list[tuple[str, Decimal]], funds: Decimal) -> None:
    sums = group_sums([("甲", Decimal(50)), ("乙", Decimal(40))], rows)
    assert sum(one.found for one in sums) == sum(weight for _, weight in rows)
    assert sum(one.count for one in sums) == len(rows)
    fits = [one.found for one in sums] == [Decimal(50), Decimal(40)] and funds == 10
    assert (weight_faults(funds, sums) == []) == fits


@given(st.decimals(min_value=0, max_value=10**9, places=3), st.sampled_from(["", "%", "日", "万元"]))
def test_what_is_said_of_a_target_is_what_is_scored(number: Decimal, unit: str) -> None:
    found = target_read(f"≥{number}{unit}")
    assert found is not None
    said = target_words(f"≥{number}{unit}")
    assert said.readable and f"{exact_words(found.number)}{unit}" in said.words


@given(st.text(max_size=30))
def test_a_target_is_called_readable_when_it_is(text: str) -> None:
    said = target_words(text)
    words = is_qualitative(text) and normalised(text) != "定性:"
    assert said.readable == (words or target_read(text) is not None)
    assert said.words.endswith("。")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "还没有写"), ("-5%", "不能是负数"), ("<0", "不能要求小于 0"), ("2022年12月底", "日期不能作数值比较"),
        ("提升", "写成“定性:提升”"), ("定性:", "后面要写明"), ("≥5%以内", "不是“符号+数字+单位”"),
        ("9" * 300, "太长了"),
        ("＞０", "高于 0"), ("10日以内", "不超过 10日"), ("1,000宗", "不低于 1000宗"), ("=4次", "等于 4次"),
    ],
)  # fmt: skip
def test_targets_are_explained(text: str, words: str) -> None:
    assert words in target_words(text).words
