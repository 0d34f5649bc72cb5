"""A survey's results as a workbook: for the file, and as evidence of the indicator."""

from __future__ import annotations

from collections.abc import Iterator

from core.moments import day_words, minute_words
from core.sheets import Cell, workbook
from performance.selectors.survey_results import Results, rule_of
from performance.survey_counts import Share

HEADS = ("题目", "选项", "份数", "占比", "满意率", "95% 区间下限", "95% 区间上限", "上年满意率", "复查前满意率")


def _share(share: Share | None) -> tuple[str, str, str]:
    if share is None or share.interval is None:
        return "", "", ""
    return share.words, f"{share.interval[0]}%", f"{share.interval[1]}%"


def _head(found: Results) -> Iterator[tuple[Cell, ...]]:
    survey, sent = found.survey, found.sent
    yield ("调查", survey.title)
    yield ("种类", survey.get_kind_display())
    yield ("时间", f"{day_words(survey.opens_on)}至{day_words(survey.closes_on)}")
    yield ("状态", survey.get_state_display())
    yield ("发放份数", "", sent.sent)
    yield ("收回份数", "", sent.back, sent.share.words)
    yield ("扫码自填份数", "", sent.poster)
    for words, count, share in sent.channels:
        yield ("答卷方式", words, count, share.words)
    yield ("有效份数", "", sent.valid)
    if found.share is not None:
        last = found.last[1].words if found.last else ""
        before = found.before[1].words if found.before else ""
        yield ("满意份数", "", found.share.hits, "", *_share(found.share), last, before)
    yield ("判定规则", rule_of(survey).basis)
    for note in found.notes:
        yield ("说明", note)
    result = getattr(survey, "result", None)
    if result is not None:
        yield ("结束时间", minute_words(result.at))
        yield ("答卷校验值", result.answers_sha256)


def _rows(found: Results) -> Iterator[tuple[Cell, ...]]:
    yield from _head(found)
    for line in found.lines:
        words = [line.last.words if line.last else "", line.before.words if line.before else ""]
        yield (f"{line.number}. {line.question.text}", "回答", line.answered, "", *_share(line.share), *words)
        for row in line.rows:
            yield ("", row.label, row.share.hits, row.share.words)
    for question, texts in found.texts:
        for text in texts:
            yield (question.text, text)


def results_workbook(found: Results) -> bytes:
    """The results of a survey as XLSX bytes."""
    return workbook(name="满意度调查结果", heads=HEADS, rows=_rows(found))
