"""How a survey ends: on its last day, later, or earlier by another person with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.duties import Duty
from audit.models import ActionRow
from performance.models import Survey
from performance.selectors.surveys import survey_facts
from performance.services import survey_answers as answers
from performance.services.survey_slips import papers_give
from performance.services.surveys import (
    poster_limit_set,
)
from tests.performance.survey_factories import (
    NOW,
    Cast,
    make_survey,
    values_of,
)
from tests.performance.test_surveys import CONTENT, cast, refusal
from tests.workflow.people import make_staff
from workflow.services import move

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


def test_the_last_day_may_be_put_off_but_not_brought_forward(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    later = survey.closes_on + timedelta(days=5)
    move(survey, "extend", by=cast.maker, now=NOW, data={"due_on": later})
    assert Survey.objects.get(pk=survey.pk).closes_on == later
    found = refusal(lambda: move(survey, "extend", by=cast.maker, now=NOW, data={"due_on": later}))
    assert found.code == "blocked"


def test_whoever_wrote_it_does_not_end_it_before_the_last_day(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, answers=[CONTENT] * 6)
    early = refusal(lambda: move(survey, "close", by=cast.maker, now=NOW))
    assert early.code == "blocked" and "到2026年4月1日才截止" in early.message
    assert refusal(lambda: move(survey, "close_early", by=cast.maker, now=NOW, comment="够了")).code == "same_person"
    other = make_staff(Duty.PERFORMANCE)
    assert refusal(lambda: move(survey, "close_early", by=other, now=NOW)).code == "comment_missing"
    after = NOW + timedelta(days=31)
    assert "请点“结束调查”" in refusal(lambda: move(survey, "close_early", by=other, now=after, comment="够了")).message
    move(survey, "close_early", by=other, now=NOW + timedelta(days=30), comment="主管部门要求提前报送。")
    assert survey.state == "closed"


def test_after_the_last_day_the_maker_ends_it(cast: Cast) -> None:
    survey = make_survey("open", cast=cast, answers=[CONTENT])
    move(survey, "close", by=cast.maker, now=NOW + timedelta(days=31))
    assert survey.state == "closed"


def test_who_closes_reads_who_gave_out_and_typed_the_forms_on_paper(cast: Cast) -> None:
    survey, other = make_survey("open", cast=cast, answers=[CONTENT] * 2), make_staff(Duty.PERFORMANCE)
    assert "纸质问卷" not in dict(survey_facts(survey))
    papers_give(survey=survey, count=9, by=cast.maker, now=NOW)
    for person, count in ((cast.maker, 1), (other, 2)):
        for _ in range(count):
            answers.answer_on_paper(survey=survey, values=values_of(survey, *CONTENT), by=person, now=NOW)
    facts = dict(survey_facts(survey))
    assert facts["已经收到"] == "一人一码 2 份（占 40.00%），纸质问卷 3 份（占 60.00%）"
    assert f"登记发放 9 份（{cast.maker.name} 9 份），录入 3 份" in facts["纸质问卷"]
    assert f"{cast.maker.name} 1 份" in facts["纸质问卷"] and f"{other.name} 2 份" in facts["纸质问卷"]


def test_how_many_may_scan_on_a_day_is_changed_while_it_is_open(cast: Cast) -> None:
    survey = make_survey("open", cast=cast)
    poster_limit_set(survey=survey, count=500, by=cast.maker, now=NOW)
    assert Survey.objects.get(pk=survey.pk).poster_daily == 500
    row = ActionRow.objects.get(detail__what="survey_poster")
    assert (row.by, row.detail["old"], row.detail["count"]) == (cast.maker, "200", "500")
    for count in (0, 10_001):
        assert (
            refusal(lambda c=count: poster_limit_set(survey=survey, count=c, by=cast.maker, now=NOW)).code == "invalid"
        )
    closed = make_survey("closed", cast=cast)
    assert refusal(lambda: poster_limit_set(survey=closed, count=5, by=cast.maker, now=NOW)).code == "wrong_state"
