"""What follows from a survey: improvement items, the repeat that confirms them, the indicator that is fed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from accounts.models import Department
from core.errors import BusinessError
from documents.selectors import file_open
from performance.gates.surveys import effect_confirmed
from performance.models import ActualValue, GoalTable, Indicator, Rectification, Survey, SurveyActual
from performance.selectors.origins import origin_of
from performance.selectors.survey_results import results_of
from performance.services import survey_results as writes
from performance.services.survey_answers import answers_release
from performance.services.survey_slips import papers_give
from performance.services.surveys import question_remove, survey_repeat
from tests.performance.goals_factories import Cast as GoalCast
from tests.performance.goals_factories import make_goals, make_year, named
from tests.performance.survey_factories import (
    NOW,
    TODAY,
    Cast,
    answers_give,
    answers_of,
    make_survey,
    office,
    question,
    survey_close,
    values_of,
)
from tests.staff import client_of
from tests.workflow.people import make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db
CONTENT, SLOW, BAD = (5, 5, "yes"), (5, 2, "yes"), (1, 1, "no")
# 8 of 10 content with the waiting time: 80 %.
LOW = [CONTENT] * 8 + [SLOW] * 2


@pytest.fixture
def cast() -> Cast:
    return Cast()


def items() -> list[Rectification]:
    return list(Rectification.objects.order_by("id"))


def repeat_of(survey: Survey, answers: list[Any], cast: Cast, *, now: datetime = NOW) -> Survey:
    """A second survey with these answers, closed."""
    second = survey_repeat(survey=survey, by=cast.maker, now=now)
    move(second, "submit", by=cast.maker, now=now)
    move(second, "open", by=cast.director, now=now)
    answers_give(second, answers, cast=cast, now=now)
    survey_close(second, cast=cast, now=now)
    return second


def confirmed(item: Rectification) -> list[str]:
    return effect_confirmed(item, by=None, now=NOW, data={})


def test_a_low_question_opens_an_item_for_its_office(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=[(5, 5, "no")] * 5 + [CONTENT] * 5)
    (item,) = items()
    assert (item.source, item.origin_type, item.origin_id) == ("survey", "performance.survey", survey.pk)
    assert (item.origin_line, item.department) == (str(question(survey, 2).pk), office("witness"))
    assert (item.due_on, item.state) == (TODAY + timedelta(days=30), "open")
    assert "“事情是否办成”满意率 50.00%（5/10，95% 区间 23.66%–76.34%），低于下限 85.00%" in item.problem


def test_a_question_of_no_office_is_the_leading_offices(cast: Cast) -> None:
    make_survey("closed", cast=cast, answers=LOW)
    assert [one.department for one in items()] == [office("general")]


def test_an_office_that_was_given_up_does_not_keep_a_survey_open(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, answers=[(5, 5, "no")] * 5)
    Department.objects.filter(code="witness").update(is_active=False)
    survey_close(survey, cast=cast)
    assert [one.department for one in items()] == [office("general")]


def test_a_low_whole_opens_an_item_where_no_question_is_low(cast: Cast) -> None:
    # Each question reaches 60 %, one form in five is satisfied.
    answers = [(5, 3, "no"), (3, 5, "yes"), (3, 3, "yes"), (5, 5, "no"), CONTENT]
    make_survey("closed", cast=cast, answers=answers, low_bound=Decimal(60))
    assert [one.origin_line for one in items()] == ["total"]


def test_few_forms_open_nothing_and_are_not_split(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=[BAD] * 4)
    found = results_of(survey, now=NOW)
    assert items() == [] and found.lines == () and found.texts == ()
    assert any("不足 5 份" in note for note in found.notes)
    assert found.share is not None and found.share.words == "0.00%"


def test_a_good_survey_opens_nothing(cast: Cast) -> None:
    make_survey("closed", cast=cast, answers=[CONTENT] * 6)
    assert items() == []


def test_the_item_waits_for_a_repeat_that_confirms_it(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    (item,) = items()
    assert "还没有复查" in confirmed(item)[0]
    second = survey_repeat(survey=survey, by=cast.maker, now=NOW)
    assert (second.repeat_of, second.state, second.kind) == (survey, "drafting", survey.kind)
    assert [one.copied_from_id for one in second.questions.all()] == [one.pk for one in survey.questions.all()]
    assert "还没有结束" in confirmed(item)[0]
    move(second, "submit", by=cast.maker, now=NOW)
    move(second, "open", by=cast.director, now=NOW)
    answers_give(second, [CONTENT] * 9 + [SLOW], cast=cast)
    assert "还没有结束" in confirmed(item)[0]
    survey_close(second, cast=cast)
    assert confirmed(item) == []
    assert len(items()) == 1


def test_the_ledger_confirms_only_with_the_repeat(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    (item,) = items()
    person = make_staff("office_head", department="general")
    move(item, "answer", by=person, now=NOW, data={"text": "增开一个窗口。", "done_on": TODAY, "papers": []})
    with pytest.raises(BusinessError, match="还没有复查"):
        move(item, "confirm", by=cast.maker, now=NOW)
    repeat_of(survey, [CONTENT] * 10, cast)
    move(item, "confirm", by=cast.maker, now=NOW)
    assert item.state == "closed"


def test_the_ledgers_page_leads_to_the_survey_the_repeat_and_the_figures(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    (item,) = items()
    assert [fact.words for fact in origin_of(item)][2:] == ["还没有安排"]
    person = make_staff("office_head", department="general")
    move(item, "answer", by=person, now=NOW, data={"text": "增开一个窗口。", "done_on": TODAY, "papers": []})
    second = repeat_of(survey, [CONTENT] * 9 + [SLOW], cast)
    move(item, "confirm", by=cast.maker, now=NOW)
    # What came after the confirmation did not justify it.
    repeat_of(survey, [SLOW] * 6, cast, now=NOW + timedelta(days=3))
    text = client_of(cast.maker).get(f"/staff/performance/rectifications/{item.pk}/").content.decode()
    for one in (survey, second):
        assert f'href="/staff/performance/surveys/{one.pk}/"' in text and one.title in text
    assert "第2题“您对等候时间的评价”：80.00%（8/10，95% 区间 49.02%–94.33%），下限 85.00%" in text
    assert "确认的依据" in text and "整改后 90.00%（9/10，95% 区间" in text
    assert origin_of(Rectification(origin_type="")) == []


def test_a_repeat_from_before_the_remedy_confirms_nothing(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    (item,) = items()
    person = make_staff("office_head", department="general")
    repeat_of(survey, [CONTENT] * 10, cast)
    done_on, then = TODAY + timedelta(days=1), NOW + timedelta(days=2)
    move(item, "answer", by=person, now=then, data={"text": "增开一个窗口。", "done_on": done_on, "papers": []})
    with pytest.raises(BusinessError, match="从2026年3月2日开始，那时整改还没有做完（2026年3月3日完成）"):
        move(item, "confirm", by=cast.maker, now=then)
    repeat_of(survey, [CONTENT] * 10, cast, now=then)
    move(item, "confirm", by=cast.maker, now=then)
    assert item.state == "closed"


def test_a_repeat_as_low_as_before_confirms_nothing_and_opens_no_second_item(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    repeat_of(survey, LOW, cast)
    (item,) = items()
    assert "没有达到 85.00%" in confirmed(item)[0] and "95% 区间重叠" in confirmed(item)[0]
    repeat_of(survey, [CONTENT] * 10, cast)
    assert confirmed(item) == []


def test_a_repeat_that_is_better_by_more_than_chance_confirms_below_the_bound(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=[SLOW] * 40)
    repeat_of(survey, [CONTENT] * 30 + [SLOW] * 10, cast)
    (item,) = items()
    assert confirmed(item) == []


def test_a_repeat_of_few_forms_confirms_nothing(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    repeat_of(survey, [CONTENT] * 4, cast)
    assert "不足 5 份" in confirmed(items()[0])[0]


def test_a_repeat_without_the_question_confirms_nothing(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    second = survey_repeat(survey=survey, by=cast.maker, now=NOW)
    question_remove(survey=second, question=question(second, 1), by=cast.maker, now=NOW)
    move(second, "submit", by=cast.maker, now=NOW)
    move(second, "open", by=cast.director, now=NOW)
    values = values_of(second, 5, "yes")
    answers_give(second, [values] * 6, cast=cast)
    survey_close(second, cast=cast)
    assert "复查里没有这道题" in confirmed(items()[0])[0]


def test_what_only_the_repeat_finds_low_is_a_new_item_judged_by_the_next_repeat(cast: Cast) -> None:
    survey = make_survey("closed", cast=cast, answers=LOW)
    second = repeat_of(survey, [(5, 5, "no")] * 6, cast)
    old, new = items()
    assert confirmed(old) == [] and (new.origin_id, new.department) == (second.pk, office("witness"))
    assert "还没有复查" in confirmed(new)[0]
    third = repeat_of(second, [CONTENT] * 6, cast)
    assert third.repeat_of == survey and confirmed(new) == []


def test_items_of_others_are_none_of_the_surveys_business(cast: Cast) -> None:
    item = Rectification(source="bureau", origin_type="", problem="x")
    assert confirmed(item) == []


def test_one_repeat_at_a_time_and_only_of_a_closed_survey(cast: Cast) -> None:
    with pytest.raises(BusinessError, match="还没有结束"):
        survey_repeat(survey=make_survey("open", cast=cast), by=cast.maker, now=NOW)
    survey = make_survey("closed", cast=cast, answers=LOW)
    survey_repeat(survey=survey, by=cast.maker, now=NOW)
    with pytest.raises(BusinessError, match="还没有办完"):
        survey_repeat(survey=survey, by=cast.maker, now=NOW)


def _fed(cast: Cast) -> tuple[Indicator, GoalTable]:
    table = make_goals("approved", cast=GoalCast(cast.maker, cast.director), fiscal=make_year(2026))
    return named(table, "使用人员满意度"), table


@pytest.mark.django_db(transaction=True)
def test_the_closing_fills_the_indicator_with_numbers_and_the_sheet(cast: Cast) -> None:
    indicator, table = _fed(cast)
    survey = make_survey(
        "open", cast=cast, fiscal=table.fiscal_year, answers=[*LOW, BAD], indicator_key=indicator.key
    )  # fmt: skip
    papers_give(survey=survey, count=4, by=cast.maker, now=NOW)
    survey_close(survey, cast=cast)
    actual = ActualValue.objects.get(indicator_key=indicator.key)
    # (5 + 2 + 5) / 3 is 4: satisfied.
    assert (actual.sent, actual.returned, actual.valid, actual.satisfied) == (15, 11, 11, 10)
    assert (actual.value, actual.by) == ("90.91%", cast.maker)
    assert "发放 15 份、收回 11 份、有效 11 份、满意 10 份" in actual.evidence
    (paper,) = actual.papers.all()
    with file_open(paper.file) as stream:
        sheet = openpyxl.load_workbook(stream).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[5][:3] == ["发放份数", None, 15] and any("您对等候时间的评价" in str(row[0]) for row in cells)
    assert SurveyActual.objects.get().result.survey == survey
    # The sweep and the button find it done.
    assert writes.surveys_sweep(now=NOW) == 0
    assert writes.result_fill(survey=survey, by=cast.maker, now=NOW) == actual
    assert ActualValue.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_died_process_left_the_sweep_fills(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    indicator, table = _fed(cast)
    survey = make_survey(
        "open", cast=cast, fiscal=table.fiscal_year, answers=LOW, indicator_key=indicator.key
    )  # fmt: skip
    with monkeypatch.context() as lost:
        lost.setattr(writes, "result_fill", lambda **_: (_ for _ in ()).throw(OSError("disk")))
        survey_close(survey, cast=cast)
    assert survey.state == "closed" and not ActualValue.objects.exists()
    assert writes.surveys_sweep(now=NOW) == 1
    assert ActualValue.objects.get().value == "100.00%"


def test_a_result_without_indicator_or_forms_is_not_filled_in(cast: Cast) -> None:
    open_one = make_survey("open", cast=cast)
    gone = make_survey("drafting", cast=cast)
    # The table in which it was is no longer in force.
    Survey.objects.filter(pk=gone.pk).update(indicator_key=uuid4())
    move(gone, "submit", by=cast.maker, now=NOW)
    move(gone, "open", by=cast.director, now=NOW)
    answers_give(gone, LOW, cast=cast)
    survey_close(gone, cast=cast)
    for survey, code in (
        (open_one, "wrong_state"),
        (make_survey("closed", cast=cast, answers=LOW), "no_indicator"),
        (gone, "no_indicator"),
    ):
        with pytest.raises(BusinessError) as caught:
            writes.result_fill(survey=survey, by=cast.maker, now=NOW)
        assert caught.value.code == code


def test_no_answers_are_no_satisfaction(cast: Cast) -> None:
    indicator, table = _fed(cast)
    survey = make_survey("closed", cast=cast, fiscal=table.fiscal_year, indicator_key=indicator.key)
    with pytest.raises(BusinessError) as caught:
        writes.result_fill(survey=survey, by=cast.maker, now=NOW)
    assert caught.value.code == "no_value" and not ActualValue.objects.exists()
    assert results_of(survey, now=NOW).share.words == "—"  # type: ignore[union-attr]


def test_while_it_is_open_shares_go_in_steps_of_five_answers(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    for count, released in ((9, 0), (1, 5), (4, 5), (1, 10), (25, 35)):
        answers_give(survey, [CONTENT] * count, cast=cast)
        answers_release(survey)
        found = results_of(survey, now=NOW + timedelta(days=1))
        assert found.sent.valid == released and found.sent.returned == released + found.sent.waiting
        assert (found.share.of if found.share else 0) == released
        assert f"现在有 {found.sent.waiting} 份等待清点" in found.notes[0]
    assert [line.share.words for line in found.counting if line.share] == ["100.00%"] * 3
    assert found.texts == () and found.whole is None


def test_while_fewer_than_five_came_nothing_is_split(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answers_give(survey, [CONTENT] * 4, cast=cast, now=NOW - timedelta(days=1))
    found = results_of(survey, now=NOW)
    assert (found.share, found.lines, found.sent.returned) == (None, (), 4)


def test_results_are_compared_with_the_year_before_and_the_first_survey(cast: Cast) -> None:
    before = make_survey("closed", cast=cast, fiscal=make_year(2025), answers=[BAD] * 5)
    make_survey("closed", cast=cast, kind="industry", fiscal=before.fiscal_year, answers=[CONTENT] * 5)
    survey = make_survey("closed", cast=cast, answers=LOW)
    found = results_of(survey, now=NOW)
    assert found.last is not None and (found.last[0], found.last[1].words) == (before, "0.00%")
    assert [line.last.words for line in found.counting if line.last] == ["0.00%"] * 3
    second = results_of(repeat_of(survey, [CONTENT] * 5, cast), now=NOW)
    assert second.before is not None and second.before[0] == survey
    assert [line.before.words for line in second.counting if line.before] == ["100.00%", "80.00%", "100.00%"]


def test_texts_are_shown_at_the_end_and_the_digest_tells_of_a_change(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answers_give(survey, [values_of(survey, *CONTENT, text=f"意见{n}") for n in range(5)], cast=cast)
    assert results_of(survey, now=NOW).texts == ()
    survey_close(survey, cast=cast)
    found = results_of(Survey.objects.get(pk=survey.pk), now=NOW)
    assert {*found.texts[0][1]} == {f"意见{n}" for n in range(5)} and found.whole is True
    assert results_of(Survey.objects.get(pk=survey.pk), now=NOW, texts=False).texts == ()
    assert len(answers_of(survey)) == 5


def test_few_forms_are_told_to_be_for_orientation(cast: Cast) -> None:
    found = results_of(make_survey("closed", cast=cast, answers=[CONTENT] * 29), now=NOW)
    assert found.notes == ("有效答卷少于 30 份，仅供参考。",)
    assert results_of(make_survey("closed", cast=cast, answers=[CONTENT] * 30), now=NOW).notes == ()
