"""Surveys: drafted by one, opened by another, frozen, answered once a code, counted at the closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.duties import Duty
from audit.models import ActionRow
from core.errors import BusinessError
from performance.models import Survey, SurveyAnswer, SurveyBatch, SurveyInbox, SurveyQuestion, SurveyResult, SurveyToken
from performance.selectors.surveys import sent_of, survey_title
from performance.services import survey_answers as answers
from performance.services.survey_slips import page_new, papers_give, slips_again, slips_make, token_digest
from performance.services.surveys import (
    EDITED,
    question_remove,
    question_save,
    question_shift,
    survey_create,
    survey_save,
)
from tests.performance.goals_factories import make_year
from tests.performance.survey_factories import (
    NOW,
    QUESTIONS,
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
from tests.workflow.people import make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db
CONTENT, BAD = (5, 4, "yes"), (1, 2, "no")


@pytest.fixture
def cast() -> Cast:
    return Cast()


def slips(survey: Survey, cast: Cast, count: int = 1) -> tuple[str, ...]:
    return slips_make(survey=survey, count=count, page=page_new(), by=cast.maker, now=NOW).codes


def refusal(attempt: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        attempt()
    return caught.value


def refused(said: str, attempt: Any) -> None:
    """The database itself refuses, with these words."""
    with pytest.raises((IntegrityError, ProgrammingError), match=said), transaction.atomic():
        attempt()


def test_who_wrote_a_word_does_not_open(cast: Cast) -> None:
    survey = make_survey("submitted", cast=cast)
    other = make_staff(Duty.PERFORMANCE, Duty.DIRECTOR)
    assert refusal(lambda: move(survey, "open", by=cast.maker, now=NOW)).code == "same_person"
    move(survey, "return", by=other, now=NOW, comment="措辞")
    question_save(survey=survey, question=question(survey, 0), by=other, now=NOW,
                  values={**QUESTIONS[0], "options": [], "required": True, "department": None})  # fmt: skip
    move(survey, "submit", by=cast.maker, now=NOW)
    assert refusal(lambda: move(survey, "open", by=other, now=NOW)).code == "same_person"
    move(survey, "open", by=cast.director, now=NOW)
    assert survey.state == "open"


def test_a_survey_begins_with_the_standard_questions_or_another_ones(cast: Cast) -> None:
    start: dict[str, Any] = {
        "fiscal_year": make_survey(cast=cast).fiscal_year, "kind": "industry", "title": "行风调查", "by": cast.maker,
        "department": office("general"), "opens_on": TODAY, "closes_on": TODAY, "now": NOW,
    }  # fmt: skip
    standard = survey_create(**start, standard=True)
    assert standard.questions.filter(counts=True).count() == 7
    assert question(standard, 1).department == office("evaluation")
    copied = survey_create(**start, copy_from=standard)
    assert [one.text for one in copied.questions.all()] == [one.text for one in standard.questions.all()]
    assert not copied.questions.filter(copied_from__isnull=False).exists()


def test_nothing_to_count_is_not_submitted(cast: Cast) -> None:
    survey = make_survey(cast=cast, questions=QUESTIONS[3:])
    said = refusal(lambda: move(survey, "submit", by=cast.maker, now=NOW))
    assert (said.code, "至少要有一道计入满意度的题目" in said.message) == ("blocked", True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "x", "kind": "choice", "options": ["只有一个"]}, "options"),
        ({"text": "x", "kind": "choice", "options": ["一样", "一样"]}, "options"),
        ({"text": "x", "kind": "text", "counts": True}, ""),
        ({"text": QUESTIONS[0]["text"], "kind": "scale"}, ""),
        ({"text": "", "kind": "scale"}, "text"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_words(cast: Cast, values: dict[str, Any], field: str) -> None:
    survey = make_survey(cast=cast)
    whole = {"options": [], "required": True, "counts": False, "department": None, **values}
    found = refusal(lambda: question_save(survey=survey, values=whole, by=cast.maker, now=NOW))
    assert (found.code, found.facts.get("field", "")) == ("invalid", field)
    assert survey.questions.count() == len(QUESTIONS)


def test_questions_are_shifted_and_removed(cast: Cast) -> None:
    survey = make_survey(cast=cast)
    first, second = question(survey, 0), question(survey, 1)
    question_shift(survey=survey, question=first, to="down", by=cast.maker, now=NOW)
    question_shift(survey=survey, question=second, to="up", by=cast.maker, now=NOW)
    assert [one.pk for one in survey.questions.all()][:2] == [second.pk, first.pk]
    question_remove(survey=survey, question=second, by=cast.maker, now=NOW)
    assert survey.questions.count() == len(QUESTIONS) - 1


def test_of_two_who_edit_the_same_the_second_is_told(cast: Cast) -> None:
    survey = make_survey(cast=cast, questions=())
    values = {name: getattr(survey, name) for name in EDITED}
    survey_save(survey=survey, values={**values, "title": "甲"}, seen=1, by=cast.maker, now=NOW)
    said = refusal(lambda: survey_save(survey=survey, values={**values, "title": "乙"}, seen=1, by=cast.maker, now=NOW))
    assert (said.code, Survey.objects.get(pk=survey.pk).title) == ("changed", "甲")


def test_what_was_submitted_is_frozen_by_the_database(cast: Cast) -> None:
    survey = make_survey("submitted", cast=cast)
    rows = SurveyQuestion.objects.filter(survey=survey)
    refused("frozen", lambda: rows.update(text="另一个问题"))
    refused("frozen", rows.delete)
    refused("frozen", lambda: SurveyQuestion.objects.create(survey=survey, text="新题", kind="scale"))
    refused("frozen", lambda: Survey.objects.filter(pk=survey.pk).update(low_bound=1))
    refused("not set by a move", lambda: Survey.objects.filter(pk=survey.pk).update(state="open"))
    refused("permission denied", lambda: Survey.objects.filter(pk=survey.pk)._raw_delete("default"))
    assert refusal(lambda: question_remove(survey=survey, question=question(survey, 0), by=cast.maker, now=NOW)).code \
        == "wrong_state"  # fmt: skip


def test_a_slip_answers_once(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    (code,) = slips(survey, cast)
    answers.answer_by_slip(code=code, values=values_of(survey, *CONTENT), now=NOW)
    again = refusal(lambda: answers.answer_by_slip(code=code, values=values_of(survey, *BAD), now=NOW))
    assert (again.code, again.message) == ("used", answers.USED)
    (kept,) = answers_of(survey)
    assert kept.values == values_of(survey, *CONTENT) and (kept.channel, kept.valid, kept.day) == ("link", True, TODAY)


def test_codes_are_read_however_they_are_typed_and_only_their_digests_are_kept(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    codes = slips(survey, cast, 3)
    assert {answers.token_find(codes[0].lower().replace("-", " ")).digest} == {token_digest(codes[0])}
    stored = SurveyToken.objects.filter(survey=survey)
    assert {one.digest for one in stored} == {token_digest(code) for code in codes} and len(set(codes)) == 3
    assert refusal(lambda: answers.token_find("3333-3333-3333-3333")).code == "unknown"
    assert refusal(lambda: answers.token_find("../../x")).code == "unknown"


def test_the_same_page_sent_twice_makes_its_slips_once(cast: Cast) -> None:
    survey, page = make_survey("open", cast=cast), page_new()
    first = slips_make(survey=survey, count=3, page=page, by=cast.maker, now=NOW)
    again = slips_make(survey=survey, count=3, page=page, by=cast.maker, now=NOW)
    assert first.codes == again.codes == slips_again(survey=survey, page=page).codes
    assert SurveyBatch.objects.filter(survey=survey).count() == 1
    other = refusal(lambda: slips_make(survey=survey, count=4, page=page, by=cast.maker, now=NOW))
    assert other.code == "blocked"
    assert refusal(lambda: slips_again(survey=survey, page=page_new())).code == "invalid"
    assert refusal(lambda: slips_make(survey=survey, count=1, page="x", by=cast.maker, now=NOW)).code == "invalid"


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_a_sensible_size(cast: Cast, count: int) -> None:
    survey = make_survey("open", cast=cast)
    found = refusal(lambda: slips_make(survey=survey, count=count, page=page_new(), by=cast.maker, now=NOW))
    assert (found.code, found.facts["field"]) == ("invalid", "count")
    assert not SurveyToken.objects.exists()


def test_nothing_of_an_answer_tells_who_gave_it() -> None:
    names = {one.name for one in SurveyAnswer._meta.get_fields()}
    assert names == {"id", "survey", "day", "channel", "valid", "values"}
    assert {one.name for one in SurveyToken._meta.get_fields()} == {"digest", "survey", "batch", "used"}
    assert SurveyAnswer._meta.get_field("day").get_internal_type() == "DateField"


def test_answers_leave_no_row_of_the_audit_log(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    (code,) = slips(survey, cast)
    before = ActionRow.objects.count()
    answers.answer_by_slip(code=code, values=values_of(survey, *CONTENT), now=NOW)
    assert ActionRow.objects.count() == before


def test_tokens_and_answers_cannot_be_changed(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, answers=[CONTENT])
    used, rows = SurveyToken.objects.filter(survey=survey), SurveyAnswer.objects.filter(survey=survey)
    refused("used once", lambda: used.update(used=False))
    refused("permission denied", lambda: used.update(batch=None))
    refused("permission denied", lambda: used._raw_delete("default"))
    refused("permission denied", lambda: rows.update(valid=False))
    refused("permission denied", lambda: rows._raw_delete("default"))
    waiting = SurveyInbox.objects.filter(survey=survey)
    for attempt in (lambda: waiting.update(valid=False), lambda: waiting._raw_delete("default"), lambda: list(waiting)):
        refused("permission denied", attempt)
    row = {"survey": survey, "day": TODAY, "channel": "link", "valid": True, "values": {}}
    refused("permission denied", lambda: SurveyAnswer.objects.create(**row))
    batch = SurveyBatch.objects.get(survey=survey)
    refused("a new code", lambda: SurveyToken.objects.create(digest="a" * 64, survey=survey, batch=batch, used=True))
    other = make_survey("open", cast=cast)
    refused("another survey", lambda: SurveyToken.objects.create(digest="a" * 64, survey=other, batch=batch))


@pytest.mark.parametrize("state", ["drafting", "submitted", "closed", "discarded"])
def test_the_database_takes_no_answer_of_a_survey_that_is_not_open(cast: Cast, state: str) -> None:
    survey = make_survey(state, cast=cast)
    row = {"survey": survey, "day": TODAY, "channel": "paper", "valid": True, "values": {}}
    refused("takes no answers", lambda: SurveyInbox.objects.create(**row))
    refused("takes no answers", lambda: SurveyToken.objects.create(digest="a" * 64, survey=survey, used=True))
    refused("takes no answers", lambda: SurveyBatch.objects.create(
        survey=survey, kind="paper", count=1, by=cast.maker, at=NOW))  # fmt: skip
    assert refusal(lambda: papers_give(survey=survey, count=1, by=cast.maker, now=NOW)).code == "wrong_state"
    found = refusal(lambda: answers.answer_by_poster(
        survey=survey, ticket=answers.ticket_make(survey), values=values_of(survey, *CONTENT), now=NOW))  # fmt: skip
    assert found.code == "closed"


def test_the_public_answers_from_the_first_day_to_the_last(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, opens_on=TODAY, closes_on=TODAY + timedelta(days=1))
    codes = slips(survey, cast, 4)
    for code, day in zip(codes, (-1, 0, 1, 2), strict=True):
        attempt = lambda c=code, d=day: answers.answer_by_slip(  # noqa: E731 (told once)
            code=c, values=values_of(survey, *CONTENT), now=NOW + timedelta(days=d))  # fmt: skip
        if day in (0, 1):
            attempt()
        else:
            assert refusal(attempt).code == "closed"
    assert len(answers_of(survey)) == 2
    row = {"survey": survey, "day": TODAY + timedelta(days=2), "valid": True, "values": {}}
    refused("on that day", lambda: SurveyInbox.objects.create(**row, channel="link"))
    SurveyInbox.objects.create(**row, channel="paper")


def test_the_poster_gives_a_right_to_one_answer(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    ticket = answers.ticket_make(survey)
    give = lambda t, s=survey: answers.answer_by_poster(  # noqa: E731 (told once)
        survey=s, ticket=t, values=values_of(s, *CONTENT), now=NOW)  # fmt: skip
    assert not SurveyToken.objects.exists()
    give(ticket)
    assert refusal(lambda: give(ticket)).code == "used"
    assert refusal(lambda: give(ticket[:-1] + ("A" if ticket[-1] != "A" else "B"))).code == "unknown"
    assert refusal(lambda: give("")).code == "unknown"
    assert refusal(lambda: give(answers.ticket_make(make_survey("open", cast=cast)))).code == "unknown"
    assert [one.channel for one in answers_of(survey)] == ["poster"]


def test_a_ticket_of_yesterday_is_told_to_be_old(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = make_survey("open", cast=cast)
    ticket = answers.ticket_make(survey)
    monkeypatch.setattr(answers, "TICKET_SECONDS", -1)
    found = refusal(lambda: answers.answer_by_poster(survey=survey, ticket=ticket, values={}, now=NOW))
    assert (found.code, found.message) == ("expired", answers.EXPIRED)


def test_a_survey_without_a_poster_takes_none_of_it(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, has_poster=False)
    refused("no poster", lambda: SurveyInbox.objects.create(
        survey=survey, day=TODAY, channel="poster", valid=True, values={}))  # fmt: skip


def _bad(survey: Survey) -> list[dict[str, Any]]:
    whole = values_of(survey, *CONTENT)
    key = str(question(survey, 0).pk)
    several, text = (str(question(survey, place).pk) for place in (4, 5))
    return [
        {}, {key: "5"}, {**whole, key: "6"}, {**whole, key: 5}, {**whole, key: ["5"]}, {**whole, "999999": "5"},
        {**whole, several: ["0", "0"]}, {**whole, several: ["9"]}, {**whole, several: []}, {**whole, text: "x" * 501},
        {**whole, text: "\x00"}, {**whole, text: ""},
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(12))
def test_an_answer_that_does_not_fit_is_refused_and_the_code_stays(cast: Cast, place: int) -> None:
    survey = make_survey("open", cast=cast)
    (code,) = slips(survey, cast)
    values = _bad(survey)[place]
    assert refusal(lambda: answers.answer_by_slip(code=code, values=values, now=NOW)).code == "invalid"
    assert not answers_of(survey) and not answers.token_find(code).used


def test_numbers_of_people_are_not_kept_with_an_opinion(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    (code,) = slips(survey, cast)
    text = "请回电13812345678，张某，身份证11010519491231002X。"
    answers.answer_by_slip(code=code, values=values_of(survey, *CONTENT, text=text), now=NOW)
    kept = answers_of(survey)[0].values[str(question(survey, 5).pk)]
    assert kept == f"请回电{'＊' * 11}，张某，身份证{'＊' * 18}。"


def test_forms_on_paper_may_have_gaps_and_are_as_many_as_were_given_out(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    typed = lambda *points: answers.answer_on_paper(  # noqa: E731 (told once)
        survey=survey, values=values_of(survey, *points), by=cast.maker, now=NOW)  # fmt: skip
    assert refusal(lambda: typed(*CONTENT)).code == "blocked"
    papers_give(survey=survey, count=2, note="大厅", by=cast.maker, now=NOW)
    assert (typed(*CONTENT), typed(5)) == (True, False)
    assert "已经录了 2 份" in refusal(lambda: typed(*CONTENT)).message
    rows = ActionRow.objects.filter(
        subject=f"performance.survey:{survey.pk}", detail__what__in=["survey_paper", "survey_papers"]
    )
    assert rows.filter(by=cast.maker).count() == 3
    found = sent_of(survey)
    assert (found.sent, found.returned, found.waiting, found.paper_left) == (2, 2, 2, 0)
    assert sorted(one.valid for one in answers_of(survey)) == [False, True]


def test_the_closing_counts_and_keeps(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, answers=[CONTENT] * 3 + [BAD, (4, 4, "no")])
    answers.answer_by_poster(
        survey=survey, ticket=answers.ticket_make(survey), values=values_of(survey, *CONTENT), now=NOW
    )
    slips(survey, cast, 4)
    papers_give(survey=survey, count=3, by=cast.maker, now=NOW)
    answers.answer_on_paper(survey=survey, values=values_of(survey, 5), by=cast.maker, now=NOW)
    survey_close(survey, cast=cast)
    result = SurveyResult.objects.get(survey=survey)
    # (4 + 4 + 1) / 3 is 3: not satisfied.
    assert (result.sent, result.returned, result.valid, result.satisfied) == (13, 7, 6, 4)
    found = sent_of(survey)
    assert (found.sent, found.back, found.poster, found.share.words) == (12, 6, 1, "50.00%")
    assert [(words, count) for words, count, _ in found.channels] == [
        ("一人一码", 5),
        ("纸质问卷", 1),
        ("窗口二维码", 1),
    ]
    assert result.counts["channels"] == {"link": 5, "poster": 1, "paper": 1}
    first = str(question(survey, 0).pk)
    assert result.counts["options"][first] == {"5": 4, "4": 1, "1": 1} and result.counts["answered"][first] == 6
    refused("permission denied", lambda: SurveyResult.objects.update(satisfied=6))
    assert refusal(lambda: answers_give(survey, [CONTENT], cast=cast)).code == "wrong_state"


def test_only_a_closed_survey_has_a_result(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    refused("only a closed survey", lambda: SurveyResult.objects.create(
        survey=survey, sent=1, returned=1, valid=1, satisfied=1, counts={}, answers_sha256="a" * 64, by=cast.maker,
        at=NOW))  # fmt: skip


def test_a_title_tells_its_year_and_kind_once(cast: Cast) -> None:
    fiscal = make_year(2026)
    for title, told in (
        ("2026年度行业行风满意度调查", "2026年度行业行风满意度调查"),
        ("窗口服务满意度专项调查", "2026年度窗口服务满意度专项调查"),
        ("行业行风问卷", "2026年度行业行风问卷"),
        ("2026年度问卷", "2026年度行业行风满意度调查：2026年度问卷"),
        ("企业座谈", "2026年度行业行风满意度调查：企业座谈"),
    ):
        assert survey_title(Survey(title=title, kind="industry", fiscal_year=fiscal)) == told
