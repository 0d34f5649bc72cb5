"""自评: every subject is evaluated, in time, line by line, with evidence and numbers (财预〔2020〕10号)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import DAY, Check, Outcome, check_add, counted, day_of
from performance.appraisal.material import Material, Subject
from performance.models import ManagementGroup, ReportState
from performance.selectors.actuals import is_satisfaction

GROUP = ManagementGroup.EVALUATION
DONE = (ReportState.SUBMITTED, ReportState.REVIEWED, ReportState.FROZEN)
# What the law and the bureaus want explained on the line itself.
EXPLAINED = frozenset({"rate_below_90", "over_budget", "target_unmet", "far_above_target"})
_PLACE = re.compile(r"indicators\[([0-9]+)\]")


def _over(material: Material) -> bool:
    """Whether the year is over: before that nothing is evaluated."""
    return material.today.year > material.year


def covered(material: Material, parameter: str) -> Outcome:
    """Every subject has a report that was submitted."""
    if not _over(material):
        return Outcome(None, "年度还没有结束。")
    rows = []
    for one in material.subjects:
        report = material.reports.get(one.program_year_id)
        words = str(report.get_state_display()) if report else "没有建立报告"
        fine = report is not None and report.state in DONE
        rows.append((MeasureRow(one.name, material.report_url(one), words), fine))
    return counted(rows, what="已经自评并提交审核", none="没有要自评的对象。")


def on_time(material: Material, parameter: str) -> Outcome:
    """The report was first submitted by the day of the following year."""
    due = day_of(material.year + 1, parameter)
    if not _over(material):
        return Outcome(None, "年度还没有结束。")
    numbers = [one.pk for one in material.reports.values()]
    days = material.moves("performance.report", numbers, target=ReportState.SUBMITTED)
    rows = []
    for one in material.subjects:
        report = material.reports.get(one.program_year_id)
        day = days.get(report.pk) if report else None
        if day is None and material.today <= due:
            continue
        words = f"{day_words(day)}提交" if day else "没有提交"
        fine = day is not None and day <= due
        rows.append((MeasureRow(one.name, material.report_url(one), f"{words}，期限 {day_words(due)}"), fine))
    return counted(rows, what="按时提交", none="期限还没有到，也没有已经提交的报告。")


def _wanted(material: Material, subject: Subject) -> Iterator[tuple[str, str, str]]:
    """(line as LineReason names it, its name, what is the matter) of what needs a reason."""
    scored = material.scored(subject)
    for finding in scored.findings if scored else ():
        place = _PLACE.fullmatch(finding.where)
        if finding.code not in EXPLAINED:
            continue
        if place:
            row = scored.indicators[int(place[1])]
            yield str(row.key), row.name, finding.message
        else:
            yield "funds", "预算执行率", finding.message


def explained(material: Material, parameter: str) -> Outcome:
    """Every line that is off has its reason, once for each line."""
    if not _over(material):
        return Outcome(None, "年度还没有结束。")
    rows = {}
    for one in material.subjects:
        report = material.reports.get(one.program_year_id)
        for line, name, message in _wanted(material, one):
            fine = report is not None and (report.pk, line) in material.reasons
            words = f"{message}{'已写明原因' if fine else '没有写原因'}"
            rows[(one.program_year_id, line)] = (
                MeasureRow(f"{one.name}：{name}", material.report_url(one), words),
                fine,
            )
    return counted(rows.values(), what="逐项写明了原因", none="没有需要说明原因的偏差。")


def _values(material: Material) -> Iterator[tuple[Subject, Any, Any]]:
    """(subject, indicator, the value that holds) of every indicator that has one."""
    for one in material.subjects:
        scored = material.scored(one)
        for indicator in scored.indicators if scored else ():
            actual = scored.actuals.get(indicator.key)
            if actual is not None:
                yield one, indicator, actual


def _row(subject: Subject, indicator: Any, words: str) -> MeasureRow:
    return MeasureRow(f"{subject.name}：{indicator.name}", reverse("staff_indicator", args=[indicator.pk]), words)


def evidenced(material: Material, parameter: str) -> Outcome:
    """Every actual value was computed by the portal or has a paper."""
    rows = []
    for one, indicator, actual in _values(material):
        paper = actual.pk in material.evidenced
        kind = "自动取数" if actual.measure else "附有佐证材料" if paper else "没有佐证材料"
        rows.append((_row(one, indicator, f"{actual.value}，{kind}"), bool(actual.measure) or paper))
    return counted(rows, what="有佐证", none="还没有填报实际完成值。")


def satisfaction(material: Material, parameter: str) -> Outcome:
    """Every satisfaction indicator that has a value stands on numbers sent, returned and valid."""
    rows = []
    for one, indicator, actual in _values(material):
        if is_satisfaction(indicator):
            fine = None not in (actual.sent, actual.returned, actual.valid)
            words = f"发放 {actual.sent}、收回 {actual.returned}、有效 {actual.valid}" if fine else "份数不全"
            rows.append((_row(one, indicator, f"{actual.value}，{words}"), fine))
    return counted(rows, what="有调查份数", none="还没有填报满意度。")


for _check in (
    Check("selfeval_covered", GROUP, "自评全覆盖", "部门整体和每个已批复的项目都有自评报告，并已提交审核。", covered),
    Check("selfeval_on_time", GROUP, "自评按时完成", "报告在下一年的期限以前提交审核。", on_time, DAY, "03-31"),
    Check("selfeval_explained", GROUP, "偏差逐项说明",
          "执行率低于 90%、超预算、没有达到或者远超指标值的，每一行都写明了原因。", explained),
    Check("values_evidenced", GROUP, "完成值有佐证", "实际完成值由系统取数，或者附有佐证材料的比例。", evidenced),
    Check("satisfaction_numbers", GROUP, "满意度有份数", "满意度指标写明发放、收回、有效份数的比例。", satisfaction),
):  # fmt: skip
    check_add(_check)
