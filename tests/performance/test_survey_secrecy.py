"""Nothing that the application's role can read tells which answer came with which code: batches of five at least."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from performance.models import Survey, SurveyAnswer, SurveyInbox, SurveyToken
from performance.selectors.survey_results import results_of
from performance.selectors.surveys import sent_of, survey_list
from performance.services import survey_answers as writes
from performance.services.survey_slips import page_new, papers_give, slips_make, token_digest
from tests.performance.survey_factories import NOW, Cast, answers_of, make_survey, survey_close, values_of

LINKED = """
SELECT t.digest, a.values FROM performance_surveytoken t JOIN performance_surveyanswer a
  ON t.xmin::text = a.xmin::text WHERE t.survey_id = %s AND a.survey_id = %s
"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def answered(survey: Survey, cast: Cast, count: int, *, first: int = 0) -> list[tuple[str, str]]:
    """Codes in the order of use, each with what its answer alone says."""
    made = slips_make(survey=survey, count=count, page=page_new(), by=cast.maker, now=NOW)
    found = []
    for number, code in enumerate(made.codes, first):
        values = values_of(survey, 5, 5, "yes", text=f"意见{number}")
        writes.answer_by_slip(code=code, values=values, now=NOW)
        found.append((token_digest(code), f"意见{number}"))
    return found


def text_of(given: Any) -> str:
    values = json.loads(given) if isinstance(given, str) else given
    return next(one for one in values.values() if one.startswith("意见"))


def released(survey: Survey) -> list[str]:
    """What the released answers say, in their physical order."""
    return [text_of(row[0]) for row in rows(
        "SELECT values FROM performance_surveyanswer WHERE survey_id = %s ORDER BY ctid", survey.pk)]  # fmt: skip


def test_one_answer_is_not_readable_beside_its_code(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answered(survey, cast, 1)
    assert rows(LINKED, survey.pk, survey.pk) == [] and not SurveyAnswer.objects.exists()
    for what in ("values", "xmin", "ctid", "id", "day", "valid", "*"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows(f"SELECT {what} FROM performance_surveyinbox")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows("DELETE FROM performance_surveyinbox WHERE survey_id = %s RETURNING values", survey.pk)


def test_fewer_than_ten_wait_and_five_always_stay(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answered(survey, cast, 9)
    assert writes.answers_sweep() == 0
    answered(survey, cast, 1, first=9)
    assert (writes.answers_sweep(), writes.answers_sweep()) == (5, 0)
    answered(survey, cast, 4, first=10)
    assert writes.answers_sweep() == 0
    answered(survey, cast, 9, first=14)
    assert writes.answers_sweep() == 13
    found = sent_of(survey)
    assert (found.returned, found.valid, found.waiting) == (23, 18, 5)
    assert [(one.back, one.valid) for one in survey_list()] == [(23, 18)]  # type: ignore[attr-defined]


def test_no_channel_is_released_by_fewer_than_five(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answered(survey, cast, 2)
    papers_give(survey=survey, count=20, by=cast.maker, now=NOW)
    for _ in range(20):
        values = values_of(survey, 5, 5, "yes")
        writes.answer_on_paper(survey=survey, values=values, by=cast.maker, now=NOW)
    assert writes.answers_release(survey) == 15
    assert {*SurveyAnswer.objects.values_list("channel", flat=True)} == {"paper"}


def test_the_transactions_number_tells_no_more_than_everybody(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    first = answered(survey, cast, 10)
    writes.answers_release(survey)
    answered(survey, cast, 10, first=10)
    writes.answers_release(survey)
    # Every used code has the last release's number; so it is joined with no fewer than a batch of answers.
    assert len(rows("SELECT DISTINCT xmin::text FROM performance_surveytoken WHERE used")) == 1
    linked = Counter(digest for digest, _ in rows(LINKED, survey.pk, survey.pk))
    assert set(linked.values()) <= {10} and len(linked) in (0, 20)
    survey_close(survey, cast=cast)
    linked = Counter(digest for digest, _ in rows(LINKED, survey.pk, survey.pk))
    assert set(linked.values()) <= {5} and first[0][0] in linked
    groups = rows("SELECT count(*) FROM performance_surveyanswer GROUP BY xmin::text")
    assert min(count for (count,) in groups) >= 5


def test_place_and_number_tell_nothing_of_the_order_of_use(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    used = answered(survey, cast, 60)
    survey_close(survey, cast=cast)
    codes = [row[0] for row in rows(
        "SELECT digest FROM performance_surveytoken WHERE survey_id = %s ORDER BY ctid", survey.pk)]  # fmt: skip
    said = dict(used)
    by_number = [text_of(one.values) for one in SurveyAnswer.objects.order_by("id")]
    for answers in (released(survey), by_number):
        assert sorted(answers) == sorted(said.values())
        # Of 60 in random order one stands in its place on the average; 12 is a chance of less than 1 in 10^8.
        for order in (codes, [digest for digest, _ in used], sorted(said)):
            for guess in (answers, answers[::-1]):
                assert sum(said[digest] == text for digest, text in zip(order, guess, strict=True)) < 12


def test_a_session_cannot_choose_what_is_released(cast: Cast) -> None:
    taken = []
    for _ in range(4):
        survey = make_survey("open", cast=cast)
        answered(survey, cast, 40)
        rows("SELECT setseed(0.5)")
        writes.answers_release(survey)
        taken.append(tuple(released(survey)))
    assert len({*taken}) == 4


def test_the_closing_releases_all_and_counts_them(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answered(survey, cast, 13)
    writes.answers_release(survey)
    survey_close(survey, cast=cast)
    assert SurveyAnswer.objects.filter(survey=survey).count() == len(answers_of(survey)) == 13
    assert not SurveyInbox.objects.values("survey").exists()
    found = results_of(Survey.objects.get(pk=survey.pk), now=NOW)
    assert (found.sent.returned, found.sent.valid, found.sent.waiting, found.whole) == (13, 13, 0, True)
    assert SurveyToken.objects.filter(used=True).count() == 13


def test_what_is_neither_open_nor_closed_releases_nothing(cast: Cast) -> None:
    survey = make_survey("submitted", cast=cast)
    assert writes.answers_release(survey) == 0
    assert rows("SELECT performance_survey_release(0)") == [(0,)]


def test_what_was_there_before_is_written_anew_in_random_order(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    answered(survey, cast, 13)
    survey_close(survey, cast=cast)
    before = {one.pk: one.values for one in SurveyAnswer.objects.all()}
    module = import_module("performance.migrations.0015_survey_secrecy")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(module.SHUFFLE)
        cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')
    assert {one.pk: one.values for one in SurveyAnswer.objects.all()} == before
    numbers = [row[0] for row in rows("SELECT id FROM performance_surveyanswer ORDER BY ctid")]
    assert numbers == sorted(before) and results_of(survey, now=NOW).whole is True
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        SurveyAnswer.objects.update(valid=False)
