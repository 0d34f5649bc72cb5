"""What failed logins have locked, and opening it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.access import duty_required
from accounts.duties import Duty
from accounts.services.locks import lock_open, locks_now
from accounts.views.own import both
from core.errors import BusinessError


@both
@duty_required(Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN)
def lock_list(request: Any) -> HttpResponse:
    """Every lock with a button; POST opens one."""
    error = ""
    if request.method == "POST":
        key = request.POST.get("key", "")[:100]
        try:
            found = lock_open(key=key, by=request.user, now=request.now, address=request.address)
            messages.success(request, f"已解除{found.kind} {found.name} 的锁定。")
            return HttpResponseRedirect(reverse("staff_locks"))
        except BusinessError as refusal:
            error = refusal.message
    context = {"locks": locks_now(now=request.now), "error": error}
    return render(request, "accounts/locks.html", context, status=400 if error else 200)
