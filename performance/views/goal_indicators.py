"""Indicators of a draft: add, change, delete, order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from performance.forms.goals import IndicatorForm
from performance.models import GoalTable, Indicator
from performance.scoring.target_words import target_words
from performance.selectors.goals import goal_title, goal_url, sums_of
from performance.services import indicators as services
from performance.views.goal_common import attempt, draft_indicator, goal_of, seen_anew, who


def _told(request: HttpRequest, one: Indicator) -> HttpResponse:
    """Back to the table, with how the target was understood."""
    said = target_words(one.target)
    level = messages.success if said.readable else messages.warning
    level(request, f"已保存“{one.name}”，指标值“{one.target}”{said.words}")
    again = request.POST.get("do") == "again"
    url = reverse("staff_indicator_new", args=[one.table_id]) if again else f"{goal_url(one.table)}#i{one.pk}"
    return HttpResponseRedirect(url)


def _page(request: HttpRequest, table: GoalTable, form: IndicatorForm, **more: Any) -> HttpResponse:
    target = form["target"].value() or ""
    context = {
        "form": form, "goal": table, "title": goal_title(table), "sums": sums_of(table),
        "target": target_words(str(target)) if target else None, **more,
    }  # fmt: skip
    return render(request, "performance/indicator_edit.html", context, status=more.get("status", 200))


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def indicator_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an indicator; ``do=check`` only tells how it would be understood."""
    table = goal_of(request, pk)
    form = IndicatorForm(request.POST if request.method == "POST" else None, table=table)
    error, status = "", 200
    if request.method == "POST" and request.POST.get("do") != "check":
        act = lambda: services.indicator_add(table=table, values=form.values(), **who(request))  # noqa: E731 (a deed)
        made, error, status = attempt(request, form, act)
        if made is not None:
            return _told(request, made)
    return _page(request, table, form, error=error, status=status, heading="增加指标")


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def indicator_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an indicator; what somebody else changed meanwhile is shown beside what was typed."""
    one = draft_indicator(request, pk)
    start = IndicatorForm.initial_of(one, services.indicator_digest(one))
    form = IndicatorForm(request.POST if request.method == "POST" else None, table=one.table, initial=start)
    error, status = "", 200
    if request.method == "POST" and request.POST.get("do") != "check":
        saved, error, status = attempt(request, form, lambda: _save(one, form, **who(request)))
        if saved is not None:
            return _told(request, saved)
        seen_anew(form, services.indicator_digest(one))
    return _page(request, one.table, form, error=error, status=status, heading="修改指标", one=one)


def _save(one: Indicator, form: IndicatorForm, **by: Any) -> Indicator:
    return services.indicator_edit(indicator=one, values=form.values(), seen=form.cleaned_data["seen"], **by)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def indicator_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take an indicator out of a draft."""
    one = draft_indicator(request, pk)
    url = goal_url(one.table)
    if request.method == "POST":
        try:
            services.indicator_delete(indicator=one, seen=request.POST.get("seen", ""), **who(request))
            messages.success(request, f"已删去“{one.name}”。")
        except BusinessError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(url)
    context = {
        "title": f"删去指标：{one.name}", "verb": "删去", "cancel": url,
        "sentence": f"{goal_title(one.table)}：{one.level1}—{one.name}，{one.target}，{one.weight} 分。",
        "hidden": [("seen", services.indicator_digest(one))],
    }  # fmt: skip
    return render(request, "staff/confirm.html", context)


@duty_required(Duty.PERFORMANCE)
@require_POST
def indicator_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down within the group."""
    one = draft_indicator(request, pk)
    try:
        step = -1 if request.POST.get("to") == "up" else 1
        services.indicator_shift(indicator=one, step=step, **who(request))
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"{goal_url(one.table)}#i{pk}")
