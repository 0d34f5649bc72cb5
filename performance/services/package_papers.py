"""What the bureau's package holds beside the report and its form: listed when the report is frozen, read from the list.

A paper of the list is a plain dict: ``folder``, ``name``, ``what``, and where its bytes come from: ``sha256`` of a
stored file (empty: there is no file), ``rows`` digest of a computed value's rows, ``sheet`` (title, heads, widths and
rows of a table), or ``monitoring`` (a monitoring form as printed).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from core.measures import rows_read
from core.moments import SHANGHAI, day_words
from core.sheets import sheet_write
from documents.models import StoredFile
from performance.document.model import Document
from performance.document.monitoring import GoalRow, MoneyRow, MonitoringForm
from performance.document.monitoring_book import monitoring_workbook
from performance.document.workbook import MADE_AT
from performance.exports import APPRAISAL_HEADS, appraisal_rows
from performance.models import (
    ActualValue,
    EntryPaper,
    GoalState,
    Indicator,
    Inspection,
    Monitoring,
    MonitoringState,
    ProgramYear,
    Report,
    SpendingEntry,
    Survey,
    SurveyState,
)
from performance.selectors.appraisals import score_held, score_read
from performance.selectors.monitoring_form import form_of
from performance.selectors.survey_results import Results, results_of

EVIDENCE, INSPECTED, SPENT, WATCHED, ASKED, MANAGED = (
    "4 佐证材料", "5 专项资金督查", "6 规定用途以外的支出凭证", "7 绩效运行监控表", "8 满意度调查结果",
    "9 绩效管理工作评分",
)  # fmt: skip
LONGEST = 80
_REFUSED = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
# Names that Windows keeps for devices (Naming Files, Paths, and Namespaces).
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
ROW_HEADS, ROW_WIDTHS = ("序号", "内容", "数值"), (8, 70, 24)
SURVEY_HEADS = ("题号", "题目", "选项", "人数", "作答人数", "占比")
Paper = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """A file of the package: its folder and name, what it shows, and where its bytes are (None: there is no file)."""

    folder: str
    name: str
    what: str
    content: StoredFile | bytes | None


def safe_name(name: str) -> str:
    """A name that every file system takes, its ending kept."""
    plain = _REFUSED.sub("", name).strip(" .") or "未命名"
    path = PurePosixPath(plain)
    stem, ending = (path.stem, path.suffix) if len(path.suffix) <= 10 else (plain, "")
    found = f"{stem[:LONGEST].rstrip(' .')}{ending}"
    return f"_{found}" if _DEVICES.fullmatch(found) else found


def sheet_bytes(title: str, heads: Iterable[str], widths: Iterable[int], rows: Iterable[Any]) -> bytes:
    """A table as an Excel file; the same cells give the same bytes."""
    with sheet_write(title=title, heads=tuple(heads), widths=tuple(widths), rows=rows, made_at=MADE_AT) as file:
        return file.read()


def _table(title: str, heads: Iterable[str], widths: Iterable[int], rows: Iterable[Iterable[Any]]) -> dict[str, Any]:
    """A table as the list keeps it: whole numbers stay numbers, all else is text."""
    cells = [[one if isinstance(one, int) else "" if one is None else str(one) for one in row] for row in rows]
    return {"title": title, "heads": list(heads), "widths": list(widths), "rows": cells}


def _evidence(document: Document) -> Iterator[Paper]:
    """What the report lists, by its digests: the files as they were then."""
    digests = [one.sha256 for one in document.evidence if one.sha256]
    computed = set(ActualValue.objects.filter(rows_sha256__in=digests).values_list("rows_sha256", flat=True))
    for number, one in enumerate(document.evidence, 1):
        paper = {"folder": f"{EVIDENCE}/{number:02} {safe_name(one.what)}", "name": one.name, "what": one.what}
        if one.sha256 in computed:
            yield paper | {"name": f"{one.name}.xlsx", "rows": one.sha256}
        else:
            yield paper | {"sha256": one.sha256}


def _programs(report: Report) -> list[int]:
    if report.program_year_id:
        return [report.program_year_id]
    return list(ProgramYear.objects.filter(fiscal_year=report.fiscal_year).values_list("pk", flat=True))


def _inspections(report: Report) -> Iterator[Paper]:
    """The records behind 无截留、无挪用: a claim without them is sent back."""
    rows = Inspection.objects.filter(program_year__in=_programs(report)).order_by("inspected_on", "id")
    lines = [
        (day_words(one.inspected_on), one.program_year.program.name, one.plan, one.people, one.findings,
         "；".join(f"{day_words(remedy.done_on)}：{remedy.text}" for remedy in one.remedies.all()))
        for one in rows.select_related("program_year__program").prefetch_related("remedies")
    ]  # fmt: skip
    if lines:
        heads = ("督查日期", "项目", "督查计划", "督查人员", "发现的情况", "整改情况")
        yield {"folder": INSPECTED, "name": "督查记录.xlsx", "what": "专项资金督查记录",
               "sheet": _table("督查记录", heads, (16, 24, 30, 20, 50, 40), lines)}  # fmt: skip


def _spent_elsewhere(report: Report) -> Iterator[Paper]:
    """Papers of entries that the finding ``purpose_differs`` asks about; those of other entries stay in the house."""
    entries = SpendingEntry.objects.filter(line__program_year__in=_programs(report))
    entries = entries.exclude(used_for=SpendingEntry.Use.OWN)
    papers = EntryPaper.objects.filter(entry__in=entries).select_related("file", "entry").order_by("entry_id", "id")
    for one in papers:
        folder = f"{SPENT}/{safe_name(one.entry.voucher_number or str(one.entry_id))}"
        yield {"folder": folder, "name": one.name, "what": f"{one.entry.spent_on} {one.entry.purpose}",
               "sha256": one.file.sha256}  # fmt: skip


def _watched(report: Report) -> Iterator[Paper]:
    """The approved monitoring forms of what the report is about."""
    rows = Monitoring.objects.filter(
        fiscal_year=report.fiscal_year, program_year=report.program_year, state=MonitoringState.APPROVED
    ).select_related("fiscal_year__unit", "program_year__program", "goal_table")
    for one in rows.order_by("through_month", "id"):
        form = form_of(one)
        yield {"folder": WATCHED, "name": f"{form.months}绩效运行监控表.xlsx", "what": f"{form.months}绩效运行监控",
               "monitoring": asdict(form)}  # fmt: skip


def _survey_rows(found: Results) -> Iterator[tuple[Any, ...]]:
    share = found.share
    yield "", "发放份数", "", found.sent.sent, "", ""
    yield "", "收回份数", "", found.sent.returned, "", ""
    yield "", "有效份数", "", found.sent.valid, "", ""
    if share is not None:
        yield "", "满意份数（占有效份数）", "", share.hits, share.of, share.words
    for line in found.lines:
        for row in line.rows:
            yield line.number, line.question.text, row.label, row.share.hits, line.answered, row.share.words
    for note in found.notes:
        yield "", note, "", "", "", ""


def _asked(report: Report, now: datetime) -> Iterator[Paper]:
    """Results of the year's closed surveys: those of the report's own indicators; of the department, all."""
    rows = Survey.objects.filter(fiscal_year=report.fiscal_year, state=SurveyState.CLOSED)
    if report.program_year_id:
        tables = Indicator.objects.filter(
            table__fiscal_year=report.fiscal_year, table__program_year=report.program_year,
            table__state=GoalState.APPROVED,
        )  # fmt: skip
        rows = rows.filter(indicator_key__in=tables.values("key"))
    for one in rows.select_related("result", "fiscal_year", "repeat_of__result").order_by("id"):
        lines = list(_survey_rows(results_of(one, now=now, texts=False)))
        yield {"folder": ASKED, "name": f"{one.title}.xlsx", "what": f"满意度调查结果：{one.title}",
               "sheet": _table("调查结果", SURVEY_HEADS, (8, 50, 30, 10, 12, 12), lines)}  # fmt: skip


def _managed(report: Report) -> Iterator[Paper]:
    """The score kept of the department's own 绩效管理工作."""
    kept = None if report.program_year_id else score_held(report.fiscal_year)
    if kept is not None:
        rows, day = appraisal_rows(score_read(kept)[0]), kept.at.astimezone(SHANGHAI).date()
        yield {"folder": MANAGED, "name": "绩效管理工作评分.xlsx", "what": f"{day_words(day)}存档的评分",
               "sheet": _table("绩效管理工作评分", APPRAISAL_HEADS, (12, 24, 8, 10, 50, 40, 40), rows)}  # fmt: skip


def papers_now(report: Report, document: Document, now: datetime) -> list[Paper]:
    """The list as it stands now.

    Args:
        report: with its year, unit and program; document: what it says; now: of the freeze.
    """
    return [
        *_evidence(document), *_inspections(report), *_spent_elsewhere(report), *_watched(report),
        *_asked(report, now), *_managed(report),
    ]  # fmt: skip


def _monitoring(found: Mapping[str, Any]) -> bytes:
    rows = tuple(GoalRow(**{**one, "causes": tuple(one["causes"])}) for one in found["rows"])
    money = tuple(MoneyRow(**one) for one in found["money"])
    return monitoring_workbook(
        MonitoringForm(**{**found, "rows": rows, "money": money, "notes": tuple(found["notes"])})
    )


def _computed(text: str) -> bytes:
    """The rows that a value was computed from (自动取数明细)."""
    rows = ((number, one.label, one.value) for number, one in enumerate(rows_read(text), 1))
    return sheet_bytes("自动取数明细", ROW_HEADS, ROW_WIDTHS, rows)


def papers_read(papers: Iterable[Paper]) -> Iterator[Member]:
    """The files of a list, made or found; three queries at most."""
    rows = list(papers)
    stored = {
        one.sha256: one for one in StoredFile.objects.filter(sha256__in=[one.get("sha256") or "" for one in rows])
    }
    digests = [one["rows"] for one in rows if "rows" in one]
    # distinct rows: the same rows may have been computed twice.
    computed = dict(ActualValue.objects.filter(rows_sha256__in=digests).values_list("rows_sha256", "rows"))
    for one in rows:
        content: StoredFile | bytes | None
        if "sheet" in one:
            content = sheet_bytes(**one["sheet"])
        elif "monitoring" in one:
            content = _monitoring(one["monitoring"])
        elif "rows" in one:
            content = _computed(computed[one["rows"]])
        else:
            content = stored.get(one["sha256"])
        yield Member(one["folder"], one["name"], one["what"], content)
