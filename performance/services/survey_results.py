"""What follows from the closing of a survey: its result, improvement items, the indicator that it feeds."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Department, User
from core.errors import BusinessError
from core.moments import day_words
from documents.services import file_store
from performance.models import ActualValue, Rectification, Survey, SurveyActual, SurveyResult, SurveyState
from performance.models.rectification import RectificationState
from performance.selectors.survey_results import SURVEY, WHOLE, forms_of, results_of, rule_of
from performance.selectors.surveys import indicator_fed, questions_of, sent_of, survey_rows, today_of
from performance.services.actuals import Survey as Figures
from performance.services.actuals import actual_set
from performance.services.files import KeptFile
from performance.services.rectifications import rectification_open
from performance.services.survey_answers import answers_release
from performance.survey_counts import Share, Tally, answers_digest, tally
from performance.survey_sheet import results_workbook
from workflow.models import StateChange

logger = logging.getLogger(__name__)
MEASURE = "查明原因，制定改进措施并落实；整改以后用第二次调查（复查）确认效果。"


def close_record(survey: Survey, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``close``: what was answered is counted and kept; what is low becomes an improvement item.

    The survey is locked: an answer that was under way is counted, a later one is refused by the database.
    """
    answers_release(survey)
    questions, rule = questions_of(survey), rule_of(survey)
    forms, sent = list(forms_of(survey)), sent_of(survey)
    counts = tally(questions, forms, rule)
    # The four numbers of an indicator stand in one order (satisfied, valid, returned, sent), and whoever scanned the
    # poster counts among the valid: so here, and in the indicator alone, the poster's forms are sent and returned, too.
    SurveyResult.objects.create(
        survey=survey, sent=sent.sent + sent.poster, returned=counts.returned, valid=counts.valid,
        satisfied=counts.satisfied, counts=counts.json(), answers_sha256=answers_digest(forms), by=by, at=now,
    )  # fmt: skip
    if counts.valid >= rule.least:
        _items_open(survey, counts, by=by, now=now)


def _items_open(survey: Survey, counts: Tally, *, by: User, now: datetime) -> None:
    """An item for each low question; where none is low, one for a low whole."""
    low = 0
    for one in questions_of(survey):
        share = counts.question_share(one.pk)
        if one.counts and share.below(survey.low_bound):
            low += 1
            first_line = str(one.copied_from_id or "")
            office = _office(one.department, survey.department)
            _item_open(survey, f"“{one.text}”", str(one.pk), first_line, share, office, by, now)
    if not low and counts.share.below(survey.low_bound):
        first_line = WHOLE if survey.repeat_of_id else ""
        _item_open(survey, "总体", WHOLE, first_line, counts.share, _office(survey.department), by, now)


def _office(*offices: Department | None) -> Department:
    """The first office that is still there: a survey is closed even if the offices were put together since."""
    found = next((one for one in offices if one is not None and one.is_active), None)
    return found or Department.objects.filter(is_active=True).order_by("pk")[0]


def _item_open(
    survey: Survey, what: str, line: str, first_line: str, share: Share, office: Department, by: User, now: datetime
) -> None:
    """Unless the survey that this one repeats has an item for the same that is still open."""
    before = Rectification.objects.filter(
        origin_type=SURVEY, origin_id=survey.repeat_of_id, origin_line=first_line,
        state__in=(RectificationState.OPEN, RectificationState.ANSWERED),
    )  # fmt: skip
    if survey.repeat_of_id and first_line and before.exists():
        return
    problem = (
        f"{survey.title}：{what}满意率 {share.words}（{share.hits}/{share.of}，95% 区间 {share.interval_words}），"
        f"低于下限 {survey.low_bound}%。"
    )
    rectification_open(
        fiscal_year=survey.fiscal_year, source=Rectification.Source.SURVEY, problem=problem, measure=MEASURE,
        department=office, due_on=today_of(now) + timedelta(days=rule_of(survey).due_days), by=by, now=now,
        origin_type=SURVEY, origin_id=survey.pk, origin_line=line,
    )  # fmt: skip


def evidence_words(survey: Survey, result: SurveyResult) -> str:
    """What the indicator's evidence says of a survey."""
    share, scanned = Share(result.satisfied, result.valid), result.counts["channels"].get("poster", 0)
    more = f"（发放、收回各含窗口扫码自填 {scanned} 份，不计入收回率）" if scanned else ""
    days = f"{day_words(survey.opens_on)}至{day_words(survey.closes_on)}"
    return (
        f"满意度调查“{survey.title}”（{days}）：发放 {result.sent} 份、收回 {result.returned} 份{more}、"
        f"有效 {result.valid} 份、满意 {result.satisfied} 份，满意率 {share.words}，95% 区间 {share.interval_words}。"
    )


def result_fill(*, survey: Survey, by: User, now: datetime, address: str = "") -> ActualValue:
    """Fill a closed survey's result into its indicator, with the sheet of results as evidence; once.

    Not to be called inside a transaction: the sheet is stored outside of the database.

    Args:
        survey: a closed one; by: a person who may fill the indicator.

    Raises:
        BusinessError: ``wrong_state``, ``no_indicator``, ``no_value``, or as ``actuals.actual_set``.
    """
    found = survey_rows(now=now).get(pk=survey.pk)
    if found.state != SurveyState.CLOSED:
        raise BusinessError("没有写入指标：这项调查还没有结束。", "wrong_state")
    known = SurveyActual.objects.filter(result__survey=found).select_related("actual").first()
    if known is not None:
        return known.actual
    indicator, result = indicator_fed(found), found.result
    if indicator is None:
        raise BusinessError("没有写入指标：没有选对应的满意度指标，或者本年度批准的目标表里没有它。", "no_indicator")
    if not result.valid:
        raise BusinessError("没有写入指标：没有有效答卷，满意率无从谈起。", "no_value")
    content = results_workbook(results_of(found, now=now))
    name = f"满意度调查结果-{found.fiscal_year.year}-{found.pk}.xlsx"
    kept = KeptFile(name, file_store(content=io.BytesIO(content), now=now, name=name))
    figures = Figures(result.sent, result.returned, result.valid, result.satisfied)
    with transaction.atomic():
        # One after the other: whoever comes second finds it filled.
        Survey.objects.select_for_update(no_key=True).get(pk=found.pk)
        again = SurveyActual.objects.filter(result=result).select_related("actual").first()
        if again is not None:
            return again.actual
        actual = actual_set(
            indicator=indicator, value="", evidence=evidence_words(found, result), survey=figures, files=(kept,), by=by,
            now=now, address=address,
        )  # fmt: skip
        SurveyActual.objects.create(result=result, actual=actual)
    return actual


def close_effect(change_id: int) -> None:
    """Effect of ``close``: the indicator is filled; what was missed the sweep catches up."""
    change = StateChange.objects.select_related("by").get(pk=change_id)
    survey = Survey.objects.get(pk=change.subject_id)
    if survey.indicator_key is not None and change.by is not None:
        _filled(survey, by=change.by, now=change.at)


def _filled(survey: Survey, *, by: User, now: datetime) -> bool:
    # A director may end a survey and fills no indicator: then it is its maker's.
    for person in (by, survey.created_by):
        try:
            result_fill(survey=survey, by=person, now=now)
            return True
        except BusinessError as error:
            # The survey's page says the same, and offers to try again.
            logger.warning("result of survey %s is not filled in: %s", survey.pk, error.code)
    return False


def surveys_sweep(*, now: datetime) -> int:
    """Fill the results that should be in an indicator and are not: a process died between closing and filling.

    Returns:
        How many were filled.
    """
    rows = SurveyResult.objects.filter(survey__indicator_key__isnull=False, filled=None, valid__gt=0)
    return sum(_filled(one.survey, by=one.by, now=now) for one in rows.select_related("survey", "by").order_by("pk"))
