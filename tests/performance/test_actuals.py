"""Actual values, deals, manual scores, reasons: typed with evidence, checked, never written over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from audit.models import ActionRow
from audit.words import detail_words
from core.errors import BusinessError
from performance.models import ActualValue, DealFigure, GoalTable, ManualScore
from performance.scoring.form import half_up
from performance.selectors.actuals import newest_actuals, own_indicators, recount_of
from performance.selectors.deals import deal_sums
from performance.selectors.forms import report_of
from performance.services.actuals import Survey, actual_compute, actual_set
from performance.services.deals import deal_set
from performance.services.scores import reason_set, report_begin, score_set
from tests.performance.goals_factories import (
    INDICATORS,
    NOW,
    Cast,
    make_goals,
    make_line,
    make_unit,
    make_year,
    named,
    office,
    spend,
)
from tests.workflow.people import make_staff
from workflow.actors import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def table(cast: Cast) -> GoalTable:
    rows = ({**INDICATORS[0], "office": office("witness")}, *INDICATORS[1:])
    return make_goals("approved", cast=cast, indicators=rows)


def refusal(act: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value


def give(table: GoalTable, name: str, by: Any, **values: Any) -> ActualValue:
    return actual_set(**{"indicator": named(table, name), "evidence": "台账", "by": by, "now": NOW, **values})


def test_only_the_office_and_who_manages_give_a_value(table: GoalTable, cast: Cast) -> None:
    member, foreign = make_staff(Duty.ARCHIVE, department="witness"), make_staff(Duty.INTAKE, department="intake")
    assert give(table, "采购招标率", member, value="98%").by == member
    assert give(table, "采购招标率", cast.maker, value="99%").by == cast.maker
    said = refusal(lambda: give(table, "采购招标率", foreign, value="97%"))
    assert (said.code, "由见证科填报" in said.message) == ("not_allowed", True)
    assert newest_actuals(table.fiscal_year)[named(table, "采购招标率").key].value == "99%"
    assert ActualValue.objects.count() == 2


def test_an_administrators_duty_is_no_membership(table: GoalTable) -> None:
    admin = make_staff(Duty.AUDIT_ADMIN, department="witness")
    assert refusal(lambda: give(table, "采购招标率", admin, value="98%")).code == "not_allowed"


@pytest.mark.parametrize(
    ("value", "words"),
    [("", "还没有写"), ("很好", "不是数值"), ("-5%", "不能是负数"), ("5宗", "单位“宗”与指标值的单位“%”不同"),
     ("2022年", "不是数值"), ("9" * 201, "超过 200 字"), ("1\x00", "控制字符"), ("1e400", "不是数值"),
     ("NaN", "不是数值")],
)  # fmt: skip
def test_a_value_that_cannot_be_scored_is_refused(table: GoalTable, cast: Cast, value: str, words: str) -> None:
    assert words in refusal(lambda: give(table, "采购招标率", cast.maker, value=value)).message
    assert not ActualValue.objects.exists()


def test_a_value_needs_evidence(table: GoalTable, cast: Cast) -> None:
    assert "要有佐证" in refusal(lambda: give(table, "采购招标率", cast.maker, value="98%", evidence=" ")).message


@pytest.mark.parametrize(
    ("word", "ratio", "good"),
    [
        ("达成预期指标", "1", True), ("达成预期指标", "0.8", True), ("达成预期指标", "0.7999", False),
        ("部分达成预期指标并具有一定效果", "0.8", False), ("部分达成预期指标并具有一定效果", "0.7999", True),
        ("部分达成预期指标并具有一定效果", "0.6", True), ("未达成预期指标且效果较差", "0.6", True),
        ("未达成预期指标且效果较差", "0", True), ("未达成预期指标且效果较差", "0.6001", False),
        ("达成预期指标", "NaN", False),
    ],
)  # fmt: skip
def test_a_ratio_lies_within_its_band(table: GoalTable, cast: Cast, word: str, ratio: str, good: bool) -> None:
    act = lambda: give(table, "公共服务水平", cast.maker, value=word, ratio=Decimal(ratio))  # noqa: E731 (a deed, told once)
    if good:
        assert act().ratio == Decimal(ratio)
    else:
        assert "得分比例应在" in refusal(act).message


def test_a_qualitative_value_is_one_of_three_words(table: GoalTable, cast: Cast) -> None:
    assert "三种说法" in refusal(lambda: give(table, "公共服务水平", cast.maker, value="提升了")).message
    said = refusal(lambda: give(table, "采购招标率", cast.maker, value="98%", ratio=Decimal("0.9")))
    assert "只有定性指标才填得分比例" in said.message


def test_a_survey_gives_the_value_or_must_agree(table: GoalTable, cast: Cast) -> None:
    survey = Survey(120, 110, 108, 106)
    assert give(table, "使用人员满意度", cast.maker, value="", survey=survey).value == "98.15%"
    assert give(table, "使用人员满意度", cast.maker, value="98%", survey=survey).value == "98%"
    assert (
        "应是 98.15%" in refusal(lambda: give(table, "使用人员满意度", cast.maker, value="99%", survey=survey)).message
    )
    assert "只有满意度指标" in refusal(lambda: give(table, "采购招标率", cast.maker, value="1%", survey=survey)).message
    said = refusal(lambda: give(table, "使用人员满意度", cast.maker, value="", survey=Survey(100, 110, 108, 106)))
    assert "收回的份数（110）不能多于发放的份数（100）" in said.message
    said = refusal(lambda: give(table, "使用人员满意度", cast.maker, value="", survey=Survey(sent=100)))
    assert "还没有写实际完成值" in said.message


@given(st.integers(1, 10_000), st.data())
def test_the_rate_of_a_survey_is_exact(valid: int, data: st.DataObject) -> None:
    satisfied = data.draw(st.integers(0, valid))
    rate = Survey(valid=valid, satisfied=satisfied).rate
    assert rate is not None and rate * valid == satisfied * 100
    assert 0 <= half_up(rate) <= 100


def test_values_belong_to_the_approved_version(cast: Cast) -> None:
    table = make_goals("superseded", cast=cast)
    said = refusal(lambda: give(table, "采购招标率", cast.maker, value="98%"))
    assert "不是现行批准的版本" in said.message


def test_the_value_follows_its_key_into_the_next_version(cast: Cast) -> None:
    first = make_goals("approved", cast=cast)
    give(first, "采购招标率", cast.maker, value="98%")
    second = make_goals("approved", cast=cast, fiscal=first.fiscal_year, reason="调整", copy_from=first, indicators=())
    page = own_indicators(actor_of(cast.maker, now=NOW), year=2022)
    assert {row.indicator.table_id for row in page.rows} == {second.pk}
    assert [row.actual.value for row in page.rows if row.actual] == ["98%"] and page.left == 2


def test_a_stored_value_cannot_be_changed(table: GoalTable, cast: Cast) -> None:
    give(table, "采购招标率", cast.maker, value="98%")
    for act in (ActualValue.objects.all().delete, lambda: ActualValue.objects.update(value="1%")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def measured(cast: Cast, name: str, unit: Any = None) -> tuple[GoalTable, Any]:
    fiscal = make_year(unit=unit)
    line = make_line(fiscal, "1000.00")
    spend(line, "333.00")
    rows = ({**INDICATORS[0], "measure": name}, *INDICATORS[1:])
    return make_goals("approved", cast=cast, fiscal=fiscal, indicators=rows), line


def test_a_computed_value_keeps_its_rows_and_a_later_one_shows(cast: Cast) -> None:
    table, line = measured(cast, "budget_execution_rate")
    one = named(table, "采购招标率")
    first, again = (actual_compute(indicator=one, by=cast.maker, now=NOW) for _ in range(2))
    assert (first.value, first.rows, first.rows_sha256) == ("33.3%", again.rows, again.rows_sha256)
    same = recount_of(one, again)
    assert same is not None and not same.differs
    spend(line, "0.01")
    found = recount_of(one, again)
    assert found is not None and found.differs and found.words == "33.3%"


def test_what_cannot_be_computed_says_why(cast: Cast) -> None:
    table, _ = measured(cast, "deal_count")
    said = refusal(lambda: actual_compute(indicator=named(table, "采购招标率"), by=cast.maker, now=NOW))
    assert said.code == "no_value"
    said = refusal(lambda: actual_compute(indicator=named(table, "使用人员满意度"), by=cast.maker, now=NOW))
    assert said.code == "no_measure"
    foreign, _ = measured(cast, "announcements_published", make_unit())
    said = refusal(lambda: actual_compute(indicator=named(foreign, "采购招标率"), by=cast.maker, now=NOW))
    assert said.code == "own_only" and "只统计本中心的业务" in said.message


def test_deals_sum_exactly_and_say_where_rounding_differs(cast: Cast) -> None:
    fiscal = make_year()
    for category, amount in (("land", "500000.00"), ("property", "500000.00")):
        deal_set(fiscal_year=fiscal, category=category, deal_count=1, amount=Decimal(amount), evidence="年报",
                 by=cast.maker, now=NOW)  # fmt: skip
    sums = deal_sums(fiscal)
    assert (sums.yi, sums.difference, sums.complete) == (Decimal("0.01"), Decimal("-0.01"), False)
    assert [row.share for row in sums.rows] == [None, None, Decimal("50.00"), Decimal("50.00")]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"category": "oil"}, "没有这个交易类别"), ({"deal_count": -1}, "宗数"), ({"amount": Decimal("-1")}, "成交金额"),
     ({"amount": Decimal("0.001")}, "两位小数"), ({"amount": Decimal("NaN")}, "成交金额"), ({"evidence": ""}, "来源"),
     ({"deal_count": 0}, "宗数是 0"), ({"amount": Decimal("1E400")}, "成交金额")],
)  # fmt: skip
def test_a_deal_figure_is_checked(cast: Cast, change: dict[str, Any], words: str) -> None:
    values = {"category": "land", "deal_count": 1, "amount": Decimal("1.00"), "evidence": "年报", **change}
    said = refusal(lambda: deal_set(fiscal_year=make_year(unit=make_unit()), by=cast.maker, now=NOW, **values))
    assert words in said.message and not DealFigure.objects.exists()


def test_a_deal_figure_of_another_is_shown_beside_ones_own(cast: Cast) -> None:
    fiscal, values = make_year(), {"category": "land", "evidence": "年报", "now": NOW}
    first = deal_set(fiscal_year=fiscal, deal_count=1, amount=Decimal("5.00"), by=cast.maker, seen=0, **values)
    said = refusal(
        lambda: deal_set(fiscal_year=fiscal, deal_count=2, amount=Decimal("6.00"), by=cast.maker, seen=0, **values)
    )
    assert "1 宗、5.00 元" in said.message and "2 宗、6.00 元" in said.message
    deal_set(fiscal_year=fiscal, deal_count=2, amount=Decimal("6.00"), by=cast.maker, seen=first.pk, **values)


def test_manual_scores_and_reasons_are_told_and_taken_back(table: GoalTable, cast: Cast) -> None:
    report = report_begin(goal_table=table, by=cast.maker, now=NOW)
    assert report_begin(goal_table=table, by=cast.maker, now=NOW) == report == report_of(table)
    key = named(table, "采购招标率").key
    common: dict[str, Any] = {"report": report, "by": cast.maker, "now": NOW}
    first = score_set(indicator_key=key, score=Decimal("48.5"), reason="缺件", seen=0, **common)
    for score, words in ((Decimal("50.01"), "0 至 50"), (Decimal("1.234"), "两位小数"), (Decimal("NaN"), "0 至 50")):
        assert words in refusal(lambda s=score: score_set(indicator_key=key, score=s, reason="x", **common)).message
    assert "理由" in refusal(lambda: score_set(indicator_key=key, score=Decimal(1), reason=" ", **common)).message
    said = refusal(lambda: score_set(indicator_key=key, score=Decimal(1), reason="x", seen=0, **common))
    assert said.code == "changed" and "48.50 分" in said.message and "1 分" in said.message
    score_set(indicator_key=key, score=None, reason="材料补齐", seen=first.pk, **common)
    assert "不用收回" in refusal(lambda: score_set(indicator_key=key, score=None, reason="x", **common)).message
    assert ManualScore.objects.count() == 2
    reason_set(line="funds", text="厉行节约", **common)
    for line in ("expense:1", "nothing", "expense:x"):
        assert refusal(lambda one=line: reason_set(line=one, text="x", **common)).code == "gone"
    rows = ActionRow.objects.filter(subject__startswith="performance.").order_by("id")
    told = [detail_words(row.detail, "", row.subject) for row in rows]
    assert "做了什么：人工评分" in told and "做了什么：填写偏差原因" in told and "做了什么：新建报告" in told


def test_a_self_evaluation_begins_when_goals_are_approved(cast: Cast) -> None:
    assert refusal(lambda: report_begin(goal_table=make_goals(cast=cast), by=cast.maker, now=NOW)).code == "wrong_state"
