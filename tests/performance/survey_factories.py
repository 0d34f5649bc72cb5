"""Surveys for tests, made and moved by the real services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.duties import Duty
from accounts.models import Department, User
from performance.models import FiscalYear, Survey, SurveyAnswer, SurveyInbox, SurveyQuestion
from performance.selectors.surveys import questions_of, today_of
from performance.services.survey_answers import answer_by_slip
from performance.services.survey_slips import page_new, slips_make
from performance.services.surveys import question_save, survey_create
from tests.performance.goals_factories import make_year
from tests.workflow.people import make_staff
from workflow.services import move

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
WAYS: dict[str, tuple[str, ...]] = {
    "drafting": (), "submitted": ("submit",), "open": ("submit", "open"), "closed": ("submit", "open", "close"),
    "discarded": ("discard",),
}  # fmt: skip
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"text": "您对服务态度的评价", "kind": "scale", "counts": True, "department": "intake"},
    {"text": "您对等候时间的评价", "kind": "scale", "counts": True, "department": ""},
    {"text": "事情是否办成", "kind": "yesno", "counts": True, "department": "witness"},
    {"text": "您办理的事项", "kind": "choice", "options": ["登记", "咨询"], "counts": False, "required": False},
    {"text": "最需要改进的", "kind": "choices", "options": ["时间", "环境"], "counts": False, "required": False},
    {"text": "您的意见", "kind": "text", "counts": False, "required": False},
)


@dataclass
class Cast:
    """Who writes surveys, and who opens them."""

    maker: User = field(default_factory=lambda: make_staff(Duty.PERFORMANCE, department="finance"))
    director: User = field(default_factory=lambda: make_staff(Duty.DIRECTOR, department="directors"))


def office(code: str) -> Department | None:
    """An office by its code."""
    return Department.objects.filter(code=code).first()


def make_survey(
    state: str = "drafting", *, cast: Cast | None = None, fiscal: FiscalYear | None = None,
    questions: Sequence[dict[str, Any]] = QUESTIONS, answers: Iterable[dict[str, Any]] = (), now: datetime = NOW,
    **fields: Any,
) -> Survey:  # fmt: skip
    """A survey in ``state``; ``answers``: as of :func:`values_of`, each by a slip of its own before it is closed."""
    cast = cast or Cast()
    start: dict[str, Any] = {
        "fiscal_year": fiscal or FiscalYear.objects.filter(year=2026).first() or make_year(2026), "kind": "window",
        "title": "窗口服务满意度调查", "department": office("general"), "opens_on": TODAY - timedelta(days=1),
        "closes_on": TODAY + timedelta(days=30), "low_bound": Decimal(85),
    }  # fmt: skip
    survey = survey_create(**{**start, **fields}, by=cast.maker, now=now)
    for one in questions:
        values = {"options": [], "required": True, **one, "department": office(one.get("department", ""))}
        question_save(survey=survey, values=values, by=cast.maker, now=now)
    for name in WAYS[state]:
        if name == "close":
            answers_give(survey, answers, cast=cast, now=now)
            survey_close(survey, cast=cast, now=now)
            continue
        move(survey, name, by=cast.director if name == "open" else cast.maker, now=now)
    if state == "open":
        answers_give(survey, answers, cast=cast, now=now)
    return survey


def survey_close(survey: Survey, *, cast: Cast, now: datetime = NOW) -> None:
    """End an open survey, before its last day as after it."""
    if today_of(now) > survey.closes_on:
        move(survey, "close", by=cast.maker, now=now)
    else:
        move(survey, "close_early", by=cast.director, now=now, comment="答卷已经够了。")


def values_of(survey: Survey, *points: int | str, text: str = "") -> dict[str, Any]:
    """Answers to the counting questions of QUESTIONS: two scales (5 to 1) and yes or no, perhaps a text."""
    questions = questions_of(survey)
    found: dict[str, Any] = {str(one.pk): str(point) for one, point in zip(questions, points, strict=False)}
    if text:
        found[str(questions[-1].pk)] = text
    return found


def answers_give(
    survey: Survey, answers: Iterable[Any], *, cast: Cast, now: datetime = NOW
) -> None:  # fmt: skip
    """Give answers by slips: each a tuple of points, or a whole dict of values."""
    wanted = [one if isinstance(one, dict) else values_of(survey, *one) for one in answers]
    if not wanted:
        return
    made = slips_make(survey=survey, count=len(wanted), page=page_new(), by=cast.maker, now=now)
    for code, values in zip(made.codes, wanted, strict=True):
        answer_by_slip(code=code, values=values, now=now)


def question(survey: Survey, place: int) -> SurveyQuestion:
    """The question at a place, from 0."""
    return questions_of(survey)[place]


def answers_of(survey: Survey) -> list[SurveyAnswer | SurveyInbox]:
    """Every answer of a survey, and those that wait, which the owner alone reads."""
    released = list(SurveyAnswer.objects.filter(survey=survey))
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    try:
        return [*released, *SurveyInbox.objects.filter(survey=survey)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')
