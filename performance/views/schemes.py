"""Schemes: list, one, a new one that begins with another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import SHANGHAI
from performance.forms.schemes import SchemeForm
from performance.models import Scheme
from performance.selectors.schemes import scheme_uses, schemes_all
from performance.services.schemes import scheme_make, scheme_retire
from performance.views.goal_common import MOST_PK, attempt, manages, now_of, seen_anew, who
from workflow.moves import STAFF


@duty_required(*STAFF)
@require_GET
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Every scheme by kind, those in use first."""
    context = {"schemes": list(schemes_all()), "manages": manages(request)}
    return render(request, "performance/scheme_list.html", context)


def _scheme(pk: int) -> Scheme:
    return get_object_or_404(schemes_all(), pk=min(pk, MOST_PK - 1))


@duty_required(*STAFF)
@require_GET
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """One scheme: weights, bands, rules, who uses it."""
    found = _scheme(pk)
    context = {"scheme": found, "uses": scheme_uses(found), "manages": manages(request)}
    return render(request, "performance/scheme.html", context)


def _in_use(kind: str, year: Any) -> int:
    found = Scheme.objects.filter(kind=kind, is_active=True)
    if not str(year).isdecimal() or len(str(year)) > 4:
        return 0
    return found.filter(first_year=int(year)).values_list("pk", flat=True).first() or 0


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def scheme_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new scheme that begins with another; that from the same year on is retired by it."""
    base = _scheme(pk)
    year = now_of(request).astimezone(SHANGHAI).year
    start = SchemeForm.initial_of(base, _in_use(base.kind, year)) | {"first_year": year}
    form = SchemeForm(request.POST if request.method == "POST" else None, initial=start)
    error, status = "", 200
    if request.method == "POST":
        made, error, status = attempt(request, form, lambda: _made(form, base, **who(request)))
        if made is not None:
            messages.success(request, f"已建立“{made}”，{made.first_year} 年起新编制的目标表用它。")
            return HttpResponseRedirect(reverse("staff_scheme", args=[made.pk]))
        seen_anew(form, _in_use(base.kind, form.data.get("first_year", "")))
    context = {"form": form, "error": error, "base": base}
    return render(request, "performance/scheme_new.html", context, status=status)


def _made(form: SchemeForm, base: Scheme, **by: Any) -> Scheme:
    values = form.values()
    # The form showed what is in use from the year it began with; another year is asked about when it is saved.
    shown, year = values.pop("seen"), values["first_year"]
    asked = shown if str(year) == str(form.initial.get("first_year")) else None
    return scheme_make(kind=base.kind, seen=asked, **values, **by)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def scheme_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a scheme out of use for new tables."""
    found = _scheme(pk)
    url = reverse("staff_scheme", args=[pk])
    if request.method == "POST":
        try:
            scheme_retire(scheme=found, **who(request))
            messages.success(request, f"已停用“{found}”；已经用它的目标表不变。")
        except BusinessError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(url)
    sentence = "停用以后，新编制的目标表不再用它；已经用它编制的目标表不变。"
    context = {"title": f"停用方案：{found}", "verb": "停用", "cancel": url, "sentence": sentence}
    return render(request, "staff/confirm.html", context)
