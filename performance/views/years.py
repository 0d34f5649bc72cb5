"""Budget units, subjects, budget years and their posts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from performance.forms.years import PostForm, SubjectForm, UnitForm, YearForm
from performance.models import BudgetUnit, Establishment, FiscalYear, Subject
from performance.selectors import budget_desk as desk
from performance.selectors.overview import overview_of
from performance.selectors.years import years_with_sums
from performance.services import years as writes
from performance.services.adjustments import carry_over_take
from performance.views.common import (
    MAKERS,
    READERS,
    acted,
    acting,
    form_page,
    may,
    now_of,
    object_context,
    row_of,
    sent,
    year_of,
)

GET_POST = require_http_methods(["GET", "POST"])


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the list of years."""
    return [("预算与支出", reverse("staff_budget_years")), *more]


def to_year(year: FiscalYear) -> tuple[str, str]:
    """A crumb."""
    return f"{year.year}年度", desk.year_url(year)


@duty_required(*READERS)
@require_GET
def year_list(request: HttpRequest) -> HttpResponse:
    """Budget years, newest first, with their sums."""
    context = {
        "years": years_with_sums(now=now_of(request)), "may_make": may(request, *MAKERS),
        "has_units": BudgetUnit.objects.exists(),
    }  # fmt: skip
    return render(request, "performance/year_list.html", context)


@duty_required(*READERS)
@require_GET
def unit_list(request: HttpRequest) -> HttpResponse:
    """Budget units, the home unit first."""
    context = {"units": list(BudgetUnit.objects.all()), "may_make": may(request, *MAKERS)}
    return render(request, "performance/unit_list.html", context)


@duty_required(*MAKERS)
@GET_POST
def unit_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new unit, or an existing one."""
    unit = row_of(BudgetUnit.objects.all(), pk) if pk else None
    initial = {name: getattr(unit, name) for name in writes.UNIT_FIELDS} if unit else {}
    back = reverse("staff_budget_units")

    def save(form: Any) -> str:
        writes.unit_save(unit=unit, **acting(request), **form.cleaned_data)
        return back

    lead = "" if unit or BudgetUnit.objects.exists() else "第一个填写的是本单位；分中心等其他预算单位以后再添加。"
    return form_page(request, UnitForm(*sent(request), initial=initial), save, title="预算单位", back=back, lead=lead,
                     crumbs=crumbs(("预算单位", back)))  # fmt: skip


@duty_required(*READERS)
@require_GET
def subject_list(request: HttpRequest) -> HttpResponse:
    """The subjects by kind."""
    rows = list(Subject.objects.all())
    groups = [(str(label), [one for one in rows if one.kind == kind]) for kind, label in Subject.Kind.choices]
    return render(request, "performance/subject_list.html", {"groups": groups, "may_make": may(request, *MAKERS)})


@duty_required(*MAKERS)
@GET_POST
def subject_new(request: HttpRequest) -> HttpResponse:
    """A subject that a new edition brought."""
    back = reverse("staff_budget_subjects")

    def save(form: Any) -> str:
        writes.subject_add(**acting(request), **form.cleaned_data)
        return back

    return form_page(request, SubjectForm(*sent(request)), save, title="新增科目", back=back,
                     crumbs=crumbs(("预算科目", back)))  # fmt: skip


@duty_required(*MAKERS)
@GET_POST
def year_new(request: HttpRequest) -> HttpResponse:
    """Begin a year."""

    def save(form: Any) -> str:
        return desk.year_url(writes.year_create(**acting(request), **form.cleaned_data))

    initial = {"unit": BudgetUnit.objects.filter(is_home=True).first(), "year": now_of(request).year}
    return form_page(request, YearForm(*sent(request), initial=initial), save, title="建立预算年度", verb="建立",
                     back=reverse("staff_budget_years"), crumbs=crumbs())  # fmt: skip


def _program_url(number: int) -> str:
    return reverse("staff_program_year", args=[number])


@duty_required(*READERS)
@require_GET
def year_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A year on one page."""
    year = year_of(request, pk)
    context = {
        "year": year, "view": overview_of(year, program_url=_program_url), "posts": list(year.posts.all()),
        **object_context(request, year),
    }  # fmt: skip
    return render(request, "performance/year.html", context)


@duty_required(*MAKERS)
@GET_POST
def post_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One kind of posts."""
    post = row_of(Establishment.objects.select_related("fiscal_year__unit"), pk)
    return _post_page(request, post.fiscal_year, post)


@duty_required(*MAKERS)
@GET_POST
def post_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Another kind of posts."""
    return _post_page(request, year_of(request, pk), None)


def _post_page(request: HttpRequest, year: FiscalYear, post: Establishment | None) -> HttpResponse:
    back = desk.year_url(year) + "#posts"

    def save(form: Any) -> str:
        writes.post_save(year=year, post=post, **acting(request), **form.cleaned_data)
        return back

    initial = {"kind": post.kind, "quota": post.quota, "actual": post.actual} if post else {}
    more: dict[str, Any] = {"remove": reverse("staff_budget_post_remove", args=[post.pk])} if post else {}
    return form_page(request, PostForm(*sent(request), initial=initial), save, title="人员编制", back=back,
                     crumbs=crumbs(to_year(year)), **more)  # fmt: skip


@duty_required(*MAKERS)
@require_POST
def post_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a kind of posts away."""
    post = row_of(Establishment.objects.select_related("fiscal_year"), pk)
    return acted(request, lambda: writes.row_remove(post, what="post_remove", **acting(request)),
                 address=desk.year_url(post.fiscal_year) + "#posts", said="已删除。")  # fmt: skip


@duty_required(*MAKERS)
@require_POST
def carry_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what the year before carried over as income."""
    year = year_of(request, pk)
    return acted(request, lambda: carry_over_take(year=year, **acting(request)),
                 address=desk.year_url(year) + "#income", said="上年结转已列入收入预算。")  # fmt: skip
