"""Why a move of a report may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.duties import Duty
from performance.findings.checks import report_findings
from performance.findings.explanations import obstacles
from performance.models import LineReason, ManualScore, Report, SectionVersion, YearState
from performance.narrative.figures import report_facts
from workflow.actors import actor_of
from workflow.models import StateChange

# What a change of a draft may be (performance.services.reports, scores).
CHANGES = ("cover", "section", "refresh", "redraft", "score", "reason")
_SUBJECT = "performance.report"
_WRITING = ("create", "save", "submit")
# A page that lists more is read by nobody.
MOST_TOLD = 8


def change_told(report: Report, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change is made on its page, which says what it is."""
    return [] if data.get("do") in CHANGES and "write" in data else ["请在修改页面上填写"]


def writers_of(report: Report) -> frozenset[int]:
    """Everybody who ever wrote a word of a report, or in whose name it was written."""
    found: set[int | None] = {report.created_by_id}
    changes = StateChange.objects.filter(subject_type=_SUBJECT, subject_id=report.pk, move__in=_WRITING)
    for pair in changes.values_list("by", "on_behalf_of"):
        found |= set(pair)
    # Words that were written before changes of a draft were moves.
    found |= set(SectionVersion.objects.filter(section__report=report).values_list("by", flat=True))
    found |= set(ManualScore.objects.filter(report=report).values_list("by", flat=True))
    found |= set(LineReason.objects.filter(report=report).values_list("by", flat=True))
    return frozenset(one for one in found if one)


def not_a_writer(report: Report, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Whoever wrote a word of it, in whatever round, does not judge it; nor may another in their name."""
    acting = {by.pk} | {one.person_id for one in actor_of(by, now=now).holdings if one.duty == Duty.DIRECTOR}
    return ["报告里有您（或者您所代的人）写的内容，须由另一位主任审核"] if acting & writers_of(report) else []


def accounts_confirmed(report: Report, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A report is final when the year's accounts are (决算)."""
    if report.fiscal_year.state == YearState.CLOSED:
        return []
    return [f"{report.fiscal_year.year} 年度的决算还没有确认，请先在预算年度的页面确认决算"]


def dated_after_year(report: Report, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What speaks of a whole year is written after it."""
    if report.dated_on > date(report.fiscal_year.year, 12, 31):
        return []
    return [f"落款日期在 {report.fiscal_year.year} 年度结束以前，请主任退回，改成年度结束以后的日期"]


def explained(report: Report, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Every finding that asks for a word has one, line by line; no section is empty, satisfaction has its numbers.

    What a finance bureau sends back (DOMAIN 11): a low rate explained in one sentence, satisfaction without numbers,
    an empty section, figures that differ from the final accounts and no word on why.
    """
    facts, figures = report_facts(report)
    found = obstacles(report, facts, report_findings(report, facts, figures))
    more = [f"另有 {len(found) - MOST_TOLD} 项，见“需要说明的事项”"] if len(found) > MOST_TOLD else []
    return found[:MOST_TOLD] + more
