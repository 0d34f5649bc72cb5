"""Who has which duty: given by the security administrator, delegated by the director."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import selectors
from accounts.access import duty_required
from accounts.duties import ADMINISTRATORS, Duty
from accounts.forms import AssignmentForm, DelegationForm, attempt
from accounts.models import DutyAssignment, User
from accounts.services import duties
from accounts.views.own import both, form_page


@require_safe
@duty_required(*ADMINISTRATORS)
def duty_list(request: Any) -> HttpResponse:
    """Every assignment in force or to come, by office, and duties that nobody has."""
    rows = list(selectors.assignments_listed(now=request.now))
    held = {row.duty for row in rows if row.begins_at <= request.now}
    context = {"assignments": rows, "missing": [duty for duty in Duty if duty not in held]}
    return render(request, "accounts/duties.html", context)


@both
@duty_required(Duty.SECURITY_ADMIN)
def duty_give(request: Any) -> HttpResponse:
    """Give a duty to a person."""
    form = AssignmentForm(request.POST or None, initial={"user": request.GET.get("user")})
    if form.is_valid() and attempt(
        form, lambda: _give(request, form), bad_period="ends", oneself="user", closed="user"
    ):
        messages.success(request, f"已授予{form.cleaned_data['user']}“{Duty(form.cleaned_data['duty']).label}”。")
        return HttpResponseRedirect(reverse("staff_duties"))
    return form_page(request, form, "授予职责", "授予", cancel=reverse("staff_duties"))


def _give(request: Any, form: AssignmentForm) -> DutyAssignment:
    data = form.cleaned_data
    begins_at, ends_at = form.period(request.now)
    return duties.duty_give(
        user=data["user"],
        duty=Duty(data["duty"]),
        department=data["department"],
        begins_at=begins_at,
        ends_at=ends_at,
        by=request.user,
        now=request.now,
        address=request.address,
    )


@both
@duty_required(Duty.SECURITY_ADMIN)
def duty_end(request: Any, pk: int) -> HttpResponse:
    """End an assignment, after a page that asks."""
    row = get_object_or_404(DutyAssignment.objects.select_related("user"), pk=pk, delegated_from=None)
    title = f"结束职责：{row}"
    if request.method != "POST":
        sentence = "结束后立即失效，由这项职责作出的委托一并收回；已办的事情不变。"
        context = {"title": title, "sentence": sentence, "verb": "结束职责", "cancel": reverse("staff_duties")}
        return render(request, "staff/confirm.html", context)
    duties.duty_end(assignment=row, by=request.user, now=request.now, address=request.address)
    messages.success(request, f"已结束{row.user}的“{row.get_duty_display()}”。")
    return HttpResponseRedirect(reverse("staff_duties"))


@require_safe
@duty_required(any_staff=True)
def delegation_list(request: Any) -> HttpResponse:
    """Delegations: the director and administrators see all, others those from or to them."""
    sees_all = bool(request.duties & (ADMINISTRATORS | {Duty.DIRECTOR}))
    rows = selectors.delegations_listed(now=request.now, user=None if sees_all else request.user)
    context = {"delegations": rows, "may_delegate": Duty.DIRECTOR in request.duties}
    return render(request, "accounts/delegations.html", context)


@both
@duty_required(Duty.DIRECTOR)
def delegate(request: Any) -> HttpResponse:
    """Hand a duty to a named person for a period."""
    form = DelegationForm(request.POST or None, now=request.now)
    if form.is_valid():
        made = attempt(form, lambda: _delegate(request, form), bad_period="ends", too_long="ends", oneself="deputy",
                       pair="deputy", accounts_duty_pair="deputy", closed="deputy", not_held="own", held="deputy",
                       admin="deputy")  # fmt: skip
        if made:
            messages.success(request, f"已把“{made.get_duty_display()}”交给{made.user}。")
            return HttpResponseRedirect(reverse("staff_delegations"))
    lead = "原来的人仍保留这项职责；委托到期自动失效，可以随时收回。"
    return form_page(request, form, "委托职责", "委托", lead=lead, cancel=reverse("staff_delegations"))


def _delegate(request: Any, form: DelegationForm) -> DutyAssignment:
    own: DutyAssignment = form.cleaned_data["own"]
    deputy: User = form.cleaned_data["deputy"]
    begins_at, ends_at = form.period(request.now)
    return duties.duty_delegate(
        duty=Duty(own.duty),
        absent=own.user,
        deputy=deputy,
        begins_at=begins_at,
        ends_at=ends_at or begins_at,
        by=request.user,
        now=request.now,
        address=request.address,
    )


@both
@duty_required(any_staff=True)
def delegation_end(request: Any, pk: int) -> HttpResponse:
    """Take a delegation back: the director, or the person whose duty it is (the service checks)."""
    rows = DutyAssignment.objects.select_related("user", "delegated_from").filter(delegated_from__isnull=False)
    row = get_object_or_404(rows, pk=pk)
    title = f"收回委托：{row}"
    if request.method != "POST":
        context = {"title": title, "sentence": "收回后立即失效；受托期间已办的事情不变。", "verb": "收回委托",
                   "cancel": reverse("staff_delegations")}  # fmt: skip
        return render(request, "staff/confirm.html", context)
    duties.delegation_end(assignment=row, by=request.user, now=request.now, address=request.address)
    messages.success(request, f"已收回{row.user}代办的“{row.get_duty_display()}”。")
    return HttpResponseRedirect(reverse("staff_delegations"))
