"""Writes of surveys until they open: the survey, its questions, a repeat of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import Department, User
from core.errors import BusinessError
from performance.codes import LETTERS
from performance.models import FiscalYear, Survey, SurveyQuestion, SurveyState
from performance.selectors.surveys import questions_of, satisfaction_indicators, today_of
from performance.services.common import checked, refuse, texts_storable, told
from performance.survey_rulebook import CHOICE, CHOICES, MOST_OPTIONS, MOST_QUESTIONS
from performance.survey_texts import INTRO, STANDARD
from workflow.models import StateChange
from workflow.services import create, move

CODE_LENGTH = 8
REPEAT_DAYS = 14
# How many may scan a poster on a day, and how many at most one may allow.
POSTER_DAILY, MOST_POSTER_DAILY = 200, 10_000
WHAT = "没有保存"
UP, DOWN = "up", "down"


def code_new() -> str:
    """A new code for the address of a poster; no secret."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def _indicator_checked(fiscal_year: FiscalYear, key: UUID | None) -> None:
    """Raises BusinessError ``invalid`` (``field`` indicator_key): the year has no such indicator of satisfaction."""
    if key is not None and not satisfaction_indicators().filter(key=key, table__fiscal_year=fiscal_year).exists():
        said = f"{fiscal_year}批准的目标表里没有这个满意度指标，请另选或者不选"
        raise refuse(WHAT, said, field="indicator_key")


def survey_create(
    *,
    fiscal_year: FiscalYear,
    kind: str,
    title: str,
    department: Department,
    opens_on: date,
    closes_on: date,
    by: User,
    now: datetime,
    intro: str = INTRO,
    low_bound: Decimal = Decimal(85),
    has_poster: bool = True,
    poster_daily: int = POSTER_DAILY,
    indicator_key: UUID | None = None,
    copy_from: Survey | None = None,
    standard: bool = False,
    repeat_of: Survey | None = None,
    address: str = "",
) -> Survey:
    """Begin a survey, with the questions of another one, with the standard ones, or with none.

    Args:
        fiscal_year: the year that it is about; kind: of Survey.Kind.
        department: answers for what no question names an office for.
        opens_on, closes_on: first and last day on which the public can answer.
        poster_daily: how many answers from the poster are taken on one day.
        low_bound: per cent; what is below opens an improvement item.
        indicator_key: key of the satisfaction indicator that it feeds, in an approved table of the year.
        copy_from: whose questions it begins with; standard: those of ``survey_texts``.
        repeat_of: the survey whose effect it confirms.

    Raises:
        BusinessError: ``invalid`` (with ``field``), or as ``workflow.services.create``.
    """
    texts_storable(WHAT, title, intro)
    _indicator_checked(fiscal_year, indicator_key)
    survey = Survey(
        fiscal_year=fiscal_year, kind=kind, title=title.strip(), intro=intro.replace("\r\n", "\n").strip(),
        department=department, opens_on=opens_on, closes_on=closes_on, low_bound=low_bound, has_poster=has_poster,
        poster_daily=poster_daily, indicator_key=indicator_key, repeat_of=repeat_of, code=code_new(),
        created_by=by, created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        create(survey, by=by, now=now, address=address)
        rows = _copied(copy_from, linked=repeat_of is not None) if copy_from else _standard(kind) if standard else ()
        for position, one in enumerate(rows, 1):
            one.survey, one.position = survey, position
            checked(one, WHAT)
            one.save()
    return survey


def _copied(survey: Survey, *, linked: bool) -> Iterable[SurveyQuestion]:
    for one in questions_of(survey):
        yield SurveyQuestion(
            text=one.text, kind=one.kind, options=one.options, required=one.required, counts=one.counts,
            department=one.department, copied_from=one if linked else None,
        )  # fmt: skip


def _standard(kind: str) -> Iterable[SurveyQuestion]:
    offices = {one.code: one for one in Department.objects.all()}
    for one in STANDARD[kind]:
        yield SurveyQuestion(
            text=one.text, kind=one.kind, options=list(one.options), required=one.required, counts=one.counts,
            department=offices.get(one.office),
        )  # fmt: skip


def _save(
    survey: Survey, do: str, name: str, write: Callable[[Survey], None], *, seen: int | None, **acting: Any
) -> None:  # fmt: skip
    """A change of a draft is a move, so that whoever made one does not open the survey."""
    move(survey, "save", data={"do": do, "name": name[:40], "write": write}, seen=seen, **acting)


def save_record(survey: Survey, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``save``: the change that the service gave. The survey is locked."""
    data["write"](survey)


def extend_record(survey: Survey, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``extend``: a later last day."""
    survey.closes_on = data["due_on"]
    survey.save(update_fields=["closes_on"])


EDITED = (
    "title", "intro", "department", "opens_on", "closes_on", "low_bound", "has_poster", "poster_daily",
    "indicator_key",
)  # fmt: skip


def survey_save(
    *, survey: Survey, values: dict[str, Any], by: User, now: datetime, seen: int | None = None, address: str = ""
) -> Survey:
    """Change a draft.

    Args:
        values: by the names of EDITED.
        seen: number of the last change that the form showed.

    Raises:
        BusinessError: ``invalid``, or as ``workflow.services.move`` (``changed`` when somebody was faster).
    """
    texts_storable(WHAT, values["title"], values["intro"])

    def write(locked: Survey) -> None:
        _indicator_checked(locked.fiscal_year, values["indicator_key"])
        for name in EDITED:
            setattr(locked, name, values[name])
        locked.intro = locked.intro.replace("\r\n", "\n").strip()
        checked(locked, WHAT)
        locked.save(update_fields=EDITED)

    _save(survey, "survey", "", write, seen=seen, by=by, now=now, address=address)
    survey.refresh_from_db()
    return survey


def question_save(
    *, survey: Survey, values: dict[str, Any], by: User, now: datetime, question: SurveyQuestion | None = None,
    seen: int | None = None, address: str = "",
) -> None:  # fmt: skip
    """Add a question at the end, or change one.

    Args:
        values: text, kind, options (a list of different words), required, counts, department.
        question: of the survey; None adds one.
        seen: as for :func:`survey_save`.

    Raises:
        BusinessError: as :func:`survey_save`.
    """
    options = [str(one).strip() for one in values["options"] if str(one).strip()]
    texts_storable(WHAT, values["text"], *options)
    if values["kind"] in (CHOICE, CHOICES):
        if not 2 <= len(set(options)) == len(options) <= MOST_OPTIONS:
            raise refuse(WHAT, f"选择题要有 2 至 {MOST_OPTIONS} 个不同的选项，一行一个", field="options")
    else:
        options = []
    values = values | {"options": options}

    def write(locked: Survey) -> None:
        rows = locked.questions
        if question is None and rows.count() >= MOST_QUESTIONS:
            raise refuse(WHAT, f"一份问卷最多 {MOST_QUESTIONS} 道题，太长没有人愿意填")
        last = rows.aggregate(last=Max("position"))["last"] or 0
        row = rows.get(pk=question.pk) if question else SurveyQuestion(survey=locked, position=last + 1)
        if row.copied_from_id and (row.text, row.kind) != (values["text"], values["kind"]):
            raise refuse(WHAT, "复查要与原来的调查用同样的题目，才能比较；可以删去这道题，另加一道")
        for name in ("text", "kind", "options", "required", "counts", "department"):
            setattr(row, name, values[name])
        checked(row, WHAT)
        row.save()

    do = "edit" if question else "add"
    _save(survey, do, values["text"], write, seen=seen, by=by, now=now, address=address)


def question_remove(
    *, survey: Survey, question: SurveyQuestion, by: User, now: datetime, address: str = ""
) -> None:  # fmt: skip
    """Take a question out of a draft. Raises BusinessError as :func:`survey_save`."""

    def write(locked: Survey) -> None:
        locked.questions.filter(pk=question.pk).delete()

    _save(survey, "remove", question.text, write, seen=None, by=by, now=now, address=address)


def question_shift(
    *, survey: Survey, question: SurveyQuestion, to: str, by: User, now: datetime, address: str = ""
) -> None:  # fmt: skip
    """Move a question one place up or down. Raises BusinessError as :func:`survey_save`."""

    def write(locked: Survey) -> None:
        rows = list(locked.questions.order_by("position", "id"))
        place = next((number for number, one in enumerate(rows) if one.pk == question.pk), None)
        if place is None:
            raise refuse(WHAT, "这道题刚刚删去了，请刷新页面")
        other = place + (1 if to == DOWN else -1)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for position, one in enumerate(rows, 1):
            one.position = position
        SurveyQuestion.objects.bulk_update(rows, ["position"])

    _save(survey, "shift", question.text, write, seen=None, by=by, now=now, address=address)


def survey_repeat(*, survey: Survey, by: User, now: datetime, address: str = "") -> Survey:
    """Draft the second survey (复查) with the same questions.

    Args:
        survey: a closed survey; of a repeat, its first survey is repeated once more.

    Raises:
        BusinessError: ``wrong_state`` (it is not closed), ``blocked`` (a repeat is under way).
    """
    first = survey.repeat_of or survey
    if survey.state != SurveyState.CLOSED:
        raise BusinessError("没有安排复查：这项调查还没有结束。", "wrong_state")
    under_way = first.repeats.exclude(state__in=(SurveyState.CLOSED, SurveyState.DISCARDED)).first()
    if under_way is not None:
        said = f"复查“{under_way.title}”还没有办完（{under_way.get_state_display()}），请在那一份上办"
        raise refuse("没有安排复查", said, code="blocked")
    today = today_of(now)
    years = FiscalYear.objects.filter(unit=first.fiscal_year.unit_id, year=today.year)
    number = first.repeats.count() + 1
    title = f"{first.title[:90]}（复查{number if number > 1 else ''}）"
    return survey_create(
        fiscal_year=years.first() or first.fiscal_year, kind=first.kind,
        title=title, intro=first.intro, department=first.department, low_bound=first.low_bound, opens_on=today,
        closes_on=today + timedelta(days=REPEAT_DAYS), has_poster=first.has_poster,
        poster_daily=first.poster_daily, copy_from=first, repeat_of=first,
        by=by, now=now, address=address,
    )  # fmt: skip


def poster_limit_set(*, survey: Survey, count: int, by: User, now: datetime, address: str = "") -> None:
    """Take more or fewer answers from the poster on one day, while the survey is open.

    Args:
        count: 1 to MOST_POSTER_DAILY.

    Raises:
        BusinessError: ``invalid`` (``field`` count), ``wrong_state``.
    """
    what = "没有改扫码上限"
    if not 1 <= count <= MOST_POSTER_DAILY:
        raise refuse(what, f"份数应在 1 至 {MOST_POSTER_DAILY:,} 之间", field="count")
    with transaction.atomic():
        locked = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
        if locked.state != SurveyState.OPEN:
            raise refuse(what, f"调查现在是“{locked.get_state_display()}”，调查中的才能改", code="wrong_state")
        told(what="survey_poster", obj=survey, by=by, now=now, address=address, old=locked.poster_daily, count=count)
        locked.poster_daily = count
        locked.save(update_fields=["poster_daily"])
