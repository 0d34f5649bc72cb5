"""Where a line of the 问题整改台账 came from: pages and figures to look it up, and what confirmed its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from core.moments import day_words
from performance.models import MonitoringLine, Rectification, RectificationState, Report, Survey, SurveyState
from performance.selectors.monitoring import monitoring_title, monitoring_url
from performance.selectors.rectifications import SUBJECT
from performance.selectors.reports import report_title, report_url
from performance.selectors.survey_results import SURVEY, WHOLE, repeat_of_item
from performance.selectors.surveys import questions_of, survey_title, survey_url
from performance.survey_counts import Share
from workflow.models import StateChange


@dataclass(frozen=True)
class Fact:
    """A line of the origin: its label, words, and the page that tells more (empty: none)."""

    label: str
    words: str
    url: str = ""


def _share_words(share: Share) -> str:
    return f"{share.words}（{share.hits}/{share.of}，95% 区间 {share.interval_words}）"


def confirmed_at(item: Rectification) -> datetime | None:
    """When an item was confirmed as mended, or None."""
    rows = StateChange.objects.filter(subject_type=SUBJECT, subject_id=item.pk, target=RectificationState.CLOSED)
    return rows.order_by("-pk").values_list("at", flat=True).first()


def _of_survey(item: Rectification) -> Iterator[Fact]:
    survey = Survey.objects.select_related("fiscal_year", "result").get(pk=item.origin_id or 0)
    yield Fact("起因", survey_title(survey), survey_url(survey))
    asked = list(enumerate(questions_of(survey), 1))
    line = next((f"第{number}题“{one.text}”" for number, one in asked if str(one.pk) == item.origin_line), "总体满意率")
    what = "总体满意率" if item.origin_line == WHOLE else line
    at = confirmed_at(item) if item.state == RectificationState.CLOSED else None
    found = repeat_of_item(item, at=at)
    first = found.before
    yield Fact("不足之处", f"{what}：{_share_words(first)}，下限 {found.bound}%" if first else what, survey_url(survey))
    repeat = found.repeat
    if repeat is None:
        yield Fact("复查", "还没有安排")
        return
    days = f"{day_words(repeat.opens_on)}至{day_words(repeat.closes_on)}"
    yield Fact("复查", f"{repeat.title}（{days}，{repeat.get_state_display()}）", survey_url(repeat))
    if repeat.state == SurveyState.CLOSED:
        label = "确认的依据" if at else "复查的结果"
        after = _share_words(found.after) if found.after else "复查里没有这道题"
        yield Fact(label, f"整改后 {after}", survey_url(repeat))


def _of_monitoring(item: Rectification) -> Iterator[Fact]:
    rows = MonitoringLine.objects.select_related("monitoring__fiscal_year__unit", "monitoring__program_year__program")
    line = rows.get(pk=item.origin_id or 0)
    yield Fact("起因", monitoring_title(line.monitoring), monitoring_url(line.monitoring))
    told = [("年度指标值", line.target), ("全年预计", line.expected), ("可能性", line.get_likelihood_display())]
    yield Fact("监控表上的一行", "，".join([line.name, *(f"{name} {value}" for name, value in told if value)]))


def _of_report(item: Rectification) -> Iterator[Fact]:
    report = Report.objects.get(pk=item.origin_id or 0)
    yield Fact("起因", report_title(report), report_url(report))


_BY_TYPE: dict[str, Callable[[Rectification], Iterator[Fact]]] = {
    SURVEY: _of_survey, MonitoringLine._meta.label_lower: _of_monitoring, Report._meta.label_lower: _of_report,
}  # fmt: skip


def origin_of(item: Rectification) -> list[Fact]:
    """What an item came from, with links; empty for what was entered by hand."""
    found = _BY_TYPE.get(item.origin_type)
    return list(found(item)) if found else []
