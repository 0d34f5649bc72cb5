"""Notices of a lag: asked from the page of progress, listed, one of them with its answers and papers."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from performance.forms.lags import LagAskForm
from performance.models import LagNotice, LagPaper, LagState, SpendingLine
from performance.models.monthly import BASIC
from performance.selectors import lags as reads
from performance.selectors.progress import last_month, year_flow
from performance.services.lags import Subject, ask_words, lag_ask, office_of, subject_of
from performance.views.common import (
    READERS,
    acting,
    form_page,
    may,
    now_of,
    object_context,
    program_of,
    row_of,
    sent,
    year_of,
)
from performance.views.goal_common import actor, download, number_in
from performance.views.progress import month_in, progress_crumbs, to_progress, workbook_answer
from workflow.moves import STAFF
from workflow.views.common import number_of

ASKERS = (Duty.PERFORMANCE, Duty.DIRECTOR)
STATES = [("open", "没有办完"), ("overdue", "逾期没有说明"), *LagState.choices]


def _subject(request: HttpRequest, pk: int, what: str) -> Subject:
    """What is asked about: a program by its number, or a kind of basic spending. Raises BusinessError or Http404."""
    year = year_of(request, pk)
    if what in BASIC:
        return subject_of(year_flow(year), category=what)
    found = program_of(request, int(what)) if what.isascii() and what.isdigit() and len(what) < 19 else None
    if found is None or found.fiscal_year_id != year.pk:
        raise Http404
    return subject_of(year_flow(year), program_year=found)


@duty_required(*ASKERS)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask an office why a program, or basic spending, lags."""
    subject = _subject(request, pk, what)
    year = subject.year
    month = month_in(request, year.year, last=last_month(year.year, now=now_of(request)))
    name = str(subject.program_year.program) if subject.program_year else str(SpendingLine.Category(what).label)

    def save(form: Any) -> str:
        return reads.lag_url(lag_ask(subject=subject, month=month, **acting(request), **form.cleaned_data))

    office = office_of(subject.program_year, now=now_of(request)) if subject.program_year else None
    form = LagAskForm(*sent(request), initial={"department": office, "text": ask_words(subject.flow, month)})
    label, back = to_progress(year, month)
    return form_page(request, form, save, title=f"要求说明：{name}，{year.year}年{month}月", verb="发出", back=back,
                     lead="发出后，金额按现在的登记定格；五个工作日内由承办科室说明。",
                     crumbs=progress_crumbs((label, back)))  # fmt: skip


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    """The way from the page of progress, for those who may open it."""
    return progress_crumbs() if may(request, *READERS) else []


def _query(request: HttpRequest) -> reads.LagQuery:
    state = request.GET.get("state", "")
    return reads.LagQuery(
        state=state if state in dict(STATES) else "", office=number_in(request, "office"),
        year=min(number_in(request, "year"), 9999), before=number_of(request.GET.get("before")),
    )  # fmt: skip


@duty_required(*STAFF)
@require_GET
def lag_list(request: HttpRequest) -> HttpResponse:
    """The notices of the visitor's offices and programs, or all; newest first."""
    query, now = _query(request), now_of(request)
    rows, following = reads.lags_page(query, actor=actor(request), now=now)
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {
        "rows": rows, "next": following, "query": query, "states": STATES, "offices": list(reads.offices_asked()),
        "kept": kept.urlencode(), "crumbs": _crumbs(request), "now": now,
    }  # fmt: skip
    return render(request, "performance/lag_list.html", context)


@duty_required(*STAFF)
@require_GET
def lags_xlsx(request: HttpRequest) -> HttpResponse:
    """The same as Excel, all pages; told to the audit log."""
    rows = [reads.lag_cells(one) for one in reads.lags_of(_query(request), actor=actor(request), now=now_of(request))]
    return workbook_answer(request, "lags", name="进度滞后说明", heads=reads.HEADS, rows=rows,
                           subject="performance:lags")  # fmt: skip


def _visible(request: HttpRequest) -> Any:
    return reads.lags_visible(reads.lag_rows(now=now_of(request)), actor=actor(request))


@duty_required(*STAFF)
@require_GET
def lag(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: the figures as they stood, what was asked, every answer with its papers, moves, history."""
    found: LagNotice = row_of(_visible(request), pk)
    progress = reverse("staff_progress_year", args=[found.fiscal_year_id]) + f"?month={found.month}"
    context = {
        "notice": found, "title": reads.lag_title(found), "what": reads.what_words(found), "progress": progress,
        "answers": list(found.answers.all()), "gap": found.planned - found.spent,
        "crumbs": [*_crumbs(request), ("滞后说明", reverse("staff_lags"))], "reads_money": may(request, *READERS),
        **object_context(request, found),
    }  # fmt: skip
    return render(request, "performance/lag.html", context)


@duty_required(*STAFF)
@require_GET
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """A paper of an answer, for those who may see the notice."""
    found: LagPaper = row_of(LagPaper.objects.select_related("file", "answer"), pk)
    row_of(_visible(request), found.answer.notice_id)
    return download(found.file, found.name)
