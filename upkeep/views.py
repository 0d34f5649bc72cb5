"""Pages under /staff/upkeep/."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from upkeep.forms import CheckpointForm, ComparisonForm, LostForm
from upkeep.page import page
from upkeep.services.clock import alarm_see, comparison_decide, comparison_enter
from upkeep.services.holds import hold_end_by_checkpoint, hold_end_checkpoint_lost


def _done(request: HttpRequest, act: Callable[[], object], **form: object) -> HttpResponse:
    """Do it and show the page anew, or the refusal with what was entered."""
    try:
        act()
    except BusinessError as refusal:
        return page(request, status=400, message=refusal.message, **form)
    return HttpResponseRedirect(reverse("upkeep:home"))


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


@duty_required(any_staff=True)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    return page(request)


@duty_required(Duty.SYSTEM_ADMIN)
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """End a hold by a checkpoint."""
    form = CheckpointForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, status=400, message="没有解除恢复保全：请按提示补充。", checkpoint_form=form)
    facts = {"now": timezone.now(), "by": request.user, "address": _address(request)}
    text = form.cleaned_data["content"]
    return _done(request, lambda: hold_end_by_checkpoint(text=text, **facts), checkpoint_form=form)  # type: ignore[arg-type]


@duty_required(Duty.SYSTEM_ADMIN)
@require_POST
def lost(request: HttpRequest) -> HttpResponse:
    """End a hold without a checkpoint."""
    form = LostForm(request.POST)
    if not form.is_valid():
        return page(request, status=400, message="没有解除恢复保全：请写明原因，并勾选确认。", lost_form=form)
    facts = {"now": timezone.now(), "by": request.user, "address": _address(request)}
    reason = form.cleaned_data["reason"]
    return _done(request, lambda: hold_end_checkpoint_lost(reason=reason, **facts), lost_form=form)  # type: ignore[arg-type]


@duty_required(any_staff=True)
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """The first person's reading of another clock."""
    now = timezone.now()  # when the form arrived, before anything is checked
    form = ComparisonForm(request.POST)
    if not form.is_valid():
        return page(request, status=400, message="没有保存：请按提示改正。", comparison_form=form)
    entered = form.cleaned_data
    return _done(request, lambda: comparison_enter(**entered, by=request.user, now=now), comparison_form=form)


@duty_required(any_staff=True)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's answer."""
    confirmed = request.POST.get("confirmed") == "1"
    return _done(request, lambda: comparison_decide(pk=pk, confirmed=confirmed, by=request.user, now=timezone.now()))


@duty_required(Duty.SYSTEM_ADMIN)
@require_POST
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """An alarm is dealt with."""
    note = request.POST.get("note", "")
    return _done(request, lambda: alarm_see(pk=pk, note=note, by=request.user, now=timezone.now()))
