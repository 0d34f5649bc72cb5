"""Why a move of a survey, or one that rests on a survey, may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.moments import day_words
from performance.models import Rectification, Survey, SurveyState
from performance.selectors.survey_results import SURVEY, WHOLE, repeat_of_item
from performance.selectors.surveys import today_of
from performance.survey_rulebook import CHOICE, CHOICES, rule_on


def change_told(survey: Survey, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change is made on its page, which says what it is."""
    return [] if callable(data.get("write")) else ["请在修改页面上填写"]


def survey_whole(survey: Survey, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """There is something to ask, and something that counts."""
    questions = list(survey.questions.all())
    found = [] if any(one.counts for one in questions) else ["至少要有一道计入满意度的题目"]
    for one in questions:
        if one.kind in (CHOICE, CHOICES) and len(one.options) < 2:
            found.append(f"“{one.text}”至少要有两个选项")
    return found


def last_day_over(survey: Survey, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The public had all the days that it was told."""
    if today_of(now) > survey.closes_on:
        return []
    return [
        f"到{day_words(survey.closes_on)}才截止；要提前结束，请没有编制、提交这份问卷的人或者主任点“提前结束”，写明原因"
    ]


def last_day_to_come(survey: Survey, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Afterwards it is no early end."""
    return [] if today_of(now) <= survey.closes_on else ["已经过了截止日期，请点“结束调查”"]


def effect_confirmed(item: Rectification, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What a survey found wanting is mended when a second survey confirms it.

    The repeat must begin on the day on which the newest answer's remedy was done, or later; be closed; have enough
    valid forms; and reach the first survey's bound for the same question, or be better by more than chance (the 95 %
    intervals lie apart).
    """
    if item.source != Rectification.Source.SURVEY or item.origin_type != SURVEY:
        return []
    found = repeat_of_item(item)
    if found.repeat is None:
        return ["还没有复查：请在原调查的页面点“安排复查”，用第二次调查确认整改效果"]
    done_on = item.answers.order_by("id").values_list("done_on", flat=True).last()
    if done_on is not None and found.repeat.opens_on < done_on:
        return [
            f"复查“{found.repeat.title}”从{day_words(found.repeat.opens_on)}开始，那时整改还没有做完"
            f"（{day_words(done_on)}完成），说明不了整改的效果，请在整改完成以后重新安排复查"
        ]
    if found.repeat.state != SurveyState.CLOSED:
        return [f"复查“{found.repeat.title}”还没有结束（{found.repeat.get_state_display()}），结束后再确认"]
    after, before, bound = found.after, found.before, found.bound
    what = "总体" if item.origin_line == WHOLE else "这道题"
    if after is None or before is None:
        return ["复查里没有这道题，不能确认效果，请重新安排复查"]
    least = rule_on(found.repeat.opens_on).least
    if after.of < least:
        return [f"复查“{found.repeat.title}”只有 {after.of} 份有效答卷，不足 {least} 份，不能确认效果，请重新安排复查"]
    if not after.below(bound) or after.clearly_above(before):
        return []
    return [
        f"复查中{what}的满意率是 {after.words}，没有达到 {bound}%，与整改前的 {before.words} 相比也没有明显提高"
        "（95% 区间重叠），请继续整改，再安排一次复查"
    ]
