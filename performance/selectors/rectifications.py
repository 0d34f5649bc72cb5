"""Reads of the 问题整改台账: a year's lines and those that earlier years left open, one line, its papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, IntegerField, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.urls import reverse

from accounts.duties import Duty
from core.moments import SHANGHAI, day_words
from performance.models import FiscalYear, Rectification, RectificationAnswer, RectificationPaper, RectificationState
from performance.selectors.offices import offices_of, reads_all
from workflow.actors import Actor
from workflow.models import StateChange
from workflow.moves import FileLink, day_end

SUBJECT = "performance.rectification"
# Who puts a problem into the ledger.
OPENERS = (Duty.PERFORMANCE, Duty.DIRECTOR)
OVER = (RectificationState.CLOSED, RectificationState.CANCELLED)
OPEN = (RectificationState.OPEN, RectificationState.ANSWERED)
PAGE_ROWS = 50
ALL_ROWS = 20_000
HEADS = (
    "预算年度", "上年结转", "来源", "问题", "整改措施", "责任科室", "责任人", "整改期限", "原定期限", "状态", "逾期",
    "完成日期", "整改情况",
)  # fmt: skip


def item_rows(*, now: datetime) -> QuerySet[Rectification]:
    """Lines with what title, page and desk read."""
    return Rectification.objects.select_related("fiscal_year__unit", "department", "person", "created_by")


def items_visible(rows: QuerySet[Rectification], *, actor: Actor) -> QuerySet[Rectification]:
    """All of them for those who manage, keep the money or lead the center; else those of one's offices and person."""
    if actor.user is None or reads_all(actor):
        return rows
    return rows.filter(Q(department__in=offices_of(actor)) | Q(person=actor.id))


def item_title(item: Rectification) -> str:
    """The problem in one line."""
    first = item.problem.split("\n")[0]
    return first if len(first) <= 60 else first[:59] + "…"


def item_url(item: Rectification) -> str:
    """The line's page."""
    return reverse("staff_rectification", args=[item.pk])


def item_facts(item: Rectification) -> list[tuple[str, str]]:
    """What one decides on."""
    facts = [
        ("问题", item.problem), ("整改措施", item.measure),
        ("来源", f"{item.fiscal_year.year}年度，{item.get_source_display()}"), ("责任科室", str(item.department)),
        ("整改期限", day_words(item.due_on)),
    ]  # fmt: skip
    last = item.answers.order_by("id").last()
    return [*facts, (f"整改情况（{day_words(last.done_on)}完成）", last.text)] if last else facts


def item_files(item: Rectification) -> list[FileLink]:
    """The papers of the last answer."""
    last = item.answers.order_by("id").last()
    papers = last.papers.select_related("file").order_by("id") if last else ()
    return [FileLink(one.name, paper_url(one), one.file.size) for one in papers]


def paper_url(paper: RectificationPaper) -> str:
    """Where a paper is taken."""
    return reverse("staff_rectification_paper", args=[paper.pk])


def answers_of(item: Rectification) -> list[RectificationAnswer]:
    """Every answer with its papers, oldest first; two queries."""
    papers = Prefetch("papers", RectificationPaper.objects.select_related("file").order_by("id"))
    return list(item.answers.select_related("by").prefetch_related(papers).order_by("id"))


@dataclass(frozen=True)
class LedgerQuery:
    """Filters of the list; what is empty does not filter.

    Args:
        year: the year whose ledger it is: its own lines and those that earlier years left open; 0: all lines.
        state: of RectificationState, or ``late``: open and overdue; office: a department's number; page: from 1.
    """

    year: int = 0
    state: str = ""
    office: int = 0
    source: str = ""
    page: int = 1


@dataclass(frozen=True)
class Entry:
    """A line of the list: ``carried`` from an earlier year, ``late`` open after its day; the last answer or None."""

    item: Rectification
    carried: bool
    late: bool
    answer: RectificationAnswer | None

    @property
    def due(self) -> datetime:
        """The first moment at which it is late."""
        return day_end(self.item.due_on)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.item.state in OPEN


def _over_at() -> Subquery:
    """When a line was closed or cancelled."""
    changes = StateChange.objects.filter(subject_type=SUBJECT, subject_id=OuterRef("pk"), target__in=OVER).order_by()
    return Subquery(changes.values("subject_id").annotate(last=Max("at")).values("last"))


def _of_year(rows: QuerySet[Rectification], year: int) -> QuerySet[Rectification]:
    """The ledger of a year: its own lines, and what earlier years had not finished when it began."""
    begin = datetime(year, 1, 1, tzinfo=SHANGHAI)
    left = Q(state__in=OPEN) | Q(over_at__gte=begin)
    return rows.annotate(over_at=_over_at()).filter(
        Q(fiscal_year__year=year) | (Q(fiscal_year__year__lt=year, created_at__lt=begin.replace(year=year + 1)) & left)
    )


def _filtered(query: LedgerQuery, *, actor: Actor, now: datetime) -> QuerySet[Rectification]:
    rows = items_visible(item_rows(now=now), actor=actor)
    rows = _of_year(rows, query.year) if query.year else rows
    if query.state == "late":
        rows = rows.filter(state=RectificationState.OPEN, due_on__lt=today_of(now))
    elif query.state:
        rows = rows.filter(state=query.state)
    if query.office:
        rows = rows.filter(department=query.office)
    return rows.filter(source=query.source) if query.source else rows


def today_of(now: datetime) -> date:
    """The day of ``now`` in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


_ORDER = Case(When(state__in=OVER, then=1), default=0, output_field=IntegerField())


@dataclass(frozen=True)
class Ledger:
    """A page of the ledger: ``total`` lines in all, ``open`` and ``late`` among them; ``next`` page or 0."""

    rows: list[Entry]
    total: int
    open: int
    late: int
    next: int


def ledger(query: LedgerQuery, *, actor: Actor, now: datetime, most: int = PAGE_ROWS) -> Ledger:
    """A page of the ledger, open lines first by their day; three queries."""
    rows = _filtered(query, actor=actor, now=now)
    today = today_of(now)
    late = Q(state=RectificationState.OPEN, due_on__lt=today)
    counted = rows.order_by().aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(state__in=OPEN)), late=Count("pk", filter=late)
    )
    begin = (query.page - 1) * most
    answers = Prefetch("answers", RectificationAnswer.objects.order_by("id"))
    found = rows.annotate(is_over=_ORDER).order_by("is_over", "due_on", "id").prefetch_related(answers)
    entries = [_entry(one, query.year, today) for one in found[begin : begin + most]]
    following = query.page + 1 if counted["all"] > begin + most else 0
    return Ledger(entries, counted["all"], counted["open"], counted["late"], following)


def _entry(item: Rectification, year: int, today: date) -> Entry:
    answers = list(item.answers.all())
    late = item.state == RectificationState.OPEN and item.due_on < today
    return Entry(item, bool(year) and item.fiscal_year.year < year, late, answers[-1] if answers else None)


def entry_of(item: Rectification, *, now: datetime) -> Entry:
    """A line as its page shows it."""
    return _entry(item, 0, today_of(now))


def ledger_years() -> list[int]:
    """The years that may have a ledger, the newest first."""
    return list(FiscalYear.objects.order_by("-year").values_list("year", flat=True).distinct())


def ledger_cells(entries: Iterable[Entry]) -> Iterable[tuple[str | int | None, ...]]:
    """Cells under HEADS."""
    for one in entries:
        item, answer = one.item, one.answer
        yield (
            item.fiscal_year.year, "是" if one.carried else "", item.get_source_display(), item.problem, item.measure,
            str(item.department), str(item.person or ""), f"{item.due_on:%Y-%m-%d}", f"{item.first_due_on:%Y-%m-%d}",
            item.get_state_display(), "逾期" if one.late else "",
            f"{answer.done_on:%Y-%m-%d}" if answer and item.state == RectificationState.CLOSED else "",
            answer.text if answer else "",
        )  # fmt: skip


def items_of(fiscal_year: FiscalYear, *, now: datetime) -> list[Entry]:
    """The lines of a year's work, the open ones first; two queries."""
    answers = Prefetch("answers", RectificationAnswer.objects.order_by("id"))
    rows = item_rows(now=now).filter(fiscal_year=fiscal_year).annotate(is_over=_ORDER)
    found = rows.order_by("is_over", "due_on", "id").prefetch_related(answers)
    return [_entry(one, 0, today_of(now)) for one in found[:PAGE_ROWS]]
