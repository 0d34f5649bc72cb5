"""部门职责 – 工作活动 – 项目 of a unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from performance.forms.goals import ActivityForm, ResponsibilityForm
from performance.models import Activity, BudgetUnit, Program, Responsibility
from performance.selectors.goals import structure_of
from performance.services import structure as services
from performance.views.goal_common import MOST_PK, attempt, who
from workflow.views.common import number_of


def _row(model: Any, value: str | None, **lookup: Any) -> Any:
    found = model.objects.filter(pk=number_of(value, "编号"), **lookup).first()
    if found is None:
        raise BusinessError("没有保存：它已经不在了，请刷新页面。", "gone")
    return found


def _add(request: HttpRequest, unit: BudgetUnit, form: Any) -> Any:
    """What the form of the page asks for."""
    found = form.cleaned_data
    if isinstance(form, ResponsibilityForm):
        return services.responsibility_save(unit=unit, name=found["name"], text=found["text"], **who(request))
    above = _row(Responsibility, request.POST.get("above"), unit=unit)
    return services.activity_save(responsibility=above, name=found["name"], **who(request))


def _place(request: HttpRequest, unit: BudgetUnit) -> None:
    try:
        program = _row(Program, request.POST.get("program"), unit=unit)
        wanted = request.POST.get("activity")
        activity = _row(Activity, wanted, responsibility__unit=unit) if wanted else None
        services.program_place(program=program, activity=activity, **who(request))
        messages.success(request, f"“{program.name}”已编排。")
    except BusinessError as error:
        messages.error(request, error.message)


@duty_required(Duty.PERFORMANCE)
@require_http_methods(["GET", "POST"])
def structure(request: HttpRequest, pk: int) -> HttpResponse:
    """The tree, with forms to add to it and to put programs in their place."""
    unit = get_object_or_404(BudgetUnit, pk=min(pk, MOST_PK - 1))
    do = request.POST.get("do", "")
    if do == "place":
        _place(request, unit)
        return HttpResponseRedirect(request.path)
    first = ResponsibilityForm(request.POST if do == "responsibility" else None, prefix="r")
    second = ActivityForm(request.POST if do == "activity" else None, prefix="a")
    error, status = "", 200
    if do in ("responsibility", "activity"):
        form: Any = first if do == "responsibility" else second
        saved, error, status = attempt(request, form, lambda: _add(request, unit, form))
        if saved is not None:
            messages.success(request, f"已增加“{saved}”。")
            return HttpResponseRedirect(request.path)
    context = {"unit": unit, "first": first, "second": second, "error": error, **structure_of(unit)}
    return render(request, "performance/structure.html", context, status=status)
