"""Reads of satisfaction surveys: lists, one of them, whether it takes answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.duties import Duty
from audit.models import ActionRow
from core.moments import SHANGHAI, day_words
from performance.models import Indicator, Survey, SurveyAnswer, SurveyBatch, SurveyInbox, SurveyQuestion, SurveyState
from performance.selectors.actuals import SATISFACTION, indicators_in_force
from performance.survey_counts import Share
from workflow.actors import Actor
from workflow.moves import STAFF

# Who reads what people wrote in their own words.
READERS = (Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR, Duty.OFFICE_HEAD)
PAGE_ROWS = 30
_CODE = re.compile(r"[0-9A-Za-z]{8}")
HEADS = (
    "年度", "种类", "标题", "状态", "开始日期", "截止日期", "牵头科室", "发放份数", "收回份数", "扫码自填份数",
    "有效份数", "满意份数", "满意率",
)  # fmt: skip


def _surveys() -> QuerySet[Survey]:
    return Survey.objects.select_related("fiscal_year__unit", "department", "created_by", "repeat_of", "result")


def survey_rows(*, now: datetime) -> QuerySet[Survey]:
    """Surveys with what title, page and desk read."""
    return _surveys().order_by("-fiscal_year__year", "-id")


def surveys_visible(rows: QuerySet[Survey], *, actor: Actor) -> QuerySet[Survey]:
    """Whoever works here; the administrators have no business with them."""
    return rows if actor.user is None or not actor.duties.isdisjoint(STAFF) else rows.none()


def survey_title(survey: Survey) -> str:
    """One line; a title that names the year, or the kind, is not told twice."""
    year, kind = f"{survey.fiscal_year.year}年度", survey.get_kind_display()
    if kind in survey.title or "满意度" in survey.title:
        return survey.title if year in survey.title else f"{year}{survey.title}"
    return f"{year}{kind}满意度调查：{survey.title}"


def survey_url(survey: Survey) -> str:
    """The survey's page."""
    return reverse("staff_survey", args=[survey.pk])


def survey_facts(survey: Survey) -> list[tuple[str, str]]:
    """What one decides on: the days, the bound, every question."""
    facts = [
        ("时间", f"{day_words(survey.opens_on)}至{day_words(survey.closes_on)}"),
        ("卷首语", survey.intro or "（没有写）"),
        ("满意率下限", f"{survey.low_bound}%，低于它的题目列入问题整改台账"),
        ("窗口二维码", "张贴，任何人可以扫码作答" if survey.has_poster else "不张贴，只收一人一码和纸质问卷"),
    ]
    if survey.state == SurveyState.OPEN:
        facts += _returned_facts(survey)
    for number, one in enumerate(questions_of(survey), 1):
        marks = [one.get_kind_display(), *(["计入满意度"] if one.counts else []), str(one.department or "")]
        options = f"　选项：{'、'.join(map(str, one.options))}" if one.options else ""
        facts.append((f"第{number}题", f"{one.text}（{'，'.join(mark for mark in marks if mark)}）{options}"))
    return facts


def _returned_facts(survey: Survey) -> list[tuple[str, str]]:
    """What one closes on: how many came by which way, and who gave out and who typed the forms on paper."""
    sent = sent_of(survey)
    ways = "，".join(f"{words} {count} 份（占 {share.words}）" for words, count, share in sent.channels)
    facts = [("已经收到", ways or "还没有答卷")]
    if sent.paper:
        rows = survey.batches.filter(kind=SurveyBatch.Kind.PAPER).order_by("by__name", "by_id")
        given = rows.values_list("by_id", "by__name").annotate(all=Sum("count"))
        typed = typed_by(survey)
        facts.append(("纸质问卷", f"登记发放 {sent.paper} 份（{_people(given)}），录入 {sent.paper_returned} 份"
                      + (f"（{_people(typed)}）" if typed else "")))  # fmt: skip
    return facts


def _people(rows: Iterable[tuple[int, str, int]]) -> str:
    return "、".join(f"{name} {count} 份" for _, name, count in rows)


def typed_by(survey: Survey) -> list[tuple[int, str, int]]:
    """Who typed how many forms on paper, as the audit log has it: (number, name, count)."""
    rows = ActionRow.objects.filter(subject=f"performance.survey:{survey.pk}", detail__what="survey_paper")
    counts = rows.order_by("by__name", "by_id").values_list("by_id", "by__name").annotate(all=Count("pk"))
    return list(counts)


def questions_of(survey: Survey) -> list[SurveyQuestion]:
    """The questions in order, with the offices they are about."""
    return list(survey.questions.select_related("department").order_by("position", "id"))


def survey_coded(code: str) -> Survey | None:
    """The survey of a poster, or None."""
    return _surveys().filter(code=code.upper()).first() if _CODE.fullmatch(code) else None


def closed_words(survey: Survey, today: date) -> str:
    """Why a survey takes no answer of the public today, a sentence; empty when it does."""
    if survey.state in (SurveyState.DRAFTING, SurveyState.SUBMITTED):
        return "这项调查还没有开始。"
    if survey.state != SurveyState.OPEN:
        return "这项调查已经结束，不再收答卷。谢谢您的关心。"
    if today < survey.opens_on:
        return f"这项调查从{day_words(survey.opens_on)}开始，请到时再来。"
    if today > survey.closes_on:
        return f"这项调查已于{day_words(survey.closes_on)}截止，不再收答卷。谢谢您的关心。"
    return ""


def today_of(now: datetime) -> date:
    """The day in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Sent:
    """Forms given out and come back: slips and papers as noted, the poster's as they came.

    ``valid``: of those that were released; ``waiting``: not yet released, of which nobody knows whether they are valid.
    """

    slips: int
    paper: int
    poster: int
    returned: int
    paper_returned: int
    valid: int
    waiting: int = 0

    @property
    def sent(self) -> int:
        """发放: slips and papers; a poster is given to nobody."""
        return self.slips + self.paper

    @property
    def back(self) -> int:
        """收回: of what was given out; the poster's answers (扫码自填) are told apart."""
        return self.returned - self.poster

    @property
    def share(self) -> Share:
        """收回率: come back of given out."""
        return Share(self.back, self.sent)

    @property
    def channels(self) -> tuple[tuple[str, int, Share], ...]:
        """The ways by which all answers came: words, number, share."""
        ways = SurveyAnswer.Channel
        counts = ((ways.LINK, self.back - self.paper_returned), (ways.PAPER, self.paper_returned),
                  (ways.POSTER, self.poster))  # fmt: skip
        return tuple((str(way.label), count, Share(count, self.returned)) for way, count in counts if count)

    @property
    def paper_left(self) -> int:
        """Paper forms given out and not yet typed."""
        return self.paper - self.paper_returned


def sent_of(survey: Survey) -> Sent:
    """What went out and came back until now; two queries: what waits and was released is counted at one moment."""
    kinds, channels = SurveyBatch.Kind, SurveyAnswer.Channel
    given = dict(SurveyBatch.objects.filter(survey=survey).order_by().values_list("kind").annotate(all=Sum("count")))
    released = SurveyAnswer.objects.filter(survey=survey).order_by()
    stored = released.annotate(here=F("valid")).values_list("channel", "here").annotate(all=Count("survey"))
    # A waiting answer is not read, also not whether it is valid.
    waits = SurveyInbox.objects.filter(survey=survey).order_by().annotate(here=Value(None, BooleanField()))
    rows = list(stored.union(waits.values_list("channel", "here").annotate(all=Count("survey")), all=True))
    back: Counter[str] = Counter()
    for channel, _, count in rows:
        back[channel] += count
    return Sent(
        given.get(kinds.SLIPS, 0), given.get(kinds.PAPER, 0), back[channels.POSTER], back.total(),
        back[channels.PAPER], sum(count for _, valid, count in rows if valid),
        sum(count for _, valid, count in rows if valid is None),
    )  # fmt: skip


def _number(rows: QuerySet[Any], what: Any) -> Coalesce:
    found = rows.filter(survey=OuterRef("pk")).order_by().values("survey").annotate(all=what).values("all")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def survey_list(*, year: int = 0, kind: str = "") -> QuerySet[Survey]:
    """Surveys with their numbers (``sent``, ``back``, ``poster``, ``valid``), the newest first; one query.

    Args:
        year: number of the budget year, 0 for all; kind: of Survey.Kind, empty for all.
    """
    answers, waits = SurveyAnswer.objects.all(), SurveyInbox.objects.all()
    scanned = {"channel": SurveyAnswer.Channel.POSTER}
    rows = _surveys().annotate(
        back=_number(answers.exclude(**scanned), Count("id")) + _number(waits.exclude(**scanned), Count("survey")),
        poster=_number(answers.filter(**scanned), Count("id")) + _number(waits.filter(**scanned), Count("survey")),
        valid=_number(answers.filter(valid=True), Count("id")),
        sent=_number(SurveyBatch.objects.all(), Sum("count")),
        satisfied=Case(When(state=SurveyState.CLOSED, then=F("result__satisfied"))),
    )  # fmt: skip
    if year:
        rows = rows.filter(fiscal_year=year)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by("-fiscal_year__year", "-id")


def list_share(survey: Any) -> str:
    """The satisfied share of a row of the list, of closed surveys alone."""
    return "—" if survey.satisfied is None else Share(survey.satisfied, survey.valid).words


def survey_cells(rows: Iterable[Survey]) -> Iterator[tuple[Any, ...]]:
    """The rows of the Excel file, HEADS above them."""
    for one in rows:
        numbers: Any = one
        satisfied = "" if numbers.satisfied is None else numbers.satisfied
        yield (
            one.fiscal_year.year, one.get_kind_display(), one.title, one.get_state_display(),
            one.opens_on.isoformat(), one.closes_on.isoformat(), str(one.department), numbers.sent, numbers.back,
            numbers.poster, numbers.valid, satisfied, list_share(one),
        )  # fmt: skip


def satisfaction_indicators() -> QuerySet[Indicator]:
    """Indicators that a survey can feed: of level 1 满意度, in approved tables, the newest year first."""
    rows = indicators_in_force().filter(level1__contains=SATISFACTION)
    return rows.order_by("-table__fiscal_year__year", "table__fiscal_year__unit", "table_id", "position")


def indicator_fed(survey: Survey) -> Indicator | None:
    """The indicator that a survey feeds, in the approved table of its year; None where there is none."""
    if survey.indicator_key is None:
        return None
    rows = indicators_in_force().filter(key=survey.indicator_key, table__fiscal_year=survey.fiscal_year_id)
    return rows.first()
