"""Surveys of the demonstration: two good ones of 2025, one of this year that failed and its repeat, one that is open."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Department
from core.moments import SHANGHAI
from performance.demo.build import Cast
from performance.models import (
    BudgetUnit,
    FiscalYear,
    Indicator,
    Rectification,
    Survey,
    SurveyAnswer,
    SurveyInbox,
    SurveyToken,
)
from performance.selectors.offices import members_of
from performance.selectors.surveys import questions_of
from performance.services.survey_answers import answers_release
from performance.services.survey_slips import page_new, papers_give, slips_make, token_digest
from performance.services.surveys import survey_create, survey_repeat
from performance.survey_rulebook import CHOICE, CHOICES, SCALE, TEXT, is_valid
from workflow.services import move

EARLIER = datetime(2025, 12, 30, 2, 0, tzinfo=UTC)
OPINIONS = (
    "窗口人员很耐心，材料一次就讲清楚了。", "希望下午早一点叫号。", "大厅指示牌比去年清楚。", "等候时间长，建议增开窗口。",
    "网上办理方便，电话也打得通。", "保证金退得快，没有催过。", "希望多办几场电子投标培训。", "停车位少，外地来的找不到。",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Forms of a survey: given out and come back by channel, how many are not valid, how many not satisfied.

    Args:
        slips, papers: (given out, come back); poster: come back.
        invalid: of the papers; unhappy: of the valid ones.
        low: place of a counting question that ``low_count`` forms find wanting, though they are satisfied in all.
    """

    slips: tuple[int, int]
    papers: tuple[int, int] = (0, 0)
    poster: int = 0
    invalid: int = 0
    unhappy: int = 0
    low: int = 0
    low_count: int = 0

    @property
    def returned(self) -> int:
        """All that came back."""
        return self.slips[1] + self.papers[1] + self.poster


def _values(questions: Sequence[Any], number: int, plan: Plan) -> dict[str, Any]:
    """One form: the first ``unhappy`` are middling, the next ``low_count`` find one thing bad, most are content."""
    counting = [one for one in questions if one.counts]
    found: dict[str, Any] = {}
    for place, one in enumerate(counting):
        content = number >= plan.unhappy and not (place == plan.low and number < plan.unhappy + plan.low_count)
        if one.kind == SCALE:
            found[str(one.pk)] = ("5" if (number + place) % 3 else "4") if content else ("3" if number % 4 else "2")
        else:
            found[str(one.pk)] = "yes" if content or number % 2 else "no"
    # Now and then somebody otherwise content finds one thing only fair.
    if number >= plan.unhappy + plan.low_count and number % 6 == 0:
        one = counting[number // 6 % len(counting)]
        found[str(one.pk)] = "3" if one.kind == SCALE else "yes"
    for one in questions:
        if one.kind == CHOICE and number % 5:
            found[str(one.pk)] = str(number // 2 % len(one.options))
        elif one.kind == CHOICES and number % 4 == 0:
            found[str(one.pk)] = sorted({str(number % len(one.options)), str(number // 4 % len(one.options))})
        elif one.kind == TEXT and number % 14 == 3:
            found[str(one.pk)] = OPINIONS[number // 14 % len(OPINIONS)]
    return found


def _channels(plan: Plan) -> Iterator[tuple[str, bool]]:
    """The channel of each form that came back, and whether it is whole; the gaps are on paper."""
    channels = SurveyAnswer.Channel
    yield from [(channels.LINK, True)] * plan.slips[1]
    yield from [(channels.POSTER, True)] * plan.poster
    yield from [(channels.PAPER, True)] * (plan.papers[1] - plan.invalid)
    yield from [(channels.PAPER, False)] * plan.invalid


def _codes_use(cast: Cast, survey: Survey, plan: Plan) -> None:
    """Codes given out, and those that were used: an answer knows nothing of its code."""
    if plan.slips[0]:
        made = slips_make(
            survey=survey, count=plan.slips[0], page=page_new(), note="进场交易主体", by=cast.performance, now=cast.now
        )
        digests = [token_digest(code) for code in made.codes[: plan.slips[1]]]
        SurveyToken.objects.filter(digest__in=digests).update(used=True)
    if plan.papers[0]:
        papers_give(survey=survey, count=plan.papers[0], note="办事大厅", by=cast.performance, now=cast.now)
    SurveyToken.objects.bulk_create(
        SurveyToken(digest=token_digest(secrets.token_hex(16)), survey=survey, used=True) for _ in range(plan.poster)
    )


def answers_make(cast: Cast, survey: Survey, plan: Plan, *, last: date | None = None) -> None:
    """Forms as they would have come in day by day, judged by the same rules, written at once."""
    questions = questions_of(survey)
    _codes_use(cast, survey, plan)
    days = ((last or survey.closes_on) - survey.opens_on).days + 1
    rows = []
    for number, (channel, whole) in enumerate(_channels(plan)):
        values = _values(questions, number, plan)
        if not whole:
            del values[str(next(one.pk for one in questions if one.counts))]
        rows.append(SurveyInbox(
            survey=survey, day=survey.opens_on + timedelta(days=number % days), channel=channel,
            valid=is_valid(questions, values), values=values,
        ))  # fmt: skip
    SurveyInbox.objects.bulk_create(rows)
    answers_release(survey)


def _made(
    cast: Cast, year: FiscalYear, kind: str, title: str, opens_on: date, closes_on: date, **more: Any
) -> Survey:  # fmt: skip
    """A survey of the standard questions, drafted by one, opened by another."""
    office = Department.objects.get(code="general" if kind == "industry" else "intake")
    survey = survey_create(
        fiscal_year=year, kind=kind, title=title, department=office, opens_on=opens_on, closes_on=closes_on,
        standard=True, by=cast.performance, now=cast.now, **more,
    )  # fmt: skip
    return _opened(cast, survey)


def _opened(cast: Cast, survey: Survey) -> Survey:
    move(survey, "submit", by=cast.performance, now=cast.now)
    move(survey, "open", by=cast.director, now=cast.now)
    return survey


def _key(year: FiscalYear, name: str) -> UUID | None:
    rows = Indicator.objects.filter(table__fiscal_year=year, table__state="approved", name=name)
    return rows.values_list("key", flat=True).first()


def _year_2025(cast: Cast, year: FiscalYear) -> None:
    """The numbers that the year's indicators tell."""
    for kind, title, name, days, plan in (
        ("industry", "2025年度行业行风满意度调查", "行业行风满意度", ((11, 3), (11, 28)),
         Plan(slips=(80, 77), papers=(20, 20), invalid=1, unhappy=8)),
        ("window", "2025年度窗口服务满意度调查", "窗口服务满意度", ((10, 13), (11, 14)),
         Plan(slips=(50, 42), papers=(40, 40), poster=60, invalid=2, unhappy=7)),
    ):  # fmt: skip
        opens_on, closes_on = (date(year.year, *day) for day in days)
        survey = _made(cast, year, kind, title, opens_on, closes_on, indicator_key=_key(year, name))
        answers_make(cast, survey, plan)
        move(survey, "close", by=cast.performance, now=cast.now)


def _failed_and_mended(cast: Cast, year: FiscalYear, today: date) -> None:
    """The waiting time was found too long; the office opened a window; a second survey confirms it."""

    def then(days: int) -> Cast:
        return replace(cast, now=max(cast.now - timedelta(days=days), cast.since))

    opens_on = today - timedelta(days=82)
    survey = _made(
        then(83), year, "window", "窗口服务满意度专项调查", opens_on, opens_on + timedelta(days=18)
    )  # fmt: skip
    answers_make(then(80), survey, Plan(slips=(60, 55), papers=(30, 28), poster=29, unhappy=4, low=2, low_count=36))
    move(survey, "close", by=cast.performance, now=then(63).now)
    item = Rectification.objects.get(origin_type="performance.survey", origin_id=survey.pk)
    person = members_of([item.department_id], now=cast.now).exclude(pk=cast.performance.pk)[0]
    data = {
        "text": "上午高峰增开一个综合窗口，实行预约叫号；等候超过15分钟的由值班人员分流。", "papers": [],
        "done_on": today - timedelta(days=45),
    }  # fmt: skip
    move(item, "answer", by=person, now=then(44).now, data=data)
    again = survey_repeat(survey=survey, by=cast.performance, now=then(40).now)
    _opened(then(40), again)
    answers_make(then(39), again, Plan(slips=(60, 57), papers=(20, 19), poster=22, unhappy=4, low=2, low_count=3))
    move(again, "close", by=cast.performance, now=then(25).now)
    move(item, "confirm", by=cast.director, now=then(24).now)


def play_surveys(cast: Cast, home: BudgetUnit) -> None:
    """What is added to a demonstration once, after its years; a no-op where there are surveys.

    Args:
        cast: who does it; home: the center's budget unit, with the year 2025 and the running one.
    """
    if Survey.objects.exists():
        return
    today = cast.now.astimezone(SHANGHAI).date()
    last = FiscalYear.objects.get(unit=home, year=2025)
    _year_2025(cast, last)
    running = FiscalYear.objects.filter(unit=home).order_by("-year")[0]
    if today >= date(running.year, 4, 1):
        _failed_and_mended(cast, running, today)
    elif cast.since < EARLIER - timedelta(days=85):
        # The story takes three months, which the running year has not had yet.
        _failed_and_mended(replace(cast, now=EARLIER), last, EARLIER.date())
    opens_on = today - timedelta(days=6)
    begun = replace(cast, now=max(cast.now - timedelta(days=7), cast.since))
    survey = _made(
        begun, running, "industry", f"{running.year}年度行业行风满意度调查",
        opens_on, today + timedelta(days=24),
    )  # fmt: skip
    answers_make(begun, survey, Plan(slips=(80, 31), papers=(20, 6), poster=9, unhappy=3), last=today)
