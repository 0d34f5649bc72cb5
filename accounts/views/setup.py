"""The first three administrators of a real, empty instance (contracts/commands.md, make serve)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import staff_public
from accounts.duties import Duty
from accounts.forms import SetupForm, attempt, form_status
from accounts.models import User
from accounts.services.setup import NewAdministrator, setup_finish, setup_is_open
from accounts.views.own import both

DUTIES = (Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN)


@sensitive_post_parameters()
@both
@staff_public
def setup(request: Any) -> HttpResponse:
    """One form for three people; there is no such page once an administrator exists."""
    if not setup_is_open():
        raise Http404("初始设置已经完成")
    form = SetupForm(request.POST or None)
    if form.is_valid() and attempt(form, lambda: _finish(request, form), bad_code="setup_code", locked="setup_code"):
        return HttpResponseRedirect(reverse("staff_login") + "?ended=setup")
    return render(request, "accounts/setup.html", {"form": form}, status=form_status(form))


def _finish(request: Any, form: SetupForm) -> list[User]:
    data = form.cleaned_data
    names = ("username", "name", "employer", "password")
    people = [NewAdministrator(duty, *(data[f"{duty.value}-{name}"] for name in names)) for duty in DUTIES]
    return setup_finish(code=data["setup_code"], people=people, now=request.now, address=request.address)
