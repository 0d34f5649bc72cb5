"""Goals by office and month: the indicators of a year, one with its offices, an office's part, 本科室本月."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from accounts.models import Department
from performance.forms.shares import OwnForm, ShareForm
from performance.models import FiscalYear
from performance.models.monthly import MONTHS
from performance.scoring.values import target_read
from performance.selectors.goal_progress import DEFINITION, IndicatorWork, own_shares, works_of
from performance.selectors.goals import years_all
from performance.selectors.offices import fills_all, offices_of
from performance.selectors.progress import last_month, usual_month, year_to_show
from performance.services.goal_shares import goal_progress_set, goal_shares_set
from performance.views.common import acting, form_page, now_of, row_of, sent
from performance.views.goal_common import actor, indicator_of, manages, number_in
from workflow.actors import Actor
from workflow.moves import STAFF

# Three fields of each: below Django's limit of 1,000.
MOST_ROWS = 250


def share_crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the list."""
    return [("目标分解与进度", reverse("staff_shares")), *more]


def _year(request: HttpRequest) -> tuple[list[FiscalYear], FiscalYear | None]:
    """The years, and the chosen one: the newest that has begun unless the address says otherwise."""
    years = years_all()
    return years, year_to_show(years, number_in(request, "year"), now=now_of(request))


def _month(request: HttpRequest, year: FiscalYear) -> int:
    wanted = number_in(request, "month")
    return wanted if wanted in MONTHS else usual_month(year.year, now=now_of(request))


def _year_and_month(request: HttpRequest) -> tuple[tuple[list[FiscalYear], FiscalYear | None], int]:
    years, year = _year(request)
    return (years, year), _month(request, year) if year else 1


@dataclass(frozen=True)
class ShareRow:
    """A line of the list: an indicator up to a month."""

    work: IndicatorWork
    planned: Decimal | None
    done: Decimal | None
    rate: Decimal | None
    bar: int
    whole: Decimal | None


def _row(work: IndicatorWork, month: int) -> ShareRow:
    part = work.share_done(month)
    rate = None if part is None else Decimal(round(part * 10_000)) / 100
    return ShareRow(work, work.planned_to(month), work.done_to(month), rate, int(rate or 0), work.planned_to(12))


@duty_required(*STAFF)
@require_GET
def share_list(request: HttpRequest) -> HttpResponse:
    """The indicators of a year: how they are split, planned and done so far."""
    (years, year), month = _year_and_month(request)
    rows = [_row(one, month) for one in works_of(year)] if year else []
    context = {
        "years": years, "year": year, "month": month, "months": MONTHS, "rows": rows, "manages": manages(request),
        "definition": DEFINITION, "crumbs": [],
    }  # fmt: skip
    return render(request, "performance/share_list.html", context)


def _work(pk: int) -> IndicatorWork:
    """An indicator of an approved table with its shares; 404 otherwise."""
    one = indicator_of(pk)
    found = works_of(one.table.fiscal_year, pk=pk)
    if not found:
        raise Http404
    return found[0]


def _offices(work: IndicatorWork) -> tuple[list[Department], list[Department]]:
    """The offices that have a share or told of something, and the others in use."""
    used, rows = {office for office, _ in work.cells}, list(Department.objects.all())
    return [one for one in rows if one.pk in used], [one for one in rows if one.is_active and one.pk not in used]


def _grid(work: IndicatorWork, offices: Iterable[Department]) -> list[tuple[int, list[Any]]]:
    rows = list(offices)
    return [(month, [work.cells.get((one.pk, month)) for one in rows]) for month in MONTHS]


@duty_required(*STAFF)
@require_GET
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """One indicator: twelve months and the offices, sums beside the target of the year."""
    work = _work(pk)
    offices, others = _offices(work)
    target = target_read(work.indicator.target)
    whole = work.planned_to(12)
    differs = target is not None and whole is not None and work.adding and Decimal(target.number.numerator) != (
        whole * target.number.denominator
    )  # fmt: skip
    context = {
        "work": work, "one": work.indicator, "offices": offices, "others": others,
        "grid": _grid(work, offices), "whole": whole, "differs": differs,
        "done": work.done_to(12), "manages": manages(request), "crumbs": share_crumbs(),
        "year": work.indicator.table.fiscal_year,
    }  # fmt: skip
    return render(request, "performance/share.html", context)


def _seen(work: IndicatorWork, office: int) -> int:
    found = [cell.share.pk for (one, _), cell in work.cells.items() if one == office and cell.share]
    return max(found, default=0)


def _proposed(work: IndicatorWork, office: int, *, even: bool) -> dict[int, tuple[Decimal | None, str]]:
    """What stands in the fields at first: the shares; with the button also equal parts where no number is."""
    found = {
        month: (cell.share.planned, cell.share.text)
        for (one, month), cell in work.cells.items() if one == office and cell.share
    }  # fmt: skip
    if even:
        for month, (number, _) in _evenly(work).items():
            planned, text = found.get(month, (None, ""))
            found[month] = (number if planned is None else planned, text)
    return found


def _evenly(work: IndicatorWork) -> dict[int, tuple[Decimal | None, str]]:
    """The target in twelve parts: equal ones of a share or limit, whole numbers of a count where it is one."""
    target = target_read(work.indicator.target)
    if target is None:
        return {}
    number = Decimal(target.number.numerator) / Decimal(target.number.denominator)
    if not work.adding:
        return dict.fromkeys(MONTHS, (number, ""))
    place = Decimal(1) if number == number.to_integral_value() else Decimal("0.01")
    ends = [(number * month / 12).quantize(place) for month in range(13)]
    return {month: (ends[month] - ends[month - 1], "") for month in MONTHS}


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def share_edit(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    """An office's part of an indicator, month by month."""
    work = _work(pk)
    department = row_of(Department.objects.filter(is_active=True), office)
    one, back = work.indicator, reverse("staff_share", args=[pk])

    def save(form: Any) -> str:
        goal_shares_set(indicator=one, department=department, wishes=form.wishes(), seen=form.cleaned_data["seen"],
                        **acting(request))  # fmt: skip
        return back

    start = _proposed(work, office, even=request.GET.get("fill") == "even")
    form = ShareForm(*sent(request), start=start, seen=_seen(work, office),
                     numbers=target_read(one.target) is not None)  # fmt: skip
    return form_page(
        request, form, save, title=f"{one.name}：{department}", back=back, template="performance/share_edit.html",
        crumbs=share_crumbs((one.name, back)), work=work, one=one, department=department,
        here=reverse("staff_share_edit", args=[pk, office]),
    )  # fmt: skip


def _own_offices(me: Actor, wanted: int) -> tuple[list[Department], set[int]]:
    """The offices that a visitor fills, and those of them that are shown."""
    rows = Department.objects.all() if fills_all(me) else Department.objects.filter(pk__in=offices_of(me))
    offices = list(rows)
    known = {one.pk for one in offices}
    return offices, {wanted} if wanted in known else known


@duty_required(*STAFF)
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """本科室本月: what the visitor's offices had to do in a month, with fields for what was done."""
    me, (years, year), month = actor(request), *_year_and_month(request)
    offices, chosen = _own_offices(me, number_in(request, "office"))
    rows = own_shares(works_of(year), chosen, month) if year else []

    def save(form: Any) -> str:
        if year:
            goal_progress_set(year=year, month=month, deeds=form.deeds(), **acting(request))
        return request.get_full_path()

    more: dict[str, Any] = {
        "years": years, "year": year, "month": month, "months": MONTHS, "all": fills_all(me),
        "begun": year is not None and month <= last_month(year.year, now=now_of(request)),
        "untold": sum(not one.cell.told for one in rows), "offices": offices, "office": number_in(request, "office"),
        "more": len(rows) > MOST_ROWS, "most": MOST_ROWS, "crumbs": share_crumbs(), "back": reverse("staff_shares"),
        "title": "各科室本月" if fills_all(me) else "本科室本月",
    }  # fmt: skip
    form = OwnForm(*sent(request), rows=rows[:MOST_ROWS])
    return form_page(request, form, save, template="performance/own_progress.html", **more)
