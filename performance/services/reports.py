"""Writes of reports: begun with drafts from the data, edited by several officers without losing anybody's text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_typed
from performance.models import (
    FiscalYear,
    PlanMember,
    PlanState,
    ProgramYear,
    Report,
    ReportMember,
    ReportSection,
    SectionVersion,
)
from performance.models.reports import SECTION_LENGTH
from performance.narrative import fields
from performance.narrative.figures import report_facts
from performance.narrative.outline import outline, spec_of
from performance.services.common import draft_write
from workflow.services import create

EDITABLE = (
    "title", "dated_on", "red_head", "document_number", "filled_by", "phone", "head", "goal_result", "reported_rate",
    "reported_total", "reported_grade",
)  # fmt: skip
MOST_MEMBERS = 30


def title_of(year: FiscalYear, program: ProgramYear | None) -> str:
    """The usual title of a report."""
    if program is None:
        return f"{year.unit.name}{year.year}年度部门整体支出绩效自评报告"
    return f"“{program.program.name}”项目{year.year}年度支出绩效自评报告"


def report_create(
    *,
    year: FiscalYear,
    program: ProgramYear | None,
    dated_on: date,
    by: Any,
    now: datetime,
    members: Sequence[tuple[str, str]] | None = None,
    address: str = "",
) -> Report:
    """Begin a report: every section is drafted from the data.

    Args:
        year: whose figures it tells; program: of a project report, None for the whole department.
        dated_on: the day below the report, as a rule after the year's end.
        members: role and name each of those who make it; None: those of the year's plan or the unit's last report.

    Raises:
        BusinessError: ``exists``, or as ``workflow.services.create``.
    """
    report = Report(
        fiscal_year=year, kind=Report.Kind.PROJECT if program else Report.Kind.DEPARTMENT, program_year=program,
        title=title_of(year, program), dated_on=dated_on, created_by=by, created_at=now,
    )  # fmt: skip
    people = _last_members(year) if members is None else members
    try:
        with transaction.atomic():
            create(report, by=by, now=now, address=address)
            _members_write(report, people)
            _sections_draft(report, now)
            _told(report, "create", by, now, address)
    except (BusinessError, IntegrityError) as error:
        # The constraint refuses, asked beforehand (invalid) or by the database.
        known = Report.objects.filter(fiscal_year=year, program_year=program)
        if getattr(error, "code", "invalid") != "invalid" or not known.exists():
            raise
        raise BusinessError("没有新建：这份报告已经有了，请从列表打开。", "exists") from error
    return report


def _last_members(year: FiscalYear) -> list[tuple[str, str]]:
    """Those of the year's approved plan, else of the unit's last report."""
    led = PlanMember.objects.filter(plan__fiscal_year=year, plan__state=PlanState.APPROVED)
    if people := list(led.values_list("role", "name")):
        return people
    last = Report.objects.filter(fiscal_year__unit=year.unit_id).order_by("-id").first()
    return list(last.members.values_list("role", "name")) if last else []


def _members_write(report: Report, members: Sequence[tuple[str, str]]) -> None:
    report.members.all().delete()
    ReportMember.objects.bulk_create(
        ReportMember(report=report, role=role, name=name, position=place) for place, (role, name) in enumerate(members)
    )


def _told(report: Report, deed: str, by: Any, now: datetime, address: str, **more: Any) -> None:
    action_record(
        tag=Tag.REPORT, by=by, now=now, subject=f"performance.report:{report.pk}", detail={"what": deed, **more},
        address=address,
    )  # fmt: skip


def _sections_draft(report: Report, now: datetime) -> None:
    facts, figures = report_facts(report)
    for spec in outline(report.kind):
        if spec.key:
            text = spec.draft(facts, figures) if spec.draft else ""
            section = ReportSection.objects.create(report=report, key=spec.key, text=text)
            SectionVersion.objects.create(section=section, number=1, text=text, by=None, at=now)


def report_save(
    *,
    report: Report,
    values: Mapping[str, Any],
    members: Sequence[tuple[str, str]],
    seen: int,
    by: Any,
    now: datetime,
    address: str = "",
) -> Report:
    """Save what stands on the cover and on the form.

    Args:
        values: fields of EDITABLE.
        members: role and name each, in order.
        seen: the edition that the officer began with.

    Raises:
        BusinessError: ``changed`` when another has saved since; ``invalid``; as ``draft_write``.
    """
    if len(members) > MOST_MEMBERS:
        raise BusinessError(f"没有保存：小组成员最多 {MOST_MEMBERS} 人。", "invalid")

    def write(locked: Report) -> Report:
        if locked.edition != seen:
            raise BusinessError(
                "没有保存：这份报告的基本情况刚刚由别人改过。请核对下面两边的内容，合在一起再保存。", "changed"
            )
        for name in EDITABLE:
            if name in values:
                setattr(locked, name, values[name])
        locked.edition += 1
        locked.save()
        _members_write(locked, members)
        _told(locked, "save", by, now, address, version=locked.edition)
        return locked

    return draft_write(obj=report, do="cover", write=write, by=by, now=now, address=address)


def section_save(
    *, report: Report, key: str, text: str, seen: int, by: Any, now: datetime, address: str = ""
) -> ReportSection:
    """Save a section as an officer wrote it; the older text stays among the versions.

    Args:
        text: figures as ``〔label：text〕`` (performance.narrative.fields).
        seen: number of the version that the officer began with.

    Raises:
        BusinessError: ``changed`` when another has saved since; ``unknown_figure``, ``figure_changed``, ``braces``,
            ``invalid``, ``unknown_section``.
    """
    if len(text) > SECTION_LENGTH or first_not_typed(text):
        raise BusinessError(
            f"没有保存：正文超过 {SECTION_LENGTH:,} 字，或者有不能保存的控制字符，请改好再保存。", "invalid"
        )
    _, figures = report_facts(report)

    def write(locked: Report) -> ReportSection:
        section = _locked(locked, key)
        before = SectionVersion.objects.filter(section=section, number=seen).first()
        if section.number != seen or before is None:
            raise BusinessError(
                "没有保存：这一节刚刚由别人改过。您写的还在下面，请对照现在的文字合在一起，再保存。", "changed"
            )
        kept = fields.stored(text.replace("\r\n", "\n").strip(), figures, before=before.text)
        _version_add(section, kept, by, now)
        _told(report, "section", by, now, address, field=key, version=section.number)
        return section

    return _section_write(report, "section", key, write, by, now, address)


def _section_write(
    report: Report, do: str, key: str, write: Callable[[Report], ReportSection], by: Any, now: datetime, address: str
) -> ReportSection:
    spec = spec_of(report.kind, key)
    return draft_write(obj=report, do=do, name=spec.text if spec else "", write=write, by=by, now=now, address=address)


def _locked(report: Report, key: str) -> ReportSection:
    found = ReportSection.objects.select_for_update().filter(report=report, key=key).first()
    if found is None or spec_of(report.kind, key) is None:
        raise BusinessError("没有这一节，请从报告页面打开。", "unknown_section")
    return found


def _version_add(section: ReportSection, text: str, by: Any, now: datetime) -> None:
    if text == section.text:
        return
    section.number += 1
    section.text = text
    section.save(update_fields=["number", "text"])
    SectionVersion.objects.create(section=section, number=section.number, text=text, by=by, at=now)


def section_refresh(*, report: Report, key: str, seen: int, by: Any, now: datetime, address: str = "") -> ReportSection:
    """Take the figures of now into a section's text: whoever does it has seen what changed.

    Raises:
        BusinessError: ``changed``, ``unknown_section``.
    """
    _, figures = report_facts(report)

    def write(locked: Report) -> ReportSection:
        section = _locked(locked, key)
        if section.number != seen:
            raise BusinessError("没有更新：这一节刚刚由别人改过，请看过再更新。", "changed")
        _version_add(section, fields.refreshed(section.text, figures), by, now)
        _told(report, "refresh", by, now, address, field=key, version=section.number)
        return section

    return _section_write(report, "refresh", key, write, by, now, address)


def section_redraft(*, report: Report, key: str, seen: int, by: Any, now: datetime, address: str = "") -> ReportSection:
    """Draft a section anew from the data; what was there stays among the versions.

    Raises:
        BusinessError: ``changed``, ``unknown_section``.
    """
    facts, figures = report_facts(report)
    spec = spec_of(report.kind, key)

    def write(locked: Report) -> ReportSection:
        section = _locked(locked, key)
        if section.number != seen:
            raise BusinessError("没有重新起草：这一节刚刚由别人改过，请看过再办。", "changed")
        _version_add(section, spec.draft(facts, figures) if spec and spec.draft else "", by, now)
        _told(report, "redraft", by, now, address, field=key, version=section.number)
        return section

    return _section_write(report, "redraft", key, write, by, now, address)
