"""Logging in (contracts/commands.md, /staff/login/) and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.access import duty_required, safe_next, staff_public
from accounts.devices import device_note, device_of
from accounts.models import User
from accounts.requests import device_name
from accounts.rulebook import CODE_WAIT
from accounts.selectors import factor_confirmed
from accounts.services.login import Outcome, Result, code_login, logout_record, password_login, username_plain
from accounts.words import EMPTY_CODE, ENDED, outcome_sentence

BACKEND = "django.contrib.auth.backends.ModelBackend"
STATUS = {Result.WRONG: 400, Result.LOCKED: 429}


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_public
def login_page(request: Any) -> HttpResponse:
    """Name and password."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    context = {"next": wanted, "ended": ENDED.get(request.GET.get("ended", ""), "")}
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request, wanted))
        return render(request, "accounts/login.html", context)
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    device = device_of(request, username_plain(name))
    found = password_login(username=name, password=password, address=request.address, now=request.now, device=device)
    if found.result is Result.CODE:
        return _ask_code(request, found, wanted)
    if found.result is Result.DONE:
        return _enter(request, found, wanted, factor=False)
    return _refuse(request, found, "accounts/login.html", {**context, "username": name[:150]})


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_public
def code_page(request: Any) -> HttpResponse:
    """The code of the second factor, within some minutes after the password."""
    waiting = _waiting(request)
    if waiting is None:
        return HttpResponseRedirect(reverse("staff_login"))
    if request.method != "POST":
        return render(request, "accounts/code.html", {"person": waiting})
    code, device = request.POST.get("code", "")[:40], device_of(request, waiting.username)
    if not code.strip():
        return render(request, "accounts/code.html", {"person": waiting, "error": EMPTY_CODE}, status=400)
    found = code_login(user=waiting, code=code, address=request.address, now=request.now, device=device)
    if found.result is Result.DONE:
        return _enter(request, found, request.session[sessions.PENDING]["next"], factor=True)
    return _refuse(request, found, "accounts/code.html", {"person": waiting}, step="code")


@require_POST
@duty_required(any_staff=True, restricted=True)
def logout_page(request: Any) -> HttpResponse:
    """End this session."""
    logout_record(user=request.user, address=request.address, now=request.now)
    logout(request)
    return HttpResponseRedirect(reverse("staff_login") + "?ended=logout")


def _ask_code(request: Any, found: Outcome, wanted: str) -> HttpResponse:
    request.session.flush()
    request.session[sessions.PENDING] = {
        "user": found.user.pk if found.user else 0,
        "at": request.now.timestamp(),
        "hash": found.user.get_session_auth_hash() if found.user else "",
        "next": wanted[:500],
    }
    return HttpResponseRedirect(reverse("staff_code"))


def _waiting(request: Any) -> User | None:
    """Who has given the right password a short time ago, and has not changed it since."""
    pending: dict[str, Any] = request.session.get(sessions.PENDING, {})
    now: datetime = request.now
    if not pending or now.timestamp() - pending["at"] > CODE_WAIT.total_seconds():
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    fresh = user is not None and user.get_session_auth_hash() == pending["hash"] and factor_confirmed(user)
    return user if fresh else None


def _enter(request: Any, found: Outcome, wanted: str, *, factor: bool) -> HttpResponse:
    login(request, found.user, backend=BACKEND)
    request.session.pop(sessions.PENDING, None)
    now = request.now.timestamp()
    request.session[sessions.BEGUN] = request.session[sessions.SEEN] = now
    request.session[sessions.ADDRESS] = request.address
    request.session[sessions.DEVICE] = device_name(request)
    request.session[sessions.FACTOR] = factor
    response = HttpResponseRedirect(safe_next(request, wanted))
    device_note(request, response, request.user.username)
    return response


def _refuse(
    request: Any, found: Outcome, template: str, context: dict[str, Any], step: str = "password"
) -> HttpResponse:
    sentence = outcome_sentence(found, step=step)
    response = render(request, template, {**context, "error": sentence}, status=STATUS[found.result])
    if found.result is Result.LOCKED and found.locked_until:
        wait = (found.locked_until - request.now).total_seconds()
        response.headers["Retry-After"] = str(max(1, int(wait) + 1))
    return response
